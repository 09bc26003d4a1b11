package main

import (
	"context"
	"encoding/json"
	"encoding/pem"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"time"

	"sohoa/dossier"
	"sohoa/signing/verify"
)

// The verdicts of `sohoa verify` as exit codes: a promise to scripts as well.
const (
	exitInvalid       = 10
	exitIndeterminate = 11
	exitUnsigned      = 12
)

// unsigned is the verdict on a file that nobody signed.
const unsigned verify.Verdict = "NONE"

var verdictCodes = map[verify.Verdict]int{
	verify.Valid: exitDone, verify.Invalid: exitInvalid, verify.Indeterminate: exitIndeterminate, unsigned: exitUnsigned,
}

// A verdictError ends the program with the code of a verdict that is not VALID.
type verdictError struct {
	file    string
	verdict verify.Verdict
}

func (e *verdictError) Error() string { return fmt.Sprintf("%s: %s", e.file, e.verdict) }

// A judged is what `sohoa verify --json` prints; docs/verify.schema.json is its
// schema.
type judged struct {
	Verdict    verify.Verdict    `json:"verdict"`
	Signatures []judgedSignature `json:"signatures"`
	Notes      []verify.Reason   `json:"notes"`
	Checked    time.Time         `json:"checked"`
	Lists      []verify.List     `json:"lists"` // of revocations, that were given
}

type judgedSignature struct {
	Field        string          `json:"field"`
	Kind         verify.Kind     `json:"kind"`
	Verdict      verify.Verdict  `json:"verdict"`
	Reasons      []verify.Reason `json:"reasons"`
	Signer       string          `json:"signer"`
	Organisation string          `json:"organisation"`
	Serial       string          `json:"serial"`
	Chain        []string        `json:"chain"`
	Level        string          `json:"level"`
	Time         *time.Time      `json:"time"`  // of signing; null if nobody says
	Proof        string          `json:"proof"` // of the time: "time-stamp", "claimed" or ""
	Stamper      string          `json:"stamper"`
	Covers       covers          `json:"covers"`
	Changes      []verify.Change `json:"changes"`    // made after it
	Format       string          `json:"format"`     // SubFilter
	Permits      int             `json:"permits"`    // DocMDP level, 0 if nobody said
	Revocation   string          `json:"revocation"` // good, revoked or unknown
	Evidence     *time.Time      `json:"evidence"`   // when the oldest of it was made; null if there is none
}

// covers says how much of the file a signature is about.
type covers struct {
	Bytes int64 `json:"bytes"` // from the beginning
	Whole bool  `json:"whole"`
}

type verifyArgs struct {
	file        string
	trust, crls [][]byte
	at          time.Time
	json        bool
}

func parseVerify(args []string, stderr io.Writer) (verifyArgs, error) {
	var a verifyArgs
	set := flag.NewFlagSet("verify", flag.ContinueOnError)
	set.SetOutput(stderr)
	set.Func("trust", "PEM file of roots to believe; may be given again", func(path string) error {
		ders, err := readDER(path, "CERTIFICATE")
		a.trust = append(a.trust, ders...)
		return err
	})
	set.Func("crl", "revocation list, PEM or DER; may be given again", func(path string) error {
		ders, err := readDER(path, "X509 CRL")
		a.crls = append(a.crls, ders...)
		return err
	})
	set.Func("at", "judge as of this time (2026-11-21T08:00:00+07:00), not now", func(s string) (err error) {
		a.at, err = time.Parse(time.RFC3339, s)
		return err
	})
	set.BoolVar(&a.json, "json", false, "print the verdict as JSON")
	files, err := parseMixed(set, args)
	if err != nil {
		return a, err
	}
	if len(files) != 1 {
		return a, usage("sohoa verify FILE [--trust PEM]… [--crl FILE]… [--at TIME] [--json]")
	}
	a.file = files[0]
	return a, nil
}

// maxList is the most bytes of a list of roots or of revocations.
const maxList = 64 << 20

// readDER reads the blocks of a kind of a PEM file, or a file that is DER.
func readDER(path, kind string) (ders [][]byte, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxList+1))
	if err != nil {
		return nil, err
	}
	if len(b) > maxList {
		return nil, fmt.Errorf("%s: larger than %d bytes", path, maxList)
	}
	for rest := b; ; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		if block.Type == kind {
			ders = append(ders, block.Bytes)
		}
	}
	if ders == nil && len(b) > 0 && b[0] == 0x30 { // a SEQUENCE
		ders = [][]byte{b}
	}
	if ders == nil {
		return nil, fmt.Errorf("%s holds no %s", path, kind)
	}
	return ders, nil
}

// verifyFile says whether the signatures of a file can be believed. Nothing is
// fetched: what is believed is what was given and what the file brings.
func verifyFile(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	a, err := parseVerify(args, stderr)
	if err != nil {
		return err
	}
	if a.at.IsZero() {
		a.at = time.Now()
	}
	if err := given(a.file); err != nil {
		return err
	}
	report, err := verify.File(ctx, a.file, verify.Options{Roots: a.trust, CRLs: a.crls, At: a.at})
	if err != nil {
		return &inputError{a.file, err}
	}
	j := judge(report)
	if a.json {
		enc := json.NewEncoder(stdout)
		enc.SetIndent("", "  ")
		err = enc.Encode(j)
	} else {
		err = j.print(stdout)
	}
	if err == nil && j.Verdict != verify.Valid {
		err = &verdictError{a.file, j.Verdict}
	}
	return err
}

