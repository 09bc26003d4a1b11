package workers

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"sohoa/dossier"
	"sohoa/signing"
	"sohoa/storage/blob"
)

// This file holds the stages that outlive the day: archiving, what comes in
// signed, and renewal.

// Errors of renewal, which waits until somebody has seen to them.
var (
	// ErrNoGain: the time-stamp authority still stamps with a certificate that
	// ends no later than the one of the last time-stamp.
	ErrNoGain = errors.New("a new time-stamp would hold no longer than the last")

	// ErrLapsed: what is archived is not valid any more, or not yet again;
	// another time-stamp would prove nothing.
	ErrLapsed = errors.New("the archived file is not valid now")
)

// longestRenewalWait is the longest wait between two tries to renew: there is
// half a year, and an authority that is away is not to be beset by a million
// documents.
const longestRenewalWait = 6 * time.Hour

// A Judgement is what is to be thought of a file's signatures, all together.
type Judgement struct {
	Verdict dossier.Verdict
	Signed  int    // signatures of people and agencies, without document time-stamps
	Stamped bool   // each of them has a trusted time
	Why     string // if it is not valid: words for the page, of the form that Worker.Trouble gives
	Report  []byte // all that was found out, JSON
	Proof   dossier.Proof
}

// archive reads everything back from the store, as an auditor would, before the
// house calls the document archived. Of a file that came in signed the very
// bytes that came in are what is archived.
func (t *Tools) archive(ctx context.Context, d dossier.Document) (Outcome, error) {
	for part, sum := range d.Parts {
		if err := t.ReadBack(ctx, sum); err != nil {
			return Outcome{}, fmt.Errorf("read back %s: %w", part, err)
		}
	}
	if d.State == dossier.Adopted {
		return t.archiveAdopted(ctx, d)
	}
	j, err := t.judged(ctx, d, dossier.PartSealed)
	switch {
	case err != nil:
		return Outcome{}, err
	case j.Verdict != dossier.VerdictValid || j.Signed != 2:
		return Outcome{}, fmt.Errorf("%d signatures stand, 2 were made; they are %s: %s", j.Signed, j.Verdict, j.Why)
	}
	return Outcome{Proof: &j.Proof}, nil
}

// archiveAdopted archives what came in signed. It is not renewed if nobody but
// a person vouches for it, or if its signatures have no time that could be
// proven longer.
func (t *Tools) archiveAdopted(ctx context.Context, d dossier.Document) (Outcome, error) {
	j, err := t.judged(ctx, d, dossier.PartScan)
	if err != nil {
		return Outcome{}, err
	}
	out := Outcome{Made: Files{dossier.PartAdopted: d.Parts[dossier.PartScan]}, Proof: &dossier.Proof{}}
	if dossier.PolicyAt(t.Now()).RenewAdopted && j.Verdict == dossier.VerdictValid && j.Stamped {
		out.Proof = &j.Proof
	}
	return out, nil
}

// judged judges a part of d.
func (t *Tools) judged(ctx context.Context, d dossier.Document, part dossier.Part) (Judgement, error) {
	path, done, err := t.fetch(ctx, d, part)
	if err != nil {
		return Judgement{}, err
	}
	defer done()
	return t.Judge(ctx, path)
}

// verify looks at the signatures of a file that came in signed. What becomes of
// it is the policy's word.
func (t *Tools) verify(ctx context.Context, d dossier.Document) (Outcome, error) {
	j, err := t.judged(ctx, d, dossier.PartScan)
	if err != nil {
		return Outcome{}, unfit(err)
	}
	act, ok := dossier.PolicyAt(t.Now()).Incoming[j.Verdict]
	if !ok {
		return Outcome{}, fmt.Errorf("no policy says what becomes of %q", j.Verdict)
	}
	out := Outcome{Act: act, Why: j.Why, Made: Files{}}
	if act == dossier.Verify {
		out.Why = ""
	}
	return out, t.keep(ctx, out.Made, dossier.PartVerdict, j.Report)
}

