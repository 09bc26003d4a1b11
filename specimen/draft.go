package specimen

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// A draft is a paper being written.
type draft struct {
	*composer
	rng   *rand.Rand
	about About // nothing empty but Parent
	t     *Truth
	want  int // pages
	told  map[int]bool
	seed  uint64
}

// Paper sets a paper of a kind. It tries type sizes from the largest the decree
// allows down until the paper has no more pages than wanted.
func (p *Press) Paper(kind Kind, seed uint64, about About) *Sheet {
	var s *Sheet
	for _, body := range []float64{14, 13.5, 13, 12.5, 12, 11.5, 11} {
		rng := rand.New(rand.NewPCG(seed, 0x50ec1))
		family := p.family(about.Font, rng.Uint64())
		d := &draft{rng: rng, t: &Truth{Kind: kind}, want: max(1, about.Pages), told: map[int]bool{}, seed: seed}
		d.composer = newComposer(family, body)
		d.body *= d.scale()
		r := recipes(kind)
		d.about = d.invent(r, about)
		d.t.Issued = d.about.Date.Format(time.DateOnly)
		r.write(d)
		d.finish()
		for i := range d.pages {
			d.t.Pages = append(d.t.Pages, d.pages[i].Text())
		}
		s = &Sheet{Pages: d.pages, Truth: *d.t, family: family}
		if len(s.Pages) <= d.want {
			break
		}
	}
	return s
}

// A recipe says how a kind of paper is written.
type recipe struct {
	mark     string // letters of the kind in the number: QĐ; an office's for a công văn
	local    bool   // issued in communes only
	write    func(*draft)
	subjects []string // templates for trích yếu
}

// invent fills what About leaves open.
func (d *draft) invent(r recipe, a About) About {
	commune, province := pick(d, communes()), pick(d, provinces())
	or := func(s *string, v string) { // v is always made, so that seeds stay in step
		if *s == "" {
			*s = v
		}
	}
	parent, agency, place := "UBND tỉnh "+province, "Sở "+pick(d, departments()), province
	if d.rng.IntN(2) == 0 || r.local {
		parent, agency, place = "-", pick(d, []string{"Ủy ban nhân dân xã ", "Ủy ban nhân dân phường "})+commune, commune
	}
	if d.t.Kind == Residence {
		parent, agency = "Công an tỉnh "+province, "Công an xã "+commune
	}
	if a.Agency != "" && a.Parent == "" {
		parent = "-"
	}
	or(&a.Parent, parent)
	or(&a.Agency, agency)
	or(&a.Place, place)
	if a.Parent == "-" {
		a.Parent = ""
	}
	number := fmt.Sprintf("%d/%s-%s", d.between(3, 2900), r.mark, initials(a.Agency))
	if d.t.Kind == Letter { // NĐ 30/2020 Phụ lục I: the agency, then the office that wrote it
		number = fmt.Sprintf("%d/%s-%s", d.between(3, 2900), initials(a.Agency), r.mark)
	}
	or(&a.Number, number)
	day := time.Date(2025, 7, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, d.rng.IntN(500))
	if a.Date.IsZero() {
		a.Date = day
	}
	person, id := d.person(), d.number12()
	or(&a.Holder, person)
	or(&a.HolderNumber, id)
	or(&a.Signer, d.person())
	or(&a.Office, office(a.Agency))
	subject := ""
	d.about = a
	if len(r.subjects) > 0 {
		subject = d.say(pick(d, r.subjects))
	}
	or(&a.Subject, subject)
	return a
}

// committee says whether an agency is an Ủy ban nhân dân.
func committee(agency string) bool {
	a := strings.ToLower(agency)
	return strings.HasPrefix(a, "ủy ban nhân dân") || strings.HasPrefix(a, "ubnd")
}

// office is the chief of an agency.
func office(agency string) string {
	switch {
	case committee(agency):
		return "CHỦ TỊCH"
	case strings.HasPrefix(strings.ToLower(agency), "công an"):
		return "TRƯỞNG CÔNG AN"
	}
	return "GIÁM ĐỐC"
}