// judge puts a report into the shape that is promised.
func judge(r verify.Report) judged {
	j := judged{Verdict: r.Verdict, Signatures: []judgedSignature{}, Checked: r.Checked,
		Lists: append([]verify.List{}, r.Lists...),
		Notes: append(append([]verify.Reason{}, r.Reasons...), r.Notes...)}
	if slices.ContainsFunc(r.Reasons, func(x verify.Reason) bool { return x.Code == "none" }) {
		j.Verdict = unsigned
	}
	for _, s := range r.Signatures {
		out := judgedSignature{Field: s.Field, Kind: s.Kind, Verdict: s.Verdict, Reasons: append([]verify.Reason{}, s.Reasons...),
			Signer: s.Signer, Organisation: s.Organisation, Serial: s.Serial, Chain: append([]string{}, s.Chain...),
			Level: string(s.Level), Stamper: s.Stamper, Covers: covers{s.Covers, s.CoversAll}, Changes: append([]verify.Change{}, s.Changes...),
			Format: s.Format, Permits: s.Permits, Revocation: s.Revocation}
		if !s.Evidence.IsZero() {
			out.Evidence = &s.Evidence
		}
		switch {
		case !s.Stamped.IsZero():
			out.Time, out.Proof = &s.Stamped, "time-stamp"
		case !s.Claimed.IsZero():
			out.Time, out.Proof = &s.Claimed, "claimed"
		}
		j.Signatures = append(j.Signatures, out)
	}
	return j
}

// words are the verdicts, kinds and proofs for people.
var words = map[string]string{
	"VALID": "HỢP LỆ / VALID", "INVALID": "KHÔNG HỢP LỆ / INVALID", "NONE": "CHƯA KÝ / NOT SIGNED",
	"INDETERMINATE": "CHƯA ĐỦ CĂN CỨ / INDETERMINATE",
	"signature":     "Chữ ký / signature", "document-time-stamp": "Dấu thời gian tài liệu / document time-stamp",
	"time-stamp": "có dấu thời gian / time-stamped", "claimed": "người ký tự khai / claimed by the signer",
}

// print says the verdict to people: Vietnamese, and English after it.
func (j judged) print(w io.Writer) error {
	p := &printer{w: w}
	p.line("%s", words[string(j.Verdict)])
	p.reasons(j.Notes, "")
	for _, l := range j.Lists {
		p.list(l, j.Checked)
	}
	for _, s := range j.Signatures {
		p.line("")
		p.line("%s %s: %s", words[string(s.Kind)], s.Field, words[string(s.Verdict)])
		p.reasons(s.Reasons, "  ")
		if s.Signer != "" {
			p.line("  Người ký / signer: %s", s.Signer)
		}
		if s.Organisation != "" {
			p.line("  Tổ chức / organisation: %s", s.Organisation)
		}
		if s.Serial != "" {
			p.line("  Số chứng thư / certificate number: %s", s.Serial)
		}
		if s.Level != "" {
			p.line("  Mức / level: PAdES %s", s.Level)
		}
		if s.Time != nil {
			p.line("  Thời gian / time: %s (%s)", s.Time.In(dossier.VietNam).Format(time.RFC3339), words[s.Proof])
		}
		whole := "toàn bộ tệp / all of the file"
		if !s.Covers.Whole {
			whole = fmt.Sprintf("%d byte đầu / the first %d bytes", s.Covers.Bytes, s.Covers.Bytes)
		}
		p.line("  Bao trùm / covers: %s", whole)
		if s.Evidence != nil {
			p.line("  Bằng chứng không bị thu hồi / not revoked as of: %s", s.Evidence.In(dossier.VietNam).Format(time.RFC3339))
		}
		for _, c := range s.Changes {
			if c.Allowed {
				p.line("  Thêm sau đó, được phép / done later, as allowed: %s / %s", c.Viet, c.English)
			} else {
				p.line("  Thêm sau đó, KHÔNG được phép / done later, NOT allowed: %s / %s", c.Viet, c.English)
			}
		}
	}
	return p.err
}

// A printer keeps the first error.
type printer struct {
	w   io.Writer
	err error
}

func (p *printer) line(format string, a ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintf(p.w, format+"\n", a...)
	}
}

// list tells how old a revocation list is: nothing is fetched.
func (p *printer) list(l verify.List, at time.Time) {
	overdue := ""
	if l.Overdue {
		overdue = ", quá hạn cập nhật / overdue"
	}
	p.line("- Danh sách thu hồi / revocation list: %s, %s, %.0f giờ tuổi / hours old%s", l.Issuer,
		l.This.In(dossier.VietNam).Format(time.RFC3339), at.Sub(l.This).Hours(), overdue)
}

func (p *printer) reasons(list []verify.Reason, indent string) {
	for _, r := range list {
		p.line("%s- %s / %s", indent, r.Viet, r.English)
	}
}
