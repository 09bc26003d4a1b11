package ingest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"sohoa/dossier"
	"sohoa/dossier/digest"
	"sohoa/ingest/sniff"
	"sohoa/storage/blob"
)

// arrived is the file as it came.
type arrived struct {
	file *os.File
	sum  digest.Digest
	size int64
}

// keep stores all that a row will name: what came, what was made of it if it had
// to be opened or mended, the files within it, and the report. It returns the
// parts and the size of the scan.
func (d *Door) keep(ctx context.Context, r sniff.Report, in arrived, work *os.File) (map[dossier.Part]digest.Digest, int64, error) {
	parts := map[dossier.Part]digest.Digest{}
	put := func(part dossier.Part, a arrived) error {
		if _, err := a.file.Seek(0, io.SeekStart); err != nil {
			return err
		}
		if err := d.Blobs.Put(ctx, a.sum, a.size, a.file); err != nil {
			return fmt.Errorf("keep the %s: %w", part, err)
		}
		parts[part] = a.sum
		return nil
	}
	scan, path := in, in.file.Name()
	if r.Working != "" {
		var err error
		if scan, err = hashed(work); err != nil {
			return nil, 0, err
		}
		path = work.Name()
		if err := put(dossier.PartArrived, in); err != nil { // it must stay readable with the password, whatever becomes of what was made
			return nil, 0, err
		}
	}
	if err := put(dossier.PartScan, scan); err != nil {
		return nil, 0, err
	}
	if len(r.Beside) > 0 {
		if err := d.keepBeside(ctx, r, path, parts); err != nil {
			return nil, 0, err
		}
	}
	report, err := json.Marshal(r)
	if err != nil {
		return nil, 0, err
	}
	parts[dossier.PartReport] = digest.Of(report)
	if err := d.Blobs.Put(ctx, digest.Of(report), int64(len(report)), bytes.NewReader(report)); err != nil {
		return nil, 0, fmt.Errorf("keep the report: %w", err)
	}
	return parts, scan.size, nil
}

// hashed reads a file of ours from another's hand.
func hashed(f *os.File) (arrived, error) {
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return arrived{}, err
	}
	sum, size, err := digest.Read(f)
	return arrived{f, sum, size}, err
}

// keepBeside stores the files within the file at path, each under its own
// digest, which must be the one in the report.
func (d *Door) keepBeside(ctx context.Context, r sniff.Report, path string, parts map[dossier.Part]digest.Digest) error {
	n := 0
	for in, err := range sniff.Beside(ctx, path, d.Limits) {
		if err != nil {
			return err
		}
		if n == len(r.Beside) {
			return errors.New("there are more files within the file than its report says")
		}
		a, err := d.received(in)
		if err != nil {
			return err
		}
		if a.sum.String() != r.Beside[n].SHA256 {
			err = fmt.Errorf("%w: file %d within the file is not the one in its report", blob.ErrCorrupt, n+1)
		} else if _, err = a.file.Seek(0, io.SeekStart); err == nil {
			err = d.Blobs.Put(ctx, a.sum, a.size, a.file)
		}
		if err := errors.Join(err, a.file.Close()); err != nil {
			return fmt.Errorf("keep a file within the file: %w", err)
		}
		n++
		parts[dossier.BesidePart(n)] = a.sum
	}
	if n != len(r.Beside) {
		return fmt.Errorf("%d of %d files within the file came out", n, len(r.Beside))
	}
	return nil
}

// received writes in to a temporary file that has no name any more.
func (d *Door) received(in io.Reader) (arrived, error) {
	f, err := os.CreateTemp(d.Temp, "beside-*")
	if err != nil {
		return arrived{}, err
	}
	h := sha256.New()
	err = os.Remove(f.Name())
	size := int64(0)
	if err == nil {
		size, err = io.Copy(io.MultiWriter(f, h), in)
	}
	if err != nil {
		f.Close()
		return arrived{}, err
	}
	return arrived{f, digest.Digest(h.Sum(nil)), size}, nil
}
