package catalogue

import (
	"strconv"
	"strings"
	"time"

	"sohoa/dossier"
	"sohoa/pattern"
)

// The ways in which lists write a time. The last is that of the national payload.
var (
	dayFirst  = pattern.Late(`^(\d{1,2})[/.-](\d{1,2})[/.-](\d{2}|\d{4})(?:[ T,]+(\d{1,2}):(\d{2})(?::(\d{2}))?)?$`)
	hourFirst = pattern.Late(`^(\d{1,2}):(\d{2})(?::(\d{2}))?[ ,]+(\d{1,2})[/.-](\d{1,2})[/.-](\d{2}|\d{4})$`)
	yearFirst = pattern.Late(`^(\d{4})-(\d{1,2})-(\d{1,2})(?:[ T]+(\d{1,2}):(\d{2})(?::(\d{2}))?(?:\.0+)?)?$`)
	packed    = pattern.Late(`^(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})$`)
	serial    = pattern.Late(`^\d{5}(?:[.,]\d+)?$`)
)

// when reads a time, in Viet Nam; ok is false if there is none or it is wrong.
// Codes of what is wrong: date-form, date-day (31/02), date-year (two digits),
// date-order (month and day the other way round), date-serial (a spreadsheet's
// number of days, not formatted as a day).
func (r *reader) when(field string) (t time.Time, ok bool) {
	c := r.cell(field)
	s := r.text(field, mostText)
	if s == "" {
		return t, false
	}
	if serial().MatchString(s) {
		t, ok = serialDay(s)
		if ok && c.Date {
			return t, true
		}
		r.wrong(field, "date-serial", s+" = "+t.Format("02/01/2006"))
		return t, false
	}
	t, code := readTime(s)
	if code != "" {
		r.wrong(field, code, s)
		return t, false
	}
	return t, true
}

func readTime(s string) (time.Time, string) {
	var y, mo, d, h, mi, sec string
	switch {
	case dayFirst().MatchString(s):
		m := dayFirst().FindStringSubmatch(s)
		d, mo, y, h, mi, sec = m[1], m[2], m[3], m[4], m[5], m[6]
	case hourFirst().MatchString(s):
		m := hourFirst().FindStringSubmatch(s)
		h, mi, sec, d, mo, y = m[1], m[2], m[3], m[4], m[5], m[6]
	case yearFirst().MatchString(s):
		m := yearFirst().FindStringSubmatch(s)
		y, mo, d, h, mi, sec = m[1], m[2], m[3], m[4], m[5], m[6]
	case packed().MatchString(s):
		m := packed().FindStringSubmatch(s)
		y, mo, d, h, mi, sec = m[1], m[2], m[3], m[4], m[5], m[6]
	default:
		return time.Time{}, "date-form"
	}
	if len(y) == 2 {
		return time.Time{}, "date-year"
	}
	n := func(s string) int { i, _ := strconv.Atoi(s); return i } // digits, or none
	t := time.Date(n(y), time.Month(n(mo)), n(d), n(h), n(mi), n(sec), 0, dossier.VietNam)
	switch {
	case n(mo) > 12 && n(d) >= 1 && n(d) <= 12 && n(mo) <= 31:
		return t, "date-order"
	case n(mo) < 1 || n(mo) > 12 || n(d) < 1 || t.Day() != n(d) && n(h) < 24, n(h) > 23, n(mi) > 59, n(sec) > 59:
		return t, "date-day"
	}
	return t, ""
}

// serialDay returns the time that a spreadsheet of the 1900 system means by a
// number: day 60, the 29 February 1900 that never was, is left behind long ago.
func serialDay(s string) (time.Time, bool) {
	days, err := strconv.ParseFloat(strings.Replace(s, ",", ".", 1), 64)
	if err != nil || days < 61 || days > 73050 { // up to 31/12/2099
		return time.Time{}, false
	}
	whole := int(days)
	seconds := int((days-float64(whole))*86400 + 0.5)
	return time.Date(1899, 12, 30+whole, 0, 0, seconds, 0, dossier.VietNam), true
}

// day reads a day as YYYY-MM-DD, "" if there is none or it is wrong.
func (r *reader) day(field string) string {
	t, ok := r.when(field)
	if !ok {
		return ""
	}
	return t.Format(time.DateOnly)
}
