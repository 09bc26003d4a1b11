package wire

import (
	"sohoa/cmd/internal/meter"
	"sohoa/dossier"
	"sohoa/ocr/child"
)

// A Spent is what a house has cost and done since it was built.
type Spent struct {
	Stages  map[dossier.Act]meter.Times // by act of the line
	Pages   meter.Times                 // read, each by one reader
	Reading child.Parts                 // processor time of the readers, by part
	Stored  int64                       // bytes put into the main store
}

// Reading says what its readers have spent so far.
func (h *House) Reading() child.Parts { return h.reading() }

// Spent says what the house has cost so far.
func (h *House) Spent() (s Spent, err error) {
	if s.Stages, s.Pages, s.Stored, err = h.meter.Spent(); err == nil {
		s.Reading = h.reading()
	}
	return s, err
}
