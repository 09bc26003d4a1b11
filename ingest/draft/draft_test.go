package draft_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/digest"
	"sohoa/ingest"
	"sohoa/ingest/draft"
	"sohoa/ingest/sniff"
	"sohoa/jail"
	"sohoa/pdf/arrange"
	"sohoa/scan"
	"sohoa/specimen"
)

func TestMain(m *testing.M) {
	os.Setenv("SOHOA_JAIL_CHILD", os.Getenv("SOHOA_TEST_CHILD")) // under the race detector
	jail.Main(map[string]jail.Child{arrange.ChildName: arrange.Child, "inspect": sniff.InspectChild, "split": sniff.SplitChild})
	os.Exit(m.Run())
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// house is a desk and what its door was given.
type house struct {
	*draft.Desk
	took   map[dossier.SlotCode][]byte
	refuse error
	gone   []digest.Digest
	now    time.Time
	looks  []dossier.Capture
}

func newHouse(t *testing.T) *house {
	h := &house{took: map[dossier.SlotCode][]byte{}, now: time.Unix(1e9, 0)}
	h.Desk = &draft.Desk{Dir: t.TempDir(), Bench: arrange.Bench{Temp: t.TempDir(), Limits: scan.Limits{Pages: 50}}, Most: 32 << 20, Files: 5, Life: time.Hour,
		Look: func(context.Context, string) []dossier.Capture { return h.looks },
		Now:  func() time.Time { return h.now }, Forget: func(d digest.Digest) { h.gone = append(h.gone, d) },
		Accept: func(_ context.Context, in ingest.Intake) (dossier.Document, error) {
			if h.refuse != nil {
				return dossier.Document{}, h.refuse
			}
			b, err := io.ReadAll(in.Body)
			h.took[in.Slot] = b
			return dossier.Document{ID: "d", Slot: in.Slot}, err
		}}
	return h
}

func (h *house) empty(t *testing.T) {
	t.Helper()
	if left, _ := filepath.Glob(filepath.Join(h.Dir, "*", "*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	if left, _ := os.ReadDir(h.Bench.Temp); len(left) > 0 {
		t.Errorf("left behind in the directory for temporary files: %v", left)
	}
}

func paper(t *testing.T, format specimen.Format, seed uint64) []byte {
	t.Helper()
	press, err := specimen.NewPress()
	must(t, err)
	f, err := press.Paper(specimen.Kinds()[0], seed, specimen.About{}).File(format, 75, specimen.Office(seed), seed)
	must(t, err)
	return f.Bytes
}

func pages(t *testing.T, b []byte) (all []scan.Page) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "x")
	must(t, os.WriteFile(path, b, 0o600))
	for p, err := range sniff.Split(t.Context(), path, scan.Limits{}) {
		must(t, err)
		all = append(all, p)
	}
	return all
}

var here = draft.Place{Who: "p-1", Dossier: "D", Slot: "TP01"}

// One file with nothing done to it enters as it came.
func TestUntouched(t *testing.T) {
	h := newHouse(t)
	jpg := paper(t, specimen.JPEG, 3)
	must(t, h.Add(t.Context(), here, "", "Đơn.jpg", bytes.NewReader(jpg)))
	x, err := h.Draft(here)
	must(t, err)
	if doc, err := h.Enter(t.Context(), here, x.Version); err != nil || doc.ID != "d" || !bytes.Equal(h.took["TP01"], jpg) {
		t.Errorf("%v: %d bytes entered, not the file's own", err, len(h.took["TP01"]))
	}
	if _, err := h.Draft(here); !errors.Is(err, dossier.ErrNotFound) || len(h.gone) != 1 {
		t.Errorf("the draft is still there: %v", err)
	}
	h.empty(t)
}

