package quality

import (
	"errors"
	"iter"
	"os"
	"testing"

	"sohoa/jail"
	"sohoa/scan"
	"sohoa/specimen"
)

func TestMain(m *testing.M) {
	os.Setenv("SOHOA_JAIL_CHILD", os.Getenv("SOHOA_TEST_CHILD")) // under the race detector
	jail.Main(map[string]jail.Child{ChildName: Child})
	os.Exit(m.Run())
}

func these(pages ...scan.Page) iter.Seq2[scan.Page, error] {
	return func(yield func(scan.Page, error) bool) {
		for _, p := range pages {
			if !yield(p, nil) {
				return
			}
		}
	}
}

// The child answers page by page; a page that cannot be decoded is refused with its
// number, and those before it are told.
func TestLooks(t *testing.T) {
	press, err := specimen.NewPress()
	if err != nil {
		t.Fatal(err)
	}
	f, err := press.Paper(specimen.Notice, 3, specimen.About{}).Only(0).File(specimen.JPEG, 150, specimen.Office(3), 3)
	if err != nil {
		t.Fatal(err)
	}
	good, err := scan.JPEGPage(f.Bytes, scan.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	good.DPIX, good.DPIY, good.DPIFrom = 150, 150, scan.FromFile
	told := scan.Page{Index: 1, Encoding: scan.Itself, Width: 100, Height: 100, DPIX: 72, DPIY: 72, Told: []scan.ToldLine{}}
	looks, err := Looks(t.Context(), these(good, told))
	if err != nil || len(looks) != 2 || !looks[0].Has(LowDPI) || looks[0].Told || !looks[1].Told || looks[0].Sum == "" || looks[0].Sum == looks[1].Sum {
		t.Fatalf("%+v, %v", looks, err)
	}
	broken := good
	broken.Index, broken.Data = 1, append([]byte{}, good.Data[:len(good.Data)/40]...)
	lying := good
	lying.Index, lying.Width = 1, good.Width+1
	for _, bad := range []scan.Page{broken, lying, {Index: 1, Encoding: scan.Flate, Width: 10, Height: 10, Components: 3, Bits: 8, DPIX: 200, DPIY: 200, Data: []byte("no")}} {
		looks, err := Looks(t.Context(), these(good, bad))
		var r *jail.Refusal
		if len(looks) != 1 || !errors.As(err, &r) || r.Code != "damaged" || r.Page != 2 {
			t.Errorf("%s: %d looks, %v", bad.Encoding, len(looks), err)
		}
	}
}
