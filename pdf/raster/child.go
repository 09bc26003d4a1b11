package raster

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"

	"sohoa/jail"
	"sohoa/pdf/revision"
)

// errOther: the page is not one scan with marks of signatures, or not of a kind
// that is read here.
var errOther = errors.New("the page is for poppler to draw")

// codeOther is what [Child] says of a page that it leaves to poppler.
const codeOther = "page.other"

// Child is the child of [View]: its arguments are a path, a page and a size. It
// writes a JPEG, or refuses a page that poppler is to draw: it cannot start
// poppler itself, as no child that reads a file can start anything.
func Child(args []string, _ io.Reader, out io.Writer) error {
	if len(args) != 3 {
		return fmt.Errorf("%d arguments", len(args))
	}
	page, err := strconv.Atoi(args[1])
	if err != nil {
		return err
	}
	file, err := plainly(args[0], page, Size(args[2]))
	if err != nil {
		return &jail.Refusal{Code: codeOther, Text: errOther.Error()}
	}
	_, err = out.Write(file)
	return err
}

// plainly draws a page that is a scan with marks of signatures. Whatever goes wrong is
// for poppler to judge.
func plainly(path string, page int, size Size) (file []byte, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w: %v", errOther, p)
		}
	}()
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	doc, err := revision.Open(f, info.Size())
	if err != nil {
		return nil, err
	}
	s, err := sheetOf(doc, f, page)
	if err != nil {
		return nil, err
	}
	dpi := size.dpi(s.width, s.height)
	v, err := s.draw(dpi)
	if err != nil {
		return nil, err
	}
	return v.Encode(size.quality(), max(1, int(dpi+0.5)))
}
