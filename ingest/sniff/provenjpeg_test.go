package sniff

import (
	"bytes"
	"crypto/sha256"
	"iter"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"

	"sohoa/scan"
	"sohoa/specimen"
)

// TestJPEGToWrite: JPEG pictures come unproven to who reads them, whatever file they are
// in, and go into a file as their reader found them whole; of others the child looks.
func TestJPEGToWrite(t *testing.T) {
	press, err := specimen.NewPress()
	if err != nil {
		t.Fatal(err)
	}
	for _, form := range []specimen.Format{specimen.JPEG, specimen.TIFFJPEG, specimen.PDF} {
		pages := 2
		if form == specimen.JPEG {
			pages = 1
		}
		f, err := press.Paper(specimen.Notice, 1, specimen.About{Pages: pages}).File(form, 100, specimen.Office(1), 1)
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(t.TempDir(), "scan")
		if err := os.WriteFile(path, f.Bytes, 0o600); err != nil {
			t.Fatal(err)
		}
		want := given(t, Split(t.Context(), path, scan.Limits{}))
		var proven []string
		for _, p := range given(t, SplitToRead(t.Context(), path, scan.Limits{})) {
			_, whole, err := scan.DecodeProven(p)
			if err != nil || !whole || !p.Unproven || p.Encoding != scan.JPEG {
				t.Fatalf("%v, page %d: %s, whole %t, unproven %t, %v", form, p.Index, p.Encoding, whole, p.Unproven, err)
			}
			proven = append(proven, p.Proof(sha256.Sum256(p.Data)))
		}
		lists := map[string][]string{"proven": proven, "nothing": nil, "another's": {proven[len(proven)-1] + "0", "00"}, "too few": {"", proven[0]}}
		for name, list := range lists {
			got := given(t, SplitToWrite(t.Context(), path, scan.Limits{}, list))
			if !reflect.DeepEqual(got, want) {
				t.Errorf("%v, %s: other pages", form, name)
			}
			for _, p := range got {
				if p.Unproven {
					t.Errorf("%v, %s: page %d goes into a file unproven", form, name, p.Index)
				}
			}
		}
	}
}

// A picture that breaks off goes into no file, whatever is said of its page.
func TestBrokenJPEGToWrite(t *testing.T) {
	press, err := specimen.NewPress()
	if err != nil {
		t.Fatal(err)
	}
	f, err := press.Paper(specimen.Notice, 1, specimen.About{Pages: 1}).File(specimen.JPEG, 100, specimen.Office(1), 1)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "scan.jpg")
	half := len(f.Bytes) / 2
	if err := os.WriteFile(path, slices.Concat(f.Bytes[:half], f.Bytes[half+5000:]), 0o600); err != nil {
		t.Fatal(err)
	}
	for page, err := range SplitToRead(t.Context(), path, scan.Limits{}) {
		if err != nil || !page.Unproven {
			t.Fatalf("unproven %t, %v", page.Unproven, err)
		}
		if _, _, err := scan.DecodeProven(page); err == nil {
			t.Error("it can be decoded")
		}
	}
	for name, pages := range map[string]iter.Seq2[scan.Page, error]{
		"nothing said": Split(t.Context(), path, scan.Limits{}), "falsely": SplitToWrite(t.Context(), path, scan.Limits{}, []string{"00"})} {
		for page, err := range pages {
			if err == nil {
				t.Errorf("%s: page %d comes", name, page.Index)
			}
		}
	}
}

// TestInPlace: pages whose data were left in their file are those that come with it, and
// nothing of a JPEG picture comes from the child but what stands elsewhere.
func TestInPlace(t *testing.T) {
	press, err := specimen.NewPress()
	if err != nil {
		t.Fatal(err)
	}
	for _, form := range []specimen.Format{specimen.JPEG, specimen.TIFFJPEG, specimen.PDF} {
		f, err := press.Paper(specimen.Notice, 1, specimen.About{Pages: 1}).File(form, 100, specimen.Office(1), 1)
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(t.TempDir(), "scan")
		if err := os.WriteFile(path, f.Bytes, 0o600); err != nil {
			t.Fatal(err)
		}
		left := given(t, SplitInPlace(t.Context(), path, scan.Limits{}))
		for i := range left {
			if there := left[i].Stored.Len() > 0; there != (form != specimen.PDF) || there && (len(left[i].Data) > 0 || len(left[i].Stored.Front) > 1<<10) {
				t.Errorf("%v: %d bytes are left in the file, %d came", form, left[i].Stored.Len(), len(left[i].Data))
			}
			if left[i], err = left[i].Take(bytes.NewReader(f.Bytes), int64(len(f.Bytes))); err != nil {
				t.Fatal(err)
			}
		}
		if want := given(t, SplitToRead(t.Context(), path, scan.Limits{})); !reflect.DeepEqual(left, want) {
			t.Errorf("%v: other pages to read", form)
		}
		if want := given(t, SplitOnce(t.Context(), path, scan.Limits{})); !reflect.DeepEqual(left, want) {
			t.Errorf("%v: other pages to write", form)
		}
	}
}
