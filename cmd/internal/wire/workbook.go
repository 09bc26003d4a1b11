package wire

import (
	"bytes"
	"context"
	"io"
	"strings"

	"sohoa/dossier"
	"sohoa/dossier/figures"
	"sohoa/report/workbook"
	"sohoa/storage/sqldb"
	"sohoa/web"
)

// WriteWorkbook writes what was counted in the house in s.Data as a workbook,
// its agencies as m has them. opens says how the dossiers behind a number of an
// agency, or with "" of all, are listed, lists under which path the house's pages list
// them: numbers lead there if the house knows its address.
func WriteWorkbook(ctx context.Context, w io.Writer, s Settings, in figures.Input, m figures.Map, opens func(dossier.AgencyCode, string) string, lists Lists) error {
	return withRows(ctx, s, func(db *sqldb.DB) error { return writeWorkbook(ctx, w, db, in, m, opens, lists.at(s.Origin)) })
}

// Lists says where pages list the dossiers behind a number: a path, empty if they do
// not.
type Lists func(agency dossier.AgencyCode, number string, why figures.Why) string

// at are the same on a host; nil of none.
func (l Lists) at(origin string) Lists {
	if origin == "" {
		return nil
	}
	return func(agency dossier.AgencyCode, number string, why figures.Why) string {
		path := l(agency, number, why)
		if path == "" {
			return ""
		}
		return strings.TrimSuffix(origin, "/") + path
	}
}

func writeWorkbook(ctx context.Context, w io.Writer, db reportRows, in figures.Input, m figures.Map, opens func(dossier.AgencyCode, string) string, links Lists) error {
	agencies, err := db.Agencies(ctx)
	if err != nil {
		return err
	}
	names := map[dossier.AgencyCode]string{}
	for _, a := range agencies {
		names[a.Code] = a.Name
	}
	b := workbook.Of(in, names, m)
	b.Opens, b.Links = opens, links
	b.Words = func(key string) string { return web.Word("vi", key) }
	b.Note = "Số đếm lúc xuất, theo sổ và kho của hệ thống; số đã chốt nằm trong báo cáo có ký số."
	return workbook.Write(w, b)
}

// workbook is that of the pages.
func (h *House) workbook(ctx context.Context, in figures.Input, opens func(dossier.AgencyCode, string) string) ([]byte, error) {
	var b bytes.Buffer
	lists := Lists(func(a dossier.AgencyCode, number string, why figures.Why) string {
		path := opens(a, number)
		if why != "" {
			path += "&why=" + string(why)
		}
		return path
	})
	err := writeWorkbook(ctx, &b, h.DB, in, nil, opens, lists.at(h.Settings.Origin))
	return b.Bytes(), err
}
