package workbook

import (
	"time"

	"sohoa/dossier"
	"sohoa/dossier/figures"
)

// day writes a day as people do, and none as nothing.
func day(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(dossier.VietNam).Format("02/01/2006")
}

// Of makes a book of what was counted: the whole, and each agency by its name.
func Of(in figures.Input, names map[dossier.AgencyCode]string, m figures.Map) Book {
	b := Book{From: day(in.Period.From), To: day(in.Period.To.AddDate(0, 0, -1))}
	b.Title = "Số liệu số hóa hồ sơ, từ " + b.From + " đến hết " + b.To
	measures := func(in figures.Input) (out []figures.Measure) {
		for _, i := range figures.At(in.Period.From) {
			out = append(out, i.Of(in))
		}
		return out
	}
	b.All = measures(in)
	for _, g := range in.By(m) {
		a := Agency{Code: g.Agency, Name: names[g.Agency], Figures: g.Input.Figures()}
		for _, x := range measures(g.Input) {
			if x.Indicator.Stands != nil {
				a.Measures = append(a.Measures, x)
			}
		}
		b.Agencies = append(b.Agencies, a)
	}
	return b
}
