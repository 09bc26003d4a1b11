// Package verdict words what was found out about the signatures of a file: in the
// JSON that `sohoa verify --json` promises (docs/verify.schema.json), and for
// people.
package verdict

import (
	"fmt"
	"io"
	"slices"
	"time"

	"sohoa/dossier"
	"sohoa/signing/verify"
)

// Unsigned is the verdict on a file that nobody signed.
const Unsigned verify.Verdict = "NONE"

// A Told verdict is what `sohoa verify --json` prints; docs/verify.schema.json is its
// schema.
type Told struct {
	Verdict    verify.Verdict  `json:"verdict"`
	Signatures []Signature     `json:"signatures"`
	Notes      []verify.Reason `json:"notes"`
	Checked    time.Time       `json:"checked"`
	Lists      []verify.List   `json:"lists"` // of revocations, that were given
}

// A Signature is one of the file's signatures and document time-stamps.
type Signature struct {
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
	Covers       Covers          `json:"covers"`
	Changes      []verify.Change `json:"changes"`    // made after it
	Format       string          `json:"format"`     // SubFilter
	Permits      int             `json:"permits"`    // DocMDP level, 0 if nobody said
	Revocation   string          `json:"revocation"` // good, revoked or unknown
	Evidence     *time.Time      `json:"evidence"`   // when the oldest of it was made; null if there is none
}

// Covers says how much of the file a signature is about.
type Covers struct {
	Bytes int64 `json:"bytes"` // from the beginning
	Whole bool  `json:"whole"`
}

// Of puts a report into the shape that is promised.
func Of(r verify.Report) Told {
	j := Told{Verdict: r.Verdict, Signatures: []Signature{}, Checked: r.Checked,
		Lists: append([]verify.List{}, r.Lists...),
		Notes: append(append([]verify.Reason{}, r.Reasons...), r.Notes...)}
	if slices.ContainsFunc(r.Reasons, func(x verify.Reason) bool { return x.Code == "none" }) {
		j.Verdict = Unsigned
	}
	for _, s := range r.Signatures {
		out := Signature{Field: s.Field, Kind: s.Kind, Verdict: s.Verdict, Reasons: append([]verify.Reason{}, s.Reasons...),
			Signer: s.Signer, Organisation: s.Organisation, Serial: s.Serial, Chain: append([]string{}, s.Chain...),
			Level: string(s.Level), Stamper: s.Stamper, Covers: Covers{s.Covers, s.CoversAll}, Changes: append([]verify.Change{}, s.Changes...),
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

// Print says the verdict to people: Vietnamese, and English after it.
func (j Told) Print(w io.Writer) error {
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
