package raster

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"syscall"

	"sohoa/pdf/revision"
)

// errOther: the page is not one scan with marks of signatures, or not of a kind
// that is read here.
var errOther = errors.New("the page is for poppler to draw")

// Child is the child of [View]: its arguments are a path, a page and a size. It
// writes a JPEG, or becomes poppler's pdftoppm, under the same caps.
func Child(args []string, _ io.Reader, out io.Writer) error {
	if len(args) != 3 {
		return fmt.Errorf("%d arguments", len(args))
	}
	page, err := strconv.Atoi(args[1])
	if err != nil {
		return err
	}
	if file, err := plainly(args[0], page, Size(args[2])); err == nil {
		_, err := out.Write(file)
		return err
	}
	return become(args[0], args[1], Size(args[2]))
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

// pdftoppm is where Debian has it.
const pdftoppm = "/usr/bin/pdftoppm"

// become has poppler draw the page in this process's place.
func become(path, page string, size Size) error {
	scale := []string{"-r", string(size)}
	if size == Thumb {
		scale = []string{"-scale-to", strconv.Itoa(thumbSide)}
	}
	args := append([]string{"pdftoppm", "-cropbox", "-jpeg", "-jpegopt", fmt.Sprintf("quality=%d,optimize=y", size.quality()), "-f", page, "-l", page, "-singlefile"}, scale...)
	err := syscall.Exec(pdftoppm, append(args, path), os.Environ())
	return fmt.Errorf("exec %s: %w", pdftoppm, err)
}
