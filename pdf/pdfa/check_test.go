package pdfa_test

import (
	"bytes"
	"compress/zlib"
	"errors"
	"fmt"
	"image/color"
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"

	"sohoa/pdf/pdfa"
	"sohoa/pdf/pdfa/pdfatest"
)

// instead replaces the only place of old.
func instead(old, new string) func([]byte) []byte {
	return func(b []byte) []byte {
		if n := bytes.Count(b, []byte(old)); n != 1 {
			panic(fmt.Sprintf("%q stands in the file %d times", old, n))
		}
		return pdfatest.Tabled(bytes.Replace(b, []byte(old), []byte(new), 1))
	}
}

// sample is a file of two pages in which every mutation has one place, and what
// its pages must give back.
func sample(t testing.TB) ([]byte, []pdfa.Content) {
	t.Helper()
	var b bytes.Buffer
	w := pdfa.New(&b, pdfatest.Meta)
	err := errors.Join(w.Add(pdfatest.Lay(pdfatest.JPEG(t, color.RGBAModel), pdfatest.Line(50, 50, "một", "chữ"))),
		w.Add(pdfatest.Lay(pdfatest.G4(true))), w.Close())
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes(), w.Contents()
}

// A breach is one way of spoiling the sample, and the rule that it breaks.
type breach struct {
	name  string
	rule  pdfa.Rule
	spoil func([]byte) []byte
}

func breachesOfTheFile() []breach {
	return []breach{
		{"another version", pdfa.RuleStructure, instead("%PDF-1.7", "%PDF-1.4")},
		{"no high bytes", pdfa.RuleStructure, instead("%\xe2\xe3\xcf\xd3\n", "%abcd\n")},
		{"bytes after the end", pdfa.RuleStructure, func(b []byte) []byte { return append(b, "\n\n"...) }},
		{"no end", pdfa.RuleStructure, func(b []byte) []byte { return b[:len(b)-6] }},
		{"an offset off by one", pdfa.RuleStructure, func(b []byte) []byte {
			i := bytes.LastIndex(b, []byte(" 00000 n \n"))
			b[i-1] ^= 1
			return b
		}},
		{"a byte lost in the middle", pdfa.RuleStructure, func(b []byte) []byte { return append(b[:2000], b[2001:]...) }},
		{"bytes between objects", pdfa.RuleStructure, instead("endobj\n1 0 obj\n", "endobj\n% hidden\n1 0 obj\n")},
		{"an object of no use", pdfa.RuleStructure, instead("endobj\n1 0 obj\n", "endobj\n99 0 obj\n<<>>\nendobj\n1 0 obj\n")},
		{"a key twice", pdfa.RuleStructure, instead("/N 3/Filter", "/N 3/N 3/Filter")},
		{"a wrong length", pdfa.RuleStructure, func(b []byte) []byte {
			b[bytes.Index(b, []byte("/DCTDecode/Length "))+len("/DCTDecode/Length ")]++
			return b
		}},
		{"encryption", pdfa.RuleTrailer, instead("trailer\n<<", "trailer\n<</Encrypt 3 0 R")},
		{"no ID", pdfa.RuleTrailer, func(b []byte) []byte { return regexp.MustCompile(`/ID\[[^]]*\]`).ReplaceAll(b, nil) }},
		{"an action on opening", pdfa.RuleActive, instead("/Type/Catalog", "/Type/Catalog/OpenAction<</S/JavaScript/JS(x)>>")},
		{"a form", pdfa.RuleActive, instead("/Type/Catalog", "/Type/Catalog/AcroForm<<>>")},
		{"attachments", pdfa.RuleActive, instead("/Type/Catalog", "/Type/Catalog/Names<<>>")},
		{"optional content", pdfa.RuleStructure, instead("/Type/Catalog", "/Type/Catalog/OCProperties<<>>")},
		{"no language", pdfa.RuleMetadata, instead("/Lang(vi-VN)", "/Lang()")},
	}
}

