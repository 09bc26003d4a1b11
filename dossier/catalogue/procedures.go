package catalogue

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"sohoa/dossier"
	"sohoa/pattern"
)

// Procedures are the columns of a list of procedures, with the heads of the
// national catalogue (CSDLQG về TTHC).
var Procedures = Schema{
	{Field: "code", VI: "Mã TTHC", EN: "Procedure code", Names: []string{"Mã thủ tục", "Mã thủ tục hành chính", "Mã số TTHC", "MaTTHC", "Mã số"}, Required: true},
	{Field: "name", VI: "Tên TTHC", EN: "Procedure", Names: []string{"Tên thủ tục", "Tên thủ tục hành chính", "TenTTHC", "Tên dịch vụ công"}, Required: true},
	{Field: "field", VI: "Lĩnh vực", EN: "Field", Names: []string{"Tên lĩnh vực", "MaLinhVuc"}},
	{Field: "level", VI: "Mức độ DVC", EN: "Service level", Names: []string{"Mức độ", "Mức độ dịch vụ công", "Mức độ cung cấp", "Mức độ cung cấp DVC trực tuyến", "Loại dịch vụ công", "MucDo"}, Required: true},
	{Field: "tiers", VI: "Cấp thực hiện", EN: "Tiers", Names: []string{"Cấp", "Cấp giải quyết", "CapThucHien"}},
	{Field: "subjects", VI: "Đối tượng thực hiện", EN: "Subjects", Names: []string{"Đối tượng", "DoiTuongThucHien"}},
	{Field: "days", VI: "Thời hạn giải quyết", EN: "Working days", Names: []string{"Thời hạn", "Số ngày giải quyết", "Thời gian giải quyết"}},
	{Field: "components", VI: "Thành phần hồ sơ", EN: "Components", Names: []string{"ThanhPhanHoSo"}},
	{Field: "document", VI: "Kết quả là giấy tờ", EN: "Result is a document", Names: []string{"Kết quả là văn bản", "Có kết quả giấy tờ"}},
	{Field: "resultKind", VI: "Mã loại kết quả", EN: "Result kind", Names: []string{"Mã kết quả", "MaKetQua", "Mã giấy tờ kết quả"}},
	{Field: "result", VI: "Kết quả thực hiện", EN: "Result", Names: []string{"Tên kết quả", "Kết quả", "Kết quả giải quyết", "TenKetQua"}},
	{Field: "retention", VI: "Mã thời hạn bảo quản", EN: "Retention", Names: []string{"Thời hạn bảo quản", "Thời hạn lưu trữ"}},
	{Field: "since", VI: "Hiệu lực từ ngày", EN: "Since", Names: []string{"Ngày hiệu lực", "Từ ngày", "Ngày có hiệu lực"}},
	{Field: "until", VI: "Hết hiệu lực từ ngày", EN: "Until", Names: []string{"Ngày hết hiệu lực", "Đến ngày", "Ngày bãi bỏ"}},
}

// Forms of the codes of a catalogue. They stand in addresses.
var (
	procedureCode = pattern.Late(`^[0-9A-Z][0-9A-Z.-]{0,39}$`)
	kindCode      = pattern.Late(`^[A-Z0-9][A-Z0-9._-]{0,31}$`)
	slotCode      = pattern.Late(`^[A-Z0-9][A-Z0-9._-]{0,15}$`)
	scientific    = pattern.Late(`^\d(?:[.,]\d+)?[eE]\+?\d+$`)
	workingDays   = pattern.Late(`^(\d{1,4})(?:[.,]0+)?\s*(?:ngày)?(?:\s+làm việc)?$`)
)

// PlanProcedures says what would become of a list of procedures that held on a
// day (YYYY-MM-DD): a level of it is read in the words of that day, and told from
// that day on unless the row has a day of its own. Columns that the file has not
// leave what is known. Nothing is removed: a procedure ends by the day in its row.
func PlanProcedures(rows []Row, h House, day string) Plan {
	t := Procedures.tabled(rows)
	p := Plan{What: "catalogue", Day: day, Rows: len(t.rows)}
	b := &procedureReader{h: h, day: day, plan: &p, seen: map[dossier.ProcedureCode]bool{}, kinds: map[dossier.KindCode]bool{}}
	p.Problems = t.each(b.read)
	if t.at != nil && len(t.rows) == 0 {
		p.Problems = append(p.Problems, Problem{Code: "empty"})
	}
	if t.at != nil {
		p.Problems = append(p.Problems, b.absent()...)
	}
	return p.finish()
}

type procedureReader struct {
	h     House
	day   string
	plan  *Plan
	seen  map[dossier.ProcedureCode]bool
	kinds map[dossier.KindCode]bool // new ones, ordered already
}

