package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"sohoa/ocr"
	"sohoa/ocr/child"
	"sohoa/ocr/extract"
	"sohoa/specimen"
)

// A reader is who read, and how each page scored; nil where it was not run.
type reader struct {
	name   string
	how    string // version, data, options
	scores []*score
}

// quality reads the pages with us and the peers and prints the tables.
func quality(ctx context.Context, pages []page, w wish) error {
	ours, err := readOurs(ctx, pages, w.show)
	if err != nil {
		return err
	}
	readers := []reader{ours}
	found, err := peers(ctx, w.peers, w.ocrmypdf())
	if err != nil && w.run {
		return err
	}
	for _, p := range found {
		r := reader{name: p.name, how: p.version + ", " + p.options, scores: make([]*score, len(pages))}
		err := inParallel(len(pages), func(i int) error {
			text, ok, err := p.read(ctx, pages[i], w.run)
			if err == nil && ok {
				s := compare(pages[i].text, text)
				legible(&s, pages[i].truth, text)
				r.scores[i] = &s
			}
			return err
		})
		if err != nil {
			return err
		}
		readers = append(readers, r)
	}
	report(pages, readers)
	return nil
}

func (w wish) ocrmypdf() []string {
	if options := strings.Fields(w.options); len(options) > 0 {
		return options
	}
	return ocrmypdfOptions()
}

// fill has the peers read what they have not yet.
func fill(ctx context.Context, pages []page, w wish) error {
	found, err := peers(ctx, w.peers, w.ocrmypdf())
	if err != nil {
		return err
	}
	for _, p := range found {
		for i := range pages {
			if _, _, err := p.read(ctx, pages[i], true); err != nil {
				return err
			}
		}
	}
	return nil
}

// readOurs reads the pages with two children.
func readOurs(ctx context.Context, pages []page, show bool) (reader, error) {
	r := reader{name: "sohoa", scores: make([]*score, len(pages))}
	pool, err := child.New(child.Options{Workers: 2, PageTime: time.Hour}) // the machine may be busy with others
	if err != nil {
		return r, err
	}
	defer pool.Close()
	read := make([]ocr.Page, len(pages))
	err = inParallel(len(pages), func(i int) error {
		page, err := stored(pages[i].path)
		if err != nil {
			return fmt.Errorf("%s: %w", pages[i].name, err)
		}
		if read[i], err = pool.Read(ctx, page); err != nil {
			return fmt.Errorf("%s: %w", pages[i].name, err)
		}
		s := compare(pages[i].text, read[i].Text())
		legible(&s, pages[i].truth, read[i].Text())
		proposed(&s, pages[i].truth, extract.Fields(read[i:i+1]))
		r.scores[i] = &s
		return nil
	})
	if err != nil {
		return r, err
	}
	r.how = read[0].Engine + ", " + read[0].Data
	if show {
		for i, p := range pages {
			showErrors(p, read[i], *r.scores[i])
		}
	}
	return r, nil
}

// fieldsOf returns the fields of a paper as they are printed.
func fieldsOf(t *specimen.Truth) map[string]string {
	fields := map[string]string{"title": t.Title, "number": t.Number, "issuer": t.Issuer, "subject": t.Subject, "signer": t.Signer}
	if day, err := time.Parse(time.DateOnly, t.Issued); err == nil {
		month := fmt.Sprint(int(day.Month()))
		if day.Month() < 3 {
			month = "0" + month
		}
		fields["issued"] = fmt.Sprintf("ngày %02d tháng %s năm %d", day.Day(), month, day.Year())
	}
	for name, value := range fields {
		if value == "" {
			delete(fields, name)
		}
	}
	return fields
}

// squash takes away what does not tell fields apart: spaces and case.
func squash(s string) string { return strings.ToUpper(strings.Join(strings.Fields(s), "")) }

// legible counts the fields that stand in the text as they are printed.
func legible(s *score, t *specimen.Truth, text string) {
	if t == nil {
		return
	}
	text = squash(text)
	for _, value := range fieldsOf(t) {
		if !strings.Contains(squash(t.Pages[0]), squash(value)) {
			continue // on another page
		}
		s.fields++
		if !strings.Contains(text, squash(value)) {
			s.illegible++
		}
	}
}

// proposed counts the fields that ocr/extract proposes rightly.
func proposed(s *score, t *specimen.Truth, got []extract.Field) {
	if t == nil {
		return
	}
	values := map[string]string{}
	for _, f := range got {
		values[f.Name] = f.Value
	}
	for name, want := range map[string]string{"title": t.Title, "number": t.Number, "issued": t.Issued, "issuer": t.Issuer, "subject": t.Subject} {
		if want == "" {
			continue
		}
		s.told++
		if squash(values[name]) != squash(want) {
			s.untold++
		}
	}
}

// showErrors prints what was misread on a page, and what was read.
func showErrors(p page, read ocr.Page, s score) {
	fmt.Printf("\n### %s: %d of %d characters, in order %d; confidence %.0f, turn %d, skew %.2f\n", p.name, s.wrong, s.letters, s.astray, read.Confidence, read.Turn, read.Skew)
	c := pairUp(p.text, read.Text())
	for i, w := range c.want {
		switch {
		case w.region == specimen.Hand:
		case c.at[i] < 0:
			fmt.Printf("  %s: %q was not read\n", w.region, w.text)
		case c.got[c.at[i]] != w.text:
			fmt.Printf("  %s: %q was read as %q\n", w.region, w.text, c.got[c.at[i]])
		}
	}
	for j, i := range c.of {
		if i < 0 {
			fmt.Printf("  %q was read for nothing\n", c.got[j])
		}
	}
}
