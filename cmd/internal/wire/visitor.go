package wire

import (
	"context"
	"errors"
	"io"
	"os"
	"slices"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/digest"
	"sohoa/ingest/malware"
	"sohoa/signing/verify"
	"sohoa/web"
)

// judgeFile judges a file that somebody brings to the page for it, and forgets
// the file.
func (h *House) judgeFile(ctx context.Context, r io.Reader, at time.Time) (web.Judgement, error) {
	f, err := os.CreateTemp(h.temp, "judged-*")
	if err != nil {
		return web.Judgement{}, err
	}
	defer os.Remove(f.Name())
	sum, n, err := digest.Read(io.TeeReader(r, f))
	if err = errors.Join(err, f.Close()); err != nil {
		return web.Judgement{}, err
	}
	if err := h.malware().Pass(ctx, f.Name(), malware.Trace{Door: "verify"}); err != nil {
		return web.Judgement{}, later(err)
	}
	report, err := h.lookAt(ctx, f.Name(), at)
	if err != nil {
		return web.Judgement{}, err
	}
	j := judgement(report)
	j.Size, j.Sum = n, sum.String()
	return j, nil
}

// judgement puts a report into the words of the page that judges files.
func judgement(r verify.Report) web.Judgement {
	j := web.Judgement{Verdict: string(r.Verdict), Checked: r.Checked.In(dossier.VietNam), Reasons: sayings(r.Reasons), Notes: sayings(r.Notes)}
	for _, s := range r.Signatures {
		x := web.Judged{Field: s.Field, Stamp: s.Kind == verify.KindTimestamp, Verdict: string(s.Verdict), Reasons: sayings(s.Reasons),
			Level: string(s.Level), Signer: s.Signer, Organisation: s.Organisation, Serial: s.Serial, Chain: s.Chain,
			Dev: slices.ContainsFunc(s.Chain, isDev), Time: s.Stamped, Proven: !s.Stamped.IsZero(), Stamper: s.Stamper,
			Revocation: s.Revocation, Evidence: s.Evidence, Covers: s.Covers, Whole: s.CoversAll}
		if !x.Proven {
			x.Time = s.Claimed
		}
		for _, c := range s.Changes {
			x.Changes = append(x.Changes, web.Said{Code: c.Code, VI: c.Viet, EN: c.English})
		}
		j.Signatures = append(j.Signatures, x)
	}
	return j
}

func sayings(reasons []verify.Reason) []web.Said {
	var all []web.Said
	for _, r := range reasons {
		all = append(all, web.Said{Code: r.Code, VI: r.Viet, EN: r.English})
	}
	return all
}