func (b *procedureReader) read(r *reader) {
	code := dossier.ProcedureCode(r.code("code", procedureCode()))
	if code == "" {
		return
	}
	if b.seen[code] {
		r.wrong("code", "code-twice", string(code))
		return
	}
	b.seen[code] = true
	was, known := b.h.Procedures[code]
	is := was
	is.Code = code
	if is.Name = r.text("name", 1000); is.Name == "" && !r.bad {
		r.wrong("name", "missing", "")
	}
	if r.has("field") {
		is.Field = r.text("field", 300)
	}
	span := b.span(r, code)
	b.more(r, &is)
	kinds := b.papers(r, &is)
	spans := b.spans(r, was, known, span)
	if r.bad {
		return
	}
	if len(spans) > 0 {
		last := spans[len(spans)-1]
		is.Level, is.Tiers = last.Level, last.Tiers
	}
	b.order(r.row.Number, was, is, known, spans, kinds)
}

// span reads how the procedure is served, and from when on.
func (b *procedureReader) span(r *reader, code dossier.ProcedureCode) dossier.ProcedureSpan {
	s := dossier.ProcedureSpan{Procedure: code, Span: dossier.Span{Since: b.day}}
	text := r.text("level", 200)
	wrong := ""
	if s.Level, s.Old, wrong = LevelOn(text, b.day); text == "" && !r.bad {
		r.wrong("level", "missing", "")
	} else if wrong != "" && text != "" {
		r.wrong("level", wrong, text)
	}
	if day := r.day("since"); day != "" {
		s.Since = day
	}
	s.Until = r.day("until")
	if s.Until != "" && s.Until <= s.Since && r.cell("since").Text != "" {
		r.wrong("until", "order", s.Until)
	}
	bad := ""
	if s.Tiers, bad = several(r.text("tiers", 200), tierWords, allTiers); bad != "" {
		r.wrong("tiers", "tier", bad)
	}
	if !r.has("tiers") {
		s.Tiers = b.h.Procedures[code].Tiers
	}
	if b.day >= dossier.TwoTiers && (s.Until == "" || s.Until > dossier.TwoTiers) && slices.Contains(s.Tiers, dossier.District) {
		r.wrong("tiers", "district", "")
	}
	return s
}

// spans returns how the procedure is served over time with what the row says.
func (b *procedureReader) spans(r *reader, was dossier.Procedure, known bool, s dossier.ProcedureSpan) []dossier.ProcedureSpan {
	if r.bad {
		return nil
	}
	before := b.h.ProcedureSpans[s.Procedure]
	if len(before) == 0 && known {
		before = []dossier.ProcedureSpan{{Procedure: s.Procedure, Level: was.Level, Tiers: was.Tiers}}
	}
	until := s.Until
	s.Until = ""
	after := before
	switch {
	case until == "" || s.Since < until:
		after = dossier.SetSpan(before, s)
	case len(before) == 0: // it had ended before the day of the list
		s.Since = ""
		after = []dossier.ProcedureSpan{s}
	}
	if until != "" {
		after = dossier.EndSpan(after, until)
	}
	return after
}

// more reads the columns that stand for themselves.
func (b *procedureReader) more(r *reader, is *dossier.Procedure) {
	bad := ""
	if r.has("subjects") {
		if is.Subjects, bad = several(r.text("subjects", 500), subjectWords, allSubjects); bad != "" {
			r.wrong("subjects", "subject", bad)
		}
	}
	if text := r.text("days", 100); text != "" {
		m := workingDays().FindStringSubmatch(text)
		if m != nil {
			is.Days, _ = strconv.Atoi(m[1]) // at most four digits
		}
		if m == nil || is.Days > 1000 {
			r.wrong("days", "days", text)
		}
	}
	if r.has("retention") && r.cell("retention").Text != "" {
		is.Retention = r.code("retention", kindCode())
	}
}

// papers reads the components and the result, and returns the kinds of paper
// that the house does not know yet.
func (b *procedureReader) papers(r *reader, is *dossier.Procedure) (kinds []dossier.Kind) {
	fresh := func(code dossier.KindCode, name string) {
		if _, ok := b.h.Kinds[code]; !ok && !slices.ContainsFunc(kinds, func(k dossier.Kind) bool { return k.Code == code }) {
			kinds = append(kinds, dossier.Kind{Code: code, Name: name})
		}
	}
	if text := r.text("components", 20000); text != "" {
		list, wrong, seen := readComponents(text)
		if wrong != "" {
			r.wrong("components", wrong, seen)
		}
		for _, c := range list {
			fresh(c.Kind, c.Name)
		}
		is.Components = list
	}
	kind := dossier.KindCode("")
	if r.cell("resultKind").Text != "" {
		kind = dossier.KindCode(r.code("resultKind", kindCode()))
	}
	name := r.text("result", 1000)
	if r.bad || !r.has("document") && !r.has("resultKind") {
		return kinds
	}
	document, ok := yes(r.text("document", 50), kind != "")
	switch {
	case !ok:
		r.wrong("document", "document", r.cell("document").Text)
	case document && kind == "":
		r.wrong("resultKind", "result-kind", "")
	case !document && kind != "":
		r.wrong("resultKind", "result-excess", string(kind))
	case kind != "":
		if name == "" {
			name = "Kết quả: " + is.Name
		}
		fresh(kind, name)
	}
	is.ResultKind = kind
	return kinds
}

