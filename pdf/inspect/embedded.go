package inspect

import (
	"bytes"
	"compress/zlib"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"

	"sohoa/jail"
	"sohoa/pattern"
	"sohoa/pdf/finding"
	"sohoa/scan"
)

// The most that may be embedded in one file (ISO 32000-1 7.11.4).
const (
	MostEmbedded      = 100
	MostEmbeddedBytes = 256 << 20 // of all, unpacked
	mostName          = 255       // bytes of a file's name
	embeddedCode      = "attachments"
)

// An Embedded is a file within the file. PDF/A-2 lets only files in that are
// PDF/A themselves (ISO 19005-2 6.8), so all are stored beside.
type Embedded struct {
	Name   string `json:"name"`           // as the file says; personal, for the report only
	Page   int    `json:"page,omitempty"` // from 1, if it hangs on a page
	Bytes  int64  `json:"bytes"`
	Media  string `json:"media"` // by content
	SHA256 string `json:"sha256"`

	object int // that names it
	stream types.StreamDict
}

var (
	digests = pattern.Late(`^[0-9a-f]{64}$`)
	medias  = pattern.Late(`^[a-z]+/[a-z0-9.+; -]{1,60}$`)
)

// Plausible reports whether e, from a child, can be of a file of so many pages.
func (e Embedded) Plausible(pages int) bool {
	return len(e.Name) <= mostName && e.Name == cleanName(e.Name) && e.Page >= 0 && e.Page <= pages &&
		e.Bytes >= 0 && e.Bytes <= MostEmbeddedBytes && digests().MatchString(e.SHA256) && medias().MatchString(e.Media)
}

// embedding notes the file that d brings with it.
func (f *File) embedding(d types.Dict, n int) {
	in := f.dict(d, "EF")
	if in == nil {
		return
	}
	for _, key := range [...]string{"UF", "F", "Unix", "Mac", "DOS"} {
		s, ok := f.streamOf(in[key])
		if !ok {
			continue
		}
		if ref, ok := in[key].(types.IndirectRef); ok {
			if f.taken == nil {
				f.taken = map[int]bool{}
			}
			if f.taken[int(ref.ObjectNumber)] {
				return // named twice
			}
			f.taken[int(ref.ObjectNumber)] = true
		}
		f.embedded = append(f.embedded, Embedded{Name: f.fileName(d), object: n, stream: s})
		f.hit(finding.EmbeddedFile, n)
		return
	}
	f.hit(finding.EmbeddedBroken, n)
}

func (f *File) streamOf(o types.Object) (types.StreamDict, bool) {
	switch s := f.resolve(o).(type) {
	case types.StreamDict:
		return s, true
	case *types.StreamDict:
		return *s, true
	}
	return types.StreamDict{}, false
}

// fileName is the name a file specification gives.
func (f *File) fileName(d types.Dict) string {
	name := ""
	for _, key := range [...]string{"UF", "F"} {
		if name = f.text(d[key]); name != "" {
			break
		}
	}
	return cleanName(name)
}

