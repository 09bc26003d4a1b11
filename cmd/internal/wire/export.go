package wire

import (
	"context"
	"encoding/json"
	"fmt"
	"io"

	"sohoa/dossier"
	"sohoa/ocr"
	"sohoa/ocr/export"
)

// export writes what was read of d as hOCR or ALTO. The title is the dossier's
// code and the slot, which name nobody.
func (h *House) export(ctx context.Context, d dossier.Document, form string, w io.Writer) error {
	write := map[string]func(io.Writer, export.Document) error{"hocr": export.HOCR, "alto": export.ALTO}[form]
	if write == nil {
		return fmt.Errorf("%w: no form %q", dossier.ErrNotFound, form)
	}
	r, err := h.Blobs.Open(ctx, d.Parts[dossier.PartWords])
	if err != nil {
		return err
	}
	defer r.Close()
	var pages []ocr.Page
	if err := json.NewDecoder(r).Decode(&pages); err != nil {
		return fmt.Errorf("words of %s: %w", d.ID, err)
	}
	return write(w, export.Document{Title: fmt.Sprintf("%s %s", d.Dossier, d.Slot), Pages: pages})
}
