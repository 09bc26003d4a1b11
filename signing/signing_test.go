package signing_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sohoa/pdf/revision"
	"sohoa/pdf/revision/revisiontest"
	"sohoa/signing"
	"sohoa/signing/devca/devtest"
	"sohoa/signing/tsa"
)

// tool runs an outside program on a file and returns what it says.
func tool(t *testing.T, file []byte, name string, args ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "a.pdf")
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	for i, a := range args {
		if a == "FILE" {
			args[i] = path
		}
	}
	out, err := exec.Command(name, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", name, err, out)
	}
	return string(out)
}

func TestSignTwice(t *testing.T) {
	for name, paper := range map[string]revisiontest.Paper{
		"upright":       {},
		"turned 90":     {Page: "/MediaBox [0 0 595.28 841.89] /Rotate 90"},
		"turned 180":    {Page: "/MediaBox [0 0 595.28 841.89] /Rotate 180"},
		"turned 270":    {Page: "/MediaBox [0 0 595.28 841.89] /Rotate -90"},
		"shifted, crop": {Page: "/MediaBox [-100 50 700 1000] /CropBox [-50 100 545 942]"},
		"identity card": {Page: "/MediaBox [0 0 242.6 153]"},
		"has a form": {Catalog: "/AcroForm <</Fields [7 0 R] /DA (/F 0 Tf)>> /Lang (vi)", Page: "/MediaBox [0 0 595 842] /Annots [7 0 R]",
			Objects: []string{"<</Type /Annot /Subtype /Widget /FT /Tx /T (Signature1) /Rect [9 9 99 29] /F 4>>"}},
	} {
		t.Run(name, func(t *testing.T) {
			desk := devtest.New(t, time.Now)
			file := paper.Bytes()
			signed := desk.Twice(t, file)
			if !bytes.HasPrefix(signed, file) {
				t.Error("the original is no prefix")
			}
			if says := tool(t, signed, "qpdf", "--check", "FILE"); !strings.Contains(says, "No syntax or stream encoding errors") {
				t.Error(says)
			}
			text := strings.Join(strings.Fields(tool(t, signed, "pdftotext", "-layout", "FILE", "-")), " ")
			for _, want := range []string{"Nguyễn Vĩnh Nghĩa", "2026-11-20T08:02:03+07:00", "SAO Y"} {
				if !strings.Contains(text, want) && name != "identity card" {
					t.Errorf("%q is not in %q", want, text)
				}
			}
			if says := tool(t, signed, "pdfinfo", "FILE"); !strings.Contains(says, "Producer") {
				t.Errorf("the document information is lost: %s", says)
			}
			marksInside(t, signed, strings.HasSuffix(name, "90") || strings.HasSuffix(name, "270"))
			if name == "has a form" && !strings.Contains(string(signed[len(file):]), "/DA ") {
				t.Error("the form's DA is lost")
			}
			if n := len(desk.Journal.Intents()); n != 2 {
				t.Errorf("%d intents, want 2", n)
			}
		})
	}
}

// marksInside checks, by poppler's eyes, that the marks stand where the law and
// the page want them.
func marksInside(t *testing.T, file []byte, turned bool) {
	t.Helper()
	out := tool(t, file, "pdftotext", "-cropbox", "-bbox", "FILE", "-")
	var w, h float64
	_, page, _ := strings.Cut(out, "<page ")
	if _, err := fmt.Sscanf(page, `width="%f" height="%f"`, &w, &h); err != nil {
		t.Fatal(err)
	}
	if turned { // poppler turns the words, not the sheet
		w, h = h, w
	}
	var left, right float64 // how far the left mark reaches, where the right one begins
	right = w
	seen := 0
	for _, line := range strings.Split(out, "\n") {
		var x0, y0, x1, y1 float64
		if _, err := fmt.Sscanf(strings.TrimSpace(line), `<word xMin="%f" yMin="%f" xMax="%f" yMax="%f"`, &x0, &y0, &x1, &y1); err != nil || strings.Contains(line, "Xin") || strings.Contains(line, "chao") {
			continue
		}
		seen++
		if x0 < 10 || x1 > w-10 || y0 < 8 {
			t.Errorf("too near to an edge of %g by %g: %s", w, h, line)
		}
		if x0 < w/2 {
			left = max(left, x1)
		} else {
			right = min(right, x0)
		}
	}
	if seen < 6 || left > right || left > 0.46*w || right < 0.54*w {
		t.Errorf("%d words, left mark to %.0f, right mark from %.0f of %.0f", seen, left, right, w)
	}
}

// TestStreams signs files as other writers make them: with cross-reference
// streams and objects in object streams.
func TestStreams(t *testing.T) {
	desk := devtest.New(t, time.Now)
	dir := t.TempDir()
	in, out := filepath.Join(dir, "in.pdf"), filepath.Join(dir, "out.pdf")
	if err := os.WriteFile(in, revisiontest.Paper{}.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, how := range []string{"--object-streams=generate", "--linearize"} {
		if says, err := exec.Command("qpdf", how, in, out).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, says)
		}
		file, err := os.ReadFile(out)
		if err != nil {
			t.Fatal(err)
		}
		signed := desk.Twice(t, file)
		if !bytes.HasPrefix(signed, file) {
			t.Error("the original is no prefix")
		}
		if says := tool(t, signed, "qpdf", "--check", "FILE"); strings.Contains(says, "WARNING") {
			t.Error(how, says)
		}
		if text := tool(t, signed, "pdftotext", "FILE", "-"); !strings.Contains(text, "Nguyễn Vĩnh Nghĩa") {
			t.Error(how, text)
		}
	}
}

