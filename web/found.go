package web

import (
	"context"
	"encoding/json"
	"fmt"

	"sohoa/dossier"
)

// mostReport bounds what a page reads of the report made at the door.
const mostReport = 4 << 20

// found is what was found in the file at the door, as the door put it into words.
type found struct {
	Findings []finding
	Beside   []within
}

// finding is one thing found.
type finding struct {
	Page int // from 1; 0 if it is the file's
	Done string
	VI   string
	EN   string
}

// Say returns the finding in a language.
func (f finding) Say(lang string) string {
	if lang == "en" {
		return f.EN
	}
	return f.VI
}

// within is a file that was within the file, and is kept beside.
type within struct {
	Name  string
	Page  int
	Bytes int64
	Media string
}

// Part names the file for a download.
func (within) Part(i int) dossier.Part { return dossier.BesidePart(i + 1) }

// found reads the report of d; nothing if there is none, or too much to show.
func (s *server) found(ctx context.Context, d dossier.Document) (f found, err error) {
	b, err := s.read(ctx, d, dossier.PartReport, mostReport)
	if b == nil || err != nil || len(b) == mostReport {
		return f, err
	}
	if err := json.Unmarshal(b, &f); err != nil {
		return f, fmt.Errorf("report of %s: %w", d.ID, err)
	}
	return f, nil
}

// report is what programs get of it: all of it.
func (s *server) report(ctx context.Context, d dossier.Document) (json.RawMessage, error) {
	b, err := s.read(ctx, d, dossier.PartReport, mostReport)
	if b == nil || err != nil || len(b) == mostReport || !json.Valid(b) {
		return nil, err
	}
	return b, nil
}