// describe reads a file that came in signed and proposes fields. Nothing is
// written into it.
func (t *Tools) describe(ctx context.Context, d dossier.Document) (Files, error) {
	made := Files{}
	pages, err := t.read(ctx, d, t.Kept, made)
	if err != nil {
		return nil, err
	}
	return made, t.propose(ctx, made, pages)
}

// renew appends evidence and a new time-stamp to what is archived, as a file of
// its own. What was archived before is not touched.
func (t *Tools) renew(ctx context.Context, d dossier.Document) (Outcome, error) {
	part, _, ok := d.Archival()
	if !ok {
		return Outcome{}, fmt.Errorf("%w: %s has no archival file", blob.ErrNotFound, d.ID)
	}
	path, done, err := t.fetch(ctx, d, part)
	if err != nil {
		return Outcome{}, err
	}
	defer done()
	out, err := os.CreateTemp(t.Temp, "renewed-*")
	if err != nil {
		return Outcome{}, err
	}
	defer os.Remove(out.Name())
	defer out.Close()
	after, err := Renew(ctx, t.Sealer, t.Judge, path, out)
	if err != nil {
		return Outcome{}, err
	}
	if !after.Proof.Until.After(d.Proof.Until) {
		return Outcome{}, fmt.Errorf("%w: until %s", ErrNoGain, after.Proof.Until.Format(time.DateOnly))
	}
	made := Files{}
	err = t.keepFile(ctx, made, dossier.RenewedPart(d.Renewals()+1), out)
	return Outcome{Made: made, Proof: &after.Proof}, err
}

// Renew writes the file at path to out, byte for byte, and after it evidence and
// a document time-stamp, and judges the result as a stranger would. The error
// wraps [ErrLapsed], [ErrNoGain], [ErrOwnCheck] or says which authority did not
// answer; then out holds rubbish.
func Renew(ctx context.Context, s *signing.Sealer, judge func(context.Context, string) (Judgement, error), path string, out *os.File) (Judgement, error) {
	before, err := judge(ctx, path)
	if err != nil {
		return before, err
	}
	if before.Verdict != dossier.VerdictValid {
		return before, fmt.Errorf("%w: %s: %s", ErrLapsed, before.Verdict, before.Why)
	}
	src, err := os.Open(path)
	if err != nil {
		return before, err
	}
	defer src.Close()
	size, err := src.Seek(0, io.SeekEnd)
	if err != nil {
		return before, err
	}
	if err := s.Extend(ctx, signing.LevelLTA, src, size, out); err != nil {
		return before, err
	}
	if same, err := prefix(src, out, size); err != nil {
		return before, err
	} else if !same {
		return before, fmt.Errorf("%w: what was archived is no prefix of the renewed file", ErrOwnCheck)
	}
	after, err := judge(ctx, out.Name())
	switch {
	case err != nil:
		return after, err
	case after.Verdict != dossier.VerdictValid || after.Signed != before.Signed:
		return after, fmt.Errorf("%w: %d signatures of the renewed file are %s: %s", ErrOwnCheck, after.Signed, after.Verdict, after.Why)
	case !after.Proof.Until.After(before.Proof.Until):
		return after, fmt.Errorf("%w: until %s", ErrNoGain, after.Proof.Until.Format(time.DateOnly))
	}
	return after, nil
}

// prefix reports whether the first size bytes of two files are the same.
func prefix(a, b io.ReaderAt, size int64) (bool, error) {
	var x, y [64 << 10]byte
	for at := int64(0); at < size; at += int64(len(x)) {
		n := int(min(int64(len(x)), size-at))
		if _, err := io.ReadFull(io.NewSectionReader(a, at, int64(n)), x[:n]); err != nil {
			return false, err
		}
		if _, err := io.ReadFull(io.NewSectionReader(b, at, int64(n)), y[:n]); err != nil {
			return false, err
		}
		if string(x[:n]) != string(y[:n]) {
			return false, nil
		}
	}
	return true, nil
}
