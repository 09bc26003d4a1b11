package sqldb

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/digest"
	"sohoa/dossier/fixity"
)

// at is where the house's database is.
func (h *house) at() At {
	if h.address != "" {
		return At{Address: h.address}
	}
	return At{Path: h.path}
}

// A taken is all rows of a house, in memory.
type taken struct {
	snapshot *Snapshot
	rows     map[string][]byte
	files    []NamedFile
	size     int64
	root     [32]byte
}

func take(t *testing.T, at At) *taken {
	t.Helper()
	s, err := at.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	out := &taken{snapshot: s, rows: map[string][]byte{}}
	for _, table := range s.Tables {
		var b bytes.Buffer
		n, err := s.CopyTo(t.Context(), table, &b)
		if err != nil || n != int64(bytes.Count(b.Bytes(), []byte{'\n'})) {
			t.Fatalf("%s: %d rows, %v", table.Name, n, err)
		}
		out.rows[table.Name] = b.Bytes()
	}
	if err := s.Files(t.Context(), func(f NamedFile) error { out.files = append(out.files, f); return nil }); err != nil {
		t.Fatal(err)
	}
	size, root, err := s.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	out.size, out.root = size, root
	return out
}

func (k *taken) filling() Filling {
	return Filling{Version: k.snapshot.Version, Tables: k.snapshot.Tables, At: noon, Open: func(t Table) (io.ReadCloser, error) {
		return io.NopCloser(iotest.OneByteReader(bytes.NewReader(k.rows[t.Name]))), nil
	}}
}

// emptyPlace is where no database is yet, on the engine that address is of.
func emptyPlace(t *testing.T, postgres bool) At {
	if postgres {
		return At{Address: schema(t, os.Getenv("SOHOA_TEST_POSTGRES"))}
	}
	return At{Path: filepath.Join(t.TempDir(), "other.db")}
}

// The rows of a house are the same after they were read and filled into an empty
// database of either engine: byte for byte, but what says where files are. The
// ledger holds, and the triggers are back.
func TestRowsGoAndComeBack(t *testing.T) {
	h := newHouse(t)
	docs := h.busy(6)
	h.must(h.PutPerson(h.ctx, dossier.Person{ID: "p1", Login: "tab\tline\nback\\slash", Name: "\\N", Role: dossier.Counter, Agency: "H60.12"}, "x"))
	h.add(h.newDossier().Code, "T1") // an event that waits for its place
	h.must(h.AddSession(h.ctx, digest.Of([]byte("token")), stay("p1", time.Hour)))
	k := take(t, h.at())
	if len(k.rows["log_tiles"]) == 0 || len(k.rows["log_pending"]) == 0 || k.rows["sessions"] != nil || len(k.files) == 0 {
		t.Fatalf("this proves little: %d files", len(k.files))
	}
	if again := take(t, h.at()); !reflect.DeepEqual(again.rows, k.rows) {
		t.Error("the same rows, other bytes")
	}
	engines := []bool{false}
	if os.Getenv("SOHOA_TEST_POSTGRES") != "" {
		engines = []bool{false, true}
	}
	for _, postgres := range engines {
		t.Run(map[bool]string{false: "sqlite", true: "postgres"}[postgres], func(t *testing.T) {
			at := emptyPlace(t, postgres)
			lost := k.files[0].Digest
			f := k.filling()
			f.Missing = []digest.Digest{lost}
			if err := at.Fill(t.Context(), f); err != nil {
				t.Fatal(err)
			}
			other := &house{t: t, ctx: t.Context(), clock: h.clock, path: at.Path, address: at.Address}
			other.open()
			defer other.Close()
			got := take(t, at)
			for name, want := range k.rows {
				if name != "holdings" && !bytes.Equal(got.rows[name], want) {
					t.Errorf("%s differs:\n%.300q\n%.300q", name, got.rows[name], want)
				}
			}
			if got.size != k.size || got.root != k.root {
				t.Errorf("the tree has %d events", got.size)
			}
			if r := other.audit(); len(r.Findings) > 0 {
				t.Errorf("audit: %v", r.Findings)
			}
			bad, err := other.Holdings(t.Context(), fixity.Main, noon.Add(time.Hour), 10, fixity.Missing)
			if err != nil || len(bad) != 1 || bad[0].Digest != lost {
				t.Errorf("missing: %v, %v", bad, err)
			}
			if n, err := other.Tally(t.Context(), fixity.Second, noon); err != nil || n.Counts[fixity.Owed] == 0 || n.Counts[fixity.Kept] > 0 {
				t.Errorf("second store: %+v, %v", n, err)
			}
			for _, s := range []string{"UPDATE changes SET who = 'x'", "DELETE FROM log_events", "UPDATE made SET digest = ''"} {
				if _, err := other.write.ExecContext(t.Context(), s); err == nil {
					t.Errorf("%s: the triggers are not back", s)
				}
			}
			moved, err := other.Advance(t.Context(), mustDocument(t, other, docs[0].ID), dossier.Change{Act: dossier.Renew, By: dossier.Machine, Who: "line", Made: map[dossier.Part]digest.Digest{dossier.RenewedPart(1): digest.Of([]byte("r"))}, Proof: &dossier.Proof{Until: noon.AddDate(9, 0, 0)}})
			if err != nil || moved.Version != docs[0].Version+1 {
				t.Errorf("the house does not go on: %v", err)
			}
			if err := at.Fill(t.Context(), f); !errors.Is(err, ErrFilled) {
				t.Errorf("filled twice: %v", err)
			}
		})
	}
}