func breachesOfItsParts() []breach {
	return []breach{
		{"no output intent", pdfa.RuleIntent, instead("[<</Type/OutputIntent", "[]/Was[<</Type/OutputIntent")},
		{"an intent for print", pdfa.RuleIntent, instead("/S/GTS_PDFA1", "/S/GTS_PDFX")},
		{"a grey profile", pdfa.RuleIntent, instead("/N 3/", "/N 1/")},
		{"another part", pdfa.RuleMetadata, instead("<pdfaid:part>2<", "<pdfaid:part>3<")},
		{"a level that is none", pdfa.RuleMetadata, instead("conformance>U<", "conformance>C<")},
		{"a level without its structure", pdfa.RuleMetadata, instead("conformance>U<", "conformance>A<")},
		{"a level in small letters", pdfa.RuleMetadata, instead("conformance>U<", "conformance>u<")},
		{"another packet", pdfa.RuleMetadata, instead("application/pdf<", "application/xml<")},
		{"another title", pdfa.RuleMetadata, instead("x-default\">Quyết", "x-default\">Quyềt")},
		{"another date", pdfa.RuleMetadata, instead("CreateDate>2026-03-15T08:30:00+07:00", "CreateDate>2026-03-15T08:30:00+00:00")},
		{"broken XML", pdfa.RuleMetadata, instead("</pdfaid:part>", "</pdfaid:port>")},
		{"compressed metadata", pdfa.RuleMetadata, instead("/Subtype/XML", "/Subtype/XML/Filter/FlateDecode")},
		{"no embedded font", pdfa.RuleFont, instead("/FontFile2", "/FontFile9")},
		{"no Unicode map", pdfa.RuleFont, instead("/ToUnicode", "/ToUnicods")},
		{"a width that is not so", pdfa.RuleFont, instead("/W[1[250", "/W[1[251")},
		{"another encoding", pdfa.RuleFont, instead("/Identity-H", "/Identity-V")},
		{"interpolation", pdfa.RuleImage, instead("/Width 800/Height 1000/ColorSpace/DeviceRGB", "/Interpolate true/Width 800/Height 1000/ColorSpace/DeviceRGB")},
		{"CMYK", pdfa.RuleImage, instead("/DeviceRGB", "/DeviceCMYK")},
		{"LZW", pdfa.RuleImage, instead("/DCTDecode", "/LZWDecode")},
		{"another fax", pdfa.RuleImage, instead("/K -1", "/K 0")},
		{"an image's mask", pdfa.RuleImage, instead("/DeviceRGB", "/DeviceRGB/SMask 3 0 R")},
		{"notes on a page", pdfa.RuleActive, instead("/MediaBox[0 0 576 720]/Contents 7 0 R", "/Annots[]/MediaBox[0 0 576 720]/Contents 7 0 R")},
		{"a tiny page", pdfa.RulePage, instead("/MediaBox[0 0 576 720]/Contents 7 0 R", "/MediaBox[0 0 2 720]/Contents 7 0 R")},
		{"a transparent group", pdfa.RulePage, instead("/MediaBox[0 0 576 720]/Contents 7 0 R", "/Group<<>>/MediaBox[0 0 576 720]/Contents 7 0 R")},
		{"a page less", pdfa.RuleCount, func(b []byte) []byte {
			b = regexp.MustCompile(`/Count 2/Kids\[(\d+ 0 R) \d+ 0 R\]`).ReplaceAll(b, []byte("/Count 1/Kids[$1]"))
			return pdfatest.Tabled(b)
		}},
		{"a page twice", pdfa.RuleScan, func(b []byte) []byte {
			b = regexp.MustCompile(`/Kids\[(\d+ 0 R) \d+ 0 R\]`).ReplaceAll(b, []byte("/Kids[$1 $1]"))
			return pdfatest.Tabled(b)
		}},
		{"a changed pixel", pdfa.RuleScan, func(b []byte) []byte {
			b[bytes.Index(b, []byte("\xff\xd8\xff"))+700] ^= 1
			return b
		}},
	}
}

func TestCheckFindsEveryBreach(t *testing.T) {
	good, want := sample(t)
	if err := pdfa.Check(bytes.NewReader(pdfatest.Tabled(bytes.Clone(good))), int64(len(good)), want...); err != nil {
		t.Fatalf("the file itself: %v", err)
	}
	for _, c := range slices.Concat(breachesOfTheFile(), breachesOfItsParts()) {
		t.Run(c.name, func(t *testing.T) {
			b := c.spoil(bytes.Clone(good))
			err := pdfa.Check(bytes.NewReader(b), int64(len(b)), want...)
			var found pdfa.Findings
			if !errors.As(err, &found) || !found.Has(c.rule) {
				t.Errorf("want a finding of %s, got: %v", c.rule, err)
			}
		})
	}
}

// streamed replaces the contents of page 1 by operators.
func streamed(b []byte, ops string) []byte { return restreamed(b, "7", ops) }

