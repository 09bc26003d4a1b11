package export

import (
	"encoding/xml"
	"fmt"
	"io"

	"sohoa/ocr"
)

// ALTO writes d as ALTO 4.4. A machine-readable code on a page is a
// GraphicalElement with a tag that says what it reads.
func ALTO(w io.Writer, d Document) error {
	out := alto{Version: "4.4", Namespace: "http://www.loc.gov/standards/alto/ns-v4#", Unit: "pixel"}
	n := numbers{}
	for i, p := range d.Pages {
		id := out.process(p)
		out.Pages = append(out.Pages, n.page(i+1, p, id, d.language(), &out))
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return fmt.Errorf("write ALTO: %w", err)
	}
	e := xml.NewEncoder(w)
	e.Indent("", " ")
	if err := e.Encode(out); err != nil {
		return fmt.Errorf("write ALTO: %w", err)
	}
	if _, err := io.WriteString(w, "\n"); err != nil {
		return fmt.Errorf("write ALTO: %w", err)
	}
	return nil
}

type alto struct {
	XMLName   xml.Name     `xml:"alto"`
	Namespace string       `xml:"xmlns,attr"`
	Version   string       `xml:"SCHEMAVERSION,attr"`
	Unit      string       `xml:"Description>MeasurementUnit"`
	Processes []processing `xml:"Description>Processing"`
	Tags      *altoTags    `xml:"Tags"`
	Pages     []altoPage   `xml:"Layout>Page"`
}

type altoTags struct {
	Codes []altoTag `xml:"OtherTag"`
}

type altoTag struct {
	ID    string `xml:"ID,attr"`
	Type  string `xml:"TYPE,attr"`
	Label string `xml:"LABEL,attr"`
}

type processing struct {
	ID       string `xml:"ID,attr"`
	Category string `xml:"processingCategory"`
	Data     string `xml:"processingStepDescription"`
	Settings string `xml:"processingStepSettings"`
	Software string `xml:"processingSoftware>softwareName"`
}

// process returns the ID of how p was read.
func (a *alto) process(p ocr.Page) string {
	made := processing{Category: "contentGeneration", Data: plain(p.Data), Settings: plain(p.Settings), Software: plain(p.Engine)}
	for _, x := range a.Processes {
		made.ID = x.ID
		if x == made {
			return x.ID
		}
	}
	made.ID = fmt.Sprintf("reading_%d", len(a.Processes)+1)
	a.Processes = append(a.Processes, made)
	return made.ID
}

type place struct {
	X int `xml:"HPOS,attr"`
	Y int `xml:"VPOS,attr"`
	W int `xml:"WIDTH,attr"`
	H int `xml:"HEIGHT,attr"`
}

func at(b ocr.Box) place { return place{b.X0, b.Y0, b.X1 - b.X0, b.Y1 - b.Y0} }

type altoPage struct {
	ID       string    `xml:"ID,attr"`
	Reading  string    `xml:"PROCESSINGREFS,attr"`
	Height   int       `xml:"HEIGHT,attr"`
	Width    int       `xml:"WIDTH,attr"`
	Number   int       `xml:"PHYSICAL_IMG_NR,attr"`
	PC       string    `xml:"PC,attr,omitempty"`
	Rotation float64   `xml:"ROTATION,attr"`
	Language string    `xml:"LANG,attr"`
	Space    altoSpace `xml:"PrintSpace"`
}

type altoSpace struct {
	place
	Blocks []altoBlock `xml:"TextBlock"`
	Codes  []altoCode  `xml:"GraphicalElement"`
}

type altoCode struct {
	ID  string `xml:"ID,attr"`
	Tag string `xml:"TAGREFS,attr"`
	place
}

type altoBlock struct {
	ID string `xml:"ID,attr"`
	place
	Lines []altoLine `xml:"TextLine"`
}

type altoLine struct {
	ID string `xml:"ID,attr"`
	place
	Baseline string `xml:"BASELINE,attr"`
	Parts    []any  // altoString and altoSpacing in turn
}

type altoString struct {
	XMLName xml.Name `xml:"String"`
	ID      string   `xml:"ID,attr"`
	place
	Content string `xml:"CONTENT,attr"`
	WC      string `xml:"WC,attr"`
}

type altoSpacing struct {
	XMLName xml.Name `xml:"SP"`
	place
}

// numbers count what has been written: an ID occurs once in a file.
type numbers struct{ blocks, lines, words, codes int }

func (n *numbers) page(number int, p ocr.Page, reading, language string, a *alto) altoPage {
	out := altoPage{ID: fmt.Sprintf("page_%d", number), Reading: reading, Height: p.Height, Width: p.Width, Number: number,
		Rotation: float64(p.Turn)*90 + p.Skew, Language: language}
	out.Space.place = at(ocr.Box{X1: p.Width, Y1: p.Height})
	for _, b := range blocks(p) {
		n.blocks++
		x := altoBlock{ID: fmt.Sprintf("block_%d", n.blocks), place: at(b.box)}
		for _, q := range b.pars {
			for _, l := range q.lines {
				x.Lines = append(x.Lines, n.line(l))
			}
		}
		out.Space.Blocks = append(out.Space.Blocks, x)
	}
	if len(out.Space.Blocks) > 0 {
		out.PC = share(p.Confidence)
	}
	for _, c := range p.Codes {
		n.codes++
		tag := altoTag{ID: fmt.Sprintf("code_tag_%d", n.codes), Type: c.Format, Label: plain(c.Text)}
		if a.Tags == nil {
			a.Tags = &altoTags{}
		}
		a.Tags.Codes = append(a.Tags.Codes, tag)
		out.Space.Codes = append(out.Space.Codes, altoCode{ID: fmt.Sprintf("code_%d", n.codes), Tag: tag.ID, place: at(c.Box)})
	}
	return out
}

func (n *numbers) line(l ocr.Line) altoLine {
	n.lines++
	out := altoLine{ID: fmt.Sprintf("line_%d", n.lines), place: at(l.Box),
		Baseline: fmt.Sprintf("%d,%.1f %d,%.1f", l.Box.X0, l.Baseline[0], l.Box.X1, l.Baseline[1])}
	for i, w := range l.Words {
		if i > 0 {
			gap := ocr.Box{X0: l.Words[i-1].Box.X1, Y0: l.Box.Y0, X1: w.Box.X0, Y1: l.Box.Y1}
			gap.X1 = max(gap.X0, gap.X1) // words of a slanting line may overlap
			out.Parts = append(out.Parts, altoSpacing{place: at(gap)})
		}
		n.words++
		out.Parts = append(out.Parts, altoString{ID: fmt.Sprintf("word_%d", n.words), place: at(w.Box), Content: plain(w.Text), WC: share(w.Confidence)})
	}
	return out
}

// share is a confidence of 0 to 100 as ALTO has it, 0 to 1.
func share(confidence float64) string {
	return fmt.Sprintf("%.4g", min(max(confidence/100, 0), 1))
}