// yes reads có or không; "" means otherwise.
func yes(text string, otherwise bool) (is, ok bool) {
	switch folded(text) {
	case "":
		return otherwise, true
	case "co", "x", "1", "yes", "true":
		return true, true
	case "khong", "0", "no", "false":
		return false, true
	}
	return false, false
}

// readComponents reads one component a line: slot|kind|name|required|digitise.
func readComponents(text string) (list []dossier.Component, wrong, seen string) {
	for line := range strings.SplitSeq(text, "\n") {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		part := strings.Split(line, "|")
		for i := range part {
			part[i] = strings.TrimSpace(part[i])
		}
		if len(part) != 5 || !slotCode().MatchString(part[0]) || dossier.SlotCode(part[0]) == dossier.ResultSlot ||
			!kindCode().MatchString(part[1]) || part[2] == "" {
			return nil, "component", line
		}
		required, ok := yes(part[3], false)
		digitise, also := yes(part[4], false)
		if !ok || !also || part[3] == "" || part[4] == "" || len(list) == 50 {
			return nil, "component", line
		}
		c := dossier.Component{Slot: dossier.SlotCode(part[0]), Kind: dossier.KindCode(part[1]), Name: part[2], Required: required, Digitise: digitise}
		if slices.ContainsFunc(list, func(x dossier.Component) bool { return x.Slot == c.Slot }) {
			return nil, "slot-twice", part[0]
		}
		list = append(list, c)
	}
	return list, "", ""
}

func writeComponents(list []dossier.Component) string {
	bit := map[bool]string{true: "1", false: "0"}
	var lines []string
	for _, c := range list {
		lines = append(lines, strings.Join([]string{string(c.Slot), string(c.Kind), c.Name, bit[c.Required], bit[c.Digitise]}, "|"))
	}
	return strings.Join(lines, "\n")
}

// code reads a code that must be there and have a form.
func (r *reader) code(field string, form *regexp.Regexp) string {
	s := r.text(field, mostText)
	switch {
	case r.bad && s == "":
	case s == "":
		r.wrong(field, "missing", "")
	case scientific().MatchString(s):
		r.wrong(field, "scientific", s)
	case !form.MatchString(s):
		r.wrong(field, "code-form", s)
	default:
		return s
	}
	return ""
}

func (b *procedureReader) order(row int, was, is dossier.Procedure, known bool, spans []dossier.ProcedureSpan, kinds []dossier.Kind) {
	before := b.h.ProcedureSpans[is.Code]
	if len(before) == 0 && known && len(spans) == 1 && spans[0].Since == "" && spans[0].Until == "" {
		spans = nil // it always was as it is
	}
	fields := differ([3]string{"name", was.Name, is.Name}, [3]string{"field", was.Field, is.Field},
		[3]string{"subjects", words(was.Subjects), words(is.Subjects)}, [3]string{"days", strconv.Itoa(was.Days), strconv.Itoa(is.Days)},
		[3]string{"components", writeComponents(was.Components), writeComponents(is.Components)},
		[3]string{"resultKind", string(was.ResultKind), string(is.ResultKind)}, [3]string{"retention", was.Retention, is.Retention},
		[3]string{"level", spanWords(before, was, known), spanWords(spans, is, true)})
	if known && len(fields) == 0 {
		b.plan.Same++
		return
	}
	for _, k := range kinds {
		if !b.kinds[k.Code] {
			b.kinds[k.Code] = true
			b.plan.Orders.Kinds = append(b.plan.Orders.Kinds, k)
		}
	}
	if !known {
		fields = nil
	}
	b.plan.Changes = append(b.plan.Changes, Change{Row: row, Key: string(is.Code), New: !known, Fields: fields})
	b.plan.Orders.Procedures = append(b.plan.Orders.Procedures, ProcedureOrder{is, spans})
}

// spanWords writes how a procedure is served over time.
func spanWords(spans []dossier.ProcedureSpan, p dossier.Procedure, known bool) string {
	if len(spans) == 0 && known {
		spans = []dossier.ProcedureSpan{{Level: p.Level, Tiers: p.Tiers}}
	}
	var parts []string
	for _, s := range spans {
		level := string(s.Level)
		if s.Old > 0 {
			level = fmt.Sprint(s.Old)
		}
		if len(s.Tiers) > 0 {
			level += " (" + words(s.Tiers) + ")"
		}
		if s.Since != "" || s.Until != "" {
			level += " " + s.Since + "–" + s.Until
		}
		parts = append(parts, level)
	}
	return strings.Join(parts, ", ")
}

// absent names procedures that hold on the day and are not in the file.
func (b *procedureReader) absent() []Problem {
	var out []Problem
	for code := range b.h.Procedures {
		if _, holds := b.h.procedureOn(code, b.day); holds && !b.seen[code] {
			out = append(out, Problem{Field: "code", Code: "not-in-file", Seen: string(code), Note: true})
		}
	}
	slices.SortFunc(out, func(a, b Problem) int { return strings.Compare(a.Seen, b.Seen) })
	return out
}
