package catalogue

import (
	"slices"
	"strconv"
	"strings"

	"sohoa/dossier"
	"sohoa/pattern"
)

// newLevels is the first day of NĐ 42/2022/NĐ-CP, which put full and partial
// online services in the place of levels 1 to 4 of NĐ 43/2011/NĐ-CP Điều 3.4.
const newLevels = "2022-08-15"

// ofOld says what an old level is in today's words: 1 and 2 gave information and
// forms to print, 3 took the dossier online and money and result at the counter,
// 4 did everything online.
var ofOld = [5]dossier.Level{1: dossier.Info, 2: dossier.Info, 3: dossier.Partial, 4: dossier.Full}

var oldLevel = pattern.Late(`^(?:dvctt|dvc|dichvucong|dichvu)?(?:muc|mucdo|level)?([1-4])$`)

var levelWords = map[string]dossier.Level{
	"toantrinh": dossier.Full, "dichvucongtructuyentoantrinh": dossier.Full, "dvctttoantrinh": dossier.Full, "dvctoantrinh": dossier.Full, "full": dossier.Full,
	"motphan": dossier.Partial, "dichvucongtructuyenmotphan": dossier.Partial, "dvcttmotphan": dossier.Partial, "dvcmotphan": dossier.Partial, "partial": dossier.Partial,
	"cungcapthongtin": dossier.Info, "chicungcapthongtin": dossier.Info, "cungcapthongtintructuyen": dossier.Info,
	"dichvucungcapthongtintructuyen": dossier.Info, "dvccungcapthongtin": dossier.Info, "conlai": dossier.Info, "info": dossier.Info,
}

// LevelOn reads a service level in the words of a day (YYYY-MM-DD). old is 1 to
// 4 if those were its words. code says what is wrong: level, level-old of a level
// 1 to 4 after their time, level-new of today's words before it.
func LevelOn(text, day string) (level dossier.Level, old int, code string) {
	key := folded(text)
	if m := oldLevel().FindStringSubmatch(key); m != nil {
		old, _ = strconv.Atoi(m[1])
		if day >= newLevels {
			return "", 0, "level-old"
		}
		return ofOld[old], old, ""
	}
	level, ok := levelWords[key]
	switch {
	case !ok:
		return "", 0, "level"
	case day < newLevels:
		return "", 0, "level-new"
	}
	return level, 0, ""
}

var subjectWords = map[string]dossier.Subject{
	"congdan": dossier.Citizen, "canhan": dossier.Citizen, "congdanvietnam": dossier.Citizen, "nguoidan": dossier.Citizen, "citizen": dossier.Citizen,
	"nguoinuocngoai": dossier.Citizen, "nguoivietnamdinhcuonuocngoai": dossier.Citizen,
	"doanhnghiep": dossier.Enterprise, "hoptacxa": dossier.Enterprise, "hokinhdoanh": dossier.Enterprise, "enterprise": dossier.Enterprise,
	"coquan": dossier.StateAgency, "coquannhanuoc": dossier.StateAgency, "canbo": dossier.StateAgency, "canbocongchucvienchuc": dossier.StateAgency, "agency": dossier.StateAgency,
	"tochuc": dossier.Organisation, "tochuckhac": dossier.Organisation, "organisation": dossier.Organisation,
}

var tierWords = map[string]dossier.Tier{
	"tinh": dossier.Province, "captinh": dossier.Province, "thanhpho": dossier.Province, "captinhthanhpho": dossier.Province, "province": dossier.Province,
	"huyen": dossier.District, "caphuyen": dossier.District, "quan": dossier.District, "quanhuyen": dossier.District, "district": dossier.District,
	"xa": dossier.Commune, "capxa": dossier.Commune, "phuong": dossier.Commune, "xaphuong": dossier.Commune, "capxaphuong": dossier.Commune, "commune": dossier.Commune,
}

// several reads words with semicolons, commas or line ends between them, each
// once, in the order of all.
func several[T ~string](text string, words map[string]T, all []T) (found []T, bad string) {
	has := map[T]bool{}
	for _, part := range strings.FieldsFunc(text, func(r rune) bool { return r == ';' || r == ',' || r == '\n' }) {
		if folded(part) == "" {
			continue
		}
		w, ok := words[folded(part)]
		if !ok {
			return nil, strings.TrimSpace(part)
		}
		has[w] = true
	}
	for _, w := range all {
		if has[w] {
			found = append(found, w)
		}
	}
	return found, ""
}

var (
	allSubjects = []dossier.Subject{dossier.Citizen, dossier.Enterprise, dossier.StateAgency, dossier.Organisation}
	allTiers    = []dossier.Tier{dossier.Province, dossier.District, dossier.Commune}
)

// A Count is how many procedures hold on a day, by the words of that day: 1 to 4
// before NĐ 42/2022, full, partial and info since. A procedure of several tiers
// is counted under each, and once in All.
type Count struct {
	Day    string                          `json:"day"`
	All    int                             `json:"all"`
	Levels map[string]int                  `json:"levels"`
	Tiers  map[dossier.Tier]map[string]int `json:"tiers"` // tier → level → how many; "" of those without a tier
}

// CountOn counts procedures as they held on a day.
func CountOn(h House, day string) Count {
	c := Count{Day: day, Levels: map[string]int{}, Tiers: map[dossier.Tier]map[string]int{}}
	for code, p := range h.Procedures {
		s, ok := h.procedureOn(code, day)
		if !ok {
			continue
		}
		word := string(s.Level)
		if s.Old > 0 && day < newLevels {
			word = strconv.Itoa(s.Old)
		}
		c.All++
		c.Levels[word]++
		tiers := s.Tiers
		if len(h.ProcedureSpans[code]) == 0 {
			tiers = p.Tiers
		}
		if len(tiers) == 0 {
			tiers = []dossier.Tier{""}
		}
		for _, t := range tiers {
			if c.Tiers[t] == nil {
				c.Tiers[t] = map[string]int{}
			}
			c.Tiers[t][word]++
		}
	}
	return c
}

// procedureOn returns how a procedure was served on a day.
func (h House) procedureOn(code dossier.ProcedureCode, day string) (dossier.ProcedureSpan, bool) {
	p, ok := h.Procedures[code]
	if !ok {
		return dossier.ProcedureSpan{}, false
	}
	spans := h.ProcedureSpans[code]
	if len(spans) == 0 {
		return dossier.ProcedureSpan{Procedure: code, Level: p.Level, Tiers: p.Tiers}, true
	}
	i := slices.IndexFunc(spans, func(s dossier.ProcedureSpan) bool { return s.On(day) })
	if i < 0 {
		return dossier.ProcedureSpan{}, false
	}
	return spans[i], true
}
