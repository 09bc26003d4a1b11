package workers

import (
	"context"
	"math"

	"sohoa/ocr"
	"sohoa/scan"
)

// readOne reads a page, unless it tells its words itself, and notes what was
// done with the text it came with.
func readOne(ctx context.Context, r Reader, page scan.Page) (read ocr.Page, err error) {
	if page.Told != nil {
		read = Told(page)
	} else {
		bare := page
		bare.Graft = nil // the reader needs only the picture
		if read, err = r.Read(ctx, bare); err != nil {
			return read, err
		}
	}
	read.Old, read.Why, read.Kept, read.Unmapped = page.Old, page.Why, page.Graft != nil, page.Unmapped
	if page.Old != "" || page.Graft != nil {
		read.Note = page.Note
	}
	return read, nil
}

// Told makes a read page of one that tells its words itself: every word with
// full confidence, where the file has it.
func Told(page scan.Page) ocr.Page {
	p := ocr.Page{Index: page.Index, Width: page.Width, Height: page.Height, DPIX: page.DPIX, DPIY: page.DPIY,
		Turn: page.Turn, Confidence: 100, Engine: ocr.EngineTold, Data: "pdftotext", Settings: "bbox-layout", Lines: []ocr.Line{}}
	if page.Turn%2 == 1 {
		p.Width, p.Height, p.DPIX, p.DPIY = p.Height, p.Width, p.DPIY, p.DPIX
	}
	x, y := p.DPIX/72, p.DPIY/72
	pixel := func(v float64, most int) int { return min(max(int(math.Round(v)), 0), most) }
	for _, l := range page.Told {
		line := ocr.Line{Block: l.Block, Par: l.Block, Box: ocr.Box{X0: p.Width, Y0: p.Height}}
		for _, w := range l.Words {
			box := ocr.Box{X0: pixel(w.X0*x, p.Width), Y0: pixel(w.Y0*y, p.Height), X1: pixel(w.X1*x, p.Width), Y1: pixel(w.Y1*y, p.Height)}
			line.Words = append(line.Words, ocr.Word{Text: w.Text, Box: box, Confidence: 100})
			line.Box = ocr.Box{X0: min(line.Box.X0, box.X0), Y0: min(line.Box.Y0, box.Y0), X1: max(line.Box.X1, box.X1), Y1: max(line.Box.Y1, box.Y1)}
		}
		// The boxes told are those of the type, ascent to descent.
		base := float64(line.Box.Y1) - 0.2*float64(line.Box.Y1-line.Box.Y0)
		line.Baseline = [2]float64{base, base}
		p.Lines = append(p.Lines, line)
	}
	p.Blank = len(p.Lines) == 0
	return p
}
