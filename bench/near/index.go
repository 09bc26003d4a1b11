package main

import (
	"context"
	"errors"
	"fmt"
	"image"
	"math/bits"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"time"

	"sohoa/ocr/prepare"
	"sohoa/ocr/sides"
	"sohoa/scan"
	"sohoa/specimen"
	"sohoa/storage/sqldb"
)

// lookups is how many prints are looked for.
const lookups = 400

// index fills a database with prints of n pages, and looks for some that are near one
// of them in up to [sqldb.Near] bits and for some that are near none: all of the former
// must be found. A full index was filled by a run before.
func index(ctx context.Context, address string, n int, full bool) error {
	dir, err := os.MkdirTemp("", "near")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	at, open := "SQLite", func() (*sqldb.DB, error) {
		return sqldb.Open(ctx, filepath.Join(dir, "db"), sqldb.Options{Now: time.Now})
	}
	if full && address == "" {
		return errors.New("-full is of -postgres: a file of SQLite is gone after its run")
	}
	if address != "" {
		at, open = "PostgreSQL", func() (*sqldb.DB, error) {
			return sqldb.OpenPostgres(ctx, address, sqldb.Options{Now: time.Now})
		}
	}
	db, err := open()
	if err != nil {
		return err
	}
	defer db.Close()
	r := rand.New(rand.NewPCG(59, uint64(n)))
	prints := make([]uint64, n)
	for i := range prints {
		prints[i] = r.Uint64()
	}
	began := time.Now()
	if !full {
		if err := db.FillPrints(ctx, 1, prints); err != nil {
			return err
		}
	}
	filled := time.Since(began)
	var took []time.Duration
	missed := 0
	for i := range lookups {
		want := prints[r.IntN(n)]
		for _, bit := range r.Perm(64)[:r.IntN(sqldb.Near+1)] {
			want ^= 1 << bit
		}
		if i%2 == 1 {
			want = r.Uint64()
		}
		began := time.Now()
		found, err := db.NearPrints(ctx, want)
		if err != nil {
			return err
		}
		if took = append(took, time.Since(began)); i%2 == 0 && found == 0 {
			missed++
		}
	}
	slices.Sort(took)
	fmt.Printf("%s, %d pages, filled in %s: of %d look-ups the middle took %s, 95 %% at most %s, the longest %s; missed %d of %d\n",
		at, n, filled.Round(time.Second), lookups, took[lookups/2].Round(time.Microsecond), took[lookups*95/100].Round(time.Microsecond), took[lookups-1].Round(time.Microsecond), missed, lookups/2)
	return nil
}

// likeness compares the prints of sheets scanned twice with those of the same form,
// filled in for another.
func likeness(press *specimen.Press, papers int, dpi float64) error {
	var again, other, read, finer, drawn []int
	for k, kind := range specimen.Kinds() {
		for n := range papers {
			t := &trial{kind: kind, seed: firstSeed + uint64(100*k+n)}
			one, two := t.sheets(press)
			var p [3]uint64
			for i, s := range []*specimen.Sheet{one, one, two} {
				seed := t.seed + [...]uint64{0, 50_000, 70_000}[i]
				l, err := sides.At(s.Only(0).Render(0, dpi, specimen.Office(seed), seed), page(dpi))
				if err != nil {
					return err
				}
				p[i] = l.Print
			}
			again = append(again, bits.OnesCount64(p[0]^p[1]))
			seed := t.seed + 90_000
			line := asRead(one.Only(0).Render(0, dpi, specimen.Office(seed), seed), page(dpi))
			read = append(read, bits.OnesCount64(line^p[0]))
			l, err := sides.At(one.Only(0).Render(0, 300, specimen.Office(seed+1), seed+1), page(300))
			if err != nil {
				return err
			}
			finer = append(finer, bits.OnesCount64(line^l.Print))
			drawing := one.Only(0).Render(0, sides.PrintDPI, specimen.Wear{Grey: true}, seed+2) // as a page of text is drawn
			drawn = append(drawn, bits.OnesCount64(sides.Print(sides.Light(drawing))^p[0]))
			if one.Pages[0].Text() != two.Pages[0].Text() {
				other = append(other, bits.OnesCount64(p[0]^p[2]))
			}
		}
	}
	for _, x := range []struct {
		of  string
		all []int
	}{{"the same sheet, scanned twice", again}, {"the same sheet, read by the line and then in a batch", read}, {"the same, in a batch at 300 dpi", finer}, {"the same, drawn from its file and scanned from paper", drawn}, {"the form filled in for another", other}} {
		slices.Sort(x.all)
		near := 0
		for _, d := range x.all {
			if d <= sqldb.Near {
				near++
			}
		}
		fmt.Printf("%s: bits that differ %v; told to be alike (at most %d): %d of %d\n", x.of, x.all, sqldb.Near, near, len(x.all))
	}
	return nil
}

// asRead is the print that whoever reads a page makes of it, as package ocr/child does.
func asRead(m image.Image, p scan.Page) uint64 {
	s := prepare.Ready(m, prepare.Given{X: p.DPIX, Y: p.DPIY, Sure: true, DPI: 200, Most: 32 << 20})
	return sides.Print(s.Again(prepare.Reduce(sides.Light(m), s.Smaller(sides.PrintDPI)), sides.PrintDPI))
}

func page(dpi float64) scan.Page {
	size := image.Pt(int(specimen.PageWidth/72*dpi), int(specimen.PageHeight/72*dpi))
	return scan.Page{Encoding: scan.JPEG, Width: size.X, Height: size.Y, Components: 3, Bits: 8, DPIX: dpi, DPIY: dpi, DPIFrom: scan.FromFile}
}
