package catalogue

import (
	"strconv"
	"strings"
	"time"
	"unicode"

	"sohoa/dossier"
	"sohoa/pattern"
)

// Dossiers are the columns of a one-stop system's list of dossiers, with those of
// the national payload (domain: MaHoSo, MaTTHC, KenhThucHien, …) as other names.
var Dossiers = Schema{
	{Field: "code", VI: "Mã hồ sơ", EN: "Dossier code", Names: []string{"MaHoSo", "Số hồ sơ", "Mã số hồ sơ"}, Required: true},
	{Field: "procedure", VI: "Mã TTHC", EN: "Procedure code", Names: []string{"MaTTHC", "Mã thủ tục", "Mã thủ tục hành chính"}, Required: true},
	{Field: "procedureName", VI: "Tên TTHC", EN: "Procedure", Names: []string{"TenTTHC", "Tên thủ tục", "Tên thủ tục hành chính"}},
	{Field: "receiving", VI: "Mã cơ quan tiếp nhận", EN: "Receiving agency", Names: []string{"Cơ quan tiếp nhận", "Đơn vị tiếp nhận", "Mã đơn vị tiếp nhận", "MaDonViTiepNhan"}, Required: true},
	{Field: "competent", VI: "Mã cơ quan giải quyết", EN: "Competent agency", Names: []string{"Cơ quan giải quyết", "Cơ quan có thẩm quyền", "Đơn vị giải quyết", "MaCoQuan", "Mã đơn vị giải quyết"}},
	{Field: "number", VI: "Số định danh chủ hồ sơ", EN: "Holder number", Names: []string{"Số định danh", "SoDinhDanh", "CCCD chủ hồ sơ", "Số CCCD", "Mã định danh chủ hồ sơ"}, Required: true, Personal: true},
	{Field: "name", VI: "Chủ hồ sơ", EN: "Holder", Names: []string{"ChuHoSo", "Tên chủ hồ sơ", "Họ tên chủ hồ sơ"}, Required: true, Personal: true},
	{Field: "applicantNumber", VI: "Số định danh người nộp", EN: "Applicant number", Names: []string{"CCCD người nộp", "Số CCCD người nộp"}, Personal: true},
	{Field: "applicantName", VI: "Người nộp", EN: "Applicant", Names: []string{"Tên người nộp", "Họ tên người nộp", "Người nộp hồ sơ"}, Personal: true},
	{Field: "channel", VI: "Hình thức tiếp nhận", EN: "Channel", Names: []string{"KenhThucHien", "Kênh", "Kênh tiếp nhận", "Hình thức nộp"}},
	{Field: "received", VI: "Ngày tiếp nhận", EN: "Received", Names: []string{"NgayTiepNhan", "Thời điểm tiếp nhận"}, Required: true},
	{Field: "due", VI: "Ngày hẹn trả", EN: "Due", Names: []string{"NgayHenTra", "Hẹn trả", "Ngày hẹn trả kết quả"}},
	{Field: "resolved", VI: "Ngày kết thúc xử lý", EN: "Resolved", Names: []string{"NgayKetThucXuLy", "Ngày kết thúc", "Ngày trả kết quả", "Ngày có kết quả"}},
}

var (
	holderForm = pattern.Late(`^(\d{12}|\d{10}(-\d{3})?|\d{13}|[A-Z]\d{2}(\.[0-9A-Z]+)*)$`)
	codeParts  = pattern.Late(`^(.+)-(\d{6})-(\d{4,})$`)
	channels   = map[string]dossier.Channel{"": dossier.Direct, "1": dossier.Direct, "tructiep": dossier.Direct, "direct": dossier.Direct, "tainoimotcua": dossier.Direct,
		"2": dossier.Online, "tructuyen": dossier.Online, "online": dossier.Online, "cong": dossier.Online, "dvctt": dossier.Online,
		"3": dossier.Post, "buuchinh": dossier.Post, "post": dossier.Post, "buuchinhcongich": dossier.Post, "quabuuchinh": dossier.Post, "bcci": dossier.Post}
)

