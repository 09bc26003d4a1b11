package packages

import (
	"bytes"
	"encoding/hex"
	"encoding/xml"
	"errors"
	"io"
	"io/fs"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"
)

const (
	metsSpace  = "http://www.loc.gov/METS/"
	xlinkSpace = "http://www.w3.org/1999/xlink"
	csipSpace  = "https://DILCIS.eu/XML/METS/CSIPExtensionMETS"

	mostDepth = 64
	mostMETS  = 10_000 // METS files in one package
)

// A told file is what a METS says of one.
type told struct{ href, size, sum, kind string }

// mets holds a package to its METS files: every file that they name, and that
// they name all.
func (l *look) mets() error {
	listed := map[string]bool{"METS.xml": true}
	queue := []string{"METS.xml"}
	for i := 0; i < len(queue); i++ {
		if i == mostMETS {
			l.found(FoundForm, "", "quá nhiều METS", "too many METS files")
			break
		}
		base := path.Dir(queue[i])
		files, pointers, kind, err := l.parse(queue[i])
		if err != nil {
			return err
		}
		if i == 0 {
			l.out.Kind = kind
		}
		for _, t := range files {
			if name, ok := l.place(base, t.href, queue[i]); ok {
				listed[name] = true
				l.hold(name, t)
			}
		}
		for _, href := range pointers {
			name, ok := l.place(base, href, queue[i])
			switch {
			case !ok:
			case !l.has(name):
				l.found(FoundMissing, name, "thiếu METS của một biểu diễn", "the METS of a representation is missing")
			case !slices.Contains(queue, name):
				queue = append(queue, name)
			}
		}
	}
	for _, name := range l.names {
		if !listed[name] {
			l.found(FoundUnlisted, name, "không METS nào nói đến tệp", "no METS names the file")
		}
	}
	return nil
}

// place turns a reference into a path in the package.
func (l *look) place(base, href, from string) (string, bool) {
	raw, err := url.PathUnescape(strings.TrimPrefix(href, "file://./"))
	name := path.Join(base, raw)
	if err != nil || !fs.ValidPath(name) || strings.Contains(raw, "://") || path.IsAbs(raw) {
		l.found(FoundForm, from, "một tham chiếu dẫn ra ngoài gói", "a reference leads out of the package")
		return "", false
	}
	return name, true
}

// hold compares a file with what a METS says of it.
func (l *look) hold(name string, t told) {
	got, ok := l.sums[name]
	if !ok {
		l.found(FoundMissing, name, "thiếu tệp mà METS nói đến", "a file that a METS names is missing")
		return
	}
	want, err := hex.DecodeString(t.sum)
	switch {
	case err != nil || t.kind != "SHA-256" && t.kind != "SHA-512":
		l.found(FoundUnknown, name, "METS không cho SHA-256 hoặc SHA-512 của tệp", "the METS gives no SHA-256 or SHA-512 of the file")
	case t.size != "" && t.size != strconv.FormatInt(got.size, 10),
		t.kind == "SHA-256" && !slices.Equal(want, got.sha256[:]),
		t.kind == "SHA-512" && !slices.Equal(want, got.sha512[:]):
		l.found(FoundChanged, name, "tệp khác với METS", "the file is not what the METS says")
	}
}

// parse reads what a METS says of files, its pointers to other METS files, and
// the kind of package.
func (l *look) parse(name string) (files []told, pointers []string, kind string, err error) {
	b, err := l.read(name, mostListing)
	if err != nil {
		return nil, nil, "", err
	}
	d := xml.NewDecoder(bytes.NewReader(b)) // which knows no entities but XML's own, and fetches nothing
	var open told
	for depth := 0; ; {
		t, err := d.Token()
		if errors.Is(err, io.EOF) && depth == 0 {
			return files, pointers, kind, nil
		} else if err != nil {
			return nil, nil, "", damaged("a METS is no XML: %v", err)
		}
		switch t := t.(type) {
		case xml.StartElement:
			if depth++; depth > mostDepth {
				return nil, nil, "", damaged("a METS is more than %d elements deep", mostDepth)
			}
			if depth == 1 && (t.Name.Space != metsSpace || t.Name.Local != "mets") {
				return nil, nil, "", damaged("a METS.xml is no METS")
			}
			if t.Name.Space != metsSpace {
				continue
			}
			switch t.Name.Local {
			case "metsHdr":
				kind = kindSaid(attr(t, csipSpace, "OAISPACKAGETYPE"))
			case "file":
				open = told{"", attr(t, "", "SIZE"), attr(t, "", "CHECKSUM"), attr(t, "", "CHECKSUMTYPE")}
			case "FLocat":
				open.href = attr(t, xlinkSpace, "href")
				files = append(files, open)
			case "mdRef":
				files = append(files, told{attr(t, xlinkSpace, "href"), attr(t, "", "SIZE"), attr(t, "", "CHECKSUM"), attr(t, "", "CHECKSUMTYPE")})
			case "mptr":
				pointers = append(pointers, attr(t, xlinkSpace, "href"))
			}
		case xml.EndElement:
			depth--
		}
	}
}

// kindSaid is a kind that the house knows, or empty.
func kindSaid(s string) string {
	k, err := KindOf(strings.ToLower(s))
	if err != nil || k == Audit {
		return ""
	}
	return string(k)
}

func attr(e xml.StartElement, space, local string) string {
	for _, a := range e.Attr {
		if a.Name.Space == space && a.Name.Local == local {
			return a.Value
		}
	}
	return ""
}