// cleanName is a name without directories and signs that do not show, and not
// too long.
func cleanName(name string) string {
	if k := strings.LastIndexAny(name, `/\`); k >= 0 {
		name = name[k+1:]
	}
	name = strings.TrimSpace(strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r >= 0x200b && r <= 0x200f || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 || r == utf8.RuneError {
			return -1
		}
		return r
	}, name))
	for len(name) > mostName {
		_, size := utf8.DecodeLastRuneInString(name)
		name = strings.TrimSpace(name[:len(name)-size])
	}
	if name == "." || name == ".." {
		return ""
	}
	return name
}

// text is a text string (7.9.2.2): UTF-16 or UTF-8 with its mark, else taken as
// Latin.
func (f *File) text(o types.Object) string {
	var b []byte
	var err error
	switch o := f.resolve(o).(type) {
	case types.StringLiteral:
		b, err = types.Unescape(string(o))
	case types.HexLiteral:
		b, err = o.Bytes()
	}
	switch {
	case err != nil:
		return ""
	case bytes.HasPrefix(b, []byte("\xfe\xff")):
		var units []uint16
		for b = b[2:]; len(b) >= 2; b = b[2:] {
			units = append(units, uint16(b[0])<<8|uint16(b[1]))
		}
		return string(utf16.Decode(units))
	case utf8.Valid(b):
		return strings.TrimPrefix(string(b), "\ufeff")
	}
	runes := make([]rune, len(b))
	for i, c := range b {
		runes[i] = rune(c)
	}
	return string(runes)
}

// measure finds out what the embedded files are. Those that cannot be taken out
// are told; more than may be are refused.
func (f *File) measure() error {
	if len(f.embedded) > MostEmbedded {
		return tooMuch(fmt.Sprintf("%d files embedded in it, more than the limit of %d", len(f.embedded), MostEmbedded))
	}
	left := int64(MostEmbeddedBytes)
	kept := f.embedded[:0]
	for _, e := range f.embedded {
		var head head
		h := sha256.New()
		n, err := f.unpack(e, io.MultiWriter(h, &head), left)
		switch {
		case errors.Is(err, errLarge):
			return tooMuch(fmt.Sprintf("embedded files of more than %d MB in all", MostEmbeddedBytes>>20))
		case err != nil:
			f.found = append(f.found, finding.New(finding.EmbeddedBroken, e.Page, 1))
			continue
		}
		left -= n
		e.Bytes, e.SHA256, e.Media = n, hex.EncodeToString(h.Sum(nil)), mediaOf(head.b)
		kept = append(kept, e)
	}
	f.embedded = slices.Clip(kept)
	return nil
}

func tooMuch(what string) error {
	return &jail.Refusal{Code: embeddedCode, Text: "the PDF has " + what + "; take them out and send them one by one"}
}

// mediaOf says what a file is by how it begins.
func mediaOf(head []byte) string {
	switch kindOf(head) {
	case "a web page":
		return "text/html"
	case "an XML file":
		return "application/xml"
	case "a program", "a script":
		return "application/x-executable"
	}
	if m := scan.Sniff(head[:min(len(head), scan.SniffLen)]); m != "" {
		return m
	}
	return "application/octet-stream"
}

// errLarge: an embedded file is larger than what is left of the limit.
var errLarge = errors.New("too large")

// unpack writes the bytes of e, at most so many, to w. Nothing is unpacked into
// memory whole but where a filter of the rarer kinds is in use.
func (f *File) unpack(e Embedded, w io.Writer, most int64) (int64, error) {
	filters, parms := f.filters(e.stream.Dict)
	if len(filters) == 1 && filters[0] == "" {
		filters = nil
	}
	var r io.Reader
	switch {
	case len(filters) == 0:
		r = bytes.NewReader(e.stream.Raw)
	case len(filters) == 1 && filters[0] == "FlateDecode" && len(parms[0]) == 0:
		z, err := zlib.NewReader(bytes.NewReader(e.stream.Raw))
		if err != nil {
			return 0, err
		}
		r = z
	case slices.Contains(filters, "FlateDecode") && len(filters) > 1:
		return 0, errors.New("packed twice") // a bomb is made so, hardly anything else
	default:
		if err := e.stream.Decode(); err != nil {
			return 0, err
		}
		r = bytes.NewReader(e.stream.Content)
	}
	n, err := io.Copy(w, io.LimitReader(r, most+1))
	if err == nil && n > most {
		err = errLarge
	}
	return n, err
}

// Embedded lists the files within the file, in the order of the objects that
// name them.
func (f *File) Embedded() []Embedded { return f.embedded }

// Unpack writes embedded file i, from 0, to w.
func (f *File) Unpack(i int, w io.Writer) error {
	return guarded(func() error {
		_, err := f.unpack(f.embedded[i], w, MostEmbeddedBytes)
		return err
	})
}