func TestOrder(t *testing.T) {
	file := revisiontest.Paper{}.Bytes()
	sign := func(t *testing.T, d *devtest.Desk, k signing.Key) (string, error) {
		var out bytes.Buffer
		err := d.Sealer.Sign(t.Context(), signing.Request{Subject: "d1", Profile: signing.CopyOfficer, Key: k, Name: "An"},
			bytes.NewReader(file), int64(len(file)), &out)
		return out.String(), err
	}
	t.Run("no journal, no signature", func(t *testing.T) {
		d := devtest.New(t, time.Now)
		k := d.Key(t, "an", "An", "")
		d.Journal.Fail = errors.New("disk full")
		k.Signer = never{k.Signer, t}
		if out, err := sign(t, d, k); !errors.Is(err, d.Journal.Fail) || strings.Contains(out, "/ByteRange") {
			t.Errorf("err = %v", err)
		}
	})
	t.Run("no time, no signature", func(t *testing.T) {
		d := devtest.New(t, time.Now)
		for name, h := range map[string]http.HandlerFunc{
			"fails":   func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "no", 500) },
			"a page":  func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<html>") },
			"too big": func(w http.ResponseWriter, _ *http.Request) { w.Write(make([]byte, 1<<20)) },
			"hangs":   func(http.ResponseWriter, *http.Request) { time.Sleep(time.Second) },
		} {
			s := httptest.NewServer(h)
			client := *d.Sealer.TSA
			client.URL, client.Timeout = s.URL, 200*time.Millisecond
			d.Sealer.TSA = &client
			if out, err := sign(t, d, d.Key(t, "an", "An", "")); !errors.Is(err, tsa.ErrUnavailable) || strings.Contains(out, "/ByteRange") {
				t.Errorf("%s: err = %v", name, err)
			}
			s.Close()
		}
		if len(d.Journal.Intents()) != 4 {
			t.Error("what may have been signed is not in the journal")
		}
	})
	t.Run("expired", func(t *testing.T) {
		d := devtest.New(t, time.Now)
		k := d.Key(t, "an", "An", "")
		d.Sealer.Now = func() time.Time { return time.Now().AddDate(3, 0, 0) }
		if _, err := sign(t, d, k); !errors.Is(err, signing.ErrExpired) {
			t.Errorf("err = %v", err)
		}
	})
	t.Run("another's key", func(t *testing.T) {
		d := devtest.New(t, time.Now)
		k := d.Key(t, "an", "An", "")
		k.Signer = d.Key(t, "ba", "Ba", "").Signer
		if _, err := sign(t, d, k); !errors.Is(err, signing.ErrKey) {
			t.Errorf("err = %v", err)
		}
	})
	t.Run("intent is about the covered bytes", func(t *testing.T) {
		d := devtest.New(t, time.Now)
		out, err := sign(t, d, d.Key(t, "an", "An", ""))
		if err != nil {
			t.Fatal(err)
		}
		from := strings.Index(out, "/Contents <") + len("/Contents ")
		end := from + strings.IndexByte(out[from:], '>') + 1
		if sum := sha256.Sum256([]byte(out[:from] + out[end:])); sum != d.Journal.Intents()[0].ToSign {
			t.Error("digest differs")
		}
	})
}

// never is a key that must not be asked.
type never struct {
	cryptoSigner
	t *testing.T
}

func TestRefused(t *testing.T) {
	d := devtest.New(t, time.Now)
	good := revisiontest.Paper{}.Bytes()
	for name, c := range map[string]struct {
		file []byte
		want error
	}{
		"encrypted":       {revisiontest.Paper{Trailer: "/Encrypt <</Filter /Standard>>"}.Bytes(), revision.ErrEncrypted},
		"hybrid":          {revisiontest.Paper{Trailer: "/XRefStm 15"}.Bytes(), revision.ErrHybrid},
		"certified":       {revisiontest.Paper{Catalog: "/Perms <</DocMDP 6 0 R>>"}.Bytes(), revision.ErrLocked},
		"XFA":             {revisiontest.Paper{Catalog: "/AcroForm <</XFA (x) /Fields []>>"}.Bytes(), revision.ErrLocked},
		"empty":           {nil, revision.ErrDamaged},
		"no PDF":          {[]byte("PK hello, this is no PDF at all\n%%EOF\n"), revision.ErrDamaged},
		"junk in front":   {append([]byte("junk\n"), good...), revision.ErrDamaged},
		"junk behind":     {append(bytes.Clone(good), "junk"...), revision.ErrDamaged},
		"truncated":       {good[:len(good)-100], revision.ErrDamaged},
		"circle":          {revisiontest.Paper{Trailer: "/Prev 0"}.Bytes(), revision.ErrDamaged},
		"key twice":       {revisiontest.Paper{Catalog: "/Lang (vi) /Lang (en)"}.Bytes(), revision.ErrDamaged},
		"page of no size": {revisiontest.Paper{Page: "/MediaBox [0 0 0 0]"}.Bytes(), revision.ErrDamaged},
		"deep":            {revisiontest.Paper{Catalog: "/X " + strings.Repeat("[", 5000)}.Bytes(), revision.ErrDamaged},
	} {
		err := d.Sealer.Sign(t.Context(), signing.Request{Profile: signing.CopyOfficer, Key: d.Key(t, "an", "An", ""), Name: "An"},
			bytes.NewReader(c.file), int64(len(c.file)), &bytes.Buffer{})
		if !errors.Is(err, c.want) {
			t.Errorf("%s: err = %v, want %v", name, err, c.want)
		}
	}
	if len(d.Journal.Intents()) != 0 {
		t.Error("an intent without anything to sign")
	}
}