// restreamed replaces the contents that are object n by operators.
func restreamed(b []byte, n, ops string) []byte {
	m := regexp.MustCompile(`(?s)\b` + n + ` 0 obj\n<</Filter/FlateDecode/Length \d+>>\nstream\n.*?\nendstream\nendobj\n`).FindIndex(b)
	var z bytes.Buffer
	w := zlib.NewWriter(&z)
	_, _ = io.WriteString(w, ops)
	_ = w.Close()
	object := fmt.Sprintf("%s 0 obj\n<</Filter/FlateDecode/Length %d>>\nstream\n%s\nendstream\nendobj\n", n, z.Len(), z.String())
	return pdfatest.Tabled(append(append(bytes.Clone(b[:m[0]]), object...), b[m[1]:]...))
}

func TestCheckReadsContents(t *testing.T) {
	good, want := sample(t)
	const image = "q 576 0 0 720 0 0 cm/I Do Q\n"
	// Codes in order of first use: 1 blank, 2–4 một, 5–7 chữ.
	const text = "/F 12 Tf\n1 0 0 1 50 670 Tm\n100 Tz(\x00\x02\x00\x03\x00\x04)Tj(\x00\x01)Tj(\x00\x05\x00\x06\x00\x07)Tj\nET\n"
	const moved = "/F 12 Tf\n1 0 0 1 50 670 Tm\n100 Tz[(\x00\x02\x00\x03\x00\x04\x00\x01)-50(\x00\x05\x00\x06\x00\x07)]TJ\nET\n"
	for name, c := range map[string]struct {
		ops  string
		rule pdfa.Rule // none if empty
	}{
		"words moved":       {image + "BT 3 Tr\n" + moved, ""},
		"moved and seen":    {image + "BT 0 Tr\n" + moved, pdfa.RuleFont},
		"moved and wrong":   {image + "BT 3 Tr\n" + strings.Replace(moved, "\x02", "\x77", 1), pdfa.RuleFont},
		"moved by a name":   {image + "BT 3 Tr\n" + strings.Replace(moved, "-50", "/N", 1), pdfa.RuleFont},
		"moved, nothing":    {image + "BT 3 Tr\n" + strings.Replace(text, "(\x00\x01)Tj", "[]TJ", 1), pdfa.RuleFont},
		"moved, a word":     {image + "BT 3 Tr\n" + strings.Replace(moved, "\x06", "\x05", 1), pdfa.RuleText},
		"as it should be":   {image + "BT 3 Tr\n" + text, ""},
		"no image":          {"BT 3 Tr\n" + text, pdfa.RulePage},
		"two images":        {image + image + "BT 3 Tr\n" + text, pdfa.RulePage},
		"seen text":         {image + "BT 0 Tr\n" + text, pdfa.RuleFont},
		"no mode":           {image + "BT\n" + text, pdfa.RuleFont},
		"no text":           {image, pdfa.RuleText},
		"another word":      {image + "BT 3 Tr\n" + strings.Replace(text, "\x02", "\x03", 1), pdfa.RuleText},
		"a code too many":   {image + "BT 3 Tr\n" + strings.Replace(text, "\x02", "\x77", 1), pdfa.RuleFont},
		"half a code":       {image + "BT 3 Tr\n" + strings.Replace(text, "\x00\x02", "\x02", 1), pdfa.RuleFont},
		"a painted box":     {image + "0 0 10 10 re f\nBT 3 Tr\n" + text, pdfa.RulePage},
		"not an operator":   {image + "BT 3 Tr\n" + text + "xyz\n", pdfa.RulePage},
		"an unended string": {image + "BT 3 Tr\n(" + text, pdfa.RulePage},
	} {
		b := streamed(good, c.ops)
		err := pdfa.Check(bytes.NewReader(b), int64(len(b)), want...)
		var found pdfa.Findings
		if c.rule == "" && err != nil || c.rule != "" && (!errors.As(err, &found) || !found.Has(c.rule)) {
			t.Errorf("%s: want %q, got: %v", name, c.rule, err)
		}
	}
}

