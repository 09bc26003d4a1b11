package wire

import (
	"fmt"
	"io"
	"math"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/payment"
	"sohoa/pdf/pdfa"
	"sohoa/pdf/typeset"
	"sohoa/web"
)

// posterWriter returns what writes posters in the fonts of a family, of which regular is
// the first; nil where the others are not beside it.
func posterWriter(regular string) web.PosterWriter {
	fonts, err := typeset.LoadFonts(regular)
	if err != nil {
		return nil // the doctor says so
	}
	return func(w io.Writer, list []web.Poster, size string, at time.Time) error {
		_, err := writePosters(w, fonts, list, size, at)
		return err
	}
}

// writePosters writes posters as PDF/A, each from a page of its own on. An A3 is an A4
// drawn larger. It returns what [pdfa.Check] holds the file against.
func writePosters(w io.Writer, fonts typeset.Fonts, list []web.Poster, size string, at time.Time) ([]pdfa.Content, error) {
	scale := 1.0
	if size == "a3" {
		scale = math.Sqrt2
	}
	out := pdfa.New(w, pdfa.Meta{Title: "Thủ tục hành chính – " + list[0].Agency.Name, Created: at.In(dossier.VietNam), Record: pdfa.Record{Agency: string(list[0].Agency.Code)}})
	for _, p := range list {
		pages, err := typeset.PagesScaled(fonts, posterBlocks(p), scale)
		if err != nil {
			return nil, fmt.Errorf("poster of %s: %w", p.Procedure.Code, err)
		}
		for _, page := range pages {
			if err := out.Add(page); err != nil {
				return nil, fmt.Errorf("poster of %s: %w", p.Procedure.Code, err)
			}
		}
	}
	return out.Contents(), out.Close()
}

func posterBlocks(p web.Poster) []typeset.Block {
	para := func(text string, size, before float64, face typeset.Face, a typeset.Align) typeset.Para {
		return typeset.Para{Text: text, Size: size, Before: before, Face: face, Align: a}
	}
	b := []typeset.Block{
		para(p.Agency.Name, 16, 0, typeset.Bold, typeset.Centre),
		para("THỦ TỤC HÀNH CHÍNH", 13, 14, typeset.Regular, typeset.Centre),
		para(p.Procedure.Name, 22, 6, typeset.Bold, typeset.Centre),
		para("Mã thủ tục: "+string(p.Procedure.Code), 12, 4, typeset.Regular, typeset.Centre),
		typeset.QR{Text: p.Address, Side: 190, Before: 14},
		para("Quét mã để xem thủ tục này: "+p.Address, 11, 6, typeset.Regular, typeset.Centre),
		para("Thành phần hồ sơ", 15, 16, typeset.Bold, typeset.Left),
	}
	for i, c := range p.Procedure.Components {
		text := fmt.Sprintf("%d. %s", i+1, c.Name)
		if !c.Required {
			text += " (nếu có)"
		}
		b = append(b, para(text, 13, 4, typeset.Regular, typeset.Left))
	}
	if p.Procedure.Days > 0 {
		b = append(b, para(fmt.Sprintf("Thời hạn giải quyết: %d ngày làm việc.", p.Procedure.Days), 13, 12, typeset.Regular, typeset.Left))
	}
	if p.Fee != nil {
		text := "Phí, lệ phí: không mất phí"
		if p.Fee.Amount > 0 {
			text = "Phí, lệ phí: " + payment.Dong(p.Fee.Amount)
		}
		b = append(b, para(text+" ("+p.Fee.Law+").", 13, 4, typeset.Regular, typeset.Left))
	}
	return b
}
