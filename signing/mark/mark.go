// Package mark draws what a signature shows on the page. The law wants words
// here, not pictures: who scanned a paper and when, in the top left corner; what
// kind of copy it is, of which agency and when, in the top right one, in the
// face of Times New Roman, upright, 10 points, black.
//
// A [Profile] is such a rule, as data with its source. A [Font] is one with the
// metrics of Times that has every Vietnamese letter; of it the letters used are
// embedded, so that the text stays text and the file PDF/A.
package mark

import (
	"bytes"
	"compress/zlib"
	"crypto/sha256"
	"fmt"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"

	"sohoa/pdf/revision"
)

// A Kind names the occasion of a signature.
type Kind string

// The occasions.
const (
	CopyOfficer Kind = "copy-officer" // the officer who scanned a paper
	CopyAgency  Kind = "copy-agency"  // the agency that attests the copy
)

// A Corner is where a mark stands.
type Corner string

// The corners of the first page.
const (
	TopLeft  Corner = "top-left"
	TopRight Corner = "top-right"
)

// A Profile says how a mark of a kind looks, from a day on.
type Profile struct {
	Kind   Kind
	Corner Corner
	Lines  []string // {form}, {name}, {time}
	Form   string   // what {form} is unless the request says
	Reason string   // for the signature's dictionary
	From   string   // first day, YYYY-MM-DD
	Law    string
}

// Profiles are the rules, of each kind the newest first.
var Profiles = [...]Profile{
	{CopyOfficer, TopLeft, []string{"{name}", "{time}"}, "", "Số hóa giấy tờ", "2023-02-19",
		"TT 01/2023/TT-VPCP Điều 8 khoản 1: tên người quét, thời gian quét, góc trên bên trái trang đầu"},
	{CopyAgency, TopRight, []string{"{form}", "{name}", "{time}"}, "SAO Y", "Sao y giấy tờ", "2020-03-05",
		"NĐ 30/2020/NĐ-CP Phụ lục I Phần II mục I điểm k.2: hình thức sao, tên cơ quan, thời gian ký theo ISO 8601, không hiển thị hình ảnh, Times New Roman, in thường, đứng, cỡ 10, màu đen"},
}

// Of returns the profile of a kind that is in force at a time.
func Of(k Kind, at time.Time) (Profile, error) {
	day := at.In(Vietnam).Format(time.DateOnly)
	for _, p := range Profiles {
		if p.Kind == k && p.From <= day {
			return p, nil
		}
	}
	return Profile{}, fmt.Errorf("no mark of kind %q on %s", k, day)
}

// Vietnam is the time zone of marks: UTC+7 all year.
var Vietnam = time.FixedZone("+07", 7*3600)

// Words are what is put in a profile's places.
type Words struct {
	Form string // empty: the profile's
	Name string
	At   time.Time
}

// Text returns the lines of the mark, NFC.
func (p Profile) Text(w Words) []string {
	if w.Form == "" {
		w.Form = p.Form
	}
	put := strings.NewReplacer("{form}", w.Form, "{name}", w.Name,
		"{time}", w.At.In(Vietnam).Format("2006-01-02T15:04:05-07:00"))
	var lines []string
	for _, l := range p.Lines {
		lines = append(lines, norm.NFC.String(strings.Join(strings.Fields(put.Replace(l)), " ")))
	}
	return lines
}

// Measures in points.
const (
	size    = 10.0
	leading = 11.5
	edge    = 7 * 72 / 25.4 // from the edges of the page: 7 mm
	share   = 0.45          // of the page's width, that edge included

	// A page smaller than this gets a mark that is smaller in proportion:
	// nothing may stick out, and nothing may be left out.
	leastWidth, leastHeight = 240.0, 150.0
)

// Add adds a form with the lines to an update, and says where on the page it
// stands.
func (f *Font) Add(to *revision.Update, page *revision.Page, corner Corner, lines []string) (revision.Ref, revision.Rect, error) {
	scale := min(1, page.Width/leastWidth, page.Height/leastHeight)
	var rows []string
	for _, l := range lines {
		rows = append(rows, f.wrap(l, (page.Width/scale*share-edge)*1000/size)...)
	}
	if missing := f.Missing(strings.Join(rows, "")); missing != "" {
		return revision.Ref{}, revision.Rect{}, fmt.Errorf("%w: it lacks %s", ErrFont, missing)
	}
	width, height := 0.0, leading*float64(len(rows))
	for _, r := range rows {
		width = max(width, float64(f.width(r))*size/1000)
	}
	scale = min(scale, (page.Height-2*edge*scale)/height)

	u := f.use()
	var c bytes.Buffer
	fmt.Fprintf(&c, "q 0 g BT /F %g Tf %g TL 0 %s Td\n", size, leading, revision.Real(height-size*0.9))
	for _, r := range rows {
		fmt.Fprintf(&c, "%s Tj T*\n", u.code(r))
	}
	c.WriteString("ET Q\n")
	font, err := u.embed(to)
	if err != nil {
		return revision.Ref{}, revision.Rect{}, err
	}
	form, err := deflated(c.Bytes())
	if err != nil {
		return revision.Ref{}, revision.Rect{}, err
	}
	form.Dict["Type"], form.Dict["Subtype"] = revision.Name("XObject"), revision.Name("Form")
	form.Dict["BBox"] = revision.Array{revision.Int(0), revision.Int(0), revision.Real(width), revision.Real(height)}
	form.Dict["Matrix"] = page.Matrix()
	form.Dict["Resources"] = revision.Dict{"Font": revision.Dict{"F": font}}

	x, y := edge*scale, page.Height-edge*scale-height*scale
	if corner == TopRight {
		x = page.Width - edge*scale - width*scale
	}
	return to.Add(form), revision.Rect{X0: x, Y0: y, X1: x + width*scale, Y1: y + height*scale}, nil
}

// wrap breaks a line where words end so that no row is wider than limit, in
// thousandths of the size; a word that is too long is broken where it must.
func (f *Font) wrap(line string, limit float64) []string {
	var rows []string
	row := ""
	for _, word := range strings.Fields(line) {
		if joined := strings.TrimSpace(row + " " + word); float64(f.width(joined)) <= limit {
			row = joined
			continue
		}
		if row != "" {
			rows = append(rows, row)
		}
		row = ""
		for _, r := range word {
			if row != "" && float64(f.width(row+string(r))) > limit {
				rows = append(rows, row)
				row = ""
			}
			row += string(r)
		}
	}
	return append(rows, row)
}

// deflated returns a compressed stream.
func deflated(b []byte) (*revision.Stream, error) {
	var out bytes.Buffer
	z := zlib.NewWriter(&out)
	if _, err := z.Write(b); err != nil {
		return nil, err
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	return &revision.Stream{Dict: revision.Dict{"Filter": revision.Name("FlateDecode")}, Data: out.Bytes()}, nil
}

// tagOf returns six letters that tell subsets apart (9.6.4).
func tagOf(program []byte) string {
	sum := sha256.Sum256(program)
	tag := make([]byte, 6)
	for i := range tag {
		tag[i] = 'A' + sum[i]%26
	}
	return string(tag)
}
