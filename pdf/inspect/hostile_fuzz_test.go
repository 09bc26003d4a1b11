package inspect

import (
	"testing"

	"sohoa/pdf/graft"
	"sohoa/scan"
	"sohoa/specimen/hostile"
)

// FuzzHostile takes files that mean harm through the gates, plans their pages,
// and cuts each page out.
func FuzzHostile(f *testing.F) {
	for file := range hostile.Files(1, 0, 1) {
		if len(file.Bytes) <= 16<<10 && scan.Sniff(file.Bytes[:min(len(file.Bytes), scan.SniffLen)]) == scan.MediaPDF {
			f.Add(file.Bytes)
		}
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		file := &File{l: scan.Limits{Pixels: 1 << 20, Pages: 10, Bytes: 1 << 20, Objects: 10_000, Expand: 1 << 20, ExpandAll: 4 << 20}.OrDefault(), m: &mapping{b: b}}
		if err := guarded(func() error { return file.read(file.m) }); err != nil {
			if codeOf(err) == "" {
				t.Fatalf("not a refusal: %v", err)
			}
			return
		}
		for i := range file.plans {
			l := file.plans[i].leaf
			_ = guarded(func() error {
				g, _, err := graft.Cut(file.ctx, graft.Leaf{Dict: l.dict, Resources: l.resources,
					Box: [4]float64{l.box.x0, l.box.y0, l.box.x1, l.box.y1}, Unit: l.unit, Turn: l.turn})
				if err == nil {
					_, err = graft.Decode(g.Encode())
					if err != nil {
						t.Fatalf("what was cut cannot be read: %v", err)
					}
				}
				return err
			})
		}
	})
}
