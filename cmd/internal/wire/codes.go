package wire

import (
	"context"
	"errors"
	"io"
	"os"

	"sohoa/ingest/malware"
	"sohoa/ingest/sniff"
	"sohoa/ocr/sides"
)

// readCodes says what the codes on a picture say. The picture is gone afterwards.
func (h *House) readCodes(ctx context.Context, body io.Reader) (texts []string, err error) {
	f, err := os.CreateTemp(h.drafting(), "code-*")
	if err != nil {
		return nil, err
	}
	defer os.Remove(f.Name())
	_, err = io.Copy(f, body)
	if err = errors.Join(err, f.Close()); err != nil {
		return nil, err
	}
	if err := h.malware().Pass(ctx, f.Name(), malware.Trace{Door: "cards"}); err != nil {
		return nil, later(err)
	}
	err = sides.Looks(ctx, sniff.SplitToRead(ctx, f.Name(), Limits), func(l sides.Look) error {
		texts = append(texts, l.Says...)
		return nil
	})
	return texts, err
}
