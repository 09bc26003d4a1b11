package web

import (
	"testing"

	"sohoa/dossier"
)

// What a machine read is never put over what a person said, and what a pen wrote or
// cannot be is never filled in; it is shown beside, with what it rests on.
func TestBlanksKeepWhatPeopleSaid(t *testing.T) {
	const mine, other = "001090012345", "001199054321"
	of := func(holder string, f dossier.Field) blank {
		for _, b := range blanks(dossier.Document{Kind: "K"}, holder, []dossier.Field{f}) {
			if b.Name == f.Name {
				return b
			}
		}
		t.Fatalf("no blank for %s", f.Name)
		return blank{}
	}
	for _, row := range []struct {
		name, holder string
		f            dossier.Field
		value, read  string
		why          string
		other        bool
	}{
		{"another holder on the paper", mine, dossier.Field{Name: "holder", Value: other, Confidence: 99, Page: 1, Reason: "label"}, mine, other, "reason.label", false},
		{"the same", mine, dossier.Field{Name: "holder", Value: mine, Confidence: 99, Page: 1, Reason: "card"}, mine, "", "reason.card", false},
		{"a person typed another", mine, dossier.Field{Name: "holder", Value: other, Confidence: 100}, other, "", "", true},
		{"none on the dossier", "", dossier.Field{Name: "holder", Value: other, Confidence: 99, Reason: "label"}, other, "", "reason.label", true},
		{"a number by hand", mine, dossier.Field{Name: "number", Value: "12/QĐ-UBND", Page: 1, Reason: "hand"}, "", "12/QĐ-UBND", "reason.hand", false},
		{"a day to come", mine, dossier.Field{Name: "issued", Value: "2035-01-02", Page: 1, Reason: "future"}, "", "2035-01-02", "reason.future", false},
		{"a number", mine, dossier.Field{Name: "number", Value: "12/QĐ-UBND", Confidence: 95, Page: 1, Reason: "head"}, "12/QĐ-UBND", "", "reason.head", false},
		{"a reason of later", mine, dossier.Field{Name: "number", Value: "12/QĐ-UBND", Confidence: 95, Page: 1, Reason: "oracle"}, "12/QĐ-UBND", "", "", false},
	} {
		b := of(row.holder, row.f)
		if b.Value != row.value || b.Read != row.read || b.Why != row.why || b.Other != row.other || b.Read != "" && b.Page != 0 {
			t.Errorf("%s: %+v", row.name, b)
		}
	}
	for code := range wordsOfReason() {
		if vi, en := ReasonOf(code[len("reason."):]); vi == "" || en == "" {
			t.Errorf("%s has no words", code)
		}
	}
}
