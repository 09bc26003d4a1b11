package signing_test

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sohoa/pdf/pdfa"
	"sohoa/pdf/pdfa/pdfatest"
	"sohoa/pdf/revision"
	"sohoa/pdf/revision/revisiontest"
	"sohoa/signing"
	"sohoa/signing/devca/devtest"
	"sohoa/signing/mark"
	"sohoa/signing/place"
	"sohoa/signing/verify"
)

// picture is a PNG with a clear border of a tenth and a full block of a colour.
func picture(t testing.TB, w, h int, c color.NRGBA, hue mark.Hue) *mark.Picture {
	t.Helper()
	img := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := h / 10; y < h-h/10; y++ {
		for x := w / 10; x < w-w/10; x++ {
			img.SetNRGBA(x, y, c)
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	p, err := mark.ReadPicture(&b, hue)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

var (
	ink  = color.NRGBA{20, 40, 190, 255}
	seal = color.NRGBA{210, 20, 30, 255}
)

// seen is where a page is dark, in millimetres from its upper left, within a
// part of it: left, top, right, bottom in millimetres. Poppler draws that part
// with six pixels to the millimetre.
func seen(t *testing.T, file []byte, unit float64, within [4]float64) (x0, y0, x1, y1 float64) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "a.pdf")
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	const k = 6
	px := func(mm float64) string { return fmt.Sprint(int(mm * k)) }
	out, err := exec.Command("pdftoppm", "-gray", "-cropbox", "-r", fmt.Sprint(k*25.4*unit), "-x", px(within[0]), "-y", px(within[1]),
		"-W", px(within[2]-within[0]), "-H", px(within[3]-within[1]), "-singlefile", path).Output()
	if err != nil {
		t.Fatal(err)
	}
	var w, h int
	if n, err := fmt.Sscanf(string(out[:40]), "P5\n%d %d\n255\n", &w, &h); n != 2 {
		t.Fatal(err)
	}
	x0, y0 = math.Inf(1), math.Inf(1)
	for i, v := range out[len(out)-w*h:] {
		if x, y := float64(i%w)/k, float64(i/w)/k; v < 140 {
			x0, y0, x1, y1 = min(x0, x), min(y0, y), max(x1, x+1.0/k), max(y1, y+1.0/k)
		}
	}
	return x0 + within[0], y0 + within[1], x1 + within[0], y1 + within[1]
}

// pages are sheets of many sizes, cut and turned. Their words are not within
// 60 mm of a corner.
func pages() map[string]revisiontest.Paper {
	out := map[string]revisiontest.Paper{
		"tiny": {Page: "/MediaBox [0 0 120 90]"},
		"huge": {Page: "/MediaBox [0 0 9000 12000]"},
		"unit": {Page: "/MediaBox [0 0 297.64 800] /UserUnit 2"},
		"thin": {Page: "/MediaBox [0 0 900 160]"},
	}
	for name, wh := range map[string][2]float64{"A5": {419.53, 595.28}, "A4": {595.28, 841.89}, "A3": {841.89, 1190.55}} {
		for _, turn := range []int{0, 90, 180, 270} {
			if name != "A4" && turn%180 == 0 { // of A5 and A3 those that are turned sideways
				continue
			}
			out[fmt.Sprint(name, " turned ", turn)] = revisiontest.Paper{Page: fmt.Sprintf("/MediaBox [0 0 %g %g] /Rotate %d", wh[0], wh[1], turn)}
			out[fmt.Sprint(name, " cut, turned ", turn)] = revisiontest.Paper{Page: fmt.Sprintf("/MediaBox [-200 -150 %g %g] /CropBox [-120 -60 %g %g] /Rotate %d",
				wh[0]+100, wh[1]+100, wh[0]-120, wh[1]-60, turn)}
		}
	}
	return out
}

// TestPosition measures, in pictures that poppler makes, where marks stand: in
// the corners, and where somebody said.
func TestPosition(t *testing.T) {
	d := devtest.New(t, time.Now)
	k := d.Key(t, "an", "An", "")
	for name, paper := range pages() {
		file := paper.Bytes()
		f, err := revision.Open(bytes.NewReader(file), int64(len(file)))
		if err != nil {
			t.Fatal(err)
		}
		p, err := f.FirstPage()
		if err != nil {
			t.Fatal(err)
		}
		wide, scale := p.Width/mark.PerMM, mark.Scale(p.Width, p.Height)
		signed := d.Sign(t, signing.Request{Profile: signing.CopyOfficer, Key: k, Name: "Hồ Ửng", Level: signing.LevelB}, file)
		signed = d.Sign(t, signing.Request{Profile: signing.CopyAgency, Key: k, Name: "Ủy ban nhân dân xã", Level: signing.LevelB}, signed)
		unit := 1.0
		if name == "unit" { // poppler does not know of it
			unit = 2
		}
		high := min(0.45*p.Height/mark.PerMM, 24*scale)
		x0, y0, _, _ := seen(t, signed, unit, [4]float64{0, 0, wide / 2, high})
		if math.Abs(x0-7*scale) > 1 || math.Abs(y0-7*scale) > 1 {
			t.Errorf("%s: the left mark begins at %.1f, %.1f mm, want %.1f", name, x0, y0, 7*scale)
		}
		_, y0, x1, _ := seen(t, signed, unit, [4]float64{max(wide/2, wide-150), 0, wide, high})
		if math.Abs(wide-x1-7*scale) > 1 || math.Abs(y0-7*scale) > 1 {
			t.Errorf("%s: the right mark ends %.1f mm from the edge, %.1f from the top, want %.1f", name, wide-x1, y0, 7*scale)
		}
		if p.Width < 200 || p.Height < 200 {
			continue
		}
		hand := picture(t, 300, 150, ink, mark.Blue)
		hand = hand.Sized(30) // 24 by 9.6 mm of it coloured
		at := &place.Spot{X: 20.5, Y: 11.25}
		signed = d.Sign(t, signing.Request{Profile: signing.Result, Signature: hand, Key: k, Name: "An", Level: signing.LevelB, At: at, Page: 1}, file)
		x0, y0, x1, y1 := seen(t, signed, unit, [4]float64{0, 0, 60, 30})
		for i, off := range []float64{x0 - 23.5, y0 - 12.75, x1 - 47.5, y1 - 24.75} {
			if math.Abs(off) > 1 {
				t.Errorf("%s: edge %d of the picture is off by %.2f mm", name, i, off)
			}
		}
	}
}

// text is a page with rows of words, each at a place in points.
func text(rows ...string) revisiontest.Paper {
	content := "q /F 11 Tf"
	for _, r := range rows {
		content += " BT /F 11 Tf " + r + " Tj ET"
	}
	content += " Q"
	return revisiontest.Paper{Page: "/MediaBox [0 0 595.28 841.89] /Annots []", Catalog: "/X 7 0 R",
		Objects: []string{fmt.Sprintf("<</Length %d>>\nstream\n%s\nendstream", len(content), content)}}
}

// drawn is text with its content in place of the paper's own.
func drawn(rows ...string) []byte {
	b := text(rows...).Bytes()
	return bytes.Replace(b, []byte("/Contents 4 0 R"), []byte("/Contents 7 0 R"), 1)
}

// TestKeepsOff: a mark moves away from ink as far as its rule lets it, changes
// its shape if that is nearer, and asks when there is nothing.
func TestKeepsOff(t *testing.T) {
	d := devtest.New(t, time.Now)
	k := d.Key(t, "an", "An", "")
	d.Sealer.Eyes = place.Poppler{Temp: t.TempDir()}
	sign := func(file []byte, r signing.Request) ([]byte, error) {
		r.Profile, r.Alone, r.Key, r.Level = signing.CopyAgency, true, k, signing.LevelB
		if r.Name == "" {
			r.Name = "Ủy ban nhân dân xã"
		}
		var out bytes.Buffer
		err := d.Sealer.Sign(t.Context(), r, bytes.NewReader(file), int64(len(file)), &out)
		return out.Bytes(), err
	}
	where := func(signed []byte) place.Spot {
		f, err := revision.Open(bytes.NewReader(signed), int64(len(signed)))
		if err != nil {
			t.Fatal(err)
		}
		fields, err := f.SignatureFields()
		if err != nil {
			t.Fatal(err)
		}
		box, err := f.Box(fields[len(fields)-1].Field["Rect"])
		if err != nil {
			t.Fatal(err)
		}
		return place.Spot{X: (595.28 - box[2]) / mark.PerMM, Y: (841.89 - box[3]) / mark.PerMM}
	}
	foretold := func(file []byte) place.Spot {
		at, err := d.Sealer.Where(t.Context(), signing.Request{Profile: signing.CopyAgency, Alone: true, Name: "Ủy ban nhân dân xã"}, bytes.NewReader(file), int64(len(file)))
		if err != nil || at.Page != 1 {
			t.Fatal(at, err)
		}
		return place.Spot{X: (at.Width - at.Place.X1) / mark.PerMM, Y: (at.Height - at.Place.Y1) / mark.PerMM}
	}
	header := "350 780 Td (CONG HOA XA HOI CHU NGHIA VIET NAM)"
	high := "350 812 Td (CONG HOA XA HOI CHU NGHIA VIET NAM)"
	for name, c := range map[string]struct {
		rows     []string
		from, to place.Spot // right, top
	}{
		"empty page":         {nil, place.Spot{X: 7, Y: 7}, place.Spot{X: 7, Y: 7}},
		"header at its norm": {[]string{header}, place.Spot{X: 7, Y: 3}, place.Spot{X: 7, Y: 7}},
		"header high":        {[]string{high, "350 798 Td (Doc lap - Tu do - Hanh phuc)"}, place.Spot{X: 3, Y: 3}, place.Spot{X: 77, Y: 19}},
	} {
		file := drawn(c.rows...)
		signed, err := sign(file, signing.Request{})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		at := where(signed)
		if told := foretold(file); math.Abs(told.X-at.X) > .01 || math.Abs(told.Y-at.Y) > .01 {
			t.Errorf("%s: foretold at %s, stands at %s", name, told, at)
		}
		if at.X < c.from.X-0.1 || at.X > c.to.X+0.1 || at.Y < c.from.Y-0.1 || at.Y > c.to.Y+0.1 {
			t.Errorf("%s: %.1f from the right, %.1f from the top", name, at.X, at.Y)
		}
		before, after := tool(t, file, "pdftotext", "FILE", "-"), tool(t, signed, "pdftotext", "FILE", "-")
		for _, w := range strings.Fields(before) {
			if !strings.Contains(after, w) {
				t.Errorf("%s: %q is lost", name, w)
			}
		}
	}
	var full []string
	for y := 836; y > 500; y -= 8 {
		full = append(full, fmt.Sprintf("2 %d Td (%s)", y, strings.Repeat("MWMWMWMW", 9)))
	}
	_, err := sign(drawn(full...), signing.Request{})
	var asks *place.Asks
	if !errors.As(err, &asks) || len(asks.Candidates) == 0 || asks.Candidates[0].Y < 100 {
		t.Fatalf("a full page: %v", err)
	}
	signed, err := sign(drawn(full...), signing.Request{At: &asks.Candidates[0]})
	if err != nil {
		t.Fatal(err)
	}
	if got := where(signed); math.Abs(got.Y-asks.Candidates[0].Y) > 0.1 {
		t.Errorf("answered %v, stands at %v", asks.Candidates[0], got)
	}
	if _, err := sign(drawn(full...), signing.Request{At: &place.Spot{X: 205, Y: 10}}); err != nil {
		t.Errorf("an answer that sticks out is shifted: %v", err)
	}
	if _, err := sign(drawn(full...), signing.Request{Corner: mark.BottomLeft}); err != nil {
		t.Errorf("another corner: %v", err)
	}
}

// TestResult: the signature between title and name, in the gap that is there,
// the seal in its true size over a third of it; first the person, then the
// agency.
func TestResult(t *testing.T) {
	d := devtest.New(t, time.Now)
	k := d.Key(t, "an", "An", "")
	d.Sealer.Eyes = place.Poppler{Temp: t.TempDir()}
	file := drawn("380 300 Td (KT. CHU TICH)", "380 286 Td (PHO CHU TICH)", "360 200 Td (Nguyen Van Nam)")
	hand, red := picture(t, 400, 200, ink, mark.Blue).Sized(40), picture(t, 360, 360, seal, mark.Red).Sized(36)
	r := signing.Request{Profile: signing.Result, Signature: hand, Key: k, Name: "Nguyễn Văn Nam", Level: signing.LevelB}
	var asks *place.Asks
	if err := d.Sealer.Sign(t.Context(), r, bytes.NewReader(file), int64(len(file)), &bytes.Buffer{}); !errors.As(err, &asks) {
		t.Errorf("a name that is not there: %v", err)
	}
	r.Name = "nguyen van nam"
	signed := d.Sign(t, r, file)
	f, err := revision.Open(bytes.NewReader(signed), int64(len(signed)))
	if err != nil {
		t.Fatal(err)
	}
	fields, err := f.SignatureFields()
	if err != nil {
		t.Fatal(err)
	}
	hb, err := f.Box(fields[0].Field["Rect"])
	if err != nil {
		t.Fatal(err)
	}
	// The name's letters end at 208, the title's begin at 286.
	if hb[1] < 206 || hb[3] > 286 || math.Abs((hb[0]+hb[2])/2-401) > 6 || math.Abs((hb[2]-hb[0])/(hb[3]-hb[1])-2) > 0.01 {
		t.Errorf("the signature stands at %v", hb)
	}
	r2 := signing.Request{Profile: signing.ResultAgency, Seal: red, Key: k, Name: "UBND", Level: signing.LevelB}
	if err := d.Sealer.Sign(t.Context(), r2, bytes.NewReader(file), int64(len(file)), &bytes.Buffer{}); !errors.Is(err, signing.ErrOrder) {
		t.Errorf("a seal without a signature: %v", err)
	}
	sealed := d.Sign(t, r2, signed)
	if f, err = revision.Open(bytes.NewReader(sealed), int64(len(sealed))); err != nil {
		t.Fatal(err)
	}
	if fields, err = f.SignatureFields(); err != nil {
		t.Fatal(err)
	}
	sb, err := f.Box(fields[1].Field["Rect"])
	if err != nil {
		t.Fatal(err)
	}
	over := (sb[2] - hb[0]) / (hb[2] - hb[0])
	if math.Abs(sb[2]-sb[0]-36*mark.PerMM) > 0.1 || math.Abs(sb[3]-sb[1]-36*mark.PerMM) > 0.1 || math.Abs(over-1.0/3) > 0.01 || sb[0] > hb[0] {
		t.Errorf("the seal stands at %v, over %.2f of %v", sb, over, hb)
	}
	if err := d.Sealer.Sign(t.Context(), r, bytes.NewReader(sealed), int64(len(sealed)), &bytes.Buffer{}); !errors.Is(err, signing.ErrOrder) {
		t.Errorf("a person after the agency: %v", err)
	}
	if says := tool(t, sealed, "qpdf", "--check", "FILE"); !strings.Contains(says, "No syntax or stream encoding errors") {
		t.Error(says)
	}
	both := r
	both.Seal = red
	once := d.Sign(t, both, file)
	if says := tool(t, once, "pdfsig", "-nocert", "FILE"); strings.Count(says, "Signature is Valid") != 1 {
		t.Error(says)
	}
	both.Seal = picture(t, 100, 100, seal, mark.Red)
	if err := d.Sealer.Sign(t.Context(), both, bytes.NewReader(file), int64(len(file)), &bytes.Buffer{}); !errors.Is(err, mark.ErrPicture) {
		t.Errorf("a seal of unknown size: %v", err)
	}
}

// TestOrderOfSigners: an agency's copy after the officer's, unless it stands
// alone; an officer's never after an agency's.
func TestOrderOfSigners(t *testing.T) {
	d := devtest.New(t, time.Now)
	k := d.Key(t, "an", "An", "")
	file := revisiontest.Paper{}.Bytes()
	sign := func(file []byte, p mark.Kind, alone bool) ([]byte, error) {
		var out bytes.Buffer
		err := d.Sealer.Sign(t.Context(), signing.Request{Profile: p, Alone: alone, Key: k, Name: "An", Number: "12/QĐ-UBND", Level: signing.LevelB},
			bytes.NewReader(file), int64(len(file)), &out)
		return out.Bytes(), err
	}
	if _, err := sign(file, signing.CopyAgency, false); !errors.Is(err, signing.ErrOrder) {
		t.Errorf("the agency first: %v", err)
	}
	alone, err := sign(file, signing.CopyAgency, true)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := sign(alone, signing.CopyOfficer, false); !errors.Is(err, signing.ErrOrder) {
		t.Errorf("the officer after the agency: %v", err)
	}
	officer, err := sign(file, signing.CopyOfficer, false)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := sign(officer, signing.CopyAgency, false); err != nil {
		t.Error(err)
	}
	attached, err := sign(file, signing.Attachment, false)
	if err != nil {
		t.Fatal(err)
	}
	if says := tool(t, attached, "pdftotext", "FILE", "-"); !strings.Contains(says, "12/QĐ-UBND") {
		t.Error(says)
	}
	if n := len(d.Journal.Intents()); n != 4 {
		t.Errorf("%d intents: who is refused leaves none", n)
	}
}

// TestEveryLetter signs with every letter of Vietnamese, composed and not, in
// mark, name and location, and reads them back.
func TestEveryLetter(t *testing.T) {
	d := devtest.New(t, time.Now)
	k := d.Key(t, "an", "An", "")
	all := strings.Join(strings.Fields(mark.Needed[95:]), "")
	signed := d.Sign(t, signing.Request{Profile: signing.CopyOfficer, Level: signing.LevelB, Key: k, Name: all + " Vi\u0303nh Phu\u0301c", Location: "xã Nghi\u0303a (Vĩnh)"},
		revisiontest.Paper{}.Bytes())
	got := strings.Join(strings.Fields(tool(t, signed, "pdftotext", "FILE", "-")), "")
	for _, want := range []string{all, "VĩnhPhúc"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not in %q", want, got)
		}
	}
	f, err := revision.Open(bytes.NewReader(signed), int64(len(signed)))
	if err != nil {
		t.Fatal(err)
	}
	fields, err := f.SignatureFields()
	if err != nil {
		t.Fatal(err)
	}
	for key, want := range map[revision.Name]string{"Name": all + " Vĩnh Phúc", "Location": "xã Nghĩa (Vĩnh)", "Reason": "Số hóa giấy tờ"} {
		if s, _ := fields[0].Dict[key].(revision.String); revision.PlainText(s) != want {
			t.Errorf("%s = %q", key, revision.PlainText(s))
		}
	}
}

