// Package child reads pages with Tesseract in child processes of [sohoa/jail].
//
// A Pool keeps a few children warm. Each has one engine in one thread and takes
// one page at a time: the page goes in as [scan.WritePage] writes it, and an
// answer comes out, which is an [ocr.Page] or a [jail.Refusal]. Page bytes are
// decoded in the child, never in the parent. The parent keeps the time, ends a
// child that overruns it, and starts another.
//
// Tesseract is reached through gosseract v2.4.1, whose faults shape this room:
// it loses the page segmentation mode unless it is set as a variable; it reads
// the page again for every kind of result, so hOCR alone is asked for; it
// leaks, so a child is replaced after some hundreds of pages; it overruns a
// buffer if a language is missing, so language data are looked up first; it
// swaps the standard error while it starts; and it hands undecodable images on
// without a word, so it only ever gets pixels that we decoded.
package child

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"sohoa/jail"
	"sohoa/ocr"
	"sohoa/scan"
)

// Name is the child's name for [jail.Main].
const Name = "ocr"

// An answer is what a child says about a page: one of the two.
type answer struct {
	Page    *ocr.Page     `json:"page,omitempty"`
	Refusal *jail.Refusal `json:"refusal,omitempty"`

	// Spent is what this page took here.
	Spent Parts `json:"spent"`
}

// maxAnswer bounds what the parent takes from a child for one page, in bytes.
const maxAnswer = 64 << 20

// Child reads pages from in and writes answers to out until in ends. Its
// arguments are the folder of the language data, the language, and "safe" or
// "usual". A page that cannot be decoded is refused, and the next is read.
func Child(args []string, in io.Reader, out io.Writer) error {
	if len(args) != 3 {
		return fmt.Errorf("%d arguments, want folder, language and manner", len(args))
	}
	settle()
	data, err := findData(args[0], args[1])
	if err != nil {
		return err
	}
	e, err := newEngine(data)
	if err != nil {
		return err
	}
	defer e.close()
	e.lap.to(&e.lap.spent.Taking)
	e.lap.taken() // its trial was no page
	if _, err := io.WriteString(out, ready); err != nil {
		return err
	}
	r := reader{engine: e, safe: args[2] == "safe"}
	for {
		page, err := scan.ReadPage(in)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("take a page: %w", err)
		}
		e.lap.to(&e.lap.spent.Taking)
		a, err := r.answer(page)
		if err != nil {
			return err
		}
		a.Spent = e.lap.taken()
		if err := writeAnswer(out, a); err != nil {
			return fmt.Errorf("answer: %w", err)
		}
	}
}

// answer reads page. A refusal is an answer; an error ends the child.
func (r *reader) answer(page scan.Page) (answer, error) {
	read, err := r.read(page)
	var refusal *jail.Refusal
	if errors.As(err, &refusal) {
		return answer{Refusal: refusal}, nil
	}
	if err != nil {
		return answer{}, err
	}
	return answer{Page: &read}, nil
}

func writeAnswer(w io.Writer, a answer) error {
	b, err := json.Marshal(a)
	if err != nil {
		return err
	}
	frame := binary.BigEndian.AppendUint32(make([]byte, 0, len(b)+4), uint32(len(b)))
	_, err = w.Write(append(frame, b...))
	return err
}

func readAnswer(r io.Reader) (answer, error) {
	var a answer
	var size [4]byte
	if _, err := io.ReadFull(r, size[:]); err != nil {
		return a, err
	}
	n := binary.BigEndian.Uint32(size[:])
	if n > maxAnswer {
		return a, fmt.Errorf("an answer of %d bytes", n)
	}
	b := make([]byte, n)
	if _, err := io.ReadFull(r, b); err != nil {
		return a, err
	}
	if err := json.Unmarshal(b, &a); err != nil {
		return a, err
	}
	if (a.Page == nil) == (a.Refusal == nil) {
		return a, errors.New("an answer that is neither a page nor a refusal")
	}
	return a, nil
}

// ready is what a child says first, when its engine has started.
const ready = "ready\n"

func awaitReady(r io.Reader) error {
	b := make([]byte, len(ready))
	if _, err := io.ReadFull(r, b); err != nil {
		return err
	}
	if string(b) != ready {
		return fmt.Errorf("the child said %q", b)
	}
	return nil
}