// Several files enter as one, in the order given, turned and left out as said,
// the scanner's bytes in it.
func TestArranged(t *testing.T) {
	h := newHouse(t)
	one, two, three := paper(t, specimen.JPEG, 3), paper(t, specimen.TIFFG4, 4), paper(t, specimen.PDF, 5)
	for i, b := range [][]byte{one, two, three} {
		must(t, h.Add(t.Context(), here, "", fmt.Sprint(i), bytes.NewReader(b)))
	}
	x, err := h.Draft(here)
	must(t, err)
	lines := []draft.Line{x.Lines[2], x.Lines[0], x.Lines[1]}
	lines[1].Turn, lines[2].Drop = 1, true
	must(t, h.Set(here, x.Version, lines))
	if err := h.Set(here, x.Version, lines); !errors.Is(err, dossier.ErrConflict) {
		t.Errorf("an old version: %v", err)
	}
	if _, err := h.Enter(t.Context(), here, x.Version); !errors.Is(err, dossier.ErrConflict) {
		t.Errorf("an old version enters: %v", err)
	}
	h.refuse = dossier.ErrForbidden
	if _, err := h.Enter(t.Context(), here, x.Version+1); !errors.Is(err, dossier.ErrForbidden) {
		t.Error(err)
	}
	h.refuse = nil
	if _, err := h.Enter(t.Context(), here, x.Version+1); err != nil {
		t.Fatalf("what was refused is not there still: %v", err)
	}
	got, want := pages(t, h.took["TP01"]), append(pages(t, three), pages(t, one)...)
	if len(got) != 2 || !bytes.Equal(got[0].Data, want[0].Data) || !bytes.Equal(got[1].Data, want[1].Data) || got[0].Turn != want[0].Turn || got[1].Turn != 1 {
		t.Errorf("%d pages entered, or other ones", len(got))
	}
	h.empty(t)
}

// Pages go to another place of the dossier, and what stays stays.
func TestMove(t *testing.T) {
	h := newHouse(t)
	one, two := paper(t, specimen.JPEG, 3), paper(t, specimen.JPEG, 4)
	must(t, h.Add(t.Context(), here, "", "1", bytes.NewReader(one)))
	must(t, h.Add(t.Context(), here, "", "2", bytes.NewReader(two)))
	x, err := h.Draft(here)
	must(t, err)
	for _, to := range []struct {
		which []int
		slot  dossier.SlotCode
	}{{nil, "TP02"}, {[]int{0}, "TP01"}} {
		if err := h.Move(here, x.Version, to.which, to.slot); !errors.Is(err, dossier.ErrInvalid) {
			t.Errorf("%v: %v", to, err)
		}
	}
	must(t, h.Move(here, x.Version, []int{0}, "TP02"))
	x, err = h.Draft(here)
	must(t, err)
	there := here
	there.Slot = "TP02"
	y, err := h.Draft(there)
	must(t, err)
	if len(x.Lines) != 1 || len(y.Lines) != 1 || len(y.Files) != 1 {
		t.Fatalf("%+v %+v", x, y)
	}
	_, err = h.Enter(t.Context(), here, x.Version)
	must(t, err)
	_, err = h.Enter(t.Context(), there, y.Version)
	must(t, err)
	if !bytes.Equal(h.took["TP01"], two) || !bytes.Equal(h.took["TP02"], one) {
		t.Error("what is left of two files does not enter as it came")
	}
	h.empty(t)
}

