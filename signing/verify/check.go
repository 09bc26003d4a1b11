package verify

import (
	"bytes"
	"cmp"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"sohoa/jail"
	"sohoa/pdf/revision"
)

// maxSignatures is the most signatures of a file that are looked at.
const maxSignatures = 64

// A field is a signature field with its value.
type field struct {
	name   string
	ref    revision.Ref // the signature dictionary
	dict   revision.Dict
	spans  map[revision.Name][2]int64
	bounds [4]int64
}

// A checker checks one file.
type checker struct {
	r     io.ReaderAt
	size  int64
	at    time.Time
	roots *x509.CertPool
	crls  []*x509.RevocationList
	file  *revision.File
}

// check reports on a file.
func check(r io.ReaderAt, size int64, o Options) (Report, error) {
	report := Report{Verdict: Valid, Signatures: []Signature{}, Checked: o.At}
	c := &checker{r: r, size: size, at: o.At, roots: x509.NewCertPool()}
	for _, der := range o.Roots {
		cert, err := x509.ParseCertificate(der)
		if err != nil {
			return report, fmt.Errorf("root: %w", err)
		}
		c.roots.AddCert(cert)
	}
	for _, der := range o.CRLs {
		crl, err := x509.ParseRevocationList(der)
		if err != nil {
			return report, fmt.Errorf("revocation list: %w", err)
		}
		c.crls = append(c.crls, crl)
	}
	if err := notPDF(r, size); err != nil {
		return report, err
	}
	var err error
	if c.file, err = revision.Open(r, size); errors.Is(err, revision.ErrEncrypted) {
		return report, &jail.Refusal{Code: "encrypted", Text: "the file is encrypted: verify it without its password protection"}
	}
	var fields []field
	if err == nil {
		fields, err = c.fields()
	}
	if err != nil {
		report.find(structure, err.Error())
		return report, nil
	}
	c.all(&report, fields)
	return report, nil
}

func notPDF(r io.ReaderAt, size int64) error {
	head := make([]byte, 5)
	if n, _ := r.ReadAt(head, 0); size < 5 || string(head[:n]) != "%PDF-" {
		return &jail.Refusal{Code: "kind", Text: "not a PDF file"}
	}
	return nil
}

// all checks every signature, and that there are no others.
func (c *checker) all(report *Report, fields []field) {
	if len(fields) > maxSignatures {
		report.find(tooMany, "")
		fields = fields[:maxSignatures]
	}
	stray, err := c.strays(fields)
	if err != nil {
		report.find(structure, err.Error())
		return
	}
	if stray >= 0 {
		report.find(remnant, fmt.Sprintf("at byte %d", stray))
	}
	if len(fields) == 0 && stray < 0 {
		report.find(none, "")
	}
	for _, f := range fields {
		s := c.signature(f)
		report.Verdict = worse(report.Verdict, s.Verdict)
		report.Signatures = append(report.Signatures, s)
	}
	slices.SortStableFunc(report.Signatures, func(a, b Signature) int { return cmp.Compare(a.Covers, b.Covers) })
	for i := 1; i < len(report.Signatures); i++ {
		if report.Signatures[i].Covers == report.Signatures[i-1].Covers {
			report.find(structure, "two signatures of one version")
		}
	}
	if n := len(report.Signatures); n > 0 && !report.Signatures[n-1].CoversAll {
		report.note(continues, "")
	}
}

// fields returns the signature fields of the form that have a value.
func (c *checker) fields() ([]field, error) {
	catalog, _, err := c.file.Catalog()
	if err != nil {
		return nil, err
	}
	form, err := c.file.DictOf(catalog["AcroForm"])
	if err != nil {
		return nil, err
	}
	kids, err := c.file.ArrayOf(form["Fields"])
	if err != nil {
		return nil, err
	}
	walk := &walk{file: c.file, seen: map[revision.Ref]bool{}}
	if err := walk.down(kids, "", nil, 0); err != nil {
		return nil, err
	}
	for i := range walk.found {
		if walk.found[i].spans, err = c.file.Spans(walk.found[i].ref); err != nil {
			return nil, err
		}
	}
	return walk.found, nil
}

// A walk goes through the field tree (ISO 32000-1, 12.7.3).
type walk struct {
	file  *revision.File
	seen  map[revision.Ref]bool
	found []field
}

// maxFields is the most fields that are looked at.
const maxFields = 10000

func (w *walk) down(kids revision.Array, prefix string, kind revision.Object, depth int) error {
	for _, k := range kids {
		ref, ok := k.(revision.Ref)
		if !ok || w.seen[ref] || len(w.seen) == maxFields || depth > 32 {
			return fmt.Errorf("%w: field tree", revision.ErrDamaged)
		}
		w.seen[ref] = true
		d, err := w.file.DictOf(ref)
		if err != nil {
			return err
		}
		name, ft := prefix, kind
		if t, ok := d["T"].(revision.String); ok {
			name = revision.PlainText(t)
			if prefix != "" {
				name = prefix + "." + name
			}
		}
		if v, ok := d["FT"]; ok {
			ft = v
		}
		if err := w.value(name, ft, d); err != nil {
			return err
		}
		below, err := w.file.ArrayOf(d["Kids"])
		if err != nil {
			return err
		}
		if err := w.down(below, name, ft, depth+1); err != nil {
			return err
		}
	}
	return nil
}

func (w *walk) value(name string, ft revision.Object, d revision.Dict) error {
	v, ok := d["V"]
	if ft != revision.Name("Sig") || !ok || v == nil {
		return nil
	}
	ref, ok := v.(revision.Ref)
	if !ok {
		return fmt.Errorf("%w: a signature is not an object by itself", revision.ErrDamaged)
	}
	sig, err := w.file.DictOf(ref)
	if err != nil {
		return err
	}
	w.found = append(w.found, field{name: name, ref: ref, dict: sig})
	return nil
}

// strays looks through all bytes for ByteRanges that belong to none of fields:
// signatures that the form no longer names. It returns the place of one, or -1.
func (c *checker) strays(fields []field) (int64, error) {
	needle := []byte("/ByteRange")
	const step = 1 << 20
	buf := make([]byte, step+len(needle))
	for from := int64(0); from < c.size; from += step {
		n, err := c.r.ReadAt(buf, from)
		if err != nil && err != io.EOF {
			return 0, err
		}
		for b, at := buf[:n], from; ; {
			i := bytes.Index(b, needle)
			if i < 0 || at+int64(i) >= from+step {
				break
			}
			at += int64(i)
			if !slices.ContainsFunc(fields, func(f field) bool {
				span := f.spans[""]
				return span[0] <= at && at < span[1]
			}) {
				return at, nil
			}
			b, at = b[i+1:], at+1
		}
	}
	return -1, nil
}
