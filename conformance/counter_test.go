//go:build conformance

package conformance

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"rsc.io/qr"

	"sohoa/dossier"
	"sohoa/specimen"
)

// mostSteps is how many keys and clicks a whole dossier of three papers may cost.
const mostSteps = 25

// TestCounter has a real browser take a dossier of three papers through at the counter of
// the demonstrated house, counted by steps, and do what goes wrong there every day.
func TestCounter(t *testing.T) {
	t.Parallel()
	data, dir := demonstrated(t), t.TempDir()
	db, must := rowsOf(t, data)
	const procedure = "9.000199" // the last of the list
	var parts []dossier.Component
	for i, kind := range []dossier.KindCode{"DDN", "GKS", "GCN"} {
		parts = append(parts, dossier.Component{Slot: dossier.SlotCode(fmt.Sprintf("TP%02d", i+1)), Kind: kind, Name: "Thành phần " + string(kind), Required: true, Digitise: true})
	}
	must(db.PutProcedure(t.Context(), dossier.Procedure{Code: procedure, Name: "Xác nhận ba giấy tờ", Level: dossier.Full, ResultKind: "XN", Days: 3, Components: parts}))
	must(db.Close())
	press, err := specimen.NewPress()
	must(err)
	for i, kind := range []specimen.Kind{specimen.Application, specimen.BirthExtract, specimen.Certificate} {
		f, err := press.Paper(kind, uint64(40+i), specimen.About{Holder: "Nguyễn Văn An", HolderNumber: "001099012345"}).File(specimen.PNG, 200, specimen.Clean(), uint64(i))
		must(err)
		put(t, dir, fmt.Sprint(i+1, ".png"), f.Bytes)
	}
	code, err := qr.Encode("001099012345|012345678|Nguyễn Văn An|05031999|Nam|Xã An Bình|01012022", qr.M)
	must(err)
	put(t, dir, "card.png", code.PNG())
	put(t, dir, "card.mjpeg", filmed(t, code.Image()))
	base, who := served(t, data)
	b, err := json.Marshal(who)
	must(err)
	put(t, dir, "logins", b)
	var s struct {
		Said struct {
			Faults                   []string
			Filled, Pictured, Chosen string
			Filmed, Camera, Denied   string
			Brought, Steps           int
			Confirmed, Keys          []string
			Phone                    struct{ Same, Dropped, Came bool }
			Stale                    struct {
				Status      int
				Words, Kept string
			}
			Off              bool
			Back, Ended, Out string
			Again            struct{ At, Name, Procedure, Note string }
		}
		Errors []string
	}
	says := said(t, ".", "node", "counter.mjs", base, playwright(t), filepath.Join(dir, "logins"), dir, procedure)
	if err := json.Unmarshal([]byte(says), &s); err != nil {
		t.Fatalf("%v: %s", err, says)
	}
	x := s.Said
	for _, fault := range append(x.Faults, s.Errors...) {
		t.Error(fault)
	}
	if x.Filled != "Nguyễn Văn An" || x.Pictured != x.Filled || x.Filmed != x.Filled || x.Chosen != procedure || x.Steps > mostSteps || x.Steps < 12 {
		t.Errorf("%d steps, %d of them until three papers were brought: %+v", x.Steps, x.Brought, x)
	}
	if x.Camera != "off" || !strings.Contains(x.Denied, "chưa được phép") {
		t.Errorf("the camera is %q after the code was read; denied, the page says %q", x.Camera, x.Denied)
	}
	done := func(state string) bool { return strings.Contains(state, "s-confirmed") }
	if n := len(slices.DeleteFunc(slices.Clone(x.Confirmed), func(s string) bool { return !done(s) })); n != 3 {
		t.Errorf("confirmed are %v", x.Confirmed)
	}
	if p := x.Phone; !p.Same || !p.Dropped || !p.Came {
		t.Errorf("the phone: %+v", p)
	}
	if x.Stale.Status != 409 || x.Stale.Words == "" || x.Stale.Kept != "90" {
		t.Errorf("a stale page: %+v", x.Stale)
	}
	if !slices.Contains(x.Keys, "u") || !slices.Contains(x.Keys, "?") || !x.Off {
		t.Errorf("keys: %v, turned off: %v", x.Keys, x.Off)
	}
	if name := "Nguyễn Văn Chưa Gửi"; x.Back != name || x.Again.At != "/dossiers/new" || x.Again.Name != name || x.Again.Procedure != procedure || x.Again.Note == "" || x.Out != "" {
		t.Errorf("what was typed: %+v", x)
	}
	t.Logf("%+v", x)
}

// filmed is what a camera sees that looks at a picture: motion JPEG, as Chromium's made-up
// camera plays it.
func filmed(t *testing.T, picture image.Image) []byte {
	t.Helper()
	frame := image.NewRGBA(image.Rect(0, 0, 1280, 720))
	draw.Draw(frame, frame.Bounds(), image.NewUniform(color.Gray{Y: 225}), image.Point{}, draw.Src)
	at := image.Pt((1280-picture.Bounds().Dx())/2, (720-picture.Bounds().Dy())/2)
	draw.Draw(frame, picture.Bounds().Add(at), picture, picture.Bounds().Min, draw.Src)
	var film bytes.Buffer
	for range 10 {
		if err := jpeg.Encode(&film, frame, &jpeg.Options{Quality: 85}); err != nil {
			t.Fatal(err)
		}
	}
	return film.Bytes()
}
