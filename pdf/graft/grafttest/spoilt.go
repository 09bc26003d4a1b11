package grafttest

import (
	"bytes"
	"compress/zlib"
	"io"
	"regexp"
	"strings"
	"testing"

	"sohoa/pdf/graft"
)

// A Spoilt is a page that was kept, spoilt in one place so that it breaks a rule
// of PDF/A-2u.
type Spoilt struct {
	Name   string
	Rule   string // of package pdfa
	Clause string // of ISO 19005-2; empty where our check is stricter
	Graft  []byte
}

// Spoil spoils the page of the case "everything" in all ways.
func Spoil(t testing.TB, kept []byte) []Spoilt {
	t.Helper()
	var all []Spoilt
	for _, w := range ways {
		g, err := graft.Decode(kept)
		if err != nil {
			t.Fatal(err)
		}
		done := false
		for i := range g.Objects {
			o := &g.Objects[i]
			if w.content != "" && i == len(g.Objects)-1 {
				o.Stream, done = []byte(deflate(append(inflate(t, o.Stream), "\n"+w.content...))), true
			}
			if w.clause == "6.2.4.2" && strings.Contains(o.Parts[0], "/N 3") {
				o.Stream, done = []byte(deflate(bytes.Replace(inflate(t, o.Stream), []byte("mntr"), []byte("link"), 1))), true
			}
			for k, p := range o.Parts {
				if w.old != nil && w.old.MatchString(p) && !done {
					o.Parts[k], done = w.old.ReplaceAllString(p, w.new), true
				}
			}
		}
		if !done {
			t.Fatalf("%s: nothing to spoil", w.name)
		}
		all = append(all, Spoilt{w.name, w.rule, w.clause, g.Encode()})
	}
	return all
}

// Everything is the name of the case that Spoil takes.
const Everything = "everything"

type way struct {
	name, rule string
	clause     string
	content    string
	old        *regexp.Regexp
	new        string
}

var re = regexp.MustCompile

var ways = []way{
	{"colours of a press", "colour", "6.2.4.3", "0 1 0 0 k 0 0 5 5 re f", nil, ""},
	{"unknown operator", "kept", "6.2.2", "1 frobnicate", nil, ""},
	{"deep states", "kept", "6.1.13", strings.Repeat("q ", 29) + strings.Repeat("Q ", 29), nil, ""},
	{"no such glyph", "font", "6.2.11.8", "BT /F 10 Tf <0000> Tj ET", nil, ""},
	{"code without a character", "font", "6.2.11.7.2", "BT /F 10 Tf <00F0> Tj ET", nil, ""},
	{"intent of its own", "state", "6.2.6", "/Odd ri", nil, ""},
	{"number beyond limits", "kept", "6.1.13", "99999999999 w", nil, ""},
	{"odd hexadecimal", "kept", "6.1.6", "BT /F 10 Tf <00010> Tj ET", nil, ""},
	{"inline image by LZW", "image", "6.1.10", "q BI /W 1 /H 1 /CS /G /BPC 8 /F /LZW ID \x80\x0b EI Q", nil, ""},
	{"inline image interpolated", "image", "6.2.8", "q BI /W 1 /H 1 /CS /G /BPC 8 /I true ID a EI Q", nil, ""},
	{"widths", "font", "6.2.11.5", "", re(`/W\[ ?1\[ ?[0-9]+`), "/W[ 1[ 77"},
	{"no map to glyphs", "font", "6.2.11.3.2", "", re(`/CIDToGIDMap `), "/CIDToGIDMop "},
	{"no characters", "font", "6.2.11.7.2", "", re(`/ToUnicode `), "/ToUnicorn "},
	{"no program", "font", "6.2.11.4.1", "", re(`/FontFile2 `), "/FontFileX "},
	{"blending of its own", "state", "6.2.10", "", re(`/BM/Multiply`), "/BM/Fancy"},
	{"transfer function", "state", "6.2.5", "", re(`/BM/Multiply`), "/TR/Odd"},
	{"halftone phase", "state", "6.2.5", "", re(`/BM/Multiply`), "/HTP[0 0]"},
	{"picture interpolated", "image", "6.2.8", "", re(`/Subtype/Image`), "/Subtype/Image/Interpolate true"},
	{"picture with alternates", "image", "6.2.8", "", re(`/Subtype/Image`), "/Subtype/Image/Alternates[]"},
	{"picture of three bits", "image", "6.2.8", "", re(`/BitsPerComponent 8`), "/BitsPerComponent 3"},
	{"colours of a press in a picture", "colour", "6.2.4.3", "", re(`/ColorSpace/DeviceRGB`), "/ColorSpace/DeviceCMYK"},
	{"form of PostScript", "kept", "6.2.9", "", re(`/Subtype/Form/BBox\[ ?0 0 9`), "/Subtype/Form/Subtype2/PS/BBox[0 0 9"},
	{"form from elsewhere", "kept", "6.2.9", "", re(`/Subtype/Form/BBox\[ ?0 0 9`), "/Subtype/Form/Ref<<>>/BBox[0 0 9"},
	{"group for a press", "colour", "6.2.4.3", "", re(`/CS/DeviceRGB`), "/CS/DeviceCMYK"},
	{"picture by JPEG 2000", "image", "6.2.8.3", "", re(`(/Subtype/Image.*)/Filter/FlateDecode`), "$1/Filter/JPXDecode"},
	{"form with OPI", "kept", "6.2.9", "", re(`/Subtype/Form/BBox\[ ?0 0 9`), "/Subtype/Form/OPI<<>>/BBox[0 0 9"},
	{"spot colours without their names", "colour", "6.2.4.4", "", re(`/ColorSpace/DeviceRGB`), "/ColorSpace[/DeviceN[/Gold]/DeviceGray<</FunctionType 2/Domain[0 1]/C0[1]/C1[0]/N 1>>]"},
	{"profile of another kind", "colour", "6.2.4.2", "", re(`/N 3`), "/N 3"},
	{"no kind of font", "font", "6.2.11.2", "", re(`/Subtype/CIDFontType2`), "/Subtype/CIDFontType9"},
	{"halftone of its own", "state", "6.2.5", "", re(`/BM/Multiply`), "/HT<</HalftoneType 2/Frequency 9/Angle 0/SpotFunction/Round>>"},
	{"string beyond limits", "kept", "6.1.13", "/Span <</ActualText (" + strings.Repeat("x", 32768) + ")>> BDC EMC", nil, ""},
}

func inflate(t testing.TB, b []byte) []byte {
	z, err := zlib.NewReader(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	out, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// SimpleSpoilt is the page of [SimpleFont], cut out, with another encoding than
// TrueType fonts of letters may have.
func SimpleSpoilt(t testing.TB, kept []byte) Spoilt {
	t.Helper()
	g, err := graft.Decode(kept)
	if err != nil {
		t.Fatal(err)
	}
	done := false
	for _, o := range g.Objects {
		for k, p := range o.Parts {
			if strings.Contains(p, "/WinAnsiEncoding") {
				o.Parts[k], done = strings.Replace(p, "/WinAnsiEncoding", "/StandardEncoding", 1), true
			}
		}
	}
	if !done {
		t.Fatal("nothing to spoil")
	}
	return Spoilt{"encoding of a TrueType font", "font", "6.2.11.6", g.Encode()}
}
