package catalogue

import (
	"slices"
	"strings"

	"sohoa/dossier"
	"sohoa/pattern"
)

// Agencies are the columns of a tree of agencies: a row for each agency, or
// several with days between which its name, its place or its tier was another.
var Agencies = Schema{
	{Field: "code", VI: "Mã cơ quan", EN: "Agency code", Names: []string{"Mã định danh", "Mã đơn vị", "MaCoQuan", "Mã định danh điện tử"}, Required: true},
	{Field: "name", VI: "Tên cơ quan", EN: "Agency", Names: []string{"Tên đơn vị", "TenCoQuan"}, Required: true},
	{Field: "parent", VI: "Mã cơ quan cấp trên", EN: "Parent code", Names: []string{"Mã cấp trên", "Mã đơn vị cha", "Cơ quan cấp trên", "Mã cơ quan chủ quản"}},
	{Field: "tier", VI: "Cấp", EN: "Tier", Names: []string{"Cấp hành chính", "Cấp cơ quan"}, Required: true},
	{Field: "since", VI: "Hiệu lực từ ngày", EN: "Since", Names: []string{"Từ ngày", "Ngày thành lập", "Ngày hiệu lực"}},
	{Field: "until", VI: "Hết hiệu lực từ ngày", EN: "Until", Names: []string{"Đến ngày", "Ngày sáp nhập", "Ngày hết hiệu lực", "Ngày giải thể"}},
	{Field: "successor", VI: "Sáp nhập vào", EN: "Merged into", Names: []string{"Mã cơ quan sau sáp nhập", "Cơ quan kế thừa", "Mã mới"}},
}

var agencyForm = pattern.Late(`^(?:[A-Y]\d{2}(?:\.[0-9A-Z]+)*|\d{3}\.\d{2}\.\d{2}\.[A-Y]\d{2})$`)

// spanRow is a row of the file that reads well by itself.
type spanRow struct {
	row int
	dossier.AgencySpan
}

// PlanAgencies says what would become of a tree of agencies. The rows of an
// agency are all that is known of it afterwards; agencies that the file does not
// name stay. An agency one of whose rows is bad is left as it is, and so are
// those under it that the house does not know yet.
func PlanAgencies(rows []Row, h House) Plan {
	t := Agencies.tabled(rows)
	p := Plan{What: "agencies", Rows: len(t.rows)}
	b := &agencyReader{h: h, t: &t, of: map[dossier.AgencyCode][]spanRow{}, bad: map[dossier.AgencyCode]bool{}}
	p.Problems = t.each(b.read)
	if t.at != nil && len(t.rows) == 0 {
		p.Problems = append(p.Problems, Problem{Code: "empty"})
	}
	b.within()
	for b.among() {
	}
	p.Problems = append(p.Problems, b.found...)
	b.orders(&p)
	return p.finish()
}

type agencyReader struct {
	h     House
	t     *table
	of    map[dossier.AgencyCode][]spanRow
	bad   map[dossier.AgencyCode]bool
	found []Problem
}

func (b *agencyReader) read(r *reader) {
	s := spanRow{row: r.row.Number}
	s.Agency = dossier.AgencyCode(r.code("code", agencyForm()))
	if s.Agency != "" && len(s.Agency) > 35 {
		r.wrong("code", "code-form", string(s.Agency))
	}
	if s.Name = r.text("name", 500); s.Name == "" && !r.bad {
		r.wrong("name", "missing", "")
	}
	if r.cell("parent").Text != "" {
		s.Parent = dossier.AgencyCode(r.code("parent", agencyForm()))
	}
	if r.cell("successor").Text != "" {
		s.Successor = dossier.AgencyCode(r.code("successor", agencyForm()))
	}
	text := r.text("tier", 100)
	if tiers, bad := several(text, tierWords, allTiers); bad != "" || text != "" && len(tiers) != 1 {
		r.wrong("tier", "tier", text)
	} else if text == "" && !r.bad {
		r.wrong("tier", "missing", "")
	} else if len(tiers) == 1 {
		s.Tier = tiers[0]
	}
	s.Since, s.Until = r.day("since"), r.day("until")
	switch {
	case r.bad:
	case s.Until != "" && s.Until <= s.Since:
		r.wrong("until", "order", s.Until)
	case s.Successor != "" && s.Until == "":
		r.wrong("until", "successor-open", "")
	case s.Successor == s.Agency:
		r.wrong("successor", "merger-circle", string(s.Successor))
	case s.Tier == dossier.District && (s.Until == "" || s.Until > dossier.TwoTiers):
		r.wrong("until", "district", s.Until)
	}
	if s.Agency == "" {
		return
	}
	if r.bad {
		b.bad[s.Agency] = true
		return
	}
	b.of[s.Agency] = append(b.of[s.Agency], s)
}

// drop leaves an agency of the file out.
func (b *agencyReader) drop(s spanRow, field, code, seen string) {
	b.bad[s.Agency] = true
	b.found = append(b.found, Problem{Row: s.row, Field: field, Code: code, Seen: seen})
}

// within looks at the rows of each agency: they must not have a day in common,
// and only the last may tell of a merger.
func (b *agencyReader) within() {
	for _, code := range b.codes() {
		list := b.of[code]
		slices.SortStableFunc(list, func(x, y spanRow) int { return strings.Compare(x.Since, y.Since) })
		for i, s := range list[1:] {
			before := list[i]
			if before.Meets(s.Span) {
				b.drop(s, "since", "overlap", s.Since)
			} else if before.Successor != "" {
				b.drop(before, "successor", "successor-later", string(before.Successor))
			}
		}
	}
}

