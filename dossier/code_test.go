package dossier

import (
	"errors"
	"testing"
	"time"
)

func TestCodes(t *testing.T) {
	now := time.Date(2026, 11, 21, 18, 0, 0, 0, time.UTC) // 22 November in Viet Nam
	if c := NewCode("H60.12", now, 7); c != "H60.12-261122-0007" {
		t.Errorf("NewCode = %s", c)
	}
	if c := NewCode("000.12.00.H60", now, 10000); c != "000.12.00.H60-261122-10000" || CheckCode(c, now) != nil {
		t.Errorf("NewCode of the old order = %s, %v", c, CheckCode(c, now))
	}
	for c, ok := range map[Code]bool{
		"H60.12-261121-0001":        true,
		"H60-261121-0001":           true,
		"H55.242-261121-12345":      true,
		"000.00.00.H14-230228-0001": true,
		"H60.12-261123-0001":        false, // tomorrow
		"H60.12-260231-0001":        false, // 31 February
		"H60.12-261121-001":         false,
		"h60.12-261121-0001":        false,
		"Z60.12-261121-0001":        false,
		"000.00.00.H14-231301-0001": false,
		"H60.12-261121-0001'; DROP": false,
		"H60.12-261121-0001\n":      false,
	} {
		err := CheckCode(c, now)
		if (err == nil) != ok {
			t.Errorf("CheckCode(%q) = %v", c, err)
		}
		if err != nil && !errors.Is(err, ErrInvalid) {
			t.Errorf("%v is not ErrInvalid", err)
		}
	}
	for c, ok := range map[AgencyCode]bool{
		"H60": true, "H60.12": true, "A01.1.2": true, "000.12.00.H60": true, "000.12.H60": false, "000.12.00.h60": false, "": false, "H6": false, "H60.": false, "H60.a": false,
		"H60.123456789012345678901234567890123": false,
	} {
		if err := CheckAgencyCode(c); (err == nil) != ok {
			t.Errorf("CheckAgencyCode(%q) = %v", c, err)
		}
	}
}

func TestMaskNumber(t *testing.T) {
	for in, want := range map[string]string{"008199012345": "•••••••••345", "12": "12", "": ""} {
		if got := MaskNumber(in); got != want {
			t.Errorf("MaskNumber(%q) = %q", in, got)
		}
	}
}
