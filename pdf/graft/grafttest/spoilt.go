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
	Name  string
	Rule  string // of package pdfa
	Graft []byte
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
			for k, p := range o.Parts {
				if w.old != nil && w.old.MatchString(p) && !done {
					o.Parts[k], done = w.old.ReplaceAllString(p, w.new), true
				}
			}
		}
		if !done {
			t.Fatalf("%s: nothing to spoil", w.name)
		}
		all = append(all, Spoilt{w.name, w.rule, g.Encode()})
	}
	return all
}

// Everything is the name of the case that Spoil takes.
const Everything = "everything"

type way struct {
	name, rule string
	content    string
	old        *regexp.Regexp
	new        string
}

var re = regexp.MustCompile

var ways = []way{
	{"colours of a press", "colour", "0 1 0 0 k 0 0 5 5 re f", nil, ""},
	{"unknown operator", "kept", "1 frobnicate", nil, ""},
	{"deep states", "kept", strings.Repeat("q ", 29) + strings.Repeat("Q ", 29), nil, ""},
	{"no such glyph", "font", "BT /F 10 Tf <0000> Tj ET", nil, ""},
	{"code without a character", "font", "BT /F 10 Tf <00F0> Tj ET", nil, ""},
	{"intent of its own", "state", "/Odd ri", nil, ""},
	{"number beyond limits", "kept", "99999999999 w", nil, ""},
	{"odd hexadecimal", "kept", "BT /F 10 Tf <00010> Tj ET", nil, ""},
	{"inline image by LZW", "image", "q BI /W 1 /H 1 /CS /G /BPC 8 /F /LZW ID \x80\x0b EI Q", nil, ""},
	{"inline image interpolated", "image", "q BI /W 1 /H 1 /CS /G /BPC 8 /I true ID a EI Q", nil, ""},
	{"widths", "font", "", re(`/W\[ ?1\[ ?[0-9]+`), "/W[ 1[ 77"},
	{"no map to glyphs", "font", "", re(`/CIDToGIDMap `), "/CIDToGIDMop "},
	{"no characters", "font", "", re(`/ToUnicode `), "/ToUnicorn "},
	{"no program", "font", "", re(`/FontFile2 `), "/FontFileX "},
	{"blending of its own", "state", "", re(`/BM/Multiply`), "/BM/Fancy"},
	{"transfer function", "state", "", re(`/BM/Multiply`), "/TR/Odd"},
	{"halftone phase", "state", "", re(`/BM/Multiply`), "/HTP[0 0]"},
	{"picture interpolated", "image", "", re(`/Subtype/Image`), "/Subtype/Image/Interpolate true"},
	{"picture with alternates", "image", "", re(`/Subtype/Image`), "/Subtype/Image/Alternates[]"},
	{"picture of three bits", "image", "", re(`/BitsPerComponent 8`), "/BitsPerComponent 3"},
	{"colours of a press in a picture", "colour", "", re(`/ColorSpace/DeviceRGB`), "/ColorSpace/DeviceCMYK"},
	{"form of PostScript", "kept", "", re(`/Subtype/Form/BBox\[ ?0 0 9`), "/Subtype/Form/Subtype2/PS/BBox[0 0 9"},
	{"form from elsewhere", "kept", "", re(`/Subtype/Form/BBox\[ ?0 0 9`), "/Subtype/Form/Ref<<>>/BBox[0 0 9"},
	{"group for a press", "colour", "", re(`/CS/DeviceRGB`), "/CS/DeviceCMYK"},
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
