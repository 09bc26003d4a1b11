// Package reporttest makes closed months of a made-up province, for tests of
// what is made of them: closed by the code that closes real ones, over rows and
// files in memory.
package reporttest

import (
	"bytes"
	"context"
	"io"
	"testing"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/digest"
	"sohoa/dossier/figures"
	"sohoa/dossier/figures/closing"
	"sohoa/dossier/figures/province"
	"sohoa/report"
)

// Months returns two months that follow each other, closed, of which the second
// knows the first. agencies is how many receive dossiers.
func Months(t testing.TB, agencies int) [2]report.Month {
	t.Helper()
	r := &rows{files: map[digest.Digest][]byte{}}
	r.made = map[closing.Month]province.Made{}
	books := &closing.Books{Rows: r, Files: files{r}, Now: func() time.Time { return time.Date(2026, 7, 2, 8, 30, 0, 0, dossier.VietNam) }}
	names := map[dossier.AgencyCode]string{}
	var out [2]report.Month
	for i, m := range []closing.Month{"2026-05", "2026-06"} {
		made, err := province.Make(7, province.Shape{Agencies: agencies, Procedures: 12},
			province.Published{Name: string(m), Period: m.Period(), Dossiers: province.Share{Numerator: 1607 + i*99, Tenths: 954 - 7*i}, Results: province.Share{Numerator: 1158, Tenths: 685}})
		if err != nil {
			t.Fatal(err)
		}
		r.made[m] = made
		c, err := books.Close(t.Context(), m, "chief")
		if err != nil {
			t.Fatal(err)
		}
		s, err := closing.Read(r.files[c.Statement])
		if err != nil {
			t.Fatal(err)
		}
		for n, a := range s.Agencies {
			if names[a.Agency] == "" {
				names[a.Agency] = []string{"Ủy ban nhân dân xã Vĩnh Nghĩa", "Sở Tư pháp", "Trung tâm Phục vụ hành chính công phường Hòa Ngãi"}[n%3] + " " + string(a.Agency)
			}
		}
		out[i] = report.Month{Closing: c, Statement: s, Issuer: dossier.Agency{Code: "H10", Name: "Ủy ban nhân dân tỉnh Vĩnh Nghĩa"}, Place: "Vĩnh Nghĩa", Agencies: names}
	}
	out[1].Before, out[1].BeforeDigest = &out[0].Statement, out[0].Closing.Statement
	return out
}

// Words are no texts: each is its key.
func Words(key string) string { return key }

// rows are a ledger that says what the province did.
type rows struct {
	closings []closing.Closing
	made     map[closing.Month]province.Made
	files    map[digest.Digest][]byte
}

func (r *rows) Closings(_ context.Context, m closing.Month) (out []closing.Closing, err error) {
	for _, c := range r.closings {
		if m == "" || c.Month == m {
			out = append(out, c)
		}
	}
	return out, nil
}

func (r *rows) AddClosing(_ context.Context, c closing.Closing) (closing.Closing, error) {
	r.closings = append(r.closings, c)
	return c, nil
}

func (r *rows) NumberEvents(context.Context) (int64, error) {
	return int64(40_000 * (len(r.closings) + 1)), nil
}

func (r *rows) Procedures(context.Context) (out []dossier.Procedure, err error) {
	for _, m := range r.made {
		for _, p := range m.Procedures {
			out = append(out, dossier.Procedure{Code: p.Code, Level: p.Level})
		}
		break
	}
	return out, nil
}

func (r *rows) FactsAt(_ context.Context, ask closing.Recount) (closing.Recounted, error) {
	for m, made := range r.made {
		if m.Period() == ask.Period {
			return closing.Recounted{Facts: made.Facts, Root: "9f2c1d0b5e4a39876543210fedcba9876543210fedcba9876543210fedcba987"}, nil
		}
	}
	return closing.Recounted{Facts: []figures.Fact{}}, nil
}

func (r *rows) Touched(context.Context, int64, int64) ([]dossier.Dossier, error) { return nil, nil }

type files struct{ r *rows }

func (f files) Put(_ context.Context, d digest.Digest, _ int64, r io.Reader) (err error) {
	f.r.files[d], err = io.ReadAll(r)
	return err
}

func (f files) Open(_ context.Context, d digest.Digest) (io.ReadCloser, error) {
	return io.NopCloser(bytes.NewReader(f.r.files[d])), nil
}