// DossierKeys returns what a list of dossiers names and a [House] needs to know
// of: the codes, and the numbers of holders and applicants.
func DossierKeys(rows []Row) (codes []dossier.Code, numbers []string) {
	t := Dossiers.tabled(rows)
	seen := map[string]bool{}
	for _, row := range t.rows {
		r := &reader{t: &t, row: row}
		if c := tidy(r.cell("code").Text); c != "" && !seen["c"+c] {
			seen["c"+c] = true
			codes = append(codes, dossier.Code(c))
		}
		for _, field := range []string{"number", "applicantNumber"} {
			if n := compact(r.cell(field).Text); n != "" && !seen["n"+n] {
				seen["n"+n] = true
				numbers = append(numbers, n)
			}
		}
	}
	return codes, numbers
}

func compact(s string) string { return strings.ReplaceAll(strings.ToUpper(tidy(s)), " ", "") }

// PlanDossiers says what would become of a list of dossiers. A dossier that the
// house has stays what it was received as; one that is resolved in the file and
// open in the house is resolved. Nobody is renamed and nobody merged: a number
// with another name is a bad row.
func PlanDossiers(rows []Row, h House) Plan {
	t := Dossiers.tabled(rows)
	p := Plan{What: "dossiers", Rows: len(t.rows)}
	b := &dossierReader{h: h, plan: &p, seen: map[dossier.Code]bool{}, names: map[string]string{}}
	p.Problems = t.each(b.read)
	if t.at != nil && len(t.rows) == 0 {
		p.Problems = append(p.Problems, Problem{Code: "empty"})
	}
	return p.finish()
}

type dossierReader struct {
	h     House
	plan  *Plan
	seen  map[dossier.Code]bool
	names map[string]string // number → name, of rows before

	home dossier.AgencyCode // that receives where a row does not say who did

	dayOnly bool // the row being read tells the day of its resolution, and no time
}

func (b *dossierReader) read(r *reader) {
	b.dayOnly = false
	o := DossierOrder{Row: r.row.Number}
	o.Dossier.Code = b.code(r)
	if code := o.Dossier.Code; code != "" {
		if b.seen[code] {
			r.wrong("code", "code-twice", string(code))
			return
		}
		b.seen[code] = true
	}
	b.facts(r, o)
}

// facts reads what a row says of the dossier of o, whose code is read.
func (b *dossierReader) facts(r *reader, o DossierOrder) {
	d := &o.Dossier
	b.times(r, d)
	b.procedure(r, d)
	b.agencies(r, d)
	o.Holder = b.person(r, "number", "name")
	if r.cell("applicantNumber").Text != "" || r.cell("applicantName").Text != "" {
		if tidy(r.cell("applicantNumber").Text) == "" || tidy(r.cell("applicantName").Text) == "" {
			r.wrong("applicantName", "applicant-half", "")
		} else if o.Applicant = b.person(r, "applicantNumber", "applicantName"); o.Applicant.Number == o.Holder.Number {
			o.Applicant = dossier.Holder{}
		}
	}
	text := r.text("channel", 100)
	ok := false
	if d.Channel, ok = channels[folded(text)]; !ok {
		r.wrong("channel", "channel", text)
	}
	if r.bad {
		return
	}
	b.names[o.Holder.Number] = o.Holder.Name
	if o.Applicant.Number != "" {
		b.names[o.Applicant.Number] = o.Applicant.Name
	}
	demo := b.h.Agencies[d.Receiving].Demo
	o.Holder.Demo, o.Applicant.Demo, d.Demo = demo, demo, demo
	b.order(r, o)
}

// code reads the dossier's code: both patterns, a real day, not to come.
func (b *dossierReader) code(r *reader) dossier.Code {
	s := r.text("code", mostText)
	m := codeParts().FindStringSubmatch(s)
	switch {
	case r.bad && s == "":
		return ""
	case s == "":
		r.wrong("code", "missing", "")
		return ""
	case scientific().MatchString(s):
		r.wrong("code", "scientific", s)
		return ""
	case s != strings.ToUpper(s):
		r.wrong("code", "code-case", s)
		return ""
	case m == nil || len(s) > 60:
		r.wrong("code", "code-form", s)
		return ""
	}
	day, err := time.ParseInLocation("060102", m[2], dossier.VietNam)
	switch {
	case err != nil:
		r.wrong("code", "code-day", s)
	case day.After(b.h.Now):
		r.wrong("code", "code-future", s)
	case strings.Trim(m[3], "0") == "":
		r.wrong("code", "code-serial", s)
	case dossier.CheckCode(dossier.Code(s), b.h.Now) != nil:
		r.wrong("code", "code-form", s)
	}
	return dossier.Code(s)
}

