package sniff

import (
	"bytes"
	"compress/zlib"
	"crypto/sha256"
	"encoding/binary"
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"sohoa/scan"
)

// strips is a TIFF file of n pages in colour, of one deflate strip each, with
// bytes behind the strip of one of them.
func strips(t *testing.T, n, spoilt int) string {
	t.Helper()
	const side = 64
	b, last := []byte("II*\x00\x00\x00\x00\x00"), 4
	for page := range n {
		at := len(b)
		rows := make([]byte, 3*side*side)
		for i := range rows {
			rows[i] = byte(i*i>>7 + page)
		}
		var packed bytes.Buffer
		z := zlib.NewWriter(&packed)
		if _, err := z.Write(rows); err != nil {
			t.Fatal(err)
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		b = append(b, packed.Bytes()...)
		bits := len(b)
		b = append(b, 8, 0, 8, 0, 8, 0)
		size := bits - at
		if page == spoilt {
			size += 2
		}
		binary.LittleEndian.PutUint32(b[last:], uint32(len(b)))
		fields := [...][4]uint32{{256, 4, 1, side}, {257, 4, 1, side}, {258, 3, 3, uint32(bits)}, {259, 3, 1, 8}, {262, 3, 1, 2},
			{273, 4, 1, uint32(at)}, {277, 3, 1, 3}, {278, 4, 1, side}, {279, 4, 1, uint32(size)}}
		b = binary.LittleEndian.AppendUint16(b, uint16(len(fields)))
		for _, f := range fields {
			b = binary.LittleEndian.AppendUint16(b, uint16(f[0]))
			b = binary.LittleEndian.AppendUint16(b, uint16(f[1]))
			b = binary.LittleEndian.AppendUint32(b, f[2])
			b = binary.LittleEndian.AppendUint32(b, f[3])
		}
		last = len(b)
		b = binary.LittleEndian.AppendUint32(b, 0)
	}
	path := filepath.Join(t.TempDir(), "a.tif")
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// given returns the pages.
func given(t *testing.T, pages func(func(scan.Page, error) bool)) (all []scan.Page) {
	t.Helper()
	for p, err := range pages {
		if err != nil {
			t.Fatal(err)
		}
		p.Digest = [32]byte{}
		all = append(all, p)
	}
	return all
}

// TestSplitToWrite: what a reader has proven is taken as it is; what he has not,
// or of other bytes or another form, is looked at as ever; and either way the
// same pages come.
func TestSplitToWrite(t *testing.T) {
	const pages = 3
	for spoilt := -1; spoilt < pages; spoilt++ {
		path := strips(t, pages, spoilt)
		want := given(t, Split(t.Context(), path, scan.Limits{}))
		var proven []string
		for i, p := range given(t, SplitToRead(t.Context(), path, scan.Limits{})) {
			_, whole, err := scan.DecodeProven(p)
			if err != nil || !p.Unproven || whole != (i != spoilt) {
				t.Fatalf("page %d of which %d is spoilt: whole %t, unproven %t, %v", i, spoilt, whole, p.Unproven, err)
			}
			proof := ""
			if whole {
				proof = p.Proof(sha256.Sum256(p.Data))
			}
			proven = append(proven, proof)
		}
		for name, list := range map[string][]string{"proven": proven, "nothing": nil, "too few": proven[:1],
			"another's": {proven[1], proven[2], proven[0]}, "the second other": {proven[0], "00", proven[2]}} {
			got := given(t, SplitToWrite(t.Context(), path, scan.Limits{}, list))
			if !reflect.DeepEqual(got, want) {
				t.Errorf("%s, page %d spoilt: other pages", name, spoilt)
			}
			for i, p := range got {
				if p.Unproven || (p.Note == "") != (i != spoilt) {
					t.Errorf("%s, page %d with %d spoilt: unproven %t, %q", name, i, spoilt, p.Unproven, p.Note)
				}
			}
		}
	}
}

// What the child says of a strip holds of the bytes that it saw: a file that is
// another one when the parent takes them from it gives no page. Of one that nobody
// has looked at comes what is there, and its reader finds out.
func TestFileThatChanges(t *testing.T) {
	for name, refuse := range map[string]bool{"split": true, "read": false} {
		path := strips(t, 2, -1)
		pages := Split(t.Context(), path, scan.Limits{})
		if name == "read" {
			pages = SplitToRead(t.Context(), path, scan.Limits{})
		}
		n, failed := 0, false
		for p, err := range pages {
			if failed = err != nil; failed {
				break
			}
			if n++; n > 1 {
				continue
			}
			time.Sleep(200 * time.Millisecond) // the child does not wait: it has looked at the second page as well
			b, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			at := len(p.Data) + 200 // within the second strip
			b[at] ^= 0x10
			if err := os.WriteFile(path, b, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if failed != refuse || n == 0 || !refuse && n != 2 {
			t.Errorf("%s: %d pages of a file that changed, failed %t", name, n, failed)
		}
	}
}
