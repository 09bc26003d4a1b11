//go:build conformance

package conformance

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/account"
	"sohoa/dossier/digest"
)

// noisy is a picture that does not become small: grey noise of w by h pixels.
func noisy(t *testing.T, w, h int, seed uint64) []byte {
	t.Helper()
	at := rand.New(rand.NewPCG(seed, 1))
	img := image.NewGray(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			img.SetGray(x, y, color.Gray{Y: uint8(at.UintN(256))})
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// counterAt is a procedure with three places and two people at its counter; it returns
// the tokens of their sessions.
func counterAt(t *testing.T, data string) (first, second string) {
	t.Helper()
	ctx := t.Context()
	db, must := rowsOf(t, data)
	defer db.Close()
	var parts []dossier.Component
	for _, slot := range []dossier.SlotCode{"TP01", "TP02", "TP03"} {
		parts = append(parts, dossier.Component{Slot: slot, Kind: "DDN", Name: "Đơn " + string(slot), Required: true, Digitise: true})
	}
	must(db.PutProcedure(ctx, dossier.Procedure{Code: "9.1", Name: "Xác nhận", Level: dossier.Full, Components: parts}))
	now := time.Now()
	for i, browser := range []string{"Chrome/Linux", "program"} {
		id := dossier.PersonID(fmt.Sprint("p-at-", i))
		must(db.PutPerson(ctx, dossier.Person{ID: id, Login: string(id), Name: "Cúc", Role: dossier.Counter, Agency: "A00"}, ""))
		must(db.AddSession(ctx, digest.Of([]byte(id)), account.Session{Person: id, Browser: browser, Began: now, Proved: now, Until: now.Add(time.Hour), Idle: time.Hour}))
	}
	return "p-at-0", "p-at-1"
}

// steered runs a script of a browser beside a service that it has killed and started
// again when it says so; what it says at the end goes to out.
func (l *lit) steered(out any, args ...string) {
	l.t.Helper()
	cmd := exec.Command("node", args...)
	in, err := cmd.StdinPipe()
	if err != nil {
		l.t.Fatal(err)
	}
	says, err := cmd.StdoutPipe()
	if err != nil {
		l.t.Fatal(err)
	}
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		l.t.Fatal(err)
	}
	late := time.AfterFunc(4*time.Minute, func() { _ = cmd.Process.Kill() })
	defer late.Stop()
	for lines := bufio.NewScanner(says); lines.Scan(); {
		if lines.Text() == "kill" {
			l.kill()
			l.start()
			fmt.Fprintln(in)
		} else if err := json.Unmarshal(lines.Bytes(), out); err != nil {
			l.t.Errorf("%v: %s", err, lines.Text())
		}
	}
	if err := cmd.Wait(); err != nil {
		l.t.Fatal(err)
	}
}

// TestWeakLines has a real browser send files to the real service over a line that is cut
// at 60 %, and the service killed: it goes on, one document results, of the same bytes.
// tus-js-client judges that the protocol is spoken as others speak it.
func TestWeakLines(t *testing.T) {
	t.Parallel()
	modules := cached(t, "tus-4.3.1", "node_modules/tus-js-client/package.json", func(dir string) {
		said(t, dir, "npm", "install", "--no-audit", "--no-fund", "--silent", "--prefix", dir, "playwright-core@1.65.1", "axe-core@4.14.1", "tus-js-client@4.3.1")
	})
	data, dir := t.TempDir(), t.TempDir()
	_, ids := seeded(t, data)
	token, other := counterAt(t, data)
	code := regexp.MustCompile(`"path.code" = "([^"]+)"`).FindStringSubmatch(ids)[1]
	put(t, dir, "big.png", noisy(t, 2480, 3508, 1))
	put(t, dir, "a.png", noisy(t, 500, 700, 2))
	put(t, dir, "b.png", noisy(t, 500, 700, 3))
	l := &lit{t: t, data: data, addr: free(t)}
	l.start()
	defer func() { l.kill() }()
	var s struct {
		Said struct {
			Cut, Kept                         float64
			Size, Waits, After, Offline, Sent int
			Laid, Expired                     int
			Document, Asked, Judge, Sum       string
			Leaves                            []string
			Pasted                            string
			Phone                             struct {
				Cut, Kept float64
				Says      string
				Left      int
			}
			Out struct{ Files, Marks int }
		}
		Errors []string
	}
	l.steered(&s, "uploads.mjs", "http://"+l.addr, modules, token, code, dir, other)
	x := s.Said
	if x.Cut < 0.6 || x.Kept < 0.3 || x.Kept > 0.95 {
		t.Errorf("the line was cut at %.2f, and %.2f was there: this proves nothing", x.Cut, x.Kept)
	}
	if x.Waits != 1 || x.After != 0 || x.Offline != 2 || x.Sent != 0 || x.Expired != 1 || x.Out.Files != 0 || x.Out.Marks != 0 || x.Asked == "" {
		t.Errorf("what waits in the browser: %+v", x)
	}
	if len(x.Leaves) != 2 || !strings.HasPrefix(x.Leaves[0], "a.png") || x.Laid != 2 {
		t.Errorf("laid out: %+v", x)
	}
	if !strings.HasPrefix(x.Pasted, "image.png") {
		t.Errorf("what was pasted is %q", x.Pasted)
	}
	if p := x.Phone; p.Cut < 0.6 || p.Kept < 0.3 || p.Kept > 0.95 || !strings.Contains(p.Says, "Đã gửi 1 tệp") || p.Left != 0 {
		t.Errorf("the phone: %+v", p)
	}
	if len(s.Errors) > 0 {
		t.Error(s.Errors)
	}
	db, must := rowsOf(t, data)
	defer db.Close()
	docs, err := db.Documents(t.Context(), dossier.DocumentQuery{Dossier: dossier.Code(code), Limit: 100})
	must(err)
	brought := map[dossier.SlotCode][]string{}
	for _, d := range docs {
		if d.Parts[dossier.PartScan].String() == x.Sum {
			brought[d.Slot] = append(brought[d.Slot], "/documents/"+string(d.ID))
		}
	}
	if len(brought["TP01"]) != 1 || brought["TP01"][0] != x.Document || len(brought["TP03"]) != 1 || brought["TP03"][0] != x.Judge {
		t.Errorf("of bytes %s there are %v; the pages say %s and %s", x.Sum, brought, x.Document, x.Judge)
	}
	if left, _ := filepath.Glob(filepath.Join(data, "arriving", "*", "*.part")); len(left) > 1 { // the one that was waiting at the end may be announced
		t.Errorf("left behind: %v", left)
	}
	t.Logf("%+v", x)
}
