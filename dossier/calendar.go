package dossier

import "time"

// A CalendarDay is a day on which offices do otherwise than on its day of the
// week: a holiday, or a day on which they make up for one. It is data: the
// government says for each year which days they are.
type CalendarDay struct {
	Day     string // YYYY-MM-DD
	Working bool
	Name    string

	// Since is the day from which it was known, YYYY-MM-DD; empty: always. An
	// appointment given before does not move.
	Since string
}

// A Calendar is all such days. The holidays that have one date in the solar year
// (Bộ luật Lao động 2019 Điều 112.1: 1/1, 30/4, 1/5, 2/9) need not be in it.
type Calendar []CalendarDay

var solar = map[string]bool{"01-01": true, "04-30": true, "05-01": true, "09-02": true}

// Working reports whether offices work on a day, by what was known on another.
// Of two that tell of one day the one known later holds.
func (c Calendar) Working(day, known time.Time) bool {
	if told, working := c.told(day, known); told {
		return working
	}
	return !weekend(day) && !solar[day.Format("01-02")] && !c.inLieu(day, known)
}

func (c Calendar) told(day, known time.Time) (told, working bool) {
	iso, by, since := day.Format(time.DateOnly), known.Format(time.DateOnly), ""
	for _, d := range c {
		if d.Day == iso && d.Since <= by && (!told || d.Since >= since) {
			told, working, since = true, d.Working, d.Since
		}
	}
	return told, working
}

func weekend(day time.Time) bool {
	return day.Weekday() == time.Saturday || day.Weekday() == time.Sunday
}

// inLieu reports whether day is off in the place of a solar holiday on a weekend
// (Bộ luật Lao động 2019 Điều 111.3: the next working day).
func (c Calendar) inLieu(day, known time.Time) bool {
	owed := 0
	for back := 7; back > 0; back-- {
		d := day.AddDate(0, 0, -back)
		told, _ := c.told(d, known)
		switch {
		case told:
		case solar[d.Format("01-02")] && weekend(d):
			owed++
		case !weekend(d) && !solar[d.Format("01-02")] && owed > 0:
			owed--
		}
	}
	return owed > 0
}

// officeCloses is the hour at which an appointment ends its day.
const officeCloses = 17

// After returns the end of the office day that lies n working days after from,
// by what is known on the day of from.
func (c Calendar) After(from time.Time, n int) time.Time {
	from = from.In(VietNam)
	d := from
	for most := 20*n + 60; n > 0 && most > 0; most-- { // a calendar of holidays alone ends
		if d = d.AddDate(0, 0, 1); c.Working(d, from) {
			n--
		}
	}
	return time.Date(d.Year(), d.Month(), d.Day(), officeCloses, 0, 0, 0, VietNam)
}