// times reads when the dossier came in, was to be resolved and was. A day without
// a time is that day's beginning for a reception, the end of its office hours for
// the rest.
func (b *dossierReader) times(r *reader, d *dossier.Dossier) {
	var ok bool
	early := time.Date(1990, 1, 1, 0, 0, 0, 0, dossier.VietNam)
	if d.Received, ok = r.when("received"); !ok {
		if !r.bad || tidy(r.cell("received").Text) == "" {
			r.wrong("received", "missing", "")
		}
		return
	}
	switch {
	case d.Received.Before(early):
		r.wrong("received", "date-old", d.Received.Format("02/01/2006"))
	case d.Received.After(b.h.Now):
		r.wrong("received", "future", d.Received.Format("02/01/2006"))
	}
	if m := codeParts().FindStringSubmatch(string(d.Code)); m != nil && m[2] != d.Received.Format("060102") {
		r.wrong("received", "code-received", d.Received.Format("02/01/2006"))
	}
	if d.Due, ok = r.when("due"); ok {
		d.Due = closing(d.Due)
		switch {
		case d.Due.Before(d.Received):
			r.wrong("due", "due-before", d.Due.Format("02/01/2006"))
		case d.Due.After(d.Received.AddDate(10, 0, 0)):
			r.wrong("due", "due-far", d.Due.Format("02/01/2006"))
		}
	}
	if d.Resolved, ok = r.when("resolved"); ok {
		end := closing(d.Resolved)
		d.Resolved, b.dayOnly = end, !end.Equal(d.Resolved)
		switch {
		case d.Resolved.Before(d.Received):
			r.wrong("resolved", "resolved-before", d.Resolved.Format("02/01/2006"))
		case d.Resolved.After(b.h.Now) && d.Resolved.Format(time.DateOnly) > b.h.Now.In(dossier.VietNam).Format(time.DateOnly):
			r.wrong("resolved", "future", d.Resolved.Format("02/01/2006"))
		case d.Resolved.After(b.h.Now):
			d.Resolved = b.h.Now.In(dossier.VietNam).Truncate(time.Second) // today, and the day was told without a time
		}
	}
}

// closing is the end of the office day of a day without a time.
func closing(t time.Time) time.Time {
	if t.Hour() == 0 && t.Minute() == 0 && t.Second() == 0 {
		return time.Date(t.Year(), t.Month(), t.Day(), 17, 0, 0, 0, dossier.VietNam)
	}
	return t
}

func (b *dossierReader) procedure(r *reader, d *dossier.Dossier) {
	d.Procedure = dossier.ProcedureCode(r.code("procedure", procedureCode()))
	if d.Procedure == "" {
		return
	}
	p, ok := b.h.Procedures[d.Procedure]
	if !ok {
		r.wrong("procedure", "procedure", string(d.Procedure))
		return
	}
	if name := r.text("procedureName", 1000); name != "" && folded(name) != folded(p.Name) {
		r.wrong("procedureName", "procedure-name", name)
	}
	if _, ok := b.h.procedureOn(d.Procedure, d.Received.Format(time.DateOnly)); !ok && !d.Received.IsZero() {
		r.wrong("procedure", "procedure-days", string(d.Procedure))
	}
}

func (b *dossierReader) agencies(r *reader, d *dossier.Dossier) {
	if d.Receiving = b.home; b.home == "" || r.cell("receiving").Text != "" {
		d.Receiving = b.agency(r, "receiving", d.Received)
	}
	if r.cell("competent").Text != "" {
		d.Competent = b.agency(r, "competent", d.Received)
	} else {
		d.Competent = d.Receiving
	}
	if m := codeParts().FindStringSubmatch(string(d.Code)); m != nil && d.Receiving != "" && m[1] != string(d.Receiving) {
		r.wrong("code", "code-agency", string(d.Code))
	}
}

