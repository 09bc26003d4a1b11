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
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/digest"
	"sohoa/dossier/drop"
	"sohoa/ingest"
	"sohoa/ingest/malware"
	"sohoa/jail"
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
	Rows Rows
	Door *ingest.Door // asks the scanner for malware, and a child what a file is; its store keeps them

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
	if t.Gate != nil {
		if err := t.Gate(ctx, in.Agency); err != nil {
			return d, err
		}
	}
	read := &counted{from: f, sum: sha256.New()}
	held, err := t.Door.Examine(ctx, read, nil, malware.Trace{Door: "drops", Who: cmp.Or(in.Scanner, string(drop.Machine))})
	if held != nil {
		defer held.Close()
	}
	d.Size, d.Sum = read.n, digest.Digest(read.sum.Sum(nil))
	var no *jail.Refusal
	switch refused := errors.As(err, &no); {
	case !still():
		return d, errChanged
	case err != nil && !refused:
		return d, err
	case refused && d.Size == 0:
		no = &jail.Refusal{Code: "empty", Text: "the file is empty: scan the paper again"}
	}
	if known, err := t.Rows.FindDrop(ctx, d.Inbox, d.Name, d.Sum); err == nil {
		return known, nil
	} else if !errors.Is(err, dossier.ErrNotFound) {
		return d, err
	}
	if no != nil {
		d.State, d.Code, d.Why = drop.Refused, no.Code, no.Text
		return t.Rows.AddDrop(ctx, d)
	}
	d.State, d.Media, d.Pages = drop.Taken, held.Report.Media, held.Report.Pages
	if err := held.Put(ctx, t.Door.Blobs); err != nil {
		return d, err
	}
	return t.Rows.AddDrop(ctx, d)
}

// counted hashes and counts what is read, be it refused halfway.
type counted struct {
	from io.Reader
	sum  hash.Hash
	n    int64
}

// Read reads on.
func (c *counted) Read(p []byte) (int, error) {
	n, err := c.from.Read(p)
	c.sum.Write(p[:n])
	c.n += int64(n)
	return n, err
}

// reason is the text that lies beside a file that was refused.
func (t *Taker) reason(d drop.Drop) string {
	vi, en := d.Why, d.Why
	if t.Words != nil {
		vi, en = t.Words(&jail.Refusal{Code: d.Code, Text: d.Why})
	}
	return fmt.Sprintf("Không nhận tệp này / This file was not taken\r\n\r\n%s\r\n\r\n%s\r\n\r\n(%s, %s)\r\n", vi, en, d.Code, d.At.Format(time.DateTime))
}
