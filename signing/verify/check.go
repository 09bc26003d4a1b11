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
	"sohoa/signing/revinfo"
)

// maxSignatures is the most signatures of a file that are looked at.
const maxSignatures = 64

// A field is a signature field with its value.
type field struct {
	name   string
	dict   revision.Dict
	spans  map[revision.Name][2]int64
	bounds [4]int64
	bad    error // why the bounds cannot be
}

// isStamp reports whether f holds a document time-stamp.
func (f field) isStamp() bool { return f.dict["SubFilter"] == revision.Name("ETSI.RFC3161") }

// A checker checks one file.
type checker struct {
	r     io.ReaderAt
	size  int64
	at    time.Time
	roots *x509.CertPool
	file  *revision.File

	statements []statement
	beside     []*x509.Certificate // that the file holds, on no trust
	proofs     []proof
	answers    map[asked]*revinfo.Answer // nil: none that counts
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
	if err := c.given(o.CRLs); err != nil {
		return report, err
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
	c.held(report)
	for i := range fields {
		fields[i].bad = c.covered(&fields[i])
	}
	slices.SortStableFunc(fields, func(a, b field) int { return cmp.Compare(a.bounds[2]+a.bounds[3], b.bounds[2]+b.bounds[3]) })
	report.Signatures = make([]Signature, len(fields))
	for i := len(fields) - 1; i >= 0; i-- { // a later time-stamp is proof for what is earlier
		if fields[i].isStamp() {
			report.Signatures[i] = c.documentStamp(fields[i])
		} else {
			report.Signatures[i] = c.signature(fields[i])
		}
		report.Verdict = worse(report.Verdict, report.Signatures[i].Verdict)
	}
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
	all, err := c.file.SignatureFields()
	if err != nil {
		return nil, err
	}
	out := make([]field, len(all))
	for i, f := range all {
		out[i] = field{name: f.Name, dict: f.Dict, spans: f.Spans}
	}
	return out, nil
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
