// Package drop takes the files that scanners, copiers and shared folders lay down.
//
// An inbox is a directory of one agency. Whoever writes there is a stranger: names
// are held against [os.Root], so that nothing outside is ever opened, links are not
// followed, and what is no regular file is left alone. A file is taken when it is
// whole; it is read through a limited child as at the counter, its bytes go into the
// store, then its row is written, and only then it leaves the inbox. Killed anywhere
// between, the next look finds the same bytes under the same name, which are the same
// drop. One that cannot be taken goes into "refused", with the reason beside it.
package drop

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/digest"
	"sohoa/dossier/drop"
	"sohoa/ingest"
	"sohoa/ingest/sniff"
	"sohoa/jail"
	"sohoa/scan"
	"sohoa/storage/blob"
)

// Rows are what the inboxes need of the database.
type Rows interface {
	FindDrop(ctx context.Context, inbox, name string, sum digest.Digest) (drop.Drop, error)
	AddDrop(ctx context.Context, d drop.Drop) (drop.Drop, error)
	SetWaiting(ctx context.Context, inbox string, list []drop.Drop) error
}

// An Inbox is a directory whose files are one agency's.
type Inbox struct {
	Dir     string
	ID      string // of the scanner account, or the name of the watched folder
	Agency  dossier.AgencyCode
	Source  drop.Source
	Scanner string        // id of the account; "": a watched folder
	Quiet   time.Duration // a file is whole when its size and time stood still so long; 0: when it has its name
	Keep    bool          // taken files go to "taken"; else they are removed
}

// A Taker takes files out of inboxes.
type Taker struct {
	Rows   Rows
	Blobs  blob.Store
	Limits scan.Limits
	Temp   string // directory for files under way, on a disk with room
	Now    func() time.Time

	// Words are what a person is told of a refusal by its code, in Vietnamese and
	// English: what is wrong and what to do.
	Words func(r *jail.Refusal) (vi, en string)

	// Gate turns files of an agency away for a time, as it does at the counter; nil: it
	// is open.
	Gate func(ctx context.Context, a dossier.AgencyCode) error
}

var errChanged = errors.New("the file changed while it was read")

// take brings the bytes of f, which are an inbox's under a name, into the house and
// returns the drop that they are: taken, or refused with the reason. An error says
// that the house could not, and the file waits; errChanged, that still says that the
// file is not what was read.
func (t *Taker) take(ctx context.Context, in Inbox, name string, f io.Reader, still func() bool) (drop.Drop, error) {
	d := drop.Drop{Agency: in.Agency, Source: in.Source, Inbox: in.ID, Scanner: in.Scanner, Name: drop.CleanName(name)}
	file, err := os.CreateTemp(t.Temp, "drop-*")
	if err != nil {
		return d, err
	}
	defer os.Remove(file.Name())
	defer file.Close()
	h := sha256.New()
	if d.Size, err = io.Copy(io.MultiWriter(file, h), io.LimitReader(f, t.Limits.Bytes+1)); err != nil {
		return d, err
	}
	if !still() {
		return d, errChanged
	}
	d.Sum = digest.Digest(h.Sum(nil))
	if known, err := t.Rows.FindDrop(ctx, d.Inbox, d.Name, d.Sum); err == nil {
		return known, nil
	} else if !errors.Is(err, dossier.ErrNotFound) {
		return d, err
	}
	if t.Gate != nil {
		if err := t.Gate(ctx, in.Agency); err != nil {
			return d, err
		}
	}
	report, err := t.examine(ctx, file.Name(), d.Size)
	var no *jail.Refusal
	switch {
	case errors.As(err, &no):
		d.State, d.Code, d.Why = drop.Refused, no.Code, no.Text
		return t.Rows.AddDrop(ctx, d)
	case err != nil:
		return d, err
	}
	d.State, d.Media, d.Pages = drop.Taken, report.Media, report.Pages
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return d, err
	}
	if err := t.Blobs.Put(ctx, d.Sum, d.Size, file); err != nil {
		return d, err
	}
	return t.Rows.AddDrop(ctx, d)
}

// examine asks a child what a file is. One that is damaged or encrypted may be mended
// or opened later, by a person at the counter: it is refused here.
func (t *Taker) examine(ctx context.Context, path string, size int64) (sniff.Report, error) {
	switch {
	case size > t.Limits.Bytes:
		return sniff.Report{}, ingest.TooLarge(t.Limits.Bytes)
	case size == 0:
		return sniff.Report{}, &jail.Refusal{Code: "empty", Text: "the file is empty: scan the paper again"}
	}
	return sniff.Inspect(ctx, path, t.Limits)
}

// reason is the text that lies beside a file that was refused.
func (t *Taker) reason(d drop.Drop) string {
	vi, en := d.Why, d.Why
	if t.Words != nil {
		vi, en = t.Words(&jail.Refusal{Code: d.Code, Text: d.Why})
	}
	return fmt.Sprintf("Không nhận tệp này / This file was not taken\r\n\r\n%s\r\n\r\n%s\r\n\r\n(%s, %s)\r\n", vi, en, d.Code, d.At.Format(time.DateTime))
}
