package web

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"sohoa/dossier"
	"sohoa/dossier/digest"
)

// Pictures are pages to look at, upright, in the frame of the words, so that
// places of words fit them. A size is thumb, 100, 150 or 300.
type Pictures interface {
	// Name is what the picture of a page, from 1, is called as long as it is the
	// same to a byte. It draws nothing. Before there is anything to draw it wraps
	// [dossier.ErrNotFound].
	Name(d dossier.Document, page int, size string) (string, error)

	// Page draws it, as a JPEG file. The error wraps [ErrBusy] if too many wait.
	Page(ctx context.Context, d dossier.Document, page int, size string) ([]byte, error)
}

// ErrBusy: what is asked for cannot be made now, and may be a little later.
var ErrBusy = fmt.Errorf("%w: too much to do", dossier.ErrConflict)

// usualSize is the size of a picture on the document's page.
const usualSize = "150"

// screenSizes are those among which a browser chooses by the pixels of its screen: a phone
// takes a third of the bytes, and whoever zooms in gets the larger one.
var screenSizes = []string{"100", usualSize}

// pictureTag is a picture's entity tag without its quotes (RFC 9110 section
// 8.8.3): what it is called, shortened.
func pictureTag(name string) string {
	sum := digest.Of([]byte(name))
	return fmt.Sprintf("%x", sum[:12])
}

// picture sends a page of the document. Its address may carry the tag that it
// had when the address was written: then it never changes, and the browser keeps
// it; without, the browser asks each time whether it is still the same.
func (s *server) picture(v *visit) error {
	d, do, err := s.document(v, look)
	if err != nil {
		return err
	}
	if err := disposedOf(d); err != nil {
		return err
	}
	n, err := strconv.Atoi(v.r.PathValue("page"))
	if err != nil || n < 1 || n > d.Pages {
		return dossier.ErrNotFound
	}
	if err := s.looked(v, dossier.ReadViewed, d.ID, do); err != nil {
		return err
	}
	size := or(v.r.FormValue("size"), usualSize)
	name, err := s.Pictures.Name(d, n, size)
	if err != nil {
		return err
	}
	return v.drawn(name, func() ([]byte, error) {
		b, err := s.Pictures.Page(v.ctx(), d, n, size)
		if err != nil {
			return nil, fmt.Errorf("picture of page %d of %s: %w", n, d.ID, err)
		}
		return b, nil
	})
}

// drawn sends the picture of a name, or says that the browser has it already.
func (v *visit) drawn(name string, draw func() ([]byte, error)) error {
	tag := pictureTag(name)
	h := v.w.Header()
	keep := "private, no-cache"
	if v.r.FormValue("v") == tag {
		keep = "private, max-age=31536000, immutable"
	}
	if matches(v.r.Header.Get("If-None-Match"), `"`+tag+`"`) {
		h.Set("ETag", `"`+tag+`"`)
		h.Set("Cache-Control", keep)
		v.wrote = true
		v.w.WriteHeader(http.StatusNotModified)
		return nil
	}
	b, err := draw()
	if err != nil {
		return err
	}
	h.Set("ETag", `"`+tag+`"`)
	h.Set("Cache-Control", keep)
	h.Set("Content-Type", "image/jpeg")
	h.Set("Content-Length", strconv.Itoa(len(b)))
	v.wrote = true
	_, _ = v.w.Write(b) // whoever does not read it has gone
	return nil
}

// matches reports whether a tag is in a list of them (RFC 9110 section 13.1.2;
// the comparison is the weak one).
func matches(list, tag string) bool {
	for one := range strings.SplitSeq(list, ",") {
		if one = strings.TrimPrefix(strings.TrimSpace(one), "W/"); one == tag || one == "*" {
			return true
		}
	}
	return false
}

// pictureOf is the address of a picture that may be kept for ever, or, as long as
// there is none, of where it will be.
func (s *server) pictureOf(d dossier.Document, page int, size string) string {
	to := fmt.Sprintf("/documents/%s/pages/%d?size=%s", d.ID, page, size)
	name, err := s.Pictures.Name(d, page, size)
	if err != nil {
		return to
	}
	return to + "&v=" + pictureTag(name)
}

// choiceOf are the addresses of a page, w points wide, in the sizes of [screenSizes], as an
// img's srcset names them: each with its width in pixels. It is empty if w is not known.
func (s *server) choiceOf(d dossier.Document, page int, w float64) string {
	if w <= 0 {
		return ""
	}
	all := make([]string, len(screenSizes))
	for i, size := range screenSizes {
		dpi, _ := strconv.ParseFloat(size, 64)
		all[i] = fmt.Sprintf("%s %.0fw", s.pictureOf(d, page, size), max(w*dpi/72, 1))
	}
	return strings.Join(all, ", ")
}