// The sample's first page with a structure: its two words a paragraph, then the
// image.
func TestCheckReadsMarks(t *testing.T) {
	m := pdfatest.Meta
	m.Level = pdfa.Level2A
	page := pdfatest.Lay(pdfatest.JPEG(t, color.RGBAModel), pdfatest.Line(50, 50, "một", "chữ"))
	page.Alt = "x"
	var file bytes.Buffer
	w := pdfa.New(&file, m)
	if err := errors.Join(w.Add(page), w.Close()); err != nil {
		t.Fatal(err)
	}
	n := regexp.MustCompile(`/Contents (\d+) 0 R`).FindSubmatch(file.Bytes())[1]
	const draw = "q 576 0 0 720 0 0 cm/I Do Q\n"
	const image = "/Figure<</MCID 1>>BDC\n" + draw + "EMC\n"
	const words = "/F 12 Tf\n1 0 0 1 50 670 Tm\n100 Tz(\x00\x02\x00\x03\x00\x04)Tj(\x00\x01)Tj(\x00\x05\x00\x06\x00\x07)Tj\n"
	const text = "BT 3 Tr\n/P<</MCID 0>>BDC\n" + words + "EMC\nET\n"
	for name, c := range map[string]struct {
		ops  string
		good bool
	}{
		"as it should be":            {image + text, true},
		"words not marked":           {image + "BT 3 Tr\n" + words + "ET\n", false},
		"words as an artifact":       {image + strings.Replace(text, "/P<</MCID 0>>BDC", "/Artifact BMC", 1), false},
		"the image not marked":       {draw + text, false},
		"the image as an artifact":   {strings.Replace(image, "/Figure<</MCID 1>>BDC", "/Artifact BMC", 1) + text, false},
		"the image within words":     {"/P<</MCID 0>>BDC\n" + draw + "EMC\n" + text, false},
		"another number":             {image + strings.Replace(text, "MCID 0", "MCID 2", 1), false},
		"numbers the other way":      {strings.Replace(image, "MCID 1", "MCID 0", 1) + strings.Replace(text, "MCID 0", "MCID 1", 1), false},
		"another number of an image": {strings.Replace(image, "MCID 1", "MCID 7", 1) + text, false},
		"an end that is missing":     {image + strings.Replace(text, "EMC\nET\n", "ET\n", 1), false},
		"no end at all":              {text + strings.TrimSuffix(image, "EMC\n"), false},
		"an end too many":            {image + text + "EMC\n", false},
		"marks within marks":         {image + strings.Replace(text, "BDC\n", "BDC\n/Artifact BMC EMC\n", 1), false},
		"a private tag":              {image + strings.Replace(text, "/P<<", "/Chu<<", 1), false},
		"more in the mark":           {image + strings.Replace(text, "/MCID 0", "/MCID 0/ActualText(x)", 1), false},
		"a mark without a number":    {image + strings.Replace(text, "/P<</MCID 0>>BDC", "/P BMC", 1), false},
		"a list of its own":          {image + strings.Replace(text, "/P<</MCID 0>>BDC", "/P/Own BDC", 1), false},
		"two images":                 {image + image + text, false},
		"words in two pieces":        {image + strings.Replace(text, "(\x00\x01)Tj", "(\x00\x01)Tj EMC/P<</MCID 1>>BDC ", 1), false},
	} {
		b := restreamed(file.Bytes(), string(n), c.ops)
		err := pdfa.Check(bytes.NewReader(b), int64(len(b)), w.Contents()...)
		var found pdfa.Findings
		if c.good && err != nil || !c.good && (!errors.As(err, &found) || !found.Has(pdfa.RuleTags)) {
			t.Errorf("%s: %v", name, err)
		}
	}
	good, _ := sample(t)
	marked := streamed(good, "/Artifact BMC\n"+draw+"EMC\n")
	var found pdfa.Findings
	if err := pdfa.Check(bytes.NewReader(marked), int64(len(marked))); !errors.As(err, &found) || !found.Has(pdfa.RuleTags) {
		t.Errorf("marks without a structure: %v", err)
	}
}

func TestCheckSaysWhenItCannotRead(t *testing.T) {
	good, _ := sample(t)
	err := pdfa.Check(bytes.NewReader(good[:len(good)/2]), int64(len(good)))
	var found pdfa.Findings
	if err == nil || errors.As(err, &found) {
		t.Errorf("half of the file can be read: %v", err)
	}
}

func FuzzCheck(f *testing.F) {
	good, _ := sample(f)
	f.Add(good)
	f.Add(pdfatest.Tagged(f)["parts"])
	f.Add([]byte("%PDF-1.7\n%\xe2\xe3\xcf\xd3\nxref\n0 1\n0000000000 65535 f \ntrailer\n<</Size 1>>\nstartxref\n15\n%%EOF\n"))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, b []byte) {
		err := pdfa.Check(bytes.NewReader(b), int64(len(b)))
		var found pdfa.Findings
		if err != nil && !errors.As(err, &found) {
			t.Errorf("a file in memory cannot be read: %v", err)
		}
	})
}
