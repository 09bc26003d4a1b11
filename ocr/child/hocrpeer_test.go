package child

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"sohoa/jail"
	"sohoa/ocr/prepare"
	"sohoa/scan"
	"sohoa/specimen"
)

// What is read out of hOCR is what encoding/xml finds there, on a page, and on the
// sample with all that Tesseract writes.
func TestParseHOCRLikeXML(t *testing.T) {
	for name, text := range map[string]string{"sample": sample, "page": pageHOCR(t)} {
		got, err := parseHOCR(text)
		if err != nil {
			t.Fatal(err)
		}
		want, err := parseXML(text)
		if err != nil {
			t.Fatal(err)
		}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s: read\n%v, want\n%v", name, got, want)
		}
		if name == "page" && got.words < 150 {
			t.Errorf("%d words are no page", got.words)
		}
	}
}

// parseXML is parseHOCR by encoding/xml.
func parseXML(text string) (reading, error) {
	p := hocrParser{line: -1}
	d := xml.NewDecoder(strings.NewReader(clean(text)))
	d.Entity = xml.HTMLEntity
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return p.finish(), nil
		}
		if err != nil {
			return reading{}, err
		}
		switch t := token.(type) {
		case xml.StartElement:
			found := tag{name: t.Name.Local}
			for _, a := range t.Attr {
				switch a.Name.Local {
				case "class":
					found.class = a.Value
				case "title":
					found.title = a.Value
				}
			}
			err = p.start(found)
		case xml.EndElement:
			p.end()
		case xml.CharData:
			if p.inWord() {
				p.text = append(p.text, t...)
			}
		}
		if err != nil {
			return reading{}, err
		}
	}
}

// pageHOCR is what the engine says of a page.
func pageHOCR(tb testing.TB) string {
	tb.Helper()
	var in, out bytes.Buffer
	if err := scan.WritePage(&in, page300(tb, specimen.Decision, 17, 200)); err != nil {
		tb.Fatal(err)
	}
	if err := jail.Run(tb.Context(), "hocr", jail.Limits{Wall: time.Minute}, &in, &out); err != nil {
		tb.Fatal(err)
	}
	return out.String()
}

func tellHOCR(_ []string, in io.Reader, out io.Writer) error {
	e, page, err := opened(in)
	if err != nil {
		return err
	}
	m, _, err := decode(page)
	if err != nil {
		return err
	}
	text, err := e.hocr(prepare.Grey(m), 200, wholePage)
	if err != nil {
		return err
	}
	_, err = io.WriteString(out, text)
	return err
}

// BenchmarkParseHOCR is a page, and the same by encoding/xml in the same run.
func BenchmarkParseHOCR(b *testing.B) {
	text := pageHOCR(b)
	for name, parse := range map[string]func(string) (reading, error){"here": parseHOCR, "encoding/xml": parseXML} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := parse(text); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
