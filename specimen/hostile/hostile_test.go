package hostile

import (
	"bytes"
	"compress/zlib"
	"io"
	"testing"
)

func TestFiles(t *testing.T) {
	if n := len(Kinds()); n < 40 {
		t.Errorf("%d kinds", n)
	}
	names, kinds := map[string]bool{}, map[string]map[string]bool{}
	total := 0
	for f := range Files(1, 0, 4) {
		if len(f.Bytes) == 0 || len(f.Bytes) > 8<<20 || names[f.Name] {
			t.Errorf("%s: %d bytes, or twice", f.Name, len(f.Bytes))
		}
		names[f.Name] = true
		total += len(f.Bytes)
		if kinds[f.Kind] == nil {
			kinds[f.Kind] = map[string]bool{}
		}
		kinds[f.Kind][string(f.Bytes)] = true
	}
	for k, different := range kinds {
		if len(different) < 3 {
			t.Errorf("%s has %d different variants of 4", k, len(different))
		}
	}
	t.Logf("%d kinds, %d files, %d MB", len(kinds), len(names), total>>20)
	for _, n := range []int{0, 1, 70_000, 3<<20 + 5} {
		z, err := zlib.NewReader(bytes.NewReader(run('x', n)))
		if err != nil {
			t.Fatal(err)
		}
		if b, err := io.ReadAll(z); err != nil || len(b) != n || len(bytes.Trim(b, "x")) > 0 {
			t.Errorf("a run of %d: %d bytes, %v", n, len(b), err)
		}
	}
	for _, k := range []string{"flip-pdf", "curves", "xref-offsets"} {
		if !bytes.Equal(Of(k, 7, 2).Bytes, Of(k, 7, 2).Bytes) || bytes.Equal(Of(k, 7, 2).Bytes, Of(k, 8, 2).Bytes) {
			t.Errorf("%s does not follow its seed", k)
		}
	}
}