func (b *dossierReader) agency(r *reader, field string, at time.Time) dossier.AgencyCode {
	code := dossier.AgencyCode(r.code(field, agencyForm()))
	if code == "" {
		return ""
	}
	if _, ok := b.h.Agencies[code]; !ok {
		r.wrong(field, "agency", string(code))
		return ""
	}
	if _, ok := b.h.agencyOn(code, at.Format(time.DateOnly)); !ok && !at.IsZero() {
		into := string(code)
		for _, s := range b.h.AgencySpans[code] {
			if s.Successor != "" {
				into += " → " + string(s.Successor)
			}
		}
		r.wrong(field, "agency-days", into)
	}
	return code
}

// person reads whose a paper is. What is wrong with it is told without it.
func (b *dossierReader) person(r *reader, number, name string) dossier.Holder {
	raw := r.text(number, 100)
	who := dossier.Holder{Number: compact(raw), Name: r.text(name, mostText)}
	n := who.Number
	switch {
	case n == "" && r.bad:
	case n == "":
		r.wrong(number, "missing", "")
	case scientific().MatchString(n):
		r.wrong(number, "scientific", "")
	case len(n) == 11 && digits(n) || r.cell(number).Number && len(n) == 9 && digits(n):
		r.wrong(number, "number-zero", "")
	case len(n) == 9 && digits(n):
		r.wrong(number, "number-old", "")
	case !holderForm().MatchString(n) || len(n) > 35:
		r.wrong(number, "number-form", "")
	case len(n) == 12:
		b.identifier(r, number, n)
	}
	switch {
	case who.Name == "" && r.bad:
	case who.Name == "":
		r.wrong(name, "missing", "")
	case len(n) == 12 && strings.ContainsFunc(who.Name, unicode.IsDigit):
		r.wrong(name, "name-digits", "")
	case len([]rune(who.Name)) > 200:
		r.wrong(name, "too-long", "")
	}
	if r.bad {
		return who
	}
	if kept, ok := b.h.Holders[n]; ok && kept.Name != who.Name {
		r.wrong(name, "name-other", "")
	} else if before, ok := b.names[n]; ok && before != who.Name {
		r.wrong(name, "name-twice", "")
	}
	return who
}

func digits(s string) bool { return strings.Trim(s, "0123456789") == "" }

// identifier looks into a personal identifier (NĐ 137/2015 Điều 13; Luật Căn cước
// 26/2023 Điều 12): three digits of a place, one of century and sex, two of the
// year of birth. There is no check digit, and places other than the 96 are of
// births abroad, or new: they are told and taken.
func (b *dossierReader) identifier(r *reader, field, n string) {
	year, _ := strconv.Atoi(n[4:6])
	if century := int(n[3]-'0') / 2; 1900+100*century+year > b.h.Now.In(dossier.VietNam).Year() {
		r.wrong(field, "number-year", "")
	}
	if place, _ := strconv.Atoi(n[:3]); place < 1 || place > 96 {
		r.note(field, "number-place", "")
	}
}

func (b *dossierReader) order(r *reader, o DossierOrder) {
	d := o.Dossier
	was, known := b.h.Dossiers[d.Code]
	if !known {
		b.plan.Changes = append(b.plan.Changes, Change{Row: o.Row, Key: string(d.Code), New: true})
		b.plan.Dossiers = append(b.plan.Dossiers, o)
		return
	}
	same := was.Procedure == d.Procedure && was.Receiving == d.Receiving && was.Competent == d.Competent && was.Channel == d.Channel &&
		was.Received.Equal(d.Received) && was.Due.Equal(d.Due) && b.h.HolderNumbers[was.Holder] == o.Holder.Number &&
		b.h.HolderNumbers[was.Applicant] == o.Applicant.Number
	switch {
	case !same:
		r.wrong("code", "taken", string(d.Code))
	case was.Resolved.Equal(d.Resolved), !was.Resolved.IsZero() && d.Resolved.IsZero(),
		b.dayOnly && was.Resolved.Format(time.DateOnly) == d.Resolved.Format(time.DateOnly):
		b.plan.Same++
	case !was.Resolved.IsZero():
		r.wrong("resolved", "resolved-other", d.Resolved.Format("02/01/2006 15:04"))
	default:
		o.Known = true
		b.plan.Changes = append(b.plan.Changes, Change{Row: o.Row, Key: string(d.Code), Fields: differ([3]string{"resolved", "", d.Resolved.Format("02/01/2006 15:04")})})
		b.plan.Dossiers = append(b.plan.Dossiers, o)
	}
}
