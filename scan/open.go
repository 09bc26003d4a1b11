package scan

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"io"
	"unicode/utf8"

	"sohoa/jail"
	"sohoa/scan/room"
	"sohoa/scan/turbo"
)

// The media types [Sniff] knows; the first three are those [Open] takes.
const (
	MediaJPEG = "image/jpeg"
	MediaPNG  = "image/png"
	MediaTIFF = "image/tiff"
	MediaPDF  = "application/pdf"
)

// A source is one kind of file, taken apart as far as needed to find its pages.
type source interface {
	count() int
	size(i int) (w, h int)
	page(i int) (Page, error)
}

// A File is an opened JPEG, PNG or TIFF file.
type File struct {
	media string
	src   source
	r     io.ReaderAt
	size  int64
}

// Open finds out by content what r is and where its pages are. It checks l
// and that the file is whole as far as that can be seen without decoding.
// Errors are [*jail.Refusal] with one of the codes of this package, or those
// of r.
func Open(r io.ReaderAt, size int64, l Limits) (*File, error) {
	l = l.OrDefault()
	if err := l.CheckBytes(size); err != nil {
		return nil, err
	}
	head := make([]byte, min(size, SniffLen))
	if _, err := io.ReadFull(io.NewSectionReader(r, 0, size), head); err != nil {
		return nil, err
	}
	f := &File{media: Sniff(head), r: r, size: size}
	var err error
	switch f.media {
	case MediaJPEG:
		f.src, err = openJPEG(r, size, l)
	case MediaPNG:
		f.src, err = openPNG(r, size, l)
	case MediaTIFF:
		f.src, err = openTIFF(r, size, l)
	default:
		return nil, refuse(CodeKind, 0, "the file %s; taken are %s", looksLike(f.media, head), Taken)
	}
	if err != nil {
		return nil, err
	}
	return f, nil
}

// Media returns the media type by content.
func (f *File) Media() string { return f.media }

// Apart is [turbo.Apart]: from now on this process leaves whatever is not written in Go to
// a process of its own for each picture. [Fell] says whether one came to an odd end.
func Apart() { turbo.Apart() }

// Fell is [turbo.Fell].
func Fell() error { return turbo.Fell() }

// OpenToRead is [Open] for a reader of pages, who decodes each in full himself.
// So deflate strips of a TIFF file and JPEG pictures come unproven, and pixels that must
// be stored anew are hardly packed: nobody pays twice for what is looked at once. What is
// to be kept comes from Open.
func OpenToRead(r io.ReaderAt, size int64, l Limits) (*File, error) {
	f, err := Open(r, size, l)
	if err != nil {
		return nil, err
	}
	switch s := f.src.(type) {
	case *tiffSource:
		s.toRead, s.unproven = true, true
	case *jpegSource:
		s.unproven = true
	}
	return f, nil
}

// OpenToWrite is [Open] for who has the pages read already, and holds what comes
// [Page.Unproven] against what its reader has proven: all else is as Open has it.
func OpenToWrite(r io.ReaderAt, size int64, l Limits) (*File, error) {
	f, err := Open(r, size, l)
	if err != nil {
		return nil, err
	}
	switch s := f.src.(type) {
	case *tiffSource:
		s.unproven = true
	case *jpegSource:
		s.unproven = true
	}
	return f, nil
}

// Pages returns the number of pages, at least 1.
func (f *File) Pages() int { return f.src.count() }

// Size returns the pixels of page i, counted from 0, as the file claims them.
func (f *File) Size(i int) (width, height int) { return f.src.size(i) }

// Page reads page i, counted from 0, and checks it by decoding it once: a page
// that comes back is whole. Only this page is held in memory.
// A damaged page is a [*jail.Refusal] that names it.
func (f *File) Page(i int) (Page, error) {
	p, err := f.page(i)
	if err == nil && p.Data == nil {
		return p.Take(f.r, f.size)
	}
	p.Stored = Extent{}
	return p, err
}

// PageInPlace is [File.Page] for who has the file: data that stand in it as they
// are stay there ([Page.Stored]), with the digest of what was found whole.
func (f *File) PageInPlace(i int) (Page, error) {
	p, err := f.page(i)
	if err != nil || p.Stored.none() || p.Data == nil {
		return p, err
	}
	if !p.Unproven {
		sum := sha256.Sum256(p.Data)
		p.Stored.Sum = sum[:]
	}
	if _, ok := f.src.(*tiffSource); ok { // each of its pages has room of its own
		room.Back(p.Data)
	}
	p.Data = nil
	return p, nil
}

func (f *File) page(i int) (Page, error) {
	p, err := f.src.page(i)
	var r *jail.Refusal
	if errors.As(err, &r) && r.Page == 0 {
		r.Page = i + 1
	}
	if err != nil {
		return Page{}, err
	}
	p.Index = i
	return p, nil
}

// SniffLen is the number of leading bytes that [Sniff] looks at.
const SniffLen = 1024

// Sniff returns the media type that head, the beginning of a file, shows, or
// "" if it is none that this house knows. File names play no part.
func Sniff(head []byte) string {
	for _, m := range [...]struct{ magic, media string }{
		{"\xff\xd8\xff", MediaJPEG},
		{"\x89PNG\r\n\x1a\n", MediaPNG},
		{"II*\x00", MediaTIFF}, {"MM\x00*", MediaTIFF},
		{"II+\x00", "image/tiff; big"}, {"MM\x00+", "image/tiff; big"},
		{"GIF8", "image/gif"}, {"BM", "image/bmp"},
		{"\x00\x00\x00\x0cjP  ", "image/jp2"}, {"\xff\x4f\xff\x51", "image/jp2"},
		{"AT&TFORM", "image/vnd.djvu"},
		{"PK\x03\x04", "application/zip"}, {"\xd0\xcf\x11\xe0", "application/msword"},
		{"{\\rtf", "application/rtf"},
	} {
		if bytes.HasPrefix(head, []byte(m.magic)) {
			return m.media
		}
	}
	switch {
	case len(head) >= 12 && string(head[:4]) == "RIFF" && string(head[8:12]) == "WEBP":
		return "image/webp"
	case len(head) >= 12 && string(head[4:8]) == "ftyp":
		return "image/heic"
	case bytes.Contains(head[:min(len(head), SniffLen)], []byte("%PDF-")): // ISO 32000-1 annex H.3: within the first 1024 bytes
		return MediaPDF
	case isText(head):
		return "text/plain"
	}
	return ""
}

// isText reports whether head is UTF-8 without control characters.
func isText(head []byte) bool {
	if len(head) == SniffLen { // the last letter may be cut
		head = head[:SniffLen-utf8.UTFMax]
		for len(head) > 0 && !utf8.Valid(head[max(0, len(head)-utf8.UTFMax):]) && head[len(head)-1] >= utf8.RuneSelf {
			head = head[:len(head)-1]
		}
	}
	return len(head) > 0 && utf8.Valid(head) && !bytes.ContainsFunc(head, func(r rune) bool {
		return r < ' ' && r != '\t' && r != '\n' && r != '\r' && r != '\f'
	})
}

// looksLike says in words what a file of a kind that is not taken is.
func looksLike(media string, head []byte) string {
	switch media {
	case MediaPDF:
		return "is a PDF, not a picture"
	case "image/tiff; big":
		return "is a BigTIFF"
	case "text/plain":
		return "is plain text, whatever its name says"
	case "application/zip", "application/msword", "application/rtf":
		return "is an office document or an archive: print it to PDF"
	case "":
		if len(head) < 8 {
			return "is too short to be a scan"
		}
		return "is of no known kind"
	}
	return "is " + media
}
