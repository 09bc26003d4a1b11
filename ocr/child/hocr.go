package child

import (
	"errors"
	"fmt"
	"html"
	"strconv"
	"strings"

	"sohoa/ocr"
)

// A reading is the lines of one image, in its pixels.
type reading struct {
	lines      []ocr.Line
	hands      []ocr.Box // written by hand
	words      int
	confidence float64 // mean over the words
	sideways   bool    // most of the words stand on lines that run up or down
}

// parseHOCR takes the lines out of Tesseract's hOCR
// (hOCR 1.2: bbox, baseline, x_wconf, textangle). It is taken apart here, since
// encoding/xml takes ten times as long, for each of a page's forty parts: what
// Tesseract writes are tags with quoted attributes, and text with entities.
func parseHOCR(text string) (reading, error) {
	p := hocrParser{line: -1}
	for len(text) > 0 {
		before, rest, more := strings.Cut(text, "<")
		if p.inWord() {
			p.text = append(p.text, html.UnescapeString(before)...)
		}
		if text = rest; !more {
			break
		}
		tag, length, err := openTag(text)
		if err == nil {
			err = p.take(tag)
		}
		if err != nil {
			return reading{}, fmt.Errorf("parse hOCR: %w", err)
		}
		text = text[length:]
	}
	if len(p.open) > 0 {
		return reading{}, fmt.Errorf("parse hOCR: the text ends within %q", p.open[len(p.open)-1])
	}
	return p.finish(), nil
}

// A tag is what stands between < and >.
type tag struct {
	name         string
	closes, bare bool // </name>, <name/>
	class, title string
}

// openTag reads the tag whose < stands before text, and how many bytes of text it takes.
func openTag(text string) (t tag, length int, err error) {
	broken := func() error { return fmt.Errorf("no tag: %.40q", text) }
	rest, closes := strings.CutPrefix(text, "/")
	t.closes = closes
	n := strings.IndexAny(rest, " \n\t/>")
	if n < 1 {
		return t, 0, broken()
	}
	t.name, rest = rest[:n], rest[n:]
	for {
		rest = strings.TrimLeft(rest, " \n\t")
		if end, ok := strings.CutPrefix(rest, "/>"); ok && !closes {
			t.bare = true
			return t, len(text) - len(end), nil
		}
		if end, ok := strings.CutPrefix(rest, ">"); ok {
			return t, len(text) - len(end), nil
		}
		name, value, ok := strings.Cut(rest, "=")
		if !ok || closes || len(value) < 2 || value[0] != '\'' && value[0] != '"' {
			return t, 0, broken()
		}
		end := strings.IndexByte(value[1:], value[0])
		if end < 0 {
			return t, 0, broken()
		}
		switch name {
		case "class":
			t.class = value[1 : 1+end]
		case "title":
			t.title = value[1 : 1+end]
		}
		rest = value[2+end:]
	}
}

// clean removes what no text has.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' && r != '\t' || r == 0xFFFE || r == 0xFFFF {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
}

type hocrParser struct {
	open       []string // the names of the open tags
	wordDepth  int      // where the open word was opened, 0 if none is
	block, par int
	line       int
	lines      []ocr.Line
	word       ocr.Word
	text       []byte
}

func (p *hocrParser) inWord() bool { return p.wordDepth > 0 }

// take follows a tag.
func (p *hocrParser) take(t tag) error {
	if !t.closes {
		if err := p.start(t); err != nil || !t.bare {
			return err
		}
	} else if len(p.open) == 0 || p.open[len(p.open)-1] != t.name {
		return fmt.Errorf("</%s> closes %q", t.name, p.open)
	}
	p.end()
	return nil
}

func (p *hocrParser) start(t tag) error {
	p.open = append(p.open, t.name)
	switch t.class {
	case "ocr_carea":
		p.block++
	case "ocr_par":
		p.par++
	case "ocr_line", "ocr_header", "ocr_caption", "ocr_textfloat":
		return p.startLine(t.title)
	case "ocrx_word":
		box, err := bbox(property(t.title, "bbox"))
		if err != nil {
			return err
		}
		confidence, err := number(property(t.title, "x_wconf"), 0)
		if err != nil || p.line < 0 {
			return fmt.Errorf("word %q", t.title)
		}
		p.word, p.text, p.wordDepth = ocr.Word{Box: box, Confidence: confidence}, p.text[:0], len(p.open)
	}
	return nil
}

func (p *hocrParser) startLine(title string) error {
	box, err := bbox(property(title, "bbox"))
	if err != nil {
		return err
	}
	baseline := property(title, "baseline")
	slope, err1 := number(baseline, 0)
	drop, err2 := number(baseline, 1)
	if err1 != nil || err2 != nil { // absent for lines that do not lie
		slope, drop = 0, 0
	}
	left := float64(box.Y1) + drop
	p.lines = append(p.lines, ocr.Line{Box: box, Block: p.block, Par: p.par,
		Baseline: [2]float64{left, left + slope*float64(box.X1-box.X0)}})
	p.line = len(p.lines) - 1
	return nil
}

func (p *hocrParser) end() {
	if len(p.open) == p.wordDepth {
		p.wordDepth = 0
		p.word.Text = tidy(clean(string(p.text)), p.word.Confidence)
		if p.word.Text != "" {
			p.lines[p.line].Words = append(p.lines[p.line].Words, p.word)
		}
	}
	p.open = p.open[:len(p.open)-1]
}

// finish leaves out the lines without words and sums up.
func (p *hocrParser) finish() reading {
	var r reading
	steep := 0
	for _, l := range p.lines {
		if len(l.Words) == 0 {
			continue
		}
		atEnd(&l)
		r.lines = append(r.lines, l)
		r.words += len(l.Words)
		if tall, wide := l.Box.Y1-l.Box.Y0, l.Box.X1-l.Box.X0; 2*tall > 3*wide {
			steep += len(l.Words)
		}
		for _, w := range l.Words {
			r.confidence += w.Confidence
		}
	}
	r.sideways = 2*steep > r.words
	if r.words > 0 {
		r.confidence /= float64(r.words)
	}
	return r
}

// property returns the values of a property of a hOCR title: of bbox 1, 2, 3 and 4 in
// "bbox 1 2 3 4; x_wconf 96".
func property(title, name string) []string {
	for part := range strings.SplitSeq(title, ";") {
		if values, ok := strings.CutPrefix(strings.TrimSpace(part), name+" "); ok {
			return strings.Fields(values)
		}
	}
	return nil
}

func number(values []string, i int) (float64, error) {
	if i >= len(values) {
		return 0, errors.New("a number is missing")
	}
	return strconv.ParseFloat(values[i], 64)
}

func bbox(values []string) (ocr.Box, error) {
	var n [4]int
	for i := range n {
		if i >= len(values) {
			return ocr.Box{}, fmt.Errorf("bbox %v", values)
		}
		v, err := strconv.Atoi(values[i])
		if err != nil {
			return ocr.Box{}, fmt.Errorf("bbox %v", values)
		}
		n[i] = v
	}
	if n[0] > n[2] || n[1] > n[3] {
		return ocr.Box{}, fmt.Errorf("bbox %v", values)
	}
	return ocr.Box{X0: n[0], Y0: n[1], X1: n[2], Y1: n[3]}, nil
}
