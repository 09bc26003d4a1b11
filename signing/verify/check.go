package verify

import (
	"cmp"
	"crypto"
	"crypto/x509"
	"errors"
	"fmt"
	"hash"
	"io"
	"slices"
	"time"

	"sohoa/jail"
	"sohoa/pdf/revision"
	"sohoa/signing/cms"
	"sohoa/signing/revinfo"
	"sohoa/signing/tsa"
)

// maxSignatures is the most signatures of a file that are looked at.
const maxSignatures = 64

// A field is a signature field with its value.
type field struct {
	name   string
	ref    revision.Ref // of the value
	own    revision.Dict
	dict   revision.Dict
	spans  map[revision.Name][2]int64
	bounds [4]int64
	bad    error // why the bounds cannot be
	rules  error // why what it permits cannot be read
	may    permission

	der    []byte
	sd     *cms.SignedData // of a signature
	token  *tsa.Token      // of a document time-stamp
	unread *Reason         // why neither can be read
	fault  finding         // what that is
	hash   crypto.Hash     // of what is covered
	sum    hash.Hash
	digest []byte
}

// isStamp reports whether f holds a document time-stamp.
func (f *field) isStamp() bool { return f.format() == "ETSI.RFC3161" }

// format returns the kind of signature that f says it is.
func (f *field) format() string {
	n, _ := f.dict["SubFilter"].(revision.Name)
	return string(n[:min(len(n), 40)])
}

// end returns where the version of the file ends that f covers.
func (f *field) end() int64 { return f.bounds[2] + f.bounds[3] }

// A checker checks one file.
type checker struct {
	r        io.ReaderAt
	size     int64
	at       time.Time
	roots    *x509.CertPool
	file     *revision.File
	versions []version
	streams  [][2]int64 // where the bytes of streams are; nil: not looked for
	report   *Report

	statements []statement
	beside     []*x509.Certificate // that the file holds, on no trust
	proofs     []proof
	answers    map[asked]*revinfo.Answer // nil: none that counts
}

// check reports on a file.
func check(r io.ReaderAt, size int64, o Options) (Report, error) {
	report := Report{Verdict: Valid, Signatures: []Signature{}, Checked: o.At}
	c := &checker{r: r, size: size, at: o.At, roots: x509.NewCertPool(), report: &report}
	for _, der := range o.Roots {
		cert, err := x509.ParseCertificate(der)
		if err != nil {
			return report, fmt.Errorf("root: %w", err)
		}
		c.roots.AddCert(cert)
	}
	if err := c.given(&report, o.CRLs); err != nil {
		return report, err
	}
	if err := notPDF(r, size); err != nil {
		return report, err
	}
	var err error
	if c.file, err = revision.OpenSigned(r, size); errors.Is(err, revision.ErrEncrypted) {
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
	for i := range fields {
		fields[i].bad = c.covered(&fields[i])
		c.read(&fields[i])
	}
	stray, err := c.scan(fields)
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
	slices.SortStableFunc(fields, func(a, b field) int { return cmp.Compare(a.end(), b.end()) })
	c.held(report)
	c.permissions(report, fields)
	c.history(fields)
	c.scripts(report)
	report.Signatures = make([]Signature, len(fields))
	for i := len(fields) - 1; i >= 0; i-- { // a later time-stamp is proof for what is earlier
		f := &fields[i]
		if f.isStamp() {
			report.Signatures[i] = c.documentStamp(f)
		} else {
			report.Signatures[i] = c.signature(f)
		}
		report.Verdict = worse(report.Verdict, report.Signatures[i].Verdict)
	}
	for i := 1; i < len(report.Signatures); i++ {
		if a, b := report.Signatures[i-1], report.Signatures[i]; a.Covers == b.Covers && a.Covers > 0 {
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
		out[i] = field{name: f.Name, ref: f.Ref, own: f.Field, dict: f.Dict, spans: f.Spans}
	}
	return out, nil
}

// scripts tells of what may change what is seen without changing the file
// (12.6.3, 12.6.4.16, 12.7.8).
func (c *checker) scripts(r *Report) {
	catalog, _, err := c.file.Catalog()
	if err != nil {
		return // told already
	}
	names, _ := c.file.DictOf(catalog["Names"])
	action, _ := c.file.Resolve(catalog["OpenAction"])
	opens, _ := action.(revision.Dict)
	form, _ := c.file.DictOf(catalog["AcroForm"])
	switch {
	case names["JavaScript"] != nil, opens["S"] == revision.Name("JavaScript"), catalog["AA"] != nil, form["XFA"] != nil:
		r.note(active, "")
	}
}
