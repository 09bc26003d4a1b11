package verify

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"encoding/hex"
	"fmt"
	"math/big"
	"regexp"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/cryptobyte"
	tag "golang.org/x/crypto/cryptobyte/asn1"

	"sohoa/pdf/revision"
	"sohoa/pdf/revision/revisiontest"
	"sohoa/signing"
	"sohoa/signing/cms"
	"sohoa/signing/devca/devtest"
)

// TestTamper does to signed files what forgers do. Each must be noticed, and
// for the right reason.
func TestTamper(t *testing.T) {
	d := devtest.New(t, time.Now)
	signed := d.Twice(t, revisiontest.Paper{}.Bytes())
	lured := d.Twice(t, revisiontest.Paper{Catalog: "/Shadow 99 0 R"}.Bytes())
	page := object(t, signed, 3)
	o := options(t, d)
	for name, c := range map[string]struct {
		file    []byte
		verdict Verdict
		code    string
	}{
		"byte of the page":           {swap(t, signed, "Xin chao", "Xin chaO"), Invalid, "altered"},
		"claimed time":               {again(t, signed, regexp.MustCompile(`/M <443A32`), "/M <443A33"), Invalid, "altered"},
		"name in the certificate":    {inCMS(t, signed, []byte("Nguyễn Vĩnh Nghĩa"), []byte("Nguyễn Vĩnh Nghĩb")), Invalid, "certificate"},
		"signature value":            {inCMS(t, signed, value(t, signed)[20:30], make([]byte, 10)), Invalid, "signature"},
		"contents zeroed":            {again(t, signed, regexp.MustCompile(`<3082[0-9a-f]+`), "<"), Invalid, "contents"},
		"contents not a number":      {again(t, signed, regexp.MustCompile(`00000000>`), "0000000x>"), Invalid, "structure"},
		"something after the CMS":    {again(t, signed, regexp.MustCompile(`00000000>`), "00000001>"), Invalid, "contents"},
		"trailing bytes":             {append(bytes.Clone(signed), "%trailing\n"...), Invalid, "structure"},
		"content replaced":           {update(t, signed, "", map[int]string{4: stream("BT /F 24 Tf 100 400 Td (Tam biet) Tj ET")}), Invalid, "changed"},
		"annotation over it":         {update(t, signed, "", map[int]string{3: strings.Replace(page, "/Annots [", "/Annots [90 0 R ", 1), 90: "<</Type /Annot /Subtype /Square /Rect [0 0 595 842]>>"}), Invalid, "changed"},
		"annotation behind":          {update(t, signed, "", map[int]string{3: regexp.MustCompile(`(/Annots \[[^\]]*)`).ReplaceAllString(page, "$1 90 0 R"), 90: "<</Type /Annot /Subtype /Square /Rect [0 0 9 9]>>"}), Invalid, "annotation"},
		"unsigned field":             {update(t, signed, "", map[int]string{3: regexp.MustCompile(`(/Annots \[[^\]]*)`).ReplaceAllString(page, "$1 90 0 R"), 90: "<</Type /Annot /Subtype /Widget /FT /Sig /Rect [0 0 9 9]>>"}), Invalid, "changed"},
		"page turned":                {update(t, signed, "", map[int]string{3: strings.Replace(page, "/MediaBox", "/Rotate 180 /MediaBox", 1)}), Invalid, "changed"},
		"catalog opens a script":     {update(t, signed, "", map[int]string{1: strings.Replace(object(t, signed, 1), "/Type", "/OpenAction [3 0 R /Fit] /Type", 1)}), Invalid, "changed"},
		"other information":          {update(t, signed, "/Info 90 0 R", map[int]string{90: "<</Title (other)>>"}), Invalid, "changed"},
		"object a reference awaited": {update(t, lured, "", map[int]string{99: "<</S /Forged>>"}), Invalid, "changed"},
		"field removed":              {update(t, signed, "", map[int]string{formOf(t, signed): "<</Fields [] /SigFlags 3>>"}), Invalid, "remnant"},
		"range moved":                {widened(t, signed, 100, 100), Invalid, "byte-range"},
		"gap widened":                {widened(t, signed, 0, 2), Invalid, "byte-range"},
		"range of 1000 bytes":        {again(t, signed, regexp.MustCompile(`/ByteRange \[0 (\d+) (\d+) \d+\]`), "/ByteRange [0 $1 $2 1]"), Invalid, "byte-range"},
		"no range":                   {swap(t, signed, "/ByteRange", "/ByteRangX"), Invalid, "byte-range"},
		"hidden range":               {append(bytes.TrimSuffix(bytes.Clone(signed), []byte("%%EOF\n")), "%/ByteRange [0 1 2 3]\n%%EOF\n"...), Invalid, "remnant"},
		"same key, other name":       {otherName(t, d), Invalid, "certificate"},
		"attributes stripped":        {stripped(t, d), Invalid, "cms"},
		"other authority's chain":    {rogue(t, d), Indeterminate, "issuer"},
		"other file's time-stamp":    {borrowed(t, d), Invalid, "time-stamp"},
		"no time-stamp":              {custom(t, d, revisiontest.Paper{}.Bytes(), small, plain(t, d)), Indeterminate, "no-time-stamp"},
		"later mark hides the page":  {custom(t, d, signed, revision.Rect{X0: 10, Y0: 10, X1: 580, Y1: 800}, plain(t, d)), Invalid, "hidden"},
		"authority's own key":        {custom(t, d, revisiontest.Paper{}.Bytes(), small, authority(t)), Invalid, "usage"},
	} {
		r, err := check(bytes.NewReader(c.file), int64(len(c.file)), o) // what the child does
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if r.Verdict != c.verdict || !strings.Contains(" "+codes(r)+" ", " "+c.code+" ") {
			t.Errorf("%s: %s %q, want %s %q: %+v", name, r.Verdict, codes(r), c.verdict, c.code, r)
		}
	}
}