// TestSmallPages: on any page that has room for two marks, the second leaves the
// first signature valid.
func TestSmallPages(t *testing.T) {
	d := devtest.New(t, time.Now)
	d.Sealer.Eyes = place.Poppler{Temp: t.TempDir()}
	crls, err := d.CA.CRLs()
	if err != nil {
		t.Fatal(err)
	}
	signed := 0
	for _, side := range [][2]float64{{595, 842}, {420, 595}, {300, 400}, {414, 226}, {256, 230}, {150, 200}} {
		p := pdfatest.Lay(pdfatest.G4(true))
		p.Width, p.Height = side[0], side[1]
		twice, err := d.TryTwice(t, pdfatest.Write(t, pdfa.Meta{}, p))
		var asks *place.Asks
		if errors.As(err, &asks) {
			continue
		} else if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(t.TempDir(), "twice.pdf")
		if err := os.WriteFile(path, twice, 0o600); err != nil {
			t.Fatal(err)
		}
		r, err := verify.File(t.Context(), path, verify.Options{Roots: [][]byte{d.CA.Root()}, CRLs: crls, At: time.Now()})
		if signed++; err != nil || r.Verdict != verify.Valid {
			t.Errorf("%v: %v %s", side, err, r.Verdict)
		}
	}
	if signed < 4 {
		t.Errorf("only %d sizes are signed", signed)
	}
}
