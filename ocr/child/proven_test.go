package child

import (
	"bytes"
	"compress/zlib"
	"crypto/sha256"
	"testing"

	"sohoa/scan"
)

// TestProven: of a page that came unproven the reader says that its data are whole
// and nothing besides, if they are; of any other it says nothing.
func TestProven(t *testing.T) {
	const side = 200
	var packed bytes.Buffer
	z := zlib.NewWriter(&packed)
	if _, err := z.Write(bytes.Repeat([]byte{0xff}, 3*side*side)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	page := scan.Page{Encoding: scan.Flate, Width: side, Height: side, Components: 3, Bits: 8, DPIX: 200, DPIY: 200, DPIFrom: scan.FromFile, Data: packed.Bytes()}
	for _, c := range []struct {
		name             string
		unproven, proven bool
		behind           string
	}{{"whole", true, true, ""}, {"nobody asks", false, false, ""}, {"more behind it", true, false, "\x00"}} {
		p := page
		p.Unproven, p.Data = c.unproven, append(bytes.Clone(page.Data), c.behind...)
		want := ""
		if c.proven {
			want = p.Proof(sha256.Sum256(p.Data))
		}
		if got := read(t, p); got.Proven != want || !got.Blank {
			t.Errorf("%s: %q, not %q; blank %t", c.name, got.Proven, want, got.Blank)
		}
	}
	other := page
	other.Width, other.Height = 2*side, side/2
	if sum := sha256.Sum256(page.Data); other.Proof(sum) == page.Proof(sum) {
		t.Error("the same bytes in another form have the same proof")
	}
}