// TestAllowed does what may be done after signing.
func TestAllowed(t *testing.T) {
	d := devtest.New(t, time.Now)
	signed := d.Twice(t, revisiontest.Paper{}.Bytes())
	evidence := strings.Replace(object(t, signed, 1), "/Type", "/DSS 90 0 R /Type", 1)
	third := d.Sign(t, signing.Request{Profile: signing.CopyAgency, Key: d.Key(t, "agency", "", ""), Name: "Sở Tư pháp"}, signed)
	for name, f := range map[string][]byte{
		"evidence":          update(t, signed, "", map[int]string{1: evidence, 90: "<</Certs []>>"}),
		"a third signature": third,
		"written again":     update(t, signed, "", map[int]string{4: strings.TrimSpace(object(t, signed, 2)), 2: object(t, signed, 2)}),
	} {
		r, err := check(bytes.NewReader(f), int64(len(f)), options(t, d))
		want := Valid
		if name == "written again" { // object 4 became object 2: the good half must not excuse the bad one
			want = Invalid
		}
		if err != nil || r.Verdict != want {
			t.Errorf("%s: %v %+v", name, err, r)
		}
	}
}

var small = revision.Rect{X0: 20, Y0: 780, X1: 90, Y1: 800}

func swap(t *testing.T, file []byte, from, to string) []byte {
	t.Helper()
	if !bytes.Contains(file, []byte(from)) {
		t.Fatalf("%q is not there", from)
	}
	return bytes.Replace(file, []byte(from), []byte(to), 1)
}

// widened moves the first signature's gap: its beginning and its end.
func widened(t *testing.T, file []byte, from, to int) []byte {
	t.Helper()
	m := regexp.MustCompile(`/ByteRange \[0 (\d+) (\d+) (\d+)\]`).FindSubmatch(file)
	var n [3]int
	for i := range n {
		if _, err := fmt.Sscan(string(m[i+1]), &n[i]); err != nil {
			t.Fatal(err)
		}
	}
	moved := fmt.Sprintf("/ByteRange [0 %d %d %d]", n[0]+from, n[1]+to, n[2]-to)
	return again(t, file, regexp.MustCompile(regexp.QuoteMeta(string(m[0]))), moved)
}

// again replaces what pattern finds first, keeping the length of the file.
func again(t *testing.T, file []byte, pattern *regexp.Regexp, with string) []byte {
	t.Helper()
	at := pattern.FindSubmatchIndex(file)
	if at == nil {
		t.Fatalf("%v finds nothing", pattern)
	}
	put := pattern.Expand(nil, []byte(with), file, at)
	fill := byte(' ')
	if with == "<" {
		fill = '0'
	}
	for len(put) < at[1]-at[0] {
		put = append(put, fill)
	}
	out := bytes.Clone(file)
	copy(out[at[0]:], put)
	return out
}

// inCMS replaces bytes in the first signature.
func inCMS(t *testing.T, file, from, to []byte) []byte {
	t.Helper()
	return swap(t, file, hex.EncodeToString(from), hex.EncodeToString(to))
}

