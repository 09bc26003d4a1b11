package extract

import (
	"bytes"
	"compress/zlib"
	"image"
	"os"
	"sync"
	"testing"

	"sohoa/jail"
	"sohoa/ocr"
	"sohoa/ocr/child"
	"sohoa/ocr/prepare"
	"sohoa/scan"
	"sohoa/specimen"
)

func TestMain(m *testing.M) {
	jail.Main(map[string]jail.Child{child.Name: child.Child})
	os.Exit(m.Run())
}

// stored returns m as a scanner's grey page at 200 dpi.
func stored(t *testing.T, m image.Image) scan.Page {
	t.Helper()
	g := prepare.Grey(m)
	var b bytes.Buffer
	z, err := zlib.NewWriterLevel(&b, zlib.BestSpeed)
	if err != nil {
		t.Fatal(err)
	}
	for y := range g.Rect.Dy() {
		if _, err := z.Write(g.Pix[y*g.Stride : y*g.Stride+g.Rect.Dx()]); err != nil {
			t.Fatal(err)
		}
	}
	z.Close()
	return scan.Page{Encoding: scan.Flate, Width: g.Rect.Dx(), Height: g.Rect.Dy(), Components: 1, Bits: 8,
		DPIX: 200, DPIY: 200, DPIFrom: scan.FromFile, Data: b.Bytes()}
}

// Papers as they come from the office's scanner: title, number and day must be
// right to the letter; a tone mark may be lost in names and subjects, which
// people confirm.
func TestFieldsOfReadPages(t *testing.T) {
	press, err := specimen.NewPress()
	if err != nil {
		t.Fatal(err)
	}
	pool, err := child.New(child.Options{Workers: 2})
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	var wait sync.WaitGroup
	for i, kind := range []specimen.Kind{specimen.Decision, specimen.Letter, specimen.Report, specimen.Certificate} {
		wait.Go(func() {
			seed := uint64(i + 1)
			s := press.Paper(kind, seed, specimen.About{Font: "Tinos"})
			wear := specimen.Office(seed)
			wear.Grey = true
			var pages []ocr.Page
			for n := range s.Pages {
				if n > 0 && n < len(s.Pages)-1 {
					continue
				}
				page, err := pool.Read(t.Context(), stored(t, s.Render(n, 200, wear, seed)))
				if err != nil {
					t.Error(err)
					return
				}
				pages = append(pages, page)
			}
			compare(t, s.Truth, Fields(pages))
		})
	}
	wait.Wait()
}

func compare(t *testing.T, truth specimen.Truth, fields []Field) {
	t.Helper()
	got := map[string]string{}
	for _, f := range fields {
		got[f.Name] = f.Value
	}
	for name, want := range map[string]string{"title": truth.Title, "number": truth.Number, "issued": truth.Issued} {
		if got[name] != want {
			t.Errorf("%s: %s = %q, want %q", truth.Kind, name, got[name], want)
		}
	}
	for name, want := range map[string]string{"issuer": truth.Issuer, "subject": truth.Subject} {
		if fold(got[name]) != fold(want) {
			t.Errorf("%s: %s = %q, want %q", truth.Kind, name, got[name], want)
		}
	}
}