// A house moves from SQLite to PostgreSQL (and back: above).
func TestRowsMoveToPostgres(t *testing.T) {
	server := needPostgres(t)
	h := newHouseAt(t, "")
	h.busy(4)
	k := take(t, h.at())
	at := At{Address: schema(t, server)}
	h.must(at.Fill(h.ctx, k.filling()))
	other := &house{t: t, ctx: h.ctx, clock: h.clock, address: at.Address, holder: h.holder}
	other.open()
	defer other.Close()
	if r := other.audit(h.kept()); len(r.Findings) > 0 {
		t.Errorf("audit: %v", r.Findings)
	}
	other.busy(1)
	got := take(t, at)
	if got.size <= k.size || !bytes.HasPrefix(got.rows["log_events"], k.rows["log_events"]) {
		t.Errorf("%d events, then %d", k.size, got.size)
	}
}

func mustDocument(t *testing.T, h *house, id dossier.DocumentID) dossier.Document {
	d, err := h.Document(h.ctx, id)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// Rows that are cut, damaged, of another table or of a newer program fill
// nothing, and what was right afterwards does.
func TestFillIsAllOrNothing(t *testing.T) {
	h := newHouse(t)
	h.busy(2)
	k := take(t, h.at())
	at := emptyPlace(t, h.address != "")
	if stands, _, _, err := at.Stands(t.Context()); err != nil || stands {
		t.Fatalf("before anything: stands %v, %v", stands, err)
	}
	for name, ruin := range map[string]func(*Filling){
		"a reader that fails at its end": func(f *Filling) {
			open := f.Open
			f.Open = func(t Table) (io.ReadCloser, error) {
				r, err := open(t)
				if t.Name == "serials" {
					r = io.NopCloser(io.MultiReader(r, iotest.ErrReader(errors.New("not its digest"))))
				}
				return r, err
			}
		},
		"a row cut": func(f *Filling) {
			f.Open = ruined(k, "made", func(b []byte) []byte { return b[:bytes.LastIndexByte(b, 9)] })
		},
		"a column lost": func(f *Filling) {
			f.Open = ruined(k, "changes", func(b []byte) []byte { return bytes.Replace(b, []byte("\t"), nil, 1) })
		},
		"a number that is none": func(f *Filling) {
			f.Open = ruined(k, "log_head", func(b []byte) []byte { return bytes.Replace(b, []byte("1\t"), []byte("one\t"), 1) })
		},
		"a row twice": func(f *Filling) {
			f.Open = ruined(k, "kinds", func(b []byte) []byte { return append(slices.Clone(b), b...) })
		},
		"a parent lost": func(f *Filling) {
			f.Open = ruined(k, "holders", func(b []byte) []byte { return nil })
		},
		"a table unknown": func(f *Filling) { f.Tables = append(slices.Clone(f.Tables), Table{Name: "pg_class"}) },
		"a table lost":    func(f *Filling) { f.Tables = slices.Clone(f.Tables)[1:] },
	} {
		f := k.filling()
		ruin(&f)
		if err := at.Fill(t.Context(), f); err == nil {
			t.Errorf("%s: filled", name)
		} else if errors.Is(err, ErrFilled) {
			t.Errorf("%s: something was left of the one before: %v", name, err)
		}
		if stands, _, _, err := at.Stands(t.Context()); err != nil || stands {
			t.Errorf("%s: stands %v, %v", name, stands, err)
		}
	}
	newer := k.filling()
	newer.Version = 99999
	if err := at.Fill(t.Context(), newer); !errors.Is(err, ErrNewer) {
		t.Errorf("newer: %v", err)
	}
	if err := at.Fill(t.Context(), k.filling()); err != nil {
		t.Fatal(err)
	}
	if stands, events, root, err := at.Stands(t.Context()); err != nil || !stands || events != k.size || root != k.root {
		t.Errorf("stands %v, %d events, %v", stands, events, err)
	}
}

func ruined(k *taken, table string, how func([]byte) []byte) func(Table) (io.ReadCloser, error) {
	return func(t Table) (io.ReadCloser, error) {
		b := k.rows[t.Name]
		if t.Name == table {
			b = how(b)
		}
		return io.NopCloser(bytes.NewReader(b)), nil
	}
}

// While rows are read others write; what was read is of one moment.
func TestSnapshotIsOfOneMoment(t *testing.T) {
	h := newHouse(t)
	h.busy(2)
	s, err := h.at().Snapshot(h.ctx)
	h.must(err)
	defer s.Close()
	before, _, err := s.Head(h.ctx)
	h.must(err)
	h.busy(3)
	after, _, err := s.Head(h.ctx)
	h.must(err)
	var b bytes.Buffer
	i := slices.IndexFunc(s.Tables, func(t Table) bool { return t.Name == "log_events" })
	n, err := s.CopyTo(h.ctx, s.Tables[i], &b)
	if err != nil || before != after || n != before {
		t.Errorf("%d events, then %d, %d rows: %v", before, after, n, err)
	}
}

// Every file is called by what it belongs to, and by nobody's name.
func TestFilesAreCalled(t *testing.T) {
	h := newHouse(t)
	doc := h.busy(1)[0]
	k := take(t, h.at())
	i := slices.IndexFunc(k.files, func(f NamedFile) bool { return f.Digest == doc.Parts[dossier.PartScan] })
	if i < 0 {
		t.Fatal("the scan is not listed")
	}
	if want := fmt.Sprintf("document %s (%s T1, Giấy khai sinh): scan", doc.ID, doc.Dossier); !slices.ContainsFunc(k.files, func(f NamedFile) bool { return f.Name == want }) {
		t.Errorf("no file is called %q: %q", want, k.files[i].Name)
	}
	for _, f := range k.files {
		if strings.Contains(f.Name, "Nguyễn") || strings.Contains(f.Name, "008199012345") {
			t.Errorf("%q names a person", f.Name)
		}
	}
}

func FuzzCopyRow(f *testing.F) {
	columns := []Column{{"a", KindText}, {"b", KindInteger}, {"c", KindBytes}}
	f.Add([]byte("x\\ty\t7\t\\\\x00ff\n"))
	f.Add([]byte("\\N\t\\N\t\\N\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		var back []byte
		_, err := readCopyRows(bytes.NewReader(b), columns, func(values []any) (err error) {
			back, err = appendCopyRow(back, values)
			return err
		})
		if err != nil {
			return
		}
		var twice []byte
		if _, err := readCopyRows(bytes.NewReader(back), columns, func(values []any) (err error) {
			twice, err = appendCopyRow(twice, values)
			return err
		}); err != nil || !bytes.Equal(back, twice) {
			t.Errorf("%q: %v", b, err)
		}
	})
}
