package project

import (
	"time"

	"sohoa/dossier"
)

// A Start is from when on agencies of a tier digitise what people bring and what they
// issue. What is older is a backlog, which a project is for.
type Start struct {
	Tier dossier.Tier
	Day  string // YYYY-MM-DD
	Law  string
}

// Roadmap is the roadmap of NĐ 107/2021/NĐ-CP. It was replaced by NĐ 118/2025/NĐ-CP on
// 1 July 2025, which changes nothing about when each tier began; ministries, which began
// with the provinces, are none of the house's tiers. How much of the backlog
// was to be digitised by which year is not here: the percentages of NĐ 107/2021 could
// not be read in a source that can be cited.
var Roadmap = [...]Start{
	{dossier.Province, "2022-06-01", "NĐ 107/2021/NĐ-CP"},
	{dossier.District, "2022-12-01", "NĐ 107/2021/NĐ-CP"},
	{dossier.Commune, "2023-06-01", "NĐ 107/2021/NĐ-CP"},
}

// Began returns from when on agencies of a tier digitise by law; ok is false of a tier
// that the roadmap does not name.
func Began(t dossier.Tier) (s Start, ok bool) {
	for _, s := range Roadmap {
		if s.Tier == t {
			return s, true
		}
	}
	return s, false
}

// Backlog reports whether what an agency of a tier received on a day is of before it
// had to digitise.
func Backlog(t dossier.Tier, received time.Time) bool {
	s, ok := Began(t)
	return ok && received.In(dossier.VietNam).Format(time.DateOnly) < s.Day
}
