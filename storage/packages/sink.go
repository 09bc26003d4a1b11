package packages

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"sohoa/storage/durable"
)

// A Zip is a [Sink] that writes one ZIP file (TT 05/2025/TT-BNV names ZIP) to a
// stream. Files are stored and not compressed, since scans and PDFs do not get
// smaller: so the bytes hang on no version of a compressor, and every length
// stands before its file, for readers that go from the front.
type Zip struct{ w *zip.Writer }

// NewZip writes to w. The caller calls Close.
func NewZip(w io.Writer) *Zip { return &Zip{zip.NewWriter(w)} }

// Add writes a file.
func (z *Zip) Add(path string, size int64, crc uint32, write func(io.Writer) error) error {
	const newYear1980 = 1<<5 | 1 // the first day a ZIP knows: when a file was made stands in the METS
	w, err := z.w.CreateRaw(&zip.FileHeader{Name: path, Method: zip.Store, CRC32: crc, ModifiedDate: newYear1980,
		CompressedSize64: uint64(size), UncompressedSize64: uint64(size)})
	if err != nil {
		return err
	}
	return write(w)
}

// Close writes the directory.
func (z *Zip) Close() error { return z.w.Close() }

// A Dir is a [Sink] that writes a directory that is there and has nothing of the
// package in it yet.
type Dir string

// Add writes a file, durably, and never over one that is there.
func (d Dir) Add(path string, size int64, _ uint32, write func(io.Writer) error) error {
	if !filepath.IsLocal(path) {
		return fmt.Errorf("%q is no path in a package", path)
	}
	whole := filepath.Join(string(d), filepath.FromSlash(path))
	if err := os.MkdirAll(filepath.Dir(whole), 0o755); err != nil {
		return err
	}
	f, err := os.OpenFile(whole, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	err = write(durable.Flowing(f, size))
	return errors.Join(err, f.Sync(), f.Close())
}