// initials are the letters an agency has in its numbers: STP for Sở Tư pháp.
func initials(agency string) string {
	if committee(agency) {
		return "UBND"
	}
	for _, level := range []string{" tỉnh ", " thành phố ", " xã ", " phường ", " đặc khu "} {
		agency, _, _ = strings.Cut(agency, level)
	}
	var b strings.Builder
	for _, f := range strings.Fields(strings.ReplaceAll(agency, " và ", " ")) {
		r, _ := utf8.DecodeRuneInString(f)
		b.WriteRune(unicode.ToUpper(r))
	}
	return b.String()
}

func pick[T any](d *draft, from []T) T { return from[d.rng.IntN(len(from))] }

func (d *draft) between(lo, hi int) int { return lo + d.rng.IntN(hi-lo+1) }

func (d *draft) person() string {
	if d.rng.IntN(2) == 0 {
		return d.woman()
	}
	return d.man()
}

func (d *draft) woman() string {
	return pick(d, families()) + " " + pick(d, []string{"Thị ", "Thị Mỹ ", "Thùy ", "Nguyễn Bảo ", "Ngọc ", "Hoài "}) + pick(d, womens())
}

func (d *draft) man() string {
	return pick(d, families()) + " " + pick(d, []string{"Văn ", "Hữu ", "Đức ", "Quốc ", "Đình ", "Xuân ", "Bá "}) + pick(d, mens())
}

// number12 is a number with the form of Luật Căn cước 26/2023 Điều 12, of a
// province code (000) that no one was ever given.
func (d *draft) number12() string {
	return fmt.Sprintf("000%d%02d%06d", d.rng.IntN(4), d.rng.IntN(100), d.rng.IntN(1e6))
}

// grouped writes n with a dot between thousands.
func grouped(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "." + s[i:]
	}
	return s
}

func inWords(t time.Time) string {
	month := strconv.Itoa(int(t.Month()))
	if t.Month() < 3 {
		month = "0" + month
	}
	return fmt.Sprintf("ngày %02d tháng %s năm %d", t.Day(), month, t.Year())
}

// earlier is a day up to n days before the paper's.
func (d *draft) earlier(n int) time.Time { return d.about.Date.AddDate(0, 0, -1-d.rng.IntN(n)) }

// say fills in a template: each {letter} becomes something new of its sort.
func (d *draft) say(template string) string {
	var b strings.Builder
	for {
		before, rest, ok := strings.Cut(template, "{")
		b.WriteString(before)
		if !ok {
			return b.String()
		}
		name, after, _ := strings.Cut(rest, "}")
		b.WriteString(d.slot(name))
		template = after
	}
}

func (d *draft) slot(name string) string {
	switch name {
	case "n":
		return fmt.Sprintf("%02d", d.between(2, 98))
	case "N":
		return grouped(d.between(1000, 480000))
	case "m":
		return grouped(d.between(12, 98000)*50000) + " đồng"
	case "p":
		return strconv.Itoa(d.between(51, 99)) + "," + strconv.Itoa(d.between(1, 9)) + "%"
	case "date":
		return inWords(d.earlier(300))
	case "year":
		return strconv.Itoa(d.about.Date.Year())
	case "person":
		return d.person()
	case "commune":
		return pick(d, communes())
	case "department":
		return "Sở " + pick(d, departments())
	case "procedure":
		return pick(d, procedures())
	case "doc":
		return fmt.Sprintf("Quyết định số %d/QĐ-UBND ngày %s", d.between(11, 3100), d.earlier(700).Format("02/01/2006"))
	case "agency":
		return d.about.Agency
	case "holder":
		return d.about.Holder
	case "number":
		return d.about.HolderNumber
	case "place":
		return d.about.Place
	case "subject":
		return d.about.Subject
	}
	panic("specimen: no slot is called " + name)
}

// more writes what is added to the paper, then paragraphs until the paper has as many pages as it should.
func (d *draft) more() {
	d.adds()
	if d.want < 2 {
		return
	}
	for n := 1; len(d.pages) < d.want; n++ {
		if n%6 == 1 {
			d.need(4 * d.body)
			d.para("**" + d.say(pick(d, headings())) + "**")
		}
		d.para(d.once(general()))
	}
	d.para(d.once(general()))
}

// once says one of the templates, none twice before all were said.
func (d *draft) once(from []string) string {
	if len(d.told) >= len(from) {
		d.told = map[int]bool{}
	}
	i := d.rng.IntN(len(from))
	for d.told[i] {
		i = (i + 1) % len(from)
	}
	d.told[i] = true
	return d.say(from[i])
}
