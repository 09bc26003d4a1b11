package packages_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"testing"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/digest"
	"sohoa/jail"
	"sohoa/storage/blob/mem"
	"sohoa/storage/ledger"
	"sohoa/storage/packages"

	"golang.org/x/mod/sumdb/note"
)

func TestMain(m *testing.M) {
	jail.Main(map[string]jail.Child{packages.ChildName: packages.Child})
	os.Exit(m.Run())
}

var day = time.Date(2026, 11, 21, 8, 0, 0, 0, dossier.VietNam)

// shelf keeps files for a record.
type shelf struct {
	t *testing.T
	*mem.Store
}

func (s shelf) put(b string) digest.Digest {
	s.t.Helper()
	d := digest.Of([]byte(b))
	if err := s.Put(context.Background(), d, int64(len(b)), bytes.NewReader([]byte(b))); err != nil {
		s.t.Fatal(err)
	}
	return d
}

// paper makes a digitised paper that was archived, or one that came in signed.
func (s shelf) paper(n int, electronic bool) packages.Paper {
	id := dossier.DocumentID(fmt.Sprintf("doc%d", n))
	d := dossier.Document{ID: id, Dossier: "H60.12-261121-0001", Slot: "TP01", Kind: "GKS", State: dossier.Archived, Version: 2,
		Media: "image/jpeg", Pages: 2, Received: day, Changed: day.Add(2 * time.Hour), Parts: map[dossier.Part]digest.Digest{}}
	made := []map[dossier.Part]digest.Digest{
		{dossier.PartScan: s.put(fmt.Sprintf("scan %d", n)), dossier.PartReport: s.put(fmt.Sprintf("{\"n\":%d}", n))},
		{dossier.PartPlain: s.put(fmt.Sprintf("plain %d", n)), dossier.PartText: s.put(fmt.Sprintf("tờ trình %d", n))},
		{dossier.PartSealed: s.put(fmt.Sprintf("sealed %d", n))},
	}
	if electronic {
		d.Media = "application/pdf"
		made = []map[dossier.Part]digest.Digest{{dossier.PartScan: s.put(fmt.Sprintf("signed %d", n))}, {}, {dossier.PartAdopted: s.put(fmt.Sprintf("signed %d", n))}}
	}
	p := packages.Paper{Number: n, Name: "Giấy khai sinh", Place: "Bản sao giấy khai sinh", Verdict: "VALID",
		VerdictJSON: []byte("{\"verdict\":\"VALID\"}\n"), VerdictText: []byte("HỢP LỆ / VALID\n"),
		Fields: []dossier.Field{{Name: dossier.FieldNumber, Value: "123/QĐ-UBND"}, {Name: dossier.FieldIssued, Value: "2024-02-29"}, {Name: dossier.FieldIssuer, Value: "UBND xã <Hòa> & Bình"},
			{Name: dossier.FieldTitle, Value: "Giấy khai sinh"}, {Name: dossier.FieldSubject, Value: "Về việc cấp giấy khai sinh"}},
		Said: []packages.Said{{Version: 1, Fields: "[]", Salt: "00"}}}
	acts := []dossier.Act{dossier.Receive, dossier.Normalise, dossier.Archive}
	for i, m := range made {
		c := dossier.Change{Document: id, Version: int64(i), Act: acts[i], By: dossier.Machine, Who: "line", At: day.Add(time.Duration(i) * time.Hour), Made: m}
		if i == 0 {
			c.By, c.Who = dossier.Counter, "p1"
		}
		p.Changes = append(p.Changes, c)
		for part, sum := range m {
			d.Parts[part] = sum
		}
	}
	p.Document = d
	copied := fmt.Sprintf("reading %d", n)
	p.Reading = func(context.Context) (io.ReadCloser, error) {
		return io.NopCloser(bytes.NewReader([]byte(copied))), nil
	}
	return p
}