// contentsOf returns the CMS of the first signature.
func contentsOf(t *testing.T, file []byte) []byte {
	t.Helper()
	from := bytes.Index(file, []byte("/Contents <")) + len("/Contents <")
	b, err := hex.DecodeString(string(file[from : from+bytes.IndexByte(file[from:], '>')]))
	if err != nil {
		t.Fatal(err)
	}
	var first cryptobyte.String
	s := cryptobyte.String(b)
	if !s.ReadASN1Element(&first, tag.SEQUENCE) {
		t.Fatal("no CMS")
	}
	return first
}

func value(t *testing.T, file []byte) []byte {
	t.Helper()
	sd, err := cms.Parse(contentsOf(t, file))
	if err != nil {
		t.Fatal(err)
	}
	return sd.Value
}

// object returns the newest text of an object that stands by itself.
func object(t *testing.T, file []byte, num int) string {
	t.Helper()
	head := fmt.Appendf(nil, "\n%d 0 obj\n", num)
	from := bytes.LastIndex(file, head)
	if from < 0 {
		t.Fatalf("no object %d", num)
	}
	from += len(head)
	return string(file[from : from+bytes.Index(file[from:], []byte("\nendobj"))])
}

func formOf(t *testing.T, file []byte) int {
	t.Helper()
	var n int
	_, after, _ := strings.Cut(object(t, file, 1), "/AcroForm ")
	if _, err := fmt.Sscan(after, &n); err != nil {
		t.Fatal(err)
	}
	return n
}

func stream(content string) string {
	return fmt.Sprintf("<</Length %d>>\nstream\n%s\nendstream", len(content), content)
}

// update appends an incremental update.
func update(t *testing.T, file []byte, trailer string, objects map[int]string) []byte {
	t.Helper()
	m := regexp.MustCompile(`startxref\n(\d+)\n%%EOF\n$`).FindSubmatch(file)
	b := bytes.NewBuffer(bytes.Clone(file))
	rows := ""
	for num, o := range objects {
		rows += fmt.Sprintf("%d 1\n%010d 00000 n \n", num, b.Len())
		fmt.Fprintf(b, "%d 0 obj\n%s\nendobj\n", num, o)
	}
	if trailer == "" {
		trailer = "/Info 6 0 R"
	}
	start := b.Len()
	fmt.Fprintf(b, "xref\n%strailer\n<</Size 100 /Root 1 0 R %s /Prev %s>>\nstartxref\n%d\n%%%%EOF\n", rows, trailer, m[1], start)
	return b.Bytes()
}

