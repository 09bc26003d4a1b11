package dossier

import (
	"fmt"
	"time"

	"sohoa/pattern"
)

// VietNam is the zone of every legal time: UTC+7, without summer time.
var VietNam = time.FixedZone("+07", 7*60*60)

// NewCode returns the code of the serial-th dossier (from 1) that an agency
// receives on the day of at, in the form of TT 01/2018/TT-VPCP Điều 19 with the
// agency's code first: H60.12-261121-0001, or last as that agency's own code has
// it: 000.12.00.H60-261121-0001. The serial has at least four digits.
func NewCode(receiving AgencyCode, at time.Time, serial int) Code {
	return Code(fmt.Sprintf("%s-%s-%04d", receiving, at.In(VietNam).Format("060102"), serial))
}

// The two orders in use: agency code first, or level 1 last (000.00.00.H14).
var (
	codeNew = pattern.Late(`^[A-Y]\d{2}(?:\.[0-9A-Z]+)*-(\d{6})-\d{4,}$`)
	codeOld = pattern.Late(`^\d{3}\.\d{2}\.\d{2}\.[A-Y]\d{2}-(\d{6})-\d{4,}$`)
)

// IsCode reports whether a text has the form of a dossier's code; its date may be none.
func IsCode(c Code) bool {
	return codeNew().MatchString(string(c)) || codeOld().MatchString(string(c))
}

// CheckCode says what is wrong with a dossier code: its form, or a date in it
// that is no date or lies after now. It wraps [ErrInvalid].
func CheckCode(c Code, now time.Time) error {
	m := codeNew().FindStringSubmatch(string(c))
	if m == nil {
		m = codeOld().FindStringSubmatch(string(c))
	}
	if m == nil {
		return fmt.Errorf("%w: dossier code has neither the form H60.12-YYMMDD-NNNN nor 000.00.00.H60-YYMMDD-NNNN", ErrInvalid)
	}
	day, err := time.ParseInLocation("060102", m[1], VietNam)
	if err != nil {
		return fmt.Errorf("%w: %s in the dossier code is not a date", ErrInvalid, m[1])
	}
	if day.After(now) {
		return fmt.Errorf("%w: %s in the dossier code lies in the future", ErrInvalid, m[1])
	}
	return nil
}

var agencyCode = pattern.Late(`^(?:[A-Y]\d{2}(?:\.[0-9A-Z]+)*|\d{3}\.\d{2}\.\d{2}\.[A-Y]\d{2})$`)

// CheckAgencyCode says what is wrong with an agency's code: at most 35
// characters of A–Z, 0–9 and dots, a letter A–Y and two digits first (QĐ
// 20/2020/QĐ-TTg Điều 4), or last in the order of before (000.00.00.H14, TT
// 10/2016/TT-BTTTT), which agencies that went into others keep. It wraps
// [ErrInvalid].
func CheckAgencyCode(c AgencyCode) error {
	if len(c) > 35 || !agencyCode().MatchString(string(c)) {
		return fmt.Errorf("%w: agency code must look like H60, H60.12 or 000.00.00.H60, at most 35 characters", ErrInvalid)
	}
	return nil
}

// MaskNumber hides all but the last three digits of an identifier.
func MaskNumber(n string) string {
	r := []rune(n)
	for i := range r {
		if i < len(r)-3 {
			r[i] = '•'
		}
	}
	return string(r)
}
