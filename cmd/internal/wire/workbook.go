package wire

import (
	"bytes"
	"context"
	"io"

	"sohoa/dossier"
	"sohoa/dossier/figures"
	"sohoa/report/workbook"
	"sohoa/storage/sqldb"
	"sohoa/web"
)

// WriteWorkbook writes what was counted in the house in s.Data as a workbook,
// its agencies as m has them. opens says how the dossiers behind a number of an
// agency, or with "" of all, are listed.
func WriteWorkbook(ctx context.Context, w io.Writer, s Settings, in figures.Input, m figures.Map, opens func(agency dossier.AgencyCode, number string) string) error {
	return withRows(ctx, s, func(db *sqldb.DB) error { return writeWorkbook(ctx, w, db, in, m, opens) })
}

func writeWorkbook(ctx context.Context, w io.Writer, db reportRows, in figures.Input, m figures.Map, opens func(dossier.AgencyCode, string) string) error {
	agencies, err := db.Agencies(ctx)
	if err != nil {
		return err
	}
	names := map[dossier.AgencyCode]string{}
	for _, a := range agencies {
		names[a.Code] = a.Name
	}
	b := workbook.Of(in, names, m)
	b.Opens = opens
	b.Words = func(key string) string { return web.Word("vi", key) }
	b.Note = "Số đếm lúc xuất, theo sổ và kho của hệ thống; số đã chốt nằm trong báo cáo có ký số."
	return workbook.Write(w, b)
}

// workbook is that of the pages.
func (h *House) workbook(ctx context.Context, in figures.Input, opens func(dossier.AgencyCode, string) string) ([]byte, error) {
	var b bytes.Buffer
	err := writeWorkbook(ctx, &b, h.DB, in, nil, opens)
	return b.Bytes(), err
}