// A draft is its person's alone, has its bounds, and takes what may be taken
// apart only.
func TestBounds(t *testing.T) {
	h := newHouse(t)
	jpg := paper(t, specimen.JPEG, 3)
	must(t, h.Add(t.Context(), here, "", "1", bytes.NewReader(jpg)))
	other := here
	other.Who = "p-2"
	if _, err := h.Draft(other); !errors.Is(err, dossier.ErrNotFound) {
		t.Errorf("somebody else sees it: %v", err)
	}
	if _, _, err := h.Picture(other, 0, 1); !errors.Is(err, dossier.ErrNotFound) {
		t.Errorf("somebody else sees its pages: %v", err)
	}
	if _, path, err := h.Picture(here, 0, 1); err != nil || !strings.HasSuffix(path, ".pdf") {
		t.Errorf("its picture: %q %v", path, err)
	}
	for _, c := range [][2]int{{1, 1}, {0, 2}, {0, 0}} {
		if _, _, err := h.Picture(here, c[0], c[1]); !errors.Is(err, dossier.ErrNotFound) {
			t.Errorf("%v: %v", c, err)
		}
	}
	x, err := h.Draft(here)
	must(t, err)
	for name, lines := range map[string][]draft.Line{"none": {}, "twice": {x.Lines[0], x.Lines[0]}, "another page": {{Page: 2}}, "another file": {{File: 1, Page: 1}}, "half a turn": {{Page: 1, Turn: 4}}} {
		if err := h.Set(here, x.Version, lines); !errors.Is(err, dossier.ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	must(t, h.Set(here, x.Version, []draft.Line{{Page: 1, Drop: true}}))
	code := func(err error) string {
		var r *jail.Refusal
		if errors.As(err, &r) {
			return r.Code
		}
		return fmt.Sprint(err)
	}
	if _, err := h.Enter(t.Context(), here, x.Version+1); code(err) != draft.CodeNothing {
		t.Errorf("nothing left: %v", err)
	}
	for _, bad := range specimen.Bad() {
		if bad.WantCode == "active" || bad.Bytes == nil {
			continue
		}
		if err := h.Add(t.Context(), here, "", bad.Name, bytes.NewReader(bad.Bytes)); code(err) != bad.WantCode {
			t.Errorf("%s: %v, want %s", bad.Name, err, bad.WantCode)
		}
	}
	if err := h.Add(t.Context(), here, "", "x", bytes.NewReader(make([]byte, 33<<20))); code(err) != draft.CodeRoom {
		t.Errorf("too large: %v", err)
	}
	for range 4 {
		must(t, h.Add(t.Context(), here, "", "n", bytes.NewReader(jpg)))
	}
	if err := h.Add(t.Context(), here, "", "n", bytes.NewReader(jpg)); code(err) != draft.CodeRoom {
		t.Errorf("a sixth file: %v", err)
	}
	must(t, h.Discard(here))
	must(t, h.Discard(here))
	h.now = h.now.Add(time.Hour) // until then it can be undone
	must(t, h.Sweep())
	h.empty(t)
}

// Who goes away leaves nothing for long.
func TestSweep(t *testing.T) {
	h := newHouse(t)
	must(t, h.Add(t.Context(), here, "", "1", bytes.NewReader(paper(t, specimen.JPEG, 3))))
	h.now = h.now.Add(50 * time.Minute)
	x, err := h.Draft(here)
	must(t, err)
	must(t, h.Set(here, x.Version, x.Lines)) // touched
	h.now = h.now.Add(50 * time.Minute)
	must(t, h.Sweep())
	if _, err := h.Draft(here); err != nil {
		t.Errorf("forgotten too soon: %v", err)
	}
	h.now = h.now.Add(11 * time.Minute)
	must(t, h.Sweep())
	if _, err := h.Draft(here); !errors.Is(err, dossier.ErrNotFound) || len(h.gone) != 1 {
		t.Errorf("not forgotten: %v", err)
	}
	h.empty(t)
}

// A page is scanned again: the new scan stands in its place, the old one is left out
// and can still be seen; what has changed meanwhile or is not there keeps it from
// nothing.
func TestAgain(t *testing.T) {
	h := newHouse(t)
	one, two, again := paper(t, specimen.JPEG, 1), paper(t, specimen.JPEG, 2), paper(t, specimen.JPEG, 3)
	h.looks = []dossier.Capture{{DPI: 200, Why: []string{"blur"}, Sum: "a", Seen: true}}
	must(t, h.Add(t.Context(), here, "", "1", bytes.NewReader(one)))
	must(t, h.Add(t.Context(), here, "", "2", bytes.NewReader(two)))
	x, err := h.Draft(here)
	must(t, err)
	if seen := x.Seen(); len(seen) != 2 || len(seen[0].Why) != 1 || len(seen[1].Why) != 2 || seen[1].Why[1] != dossier.CaptureTwice {
		t.Errorf("the same picture twice: %+v", seen)
	}
	for _, bad := range []struct {
		version, line int
		want          error
	}{{x.Version - 1, 0, dossier.ErrConflict}, {x.Version, 2, dossier.ErrNotFound}, {x.Version, -1, dossier.ErrNotFound}} {
		if err := h.Again(t.Context(), here, bad.version, bad.line, "n", bytes.NewReader(again)); !errors.Is(err, bad.want) {
			t.Errorf("%+v: %v", bad, err)
		}
	}
	h.looks = []dossier.Capture{{DPI: 200, Sum: "b", Seen: true}}
	must(t, h.Again(t.Context(), here, x.Version, 0, "1 again", bytes.NewReader(again)))
	x, err = h.Draft(here)
	must(t, err)
	want := []draft.Line{{File: 2, Page: 1}, {File: 0, Page: 1, Drop: true}, {File: 1, Page: 1}}
	if !slices.Equal(x.Lines, want) {
		t.Errorf("lines %+v, want %+v", x.Lines, want)
	}
	if seen := x.Seen(); len(seen[0].Why) != 0 || len(seen[2].Why) != 1 {
		t.Errorf("what is left out makes nothing there twice: %+v", seen)
	}
	if _, err := h.Enter(t.Context(), here, x.Version); err != nil {
		t.Error(err)
	}
	h.empty(t)
}

// What is brought twice under one key lies there once, also after the house was killed;
// pages that come to the end disturb nobody's order.
func TestBroughtTwice(t *testing.T) {
	h := newHouse(t)
	jpg := paper(t, specimen.JPEG, 3)
	for range 2 {
		must(t, h.Add(t.Context(), here, "upload 1", "1", bytes.NewReader(jpg)))
	}
	again := newHouse(t)
	again.Dir = h.Dir // another life of the house
	must(t, again.Add(t.Context(), here, "upload 1", "1", bytes.NewReader(jpg)))
	x, err := again.Draft(here)
	must(t, err)
	if len(x.Files) != 1 || len(x.Lines) != 1 {
		t.Fatalf("brought three times it is %d files", len(x.Files))
	}
	must(t, again.Set(here, x.Version, x.Lines))
	set := x.Version + 1
	must(t, again.Add(t.Context(), here, "upload 2", "2", bytes.NewReader(jpg)))
	if x, err = again.Draft(here); err != nil || x.Ordered != set || x.Version != set+1 {
		t.Errorf("version %d, ordered at %d, want %d: %v", x.Version, x.Ordered, set, err)
	}
}

// What was discarded last is there again as it was, byte for byte, takes no room
// meanwhile, and is forgotten with the next that is discarded and after a draft's life.
func TestRestore(t *testing.T) {
	h := newHouse(t)
	one, two := paper(t, specimen.JPEG, 1), paper(t, specimen.JPEG, 2)
	h.Most = int64(len(one)+len(two)) - 1 // for one of them at a time
	must(t, h.Add(t.Context(), here, "", "1", bytes.NewReader(one)))
	was, err := h.Draft(here)
	must(t, err)
	must(t, h.Discard(here))
	if n, err := h.Discarded(here); err != nil || n != 1 {
		t.Errorf("%d pages were discarded: %v", n, err)
	}
	must(t, h.Add(t.Context(), here, "", "2", bytes.NewReader(two)))
	if err := h.Restore(here); !errors.Is(err, dossier.ErrConflict) {
		t.Errorf("over other files: %v", err)
	}
	if x, err := h.Draft(here); err != nil || x.Files[0].Sum != digest.Of(two) {
		t.Errorf("the other files were touched: %v", err)
	}
	there := here
	there.Slot = "elsewhere"
	must(t, h.Move(here, 1, []int{0}, there.Slot))
	must(t, h.Restore(here))
	x, err := h.Draft(here)
	must(t, err)
	if x.Version != was.Version || x.Files[0].Sum != digest.Of(one) || !slices.Equal(x.Lines, was.Lines) {
		t.Errorf("it is %+v, it was %+v", x, was)
	}
	must(t, h.Discard(here))
	must(t, h.Discard(there))
	if n, err := h.Discarded(here); err != nil || n != 0 {
		t.Errorf("what was discarded before is still there: %d, %v", n, err)
	}
	h.now = h.now.Add(time.Hour)
	must(t, h.Sweep())
	if err := h.Restore(there); !errors.Is(err, dossier.ErrNotFound) {
		t.Errorf("after its life: %v", err)
	}
	if left, _ := filepath.Glob(filepath.Join(h.Dir, "*", "*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}
