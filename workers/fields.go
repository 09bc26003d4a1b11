package workers

import (
	"slices"
	"time"

	"sohoa/dossier"
	"sohoa/ocr"
	"sohoa/ocr/extract"
)

// A CardRead is a citizen's card's code on a page.
type CardRead struct {
	Page int // from 1
	Box  [4]float64
	dossier.Card
}

// Cards returns the citizen's cards whose codes stand on the pages: of a QR code
// that is none nothing is told.
func Cards(pages []ocr.Page, now time.Time) (cards []CardRead) {
	for i, p := range pages {
		for _, c := range p.Codes {
			if c.Format != "QR" {
				continue
			}
			if card, err := dossier.ReadCard(c.Text, now); err == nil {
				cards = append(cards, CardRead{i + 1, p.Points(c.Box), card})
			}
		}
	}
	return cards
}

// Proposals returns all that the pages propose, in the order of the circular, and
// then who signed. A card's code tells the holder before any print: it is checked
// in itself. Cards of several people tell nobody.
func Proposals(pages []ocr.Page, now time.Time) []extract.Field {
	fields := extract.Fields(pages)
	for i, f := range fields {
		if f.Name == string(dossier.FieldIssued) && f.Value > now.In(dossier.VietNam).Format(time.DateOnly) {
			fields[i].Reason, fields[i].Confidence = extract.Future, 0 // a misread year
		}
	}
	cards := Cards(pages, now)
	if len(cards) == 0 || slices.ContainsFunc(cards, func(c CardRead) bool { return c.Number != cards[0].Number }) {
		return fields
	}
	c := cards[0]
	f := extract.Field{Name: string(dossier.FieldHolder), Value: c.Number, Page: c.Page, Box: c.Box, Confidence: 100, Reason: extract.FromCode}
	if len(c.Odd) > 0 {
		f.Reason, f.Confidence = extract.FromOddCode, extract.SeveralAtMost
	}
	fields = slices.DeleteFunc(fields, func(g extract.Field) bool { return g.Name == f.Name })
	at := 0
	if len(fields) > 0 && fields[0].Name == string(dossier.FieldKind) {
		at = 1
	}
	return slices.Insert(fields, at, f)
}

// Fields returns those of the circular's nine fields that the pages propose. The
// kind is not among them: which of the house's kinds a paper is, its place in the
// dossier says.
func Fields(pages []ocr.Page, now time.Time) []dossier.Field {
	fields := []dossier.Field{}
	for _, f := range Proposals(pages, now) {
		name := dossier.FieldName(f.Name)
		if name == dossier.FieldKind || !slices.Contains(dossier.FieldNames[:], name) {
			continue
		}
		fields = append(fields, dossier.Field{Name: name, Value: f.Value, Page: f.Page, Box: f.Box, Confidence: f.Confidence, Reason: string(f.Reason)})
	}
	return fields
}