func (b *agencyReader) codes() []dossier.AgencyCode {
	var codes []dossier.AgencyCode
	for code := range b.of {
		codes = append(codes, code)
	}
	slices.Sort(codes)
	return codes
}

// after returns what would be known of an agency with the file: its spans, or
// that it always was.
func (b *agencyReader) after(code dossier.AgencyCode) (spans []dossier.AgencySpan, known bool) {
	if list := b.of[code]; len(list) > 0 && !b.bad[code] {
		for _, s := range list {
			spans = append(spans, s.AgencySpan)
		}
		return spans, true
	}
	_, known = b.h.Agencies[code]
	return b.h.AgencySpans[code], known
}

// covered reports whether spans leave no day of s out. None cover all.
func covered(spans []dossier.AgencySpan, s dossier.Span) bool {
	if len(spans) == 0 {
		return true
	}
	at := s.Since
	for _, x := range spans {
		if x.On(at) || x.Since == "" && at == "" {
			if x.Until == "" {
				return true
			}
			at = x.Until
		}
		if s.Until != "" && at >= s.Until {
			return true
		}
	}
	return false
}

// among holds agencies against one another, and reports whether it left one out:
// then those that need it are to be looked at again.
func (b *agencyReader) among() (again bool) {
	for _, code := range b.codes() {
		if b.bad[code] {
			continue
		}
		for _, s := range b.of[code] {
			field, wrong, seen := b.fits(s)
			if wrong != "" {
				b.drop(s, field, wrong, seen)
				again = true
				break
			}
		}
	}
	return again
}

func (b *agencyReader) fits(s spanRow) (field, wrong, seen string) {
	if s.Parent != "" {
		spans, known := b.after(s.Parent)
		switch {
		case !known:
			return "parent", "parent", string(s.Parent)
		case !covered(spans, s.Span):
			return "parent", "parent-days", string(s.Parent)
		case b.comesBack(s.Agency, func(spans []dossier.AgencySpan, code dossier.AgencyCode) dossier.AgencyCode {
			if n := len(spans); n > 0 {
				return spans[n-1].Parent
			}
			return b.h.Agencies[code].Parent
		}):
			return "parent", "circle", string(s.Parent)
		}
	}
	if s.Successor != "" {
		spans, known := b.after(s.Successor)
		switch {
		case !known:
			return "successor", "successor", string(s.Successor)
		case !slices.ContainsFunc(spans, func(x dossier.AgencySpan) bool { return x.On(s.Until) }) && len(spans) > 0:
			return "successor", "successor-days", string(s.Successor)
		case b.comesBack(s.Agency, func(spans []dossier.AgencySpan, _ dossier.AgencyCode) dossier.AgencyCode {
			if n := len(spans); n > 0 {
				return spans[n-1].Successor
			}
			return ""
		}):
			return "successor", "merger-circle", string(s.Successor)
		}
	}
	return "", "", ""
}

// comesBack follows agencies from one to the next, and reports whether that
// leads back to the first.
func (b *agencyReader) comesBack(first dossier.AgencyCode, next func([]dossier.AgencySpan, dossier.AgencyCode) dossier.AgencyCode) bool {
	at := first
	for range len(b.of) + len(b.h.Agencies) + 1 {
		spans, _ := b.after(at)
		if at = next(spans, at); at == "" {
			return false
		} else if at == first {
			return true
		}
	}
	return false // a circle that first is not in
}

// orders puts parents before those under them, and says what changes.
func (b *agencyReader) orders(p *Plan) {
	done := map[dossier.AgencyCode]bool{}
	var put func(code dossier.AgencyCode)
	put = func(code dossier.AgencyCode) {
		list := b.of[code]
		if len(list) == 0 || b.bad[code] || done[code] {
			return
		}
		done[code] = true
		last := list[len(list)-1]
		put(last.Parent)
		b.order(p, code, list)
	}
	for _, code := range b.codes() {
		put(code)
	}
	if b.t.at == nil {
		return
	}
	for _, code := range sorted(b.h.Agencies) {
		if len(b.of[code]) == 0 && !b.bad[code] {
			p.Problems = append(p.Problems, Problem{Field: "code", Code: "not-in-file", Seen: string(code), Note: true})
		}
	}
}

func (b *agencyReader) order(p *Plan, code dossier.AgencyCode, list []spanRow) {
	was, known := b.h.Agencies[code]
	last := list[len(list)-1]
	is := dossier.Agency{Code: code, Parent: last.Parent, Name: last.Name, Tier: last.Tier, Demo: was.Demo}
	spans, _ := b.after(code)
	if len(spans) == 1 && spans[0].Span == (dossier.Span{}) {
		spans = nil // it always was as it is
	}
	fields := differ([3]string{"name", was.Name, is.Name}, [3]string{"parent", string(was.Parent), string(is.Parent)},
		[3]string{"tier", string(was.Tier), string(is.Tier)}, [3]string{"since", agencyWords(b.h.AgencySpans[code]), agencyWords(spans)})
	if known && len(fields) == 0 {
		p.Same++
		return
	}
	if !known {
		fields = nil
	}
	p.Changes = append(p.Changes, Change{Row: list[0].row, Key: string(code), New: !known, Fields: fields})
	p.Orders.Agencies = append(p.Orders.Agencies, AgencyOrder{is, spans})
}

// agencyWords writes what an agency was over time.
func agencyWords(spans []dossier.AgencySpan) string {
	var parts []string
	for _, s := range spans {
		text := s.Since + "–" + s.Until + " " + s.Name + " < " + string(s.Parent) + " " + string(s.Tier)
		if s.Successor != "" {
			text += " → " + string(s.Successor)
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, ", ")
}
