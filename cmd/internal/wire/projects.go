package wire

import (
	"context"
	"io"
	"os"

	"sohoa/pdf/pdfa"
	"sohoa/pdf/typeset"
	"sohoa/report/handover"
	"sohoa/web"
)

// handOver writes the report of a backlog project: as CSV, or as PDF/A that is held
// against our own check before anybody gets it.
func (h *House) handOver(ctx context.Context, w io.Writer, form string, r web.HandOver) error {
	of := handover.Report(r)
	if form == "csv" {
		return handover.CSV(w, of)
	}
	fonts, err := typeset.LoadFonts(h.Settings.Font)
	if err != nil {
		return err
	}
	f, err := os.CreateTemp(h.temp, "handover-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	defer f.Close()
	want, err := handover.Write(f, fonts, of, func(key string) string { return web.Word("vi", key) })
	if err == nil {
		err = pdfa.CheckFile(ctx, f, want)
	}
	if err == nil {
		_, err = f.Seek(0, io.SeekStart)
	}
	if err == nil {
		_, err = io.Copy(w, f)
	}
	return err
}
