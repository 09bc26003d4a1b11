package pdfa_test

import (
	"bytes"
	"errors"
	"testing"

	"sohoa/pdf/pdfa"
	"sohoa/pdf/pdfa/pdfatest"
)

func TestCheckFindsEveryBreachOfTheStructure(t *testing.T) {
	spoilt, want := pdfatest.SpoiltTags(t)
	for _, s := range spoilt {
		err := pdfa.Check(bytes.NewReader(s.File), int64(len(s.File)), want...)
		var found pdfa.Findings
		if !errors.As(err, &found) || !found.Has(s.Rule) {
			t.Errorf("%s: want a finding of %s, got: %v", s.Name, s.Rule, err)
		}
		// Without being told what was given all of them must be found but one,
		// which is a structure as good as any.
		err = pdfa.Check(bytes.NewReader(s.File), int64(len(s.File)))
		if other := s.Name == "another description"; (err == nil) != other {
			t.Errorf("%s, nothing told: %v", s.Name, err)
		}
	}
}
