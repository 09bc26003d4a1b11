package wire

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"log/slog"
	"testing"
	"time"

	"sohoa/cmd/internal/demo"
	"sohoa/dossier"
	"sohoa/dossier/digest"
	"sohoa/ingest"
	"sohoa/jail"
	"sohoa/ocr"
	"sohoa/scan"
	"sohoa/specimen"
	"sohoa/workers"
)

// A scan whose pages stand in it as they are is taken apart once to be read and written,
// by who does both; by who only writes it, a second time, and it becomes the same file.
func TestTakenApartOnce(t *testing.T) {
	s := Read(func(string) string { return "" })
	s.Data, s.Addr, s.Readers = t.TempDir(), "127.0.0.1:0", 1
	h, err := Build(t.Context(), s, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	if err := demo.Seed(t.Context(), h.DB); err != nil {
		t.Fatal(err)
	}
	press, err := specimen.NewPress()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		form  specimen.Format
		pages int
		again bool
	}{{specimen.TIFFJPEG, 1, true}, {specimen.TIFFJPEG, dossier.ShortPaper + 1, true}, {specimen.PNG, 1, false}} {
		f, err := press.Paper(specimen.Notice, 3, specimen.About{Pages: c.pages}).File(c.form, 100, specimen.Office(3), uint64(c.pages))
		if err != nil {
			t.Fatal(err)
		}
		if c.form == specimen.TIFFJPEG && c.pages > 1 { // words are not what this is about
			if err := h.ReadBefore(t.Context(), [][]byte{f.Bytes}, 0); err != nil {
				t.Fatal(err)
			}
		}
		d := comes(t, h, f)
		d.Parts = taken(t, h.tools, dossier.Recognise, d, 1)
		children := int64(1)
		if c.again {
			children = 0
		}
		written := taken(t, h.tools, dossier.Normalise, d, children)
		anew := taken(t, h.tools, dossier.Normalise, d, 1) // what was kept of it is gone
		if plain := dossier.PartPlain; written[plain] != anew[plain] || written[plain].IsZero() {
			t.Errorf("%v of %d pages: it became two files", c.form, c.pages)
		}
	}
}

// taken does an act of the line and holds the number of children that took the scan apart
// against what is said.
func taken(t *testing.T, tools *workers.Tools, act dossier.Act, d dossier.Document, children int64) map[dossier.Part]digest.Digest {
	t.Helper()
	before := jail.Tallies()["split"].Started
	for _, s := range workers.Line(tools) {
		if s.Act != act {
			continue
		}
		ctx, end := context.WithTimeout(t.Context(), time.Minute)
		defer end()
		out, err := s.Do(ctx, d)
		if err != nil {
			t.Fatal(act, err)
		}
		if n := jail.Tallies()["split"].Started - before; n != children {
			t.Errorf("%s: taken apart %d times instead of %d", act, n, children)
		}
		parts := map[dossier.Part]digest.Digest{}
		for part, sum := range d.Parts {
			parts[part] = sum
		}
		for part, sum := range out.Made {
			parts[part] = sum
		}
		return parts
	}
	t.Fatal(act, "is no act of the line")
	return nil
}

// comes brings a scan to a dossier of its own.
func comes(t *testing.T, h *House, f specimen.File) dossier.Document {
	t.Helper()
	all, err := h.DB.Procedures(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	agencies, err := h.DB.Agencies(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	holder, err := h.DB.PutHolder(t.Context(), dossier.Holder{Number: "099101000001", Name: "Nguyễn Văn An"})
	if err != nil {
		t.Fatal(err)
	}
	do, err := h.DB.AddDossier(t.Context(), dossier.Dossier{Procedure: all[0].Code, Receiving: agencies[0].Code, Competent: agencies[0].Code,
		Holder: holder.ID, Channel: dossier.Direct, Received: time.Now()}, "who")
	if err != nil {
		t.Fatal(err)
	}
	d, err := h.Door.Accept(t.Context(), ingest.Intake{Dossier: do.Code, Slot: all[0].Components[0].Slot, Who: "who", Body: bytes.NewReader(f.Bytes)})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// liar says of each picture that another one is whole, and as consistently as it can.
type liar struct{ workers.Reader }

func (l liar) Read(ctx context.Context, page scan.Page) (ocr.Page, error) {
	read, err := l.Reader.Read(ctx, page)
	other := sha256.Sum256([]byte("another picture"))
	read.Picture, read.Proven = hex.EncodeToString(other[:]), page.Proof(other)
	return read, err
}

// What a reader says of a picture that is not there is found out of the file that was made,
// and the picture goes in as a child finds it, that looks at it itself.
func TestReaderSaysFalsely(t *testing.T) {
	s := Read(func(string) string { return "" })
	s.Data, s.Addr, s.Readers = t.TempDir(), "127.0.0.1:0", 1
	h, err := Build(t.Context(), s, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	if err := demo.Seed(t.Context(), h.DB); err != nil {
		t.Fatal(err)
	}
	press, err := specimen.NewPress()
	if err != nil {
		t.Fatal(err)
	}
	f, err := press.Paper(specimen.Notice, 5, specimen.About{Pages: 2}).File(specimen.TIFFJPEG, 100, specimen.Office(5), 5)
	if err != nil {
		t.Fatal(err)
	}
	d := comes(t, h, f)
	d.Parts = taken(t, h.tools, dossier.Recognise, d, 1)
	honest := taken(t, h.tools, dossier.Normalise, d, 0)[dossier.PartPlain]
	h.tools.Reader = liar{h.tools.Reader}
	d.Parts = taken(t, h.tools, dossier.Recognise, d, 1)
	if lied := taken(t, h.tools, dossier.Normalise, d, 2)[dossier.PartPlain]; lied != honest || honest.IsZero() {
		t.Errorf("it became %s instead of %s", lied, honest)
	}
}