// record makes a whole record of digitised papers, with a real ledger over their
// moves.
func record(t *testing.T, kind packages.Kind, papers int) (packages.Record, shelf) {
	t.Helper()
	s := shelf{t, new(mem.Store)}
	r := packages.Record{Kind: kind, Whole: true, Made: day.Add(100 * time.Hour), Version: "test",
		Dossier:   dossier.Dossier{Code: "H60.12-261121-0001", Procedure: "1.001193", Receiving: "H60.12", Competent: "H60", Holder: "h1", Received: day, Resolved: day.Add(48 * time.Hour)},
		Procedure: dossier.Procedure{Code: "1.001193", Name: "Đăng ký khai sinh"},
		Receiving: dossier.Agency{Code: "H60.12", Name: "UBND xã Hòa Bình"}, Competent: dossier.Agency{Code: "H60", Name: "UBND tỉnh"},
		Reused: []dossier.Entry{{Document: "docX", Dossier: "H60.12-251121-0009"}},
		Codes:  packages.Codes{Document: map[string]string{"maintenance": "01"}}}
	for n := range papers {
		r.Papers = append(r.Papers, s.paper(n+1, false))
	}
	r.Ledger = extract(t, r)
	return r, s
}

// extract enters the moves of a record into a ledger of their own and proves them.
func extract(t *testing.T, r packages.Record) packages.Extract {
	t.Helper()
	private, public, err := ledger.NewKey("test/1")
	if err != nil {
		t.Fatal(err)
	}
	signer, err := note.NewSigner(private)
	if err != nil {
		t.Fatal(err)
	}
	var events []string
	for _, p := range r.Papers {
		for _, c := range p.Changes {
			e := ledger.Event{ID: fmt.Sprintf("e%d", len(events)), Kind: ledger.Move, Act: string(c.Act), At: c.At.UnixMilli(), Who: string(c.Who), Role: string(c.By), State: "archived", Document: string(c.Document), Version: c.Version}
			for _, said := range p.Said {
				if said.Version == c.Version {
					e.Text = ledger.Commit(said.Salt, said.Why, said.Fields)
				}
			}
			for _, part := range slices.Sorted(maps.Keys(c.Made)) {
				e.Made = append(e.Made, ledger.Made{Part: string(part), Sum: c.Made[part].String()})
			}
			events = append(events, string(e.Bytes()))
		}
	}
	tiles := map[[2]int64][]byte{}
	keep := func(x ledger.Tile) error { tiles[[2]int64{int64(x.Level), x.Number}] = x.Hashes; return nil }
	read := func(level int, number int64) ([]byte, error) { return tiles[[2]int64{int64(level), number}], nil }
	tree, err := ledger.Grown(0, read)
	if err != nil {
		t.Fatal(err)
	}
	var leaf ledger.Leaf
	for _, e := range events {
		if err := tree.Add(leaf.Hash(e), keep); err != nil {
			t.Fatal(err)
		}
	}
	for _, x := range tree.Edge() {
		_ = keep(x)
	}
	root, err := ledger.RootOf(tree.Size(), read)
	if err != nil {
		t.Fatal(err)
	}
	signed, err := ledger.Checkpoint{Origin: signer.Name(), Size: tree.Size(), Root: root}.Sign(signer)
	if err != nil {
		t.Fatal(err)
	}
	x := packages.Extract{Checkpoint: signed, Keys: []string{public}, Roots: []byte("-----BEGIN CERTIFICATE-----\n")}
	for i, e := range events {
		p, err := ledger.Prove(e, int64(i), tree.Size(), ledger.Hashes(read), signed)
		if err != nil {
			t.Fatal(err)
		}
		x.Proofs = append(x.Proofs, packages.Proven{Place: int64(i), Event: e, Proof: p.Bytes()})
	}
	return x
}

// zipped writes a package.
func zipped(t *testing.T, r packages.Record, s shelf) []byte {
	t.Helper()
	var b bytes.Buffer
	z := packages.NewZip(&b)
	if err := write(t, z, r, s); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// write loads and writes a package.
func write(t *testing.T, to packages.Sink, r packages.Record, blobs packages.Blobs) error {
	p, err := packages.Load(t.Context(), r, blobs)
	if err != nil {
		return err
	}
	return p.Write(t.Context(), to)
}
