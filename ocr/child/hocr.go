package child

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
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
// (hOCR 1.2: bbox, baseline, x_wconf, textangle).
func parseHOCR(text string) (reading, error) {
	p := hocrParser{line: -1}
	d := xml.NewDecoder(strings.NewReader(clean(text)))
	d.Entity = xml.HTMLEntity
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return reading{}, fmt.Errorf("parse hOCR: %w", err)
		}
		switch t := token.(type) {
		case xml.StartElement:
			err = p.start(t)
		case xml.EndElement:
			p.end()
		case xml.CharData:
			if p.inWord() {
				p.text = append(p.text, t...)
			}
		}
		if err != nil {
			return reading{}, fmt.Errorf("parse hOCR: %w", err)
		}
	}
	return p.finish(), nil
}

// clean removes what XML does not allow.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' && r != '\t' || r == 0xFFFE || r == 0xFFFF {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
}

type hocrParser struct {
	depth      int
	wordDepth  int // where the open word was opened, 0 if none is
	block, par int
	line       int
	lines      []ocr.Line
	word       ocr.Word
	text       []byte
}

func (p *hocrParser) inWord() bool { return p.wordDepth > 0 }

func (p *hocrParser) start(t xml.StartElement) error {
	p.depth++
	var class, title string
	for _, a := range t.Attr {
		switch a.Name.Local {
		case "class":
			class = a.Value
		case "title":
			title = a.Value
		}
	}
	switch class {
	case "ocr_carea":
		p.block++
	case "ocr_par":
		p.par++
	case "ocr_line", "ocr_header", "ocr_caption", "ocr_textfloat":
		return p.startLine(properties(title))
	case "ocrx_word":
		props := properties(title)
		box, err := bbox(props["bbox"])
		if err != nil {
			return err
		}
		confidence, err := number(props["x_wconf"], 0)
		if err != nil || p.line < 0 {
			return fmt.Errorf("word %q", title)
		}
		p.word, p.text, p.wordDepth = ocr.Word{Box: box, Confidence: confidence}, p.text[:0], p.depth
	}
	return nil
}

func (p *hocrParser) startLine(props map[string][]string) error {
	box, err := bbox(props["bbox"])
	if err != nil {
		return err
	}
	slope, err1 := number(props["baseline"], 0)
	drop, err2 := number(props["baseline"], 1)
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
	if p.depth == p.wordDepth {
		p.wordDepth = 0
		p.word.Text = tidy(string(p.text), p.word.Confidence)
		if p.word.Text != "" {
			p.lines[p.line].Words = append(p.lines[p.line].Words, p.word)
		}
	}
	p.depth--
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

// properties splits a hOCR title: "bbox 1 2 3 4; x_wconf 96".
func properties(title string) map[string][]string {
	props := map[string][]string{}
	for part := range strings.SplitSeq(title, ";") {
		if f := strings.Fields(part); len(f) > 0 {
			props[f[0]] = f[1:]
		}
	}
	return props
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
