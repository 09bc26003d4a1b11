package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"runtime"
	"time"

	"sohoa/cmd/internal/wire"
	"sohoa/dossier"
	"sohoa/ingest/sniff"
	"sohoa/jail"
	"sohoa/ocr"
	"sohoa/ocr/child"
	"sohoa/scan"
	"sohoa/web"
	"sohoa/workers"
)

// An extracted is what `sohoa extract --json` prints; docs/extract.schema.json is
// its form.
type extracted struct {
	File   string           `json:"file"`
	Pages  int              `json:"pages"`
	Signed bool             `json:"signed"` // the file; its marks are nobody who signed the paper
	Fields []extractedField `json:"fields"` // in the order of the circular, then who signed
	Cards  []extractedCard  `json:"cards"`
	Codes  []extractedCode  `json:"codes"`
}

type extractedField struct {
	Name       string     `json:"name"`
	Value      string     `json:"value"`
	Page       int        `json:"page"` // from 1
	Box        [4]float64 `json:"box"`  // points from the top left of the page: x0, y0, x1, y1
	Confidence float64    `json:"confidence"`

	// Reason is what the proposal rests on, Confirm whether a person must read
	// the value on the paper before it is used.
	Reason   string `json:"reason"`
	ReasonVI string `json:"reasonVi"`
	ReasonEN string `json:"reasonEn"`
	Confirm  bool   `json:"confirm"`
}

// An extractedCard is what a citizen's card's code says, all seven fields.
type extractedCard struct {
	Page    int      `json:"page"`
	Number  string   `json:"number"`
	Old     string   `json:"old"` // empty if the code has none
	Name    string   `json:"name"`
	Born    string   `json:"born"` // YYYY-MM-DD
	Sex     string   `json:"sex"`  // male or female
	Address string   `json:"address"`
	Issued  string   `json:"issued"` // YYYY-MM-DD, empty if the code does not tell
	Odd     []string `json:"odd"`
}

// An extractedCode is another code on a page.
type extractedCode struct {
	Page   int        `json:"page"`
	Format string     `json:"format"`
	Text   string     `json:"text"`
	Box    [4]float64 `json:"box"`
}

// extractFields proposes the fields of a paper. Its exit code is that of process
// for the same file, but a signed file is read: nothing is made of it.
func extractFields(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	file, l, asJSON, err := lookedAt("extract", args, stderr)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "sohoa-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	in, err := examine(ctx, file, dir, l)
	if err != nil {
		return &inputError{file, err}
	}
	pages, err := readFile(ctx, in)
	if err != nil {
		return &inputError{file, err}
	}
	out := told(file, in.report.Signed, pages, time.Now())
	if !asJSON {
		return tellExtracted(stdout, out)
	}
	enc := json.NewEncoder(stdout)
	enc.SetIndent("", "  ")
	return enc.Encode(out)
}

// readFile reads all pages of a file.
func readFile(ctx context.Context, in opened) ([]ocr.Page, error) {
	pool, err := child.New(wire.Reading(runtime.NumCPU()))
	if err != nil {
		return nil, err
	}
	defer pool.Close()
	var split iter.Seq2[scan.Page, error] = sniff.SplitToRead(ctx, in.path, wire.Limits)
	if in.report.Signed {
		split = sniff.SplitKept(ctx, in.path, wire.Limits)
	}
	pages, err := workers.ReadAll(ctx, pool, runtime.NumCPU(), split)
	if err != nil {
		return nil, err
	}
	for _, p := range pages {
		if !p.Blank {
			return pages, nil
		}
	}
	return nil, &jail.Refusal{Code: "blank", Text: "there is nothing on the paper"}
}

// told puts together what the pages tell.
func told(file string, signed bool, pages []ocr.Page, now time.Time) extracted {
	out := extracted{File: file, Pages: len(pages), Signed: signed, Fields: []extractedField{}, Cards: []extractedCard{}, Codes: []extractedCode{}}
	for _, f := range workers.Proposals(pages, now) {
		vi, en := web.ReasonOf(string(f.Reason))
		out.Fields = append(out.Fields, extractedField{f.Name, f.Value, f.Page, f.Box, f.Confidence, string(f.Reason), vi, en,
			web.MustConfirm(dossier.Field{Name: dossier.FieldName(f.Name), Confidence: f.Confidence})})
	}
	for _, c := range workers.Cards(pages, now) {
		card := extractedCard{Page: c.Page, Number: c.Number, Old: c.Old, Name: c.Name, Born: c.Born.Format(time.DateOnly),
			Sex: "female", Address: c.Address, Odd: append([]string{}, c.Odd...)}
		if c.Male {
			card.Sex = "male"
		}
		if !c.Issued.IsZero() {
			card.Issued = c.Issued.Format(time.DateOnly)
		}
		out.Cards = append(out.Cards, card)
	}
	for i, p := range pages {
		for _, c := range p.Codes {
			if _, err := dossier.ReadCard(c.Text, now); err != nil {
				out.Codes = append(out.Codes, extractedCode{i + 1, c.Format, c.Text, p.Points(c.Box)})
			}
		}
	}
	return out
}

// tellExtracted says it in words.
func tellExtracted(w io.Writer, out extracted) error {
	_, err := fmt.Fprintf(w, "%s: %d trang / pages, %d trường / fields\n", out.File, out.Pages, len(out.Fields))
	for _, f := range out.Fields {
		look := ""
		if f.Confirm {
			look = "; cần đối chiếu với bản giấy / hold it against the paper"
		}
		_, e := fmt.Fprintf(w, "  %s: %q\n    trang / page %d, %.0f %%, %s / %s%s\n", f.Name, f.Value, f.Page, f.Confidence, f.ReasonVI, f.ReasonEN, look)
		err = errors.Join(err, e)
	}
	for _, c := range out.Cards {
		_, e := fmt.Fprintf(w, "  thẻ / card, trang / page %d: %s, %q, %s\n", c.Page, c.Number, c.Name, c.Born)
		err = errors.Join(err, e)
	}
	return err
}