// custom signs a file with a CMS that make returns, and a blank mark at place.
func custom(t *testing.T, d *devtest.Desk, file []byte, place revision.Rect, make func(digest [32]byte) []byte) []byte {
	t.Helper()
	f, err := revision.Open(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	page, err := f.FirstPage()
	if err != nil {
		t.Fatal(err)
	}
	u := f.Update()
	form := u.Add(&revision.Stream{Dict: revision.Dict{"Type": revision.Name("XObject"), "Subtype": revision.Name("Form"),
		"BBox": revision.Array{revision.Int(0), revision.Int(0), revision.Int(9), revision.Int(9)}}, Data: []byte("0 0 9 9 re f")})
	if err := u.Sign(page, revision.Signature{Name: "x", At: time.Now(), Appearance: form, Place: place, Reserve: 12000}); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	p, err := u.Prepare(&out, bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Finish(make(p.Digest)); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func marshal(t *testing.T, k signing.Key, digest [32]byte, stamp func(value []byte) []byte) []byte {
	t.Helper()
	s, err := cms.Sign(digest, k.Signer, k.Chain)
	if err != nil {
		t.Fatal(err)
	}
	der, err := s.Marshal(stamp(s.Value()))
	if err != nil {
		t.Fatal(err)
	}
	return der
}

// plain signs without time-stamp.
func plain(t *testing.T, d *devtest.Desk) func([32]byte) []byte {
	k := d.Key(t, "plain", "Plain", "")
	return func(digest [32]byte) []byte {
		return marshal(t, k, digest, func([]byte) []byte { return nil })
	}
}

func stamper(t *testing.T, d *devtest.Desk) func([]byte) []byte {
	return func(value []byte) []byte {
		token, _, err := d.Sealer.TSA.Stamp(t.Context(), value)
		if err != nil {
			t.Fatal(err)
		}
		return token
	}
}

// borrowed carries a good time-stamp about something else.
func borrowed(t *testing.T, d *devtest.Desk) []byte {
	k := d.Key(t, "plain", "Plain", "")
	return custom(t, d, revisiontest.Paper{}.Bytes(), small, func(digest [32]byte) []byte {
		return marshal(t, k, digest, func([]byte) []byte { return stamper(t, d)([]byte("other")) })
	})
}

// rogue is signed under another authority of the same names, with the trusted
// authority's certificate thrown in.
func rogue(t *testing.T, d *devtest.Desk) []byte {
	other := devtest.New(t, time.Now)
	k := other.Key(t, "officer", "Nguyễn Vĩnh Nghĩa", "UBND xã Vĩnh Thịnh")
	trusted := d.Key(t, "officer", "", "")
	k.Chain = append(k.Chain[:2:2], trusted.Chain[1], trusted.Chain[0])
	return custom(t, d, revisiontest.Paper{}.Bytes(), small, func(digest [32]byte) []byte {
		return marshal(t, k, digest, stamper(t, d))
	})
}

// otherName puts a certificate of the same key and another name into a good
// signature.
func otherName(t *testing.T, d *devtest.Desk) []byte {
	k := d.Key(t, "plain", "Plain", "")
	forged := bytes.Replace(k.Chain[0].Raw, []byte("Plain"), []byte("Other"), 2)
	return custom(t, d, revisiontest.Paper{}.Bytes(), small, func(digest [32]byte) []byte {
		return bytes.Replace(marshal(t, k, digest, stamper(t, d)), k.Chain[0].Raw, forged, 1)
	})
}

// authority signs with a certificate that is an authority's own: made here,
// because the house's would refuse.
func authority(t *testing.T) func([32]byte) []byte {
	d := devtest.New(t, time.Now)
	k := d.Key(t, "plain", "Plain", "")
	x := *k.Chain[0]
	x.KeyUsage, x.IsCA, x.BasicConstraintsValid, x.SerialNumber = x509.KeyUsageCertSign, true, true, big.NewInt(7)
	der, err := x509.CreateCertificate(rand.Reader, &x, &x, k.Signer.Public(), k.Signer)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	k.Chain = []*x509.Certificate{cert}
	return func(digest [32]byte) []byte { return marshal(t, k, digest, func([]byte) []byte { return nil }) }
}

// stripped is a signature without attributes, over the bytes themselves: any
// signed blob could be passed off as one.
func stripped(t *testing.T, d *devtest.Desk) []byte {
	k := d.Key(t, "plain", "Plain", "")
	return custom(t, d, revisiontest.Paper{}.Bytes(), small, func(digest [32]byte) []byte {
		good := marshal(t, k, digest, func([]byte) []byte { return nil })
		sig, err := k.Signer.Sign(rand.Reader, digest[:], crypto.SHA256)
		if err != nil {
			t.Fatal(err)
		}
		return withoutAttributes(t, good, sig)
	})
}

// withoutAttributes rebuilds a SignedData around another signature value.
func withoutAttributes(t *testing.T, der, sig []byte) []byte {
	t.Helper()
	ctx0 := tag.Tag(0).ContextSpecific().Constructed()
	s := cryptobyte.String(der)
	var info, explicit, sd, signers, si, oid, attrs cryptobyte.String
	var before [4]cryptobyte.String // version, algorithms, content, certificates
	var head [3]cryptobyte.String   // version, name, digest
	var alg cryptobyte.String
	var kind tag.Tag
	ok := s.ReadASN1(&info, tag.SEQUENCE) && info.ReadASN1Element(&oid, tag.OBJECT_IDENTIFIER) && info.ReadASN1(&explicit, ctx0) && explicit.ReadASN1(&sd, tag.SEQUENCE)
	for i := range before {
		ok = ok && sd.ReadAnyASN1Element(&before[i], &kind)
	}
	ok = ok && sd.ReadASN1(&signers, tag.SET) && signers.ReadASN1(&si, tag.SEQUENCE)
	for i := range head {
		ok = ok && si.ReadAnyASN1Element(&head[i], &kind)
	}
	if !ok || !si.ReadASN1(&attrs, ctx0) || !si.ReadASN1Element(&alg, tag.SEQUENCE) {
		t.Fatal("not as built")
	}
	var b cryptobyte.Builder
	b.AddASN1(tag.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddBytes(oid)
		b.AddASN1(ctx0, func(b *cryptobyte.Builder) {
			b.AddASN1(tag.SEQUENCE, func(b *cryptobyte.Builder) {
				for _, x := range before {
					b.AddBytes(x)
				}
				b.AddASN1(tag.SET, func(b *cryptobyte.Builder) {
					b.AddASN1(tag.SEQUENCE, func(b *cryptobyte.Builder) {
						for _, x := range head {
							b.AddBytes(x)
						}
						b.AddBytes(alg)
						b.AddASN1OctetString(sig)
					})
				})
			})
		})
	})
	return b.BytesOrPanic()
}
