package catalogue

import (
	"slices"

	"sohoa/dossier"
)

// Calendar are the columns of a list of days on which offices do otherwise than
// on their day of the week.
var Calendar = Schema{
	{Field: "day", VI: "Ngày", EN: "Day", Required: true},
	{Field: "working", VI: "Làm việc", EN: "Working", Names: []string{"Ngày làm việc"}, Required: true},
	{Field: "name", VI: "Tên ngày", EN: "Name", Names: []string{"Lý do", "Ghi chú", "Ngày lễ"}},
	{Field: "since", VI: "Có hiệu lực từ ngày", EN: "Since", Names: []string{"Ngày ban hành", "Hiệu lực từ ngày"}},
}

// PlanCalendar says what would become of a list of days. A day that is told
// otherwise gets a row with the day from which that is known; what appointments
// were counted by before stays.
func PlanCalendar(rows []Row, known dossier.Calendar) Plan {
	t := Calendar.tabled(rows)
	p := Plan{What: "calendar", Rows: len(t.rows)}
	seen := map[[2]string]bool{}
	p.Problems = t.each(func(r *reader) {
		d := dossier.CalendarDay{Day: r.day("day"), Name: r.text("name", 200), Since: r.day("since")}
		if d.Day == "" && !r.bad {
			r.wrong("day", "missing", "")
		}
		text, ok := r.text("working", 20), false
		if text == "" && !r.bad {
			r.wrong("working", "missing", "")
		} else if d.Working, ok = yes(text, false); !ok {
			r.wrong("working", "working", text)
		}
		key := [2]string{d.Day, d.Since}
		if seen[key] && !r.bad {
			r.wrong("day", "code-twice", d.Day)
		}
		if r.bad {
			return
		}
		seen[key] = true
		i := slices.IndexFunc(known, func(x dossier.CalendarDay) bool { return x.Day == d.Day && x.Since == d.Since })
		c := Change{Row: r.row.Number, Key: d.Day, New: i < 0}
		if i >= 0 {
			if c.Fields = differ([3]string{"working", yesOut(known[i].Working), yesOut(d.Working)}, [3]string{"name", known[i].Name, d.Name}); len(c.Fields) == 0 {
				p.Same++
				return
			}
		}
		p.Changes = append(p.Changes, c)
		p.Orders.Calendar = append(p.Orders.Calendar, d)
	})
	if t.at != nil && len(t.rows) == 0 {
		p.Problems = append(p.Problems, Problem{Code: "empty"})
	}
	return p.finish()
}

// ExportCalendar returns the days under the heads of [Calendar].
func ExportCalendar(c dossier.Calendar) [][]string {
	var rows [][]string
	for _, d := range c {
		rows = append(rows, []string{slashed(d.Day), yesOut(d.Working), d.Name, slashed(d.Since)})
	}
	return rows
}
