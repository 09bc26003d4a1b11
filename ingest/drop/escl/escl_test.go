package escl_test

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"sohoa/ingest/drop/escl"
	"sohoa/jail"
)

func TestMain(m *testing.M) {
	jail.Main(map[string]jail.Child{escl.Name: escl.Child})
	os.Exit(m.Run())
}

// A machine is a scanner as Mopria's eSCL specification has it, made for this test: no
// program of Debian's serves eSCL. Another client than ours, sane-airscan, is asked
// whether it is one (TestMachineIsAScanner).
type machine struct {
	t  *testing.T
	mu sync.Mutex

	sheets  int    // in the feeder
	jam     int    // the sheet that jams; 0: none
	feeder  string // the feeder's state
	busy    int    // how often it says that it is
	job     map[string]string
	next    int
	deleted bool

	answer func(w http.ResponseWriter, r *http.Request) bool // instead of all this
}

func (m *machine) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.answer != nil && m.answer(w, r) {
		return
	}
	switch at := strings.TrimPrefix(r.URL.Path, "/eSCL"); {
	case r.Method == http.MethodGet && at == "/ScannerCapabilities":
		caps := `<scan:MinWidth>16</scan:MinWidth><scan:MaxWidth>300</scan:MaxWidth><scan:MinHeight>16</scan:MinHeight><scan:MaxHeight>400</scan:MaxHeight><scan:MaxScanRegions>1</scan:MaxScanRegions><scan:SettingProfiles><scan:SettingProfile><scan:ColorModes><scan:ColorMode>Grayscale8</scan:ColorMode><scan:ColorMode>RGB24</scan:ColorMode></scan:ColorModes><scan:DocumentFormats><pwg:DocumentFormat>image/jpeg</pwg:DocumentFormat><scan:DocumentFormatExt>image/jpeg</scan:DocumentFormatExt></scan:DocumentFormats><scan:SupportedResolutions><scan:DiscreteResolutions><scan:DiscreteResolution><scan:XResolution>150</scan:XResolution><scan:YResolution>150</scan:YResolution></scan:DiscreteResolution><scan:DiscreteResolution><scan:XResolution>300</scan:XResolution><scan:YResolution>300</scan:YResolution></scan:DiscreteResolution></scan:DiscreteResolutions></scan:SupportedResolutions></scan:SettingProfile></scan:SettingProfiles><scan:SupportedIntents><scan:Intent>Document</scan:Intent></scan:SupportedIntents>`
		m.xml(w, "ScannerCapabilities", `<pwg:Version>2.63</pwg:Version><pwg:MakeAndModel>Máy thử</pwg:MakeAndModel><scan:Platen><scan:PlatenInputCaps>`+caps+`</scan:PlatenInputCaps></scan:Platen><scan:Adf><scan:AdfSimplexInputCaps>`+caps+`</scan:AdfSimplexInputCaps></scan:Adf>`)
	case r.Method == http.MethodGet && at == "/ScannerStatus":
		jobs := ""
		if m.job != nil {
			jobs = `<scan:Jobs><scan:JobInfo><pwg:JobUri>/eSCL/ScanJobs/7</pwg:JobUri><pwg:JobUuid>7</pwg:JobUuid><pwg:JobState>Processing</pwg:JobState><pwg:JobStateReasons><pwg:JobStateReason>JobScanning</pwg:JobStateReason></pwg:JobStateReasons></scan:JobInfo></scan:Jobs>`
		}
		m.xml(w, "ScannerStatus", `<pwg:Version>2.63</pwg:Version><pwg:State>Idle</pwg:State><scan:AdfState>`+m.feeder+`</scan:AdfState>`+jobs)
	case r.Method == http.MethodPost && at == "/ScanJobs":
		m.begin(w, r)
	case r.Method == http.MethodGet && at == "/ScanJobs/7/NextDocument" && m.job != nil:
		m.document(w)
	case r.Method == http.MethodDelete && at == "/ScanJobs/7":
		m.deleted, m.job = true, nil
	default:
		http.NotFound(w, r)
	}
}

func (m *machine) xml(w http.ResponseWriter, name, in string) {
	w.Header().Set("Content-Type", "text/xml")
	fmt.Fprintf(w, `<?xml version="1.0" encoding="UTF-8"?><scan:%s xmlns:scan="http://schemas.hp.com/imaging/escl/2011/05/03" xmlns:pwg="http://www.pwg.org/schemas/2010/12/sm">%s</scan:%[1]s>`, name, in)
}

// begin takes the settings apart as they must be: elements of the right namespaces.
func (m *machine) begin(w http.ResponseWriter, r *http.Request) {
	var s struct {
		XMLName xml.Name `xml:"http://schemas.hp.com/imaging/escl/2011/05/03 ScanSettings"`
		Version string   `xml:"http://www.pwg.org/schemas/2010/12/sm Version"`
		Width   int      `xml:"ScanRegions>ScanRegion>Width"`
		Source  string   `xml:"http://www.pwg.org/schemas/2010/12/sm InputSource"`
		Mode    string   `xml:"http://schemas.hp.com/imaging/escl/2011/05/03 ColorMode"`
		X       int      `xml:"http://schemas.hp.com/imaging/escl/2011/05/03 XResolution"`
	}
	switch err := xml.NewDecoder(r.Body).Decode(&s); {
	case m.busy > 0:
		m.busy--
		http.Error(w, "busy", http.StatusServiceUnavailable)
	case err != nil || s.Version == "" || s.Width < 16 || s.Width > 300 || s.X != 150 && s.X != 300:
		http.Error(w, fmt.Sprint(s, err), http.StatusConflict)
	default:
		m.job, m.next, m.deleted = map[string]string{"source": s.Source, "mode": s.Mode}, 0, false
		w.Header().Set("Location", "http://"+r.Host+"/eSCL/ScanJobs/7")
		w.WriteHeader(http.StatusCreated)
	}
}

func (m *machine) document(w http.ResponseWriter) {
	glass := m.job["source"] == "Platen"
	switch {
	case m.jam > 0 && m.next+1 == m.jam:
		m.feeder = "ScannerAdfJam"
		w.WriteHeader(http.StatusNotFound)
		return
	case glass && m.next == 1, !glass && m.sheets == 0:
		if !glass {
			m.feeder = "ScannerAdfEmpty"
		}
		w.WriteHeader(http.StatusNotFound)
		return
	}
	if m.next++; !glass {
		m.sheets--
	}
	im := image.NewRGBA(image.Rect(0, 0, 150, 200))
	for i := range im.Bounds().Dx() * 200 {
		im.Set(i%150, i/150, color.RGBA{uint8(20 * m.next), uint8(i), 90, 255})
	}
	w.Header().Set("Content-Type", "image/jpeg")
	_ = jpeg.Encode(w, im, nil)
}

func start(t *testing.T) (*machine, string) {
	m := &machine{t: t, feeder: "ScannerAdfLoaded", sheets: 3}
	s := httptest.NewServer(m)
	t.Cleanup(s.Close)
	return m, s.URL
}

func open(t *testing.T, at string) (*escl.Scanner, escl.Capabilities) {
	t.Helper()
	s, err := escl.Open(at, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	c, err := s.Capabilities(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return s, c
}

func code(err error) string {
	var no *escl.Trouble
	if !errors.As(err, &no) {
		return fmt.Sprint(err)
	}
	if no.VI == "" || no.VI == no.EN {
		return "not said in two languages"
	}
	return no.Code
}

// The scanner of these tests is one to sane-airscan, which others wrote.
func TestMachineIsAScanner(t *testing.T) {
	if list, _ := filepath.Glob("/usr/lib/*/sane/libsane-airscan.so.1"); len(list) == 0 {
		t.Skip("sane-airscan is not installed")
	}
	m, at := start(t)
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	out, conf := filepath.Join(t.TempDir(), "p%d.png"), t.TempDir()
	for name, text := range map[string]string{"dll.conf": "airscan\n", "airscan.conf": "[options]\ndiscovery = disable\n"} {
		if err := os.WriteFile(filepath.Join(conf, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	run := exec.CommandContext(ctx, "scanimage", "-d", "airscan:escl:thu:"+at+"/eSCL", "--format=png", "--source=ADF", "--mode=Color", "--resolution=150", "--batch="+out)
	run.Env = append(os.Environ(), "SANE_CONFIG_DIR="+conf)
	b, err := run.CombinedOutput()
	list, _ := filepath.Glob(filepath.Join(filepath.Dir(out), "*.png"))
	if err != nil || len(list) != 3 || m.sheets != 0 {
		t.Errorf("sane-airscan took %d of three sheets: %v\n%s", len(list), err, b)
	}
}

// All sheets of the feeder come in order, and one of the glass.
func TestScan(t *testing.T) {
	m, at := start(t)
	m.busy = 1
	s, c := open(t, at)
	if c.Model != "Máy thử" || len(c.Sources) != 2 || c.Sources[escl.Glass].Width != 300 {
		t.Fatalf("it can %+v", c)
	}
	for _, r := range []struct {
		want   escl.Settings
		sheets int
	}{{escl.Settings{DPI: 200, Mode: "RGB24"}, 3}, {escl.Settings{Source: escl.Glass, DPI: 600, Mode: "Grayscale8"}, 1}} {
		fit, err := c.Fit(r.want)
		if err != nil || fit.DPI != 300 || fit.Format != "image/jpeg" {
			t.Fatalf("%+v, %v", fit, err)
		}
		var got []byte
		n, err := s.Scan(t.Context(), c, fit, func(format string, body io.Reader) error {
			im, err := jpeg.Decode(body)
			if err == nil {
				r, _, _, _ := im.At(10, 10).RGBA()
				got = append(got, byte(r>>8))
			}
			return err
		})
		if err != nil || n != r.sheets || len(got) != n || n == 3 && (got[0] >= got[1] || got[1] >= got[2]) {
			t.Errorf("%+v: %d sheets, %v, %v", fit, n, got, err)
		}
	}
	for want, s := range map[string]escl.Settings{"source": {Source: escl.Both, Mode: "RGB24"}, "settings": {Mode: "BlackAndWhite1"}} {
		if _, err := c.Fit(s); code(err) != want {
			t.Errorf("%+v: %v", s, err)
		}
	}
}

// What stands in the way is said, and what came before stands.
func TestScanTroubles(t *testing.T) {
	for want, r := range map[string]struct {
		came int
		do   func(*machine)
	}{
		"ScannerAdfEmpty":     {0, func(m *machine) { m.feeder = "ScannerAdfEmpty" }},
		"ScannerAdfHatchOpen": {0, func(m *machine) { m.feeder = "ScannerAdfHatchOpen" }},
		"ScannerAdfJam":       {2, func(m *machine) { m.jam = 3 }},
		"stopped":             {0, func(m *machine) { m.answer = says("/eSCL/ScannerStatus", 200, status("Stopped")) }},
		"settings":            {0, func(m *machine) { m.answer = says("/eSCL/ScanJobs", 409, "") }},
		"lost":                {0, func(m *machine) { m.answer = says("/eSCL/ScanJobs/7/NextDocument", 410, "") }},
		"large":               {0, func(m *machine) { m.answer = says("/eSCL/ScanJobs/7/NextDocument", 200, strings.Repeat("x", 2<<20)) }},
		"strange":             {0, func(m *machine) { m.answer = says("/eSCL/ScannerStatus", 200, "<html>not found</html>") }},
	} {
		m, at := start(t)
		s, c := open(t, at)
		fit, err := c.Fit(escl.Settings{DPI: 300, Mode: "RGB24"})
		if err != nil {
			t.Fatal(err)
		}
		r.do(m)
		got := 0
		n, err := s.Scan(t.Context(), c, fit, func(_ string, body io.Reader) error {
			_, err := io.Copy(io.Discard, body)
			if err == nil {
				got++
			}
			return err
		})
		if code(err) != want || n != r.came || got != r.came {
			t.Errorf("%s: %d sheets, %v", want, n, err)
		}
		if m.job != nil && err != nil && !m.deleted {
			t.Errorf("%s: the job is left with the scanner", want)
		}
	}
}

func status(state string) string {
	return `<s:ScannerStatus xmlns:s="http://schemas.hp.com/imaging/escl/2011/05/03" xmlns:p="http://www.pwg.org/schemas/2010/12/sm"><p:State>` + state + `</p:State></s:ScannerStatus>`
}

func says(at string, status int, body string) func(http.ResponseWriter, *http.Request) bool {
	return func(w http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path != at {
			return false
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
		return true
	}
}

// A scanner that means harm leads nowhere else, and fills nothing.
func TestHostileScanner(t *testing.T) {
	elsewhere := 0
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { elsewhere++ }))
	defer other.Close()
	deep := `<s:ScannerStatus xmlns:s="http://schemas.hp.com/imaging/escl/2011/05/03">` + strings.Repeat("<a>", 100_000)
	entities := `<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><s:ScannerStatus xmlns:s="http://schemas.hp.com/imaging/escl/2011/05/03">&b;</s:ScannerStatus>`
	for what, answer := range map[string]func(http.ResponseWriter, *http.Request) bool{
		"a redirect": func(w http.ResponseWriter, r *http.Request) bool {
			http.Redirect(w, r, other.URL, http.StatusFound)
			return true
		},
		"a job elsewhere": func(w http.ResponseWriter, r *http.Request) bool {
			if r.Method != http.MethodPost {
				return false
			}
			w.Header().Set("Location", other.URL+"/eSCL/../x")
			w.WriteHeader(http.StatusCreated)
			return true
		},
		"no end":   says("/eSCL/ScannerStatus", 200, strings.Repeat(" ", 3<<20)),
		"depth":    says("/eSCL/ScannerStatus", 200, deep),
		"entities": says("/eSCL/ScannerStatus", 200, entities),
		"nothing":  says("/eSCL/ScannerStatus", 200, ""),
	} {
		m, at := start(t)
		s, c := open(t, at)
		fit, err := c.Fit(escl.Settings{Mode: "RGB24"})
		if err != nil {
			t.Fatal(err)
		}
		m.answer = answer
		if n, err := s.Scan(t.Context(), c, fit, func(string, io.Reader) error { return nil }); n != 0 || code(err) != "strange" {
			t.Errorf("%s: %d, %v", what, n, err)
		}
	}
	if elsewhere != 0 {
		t.Error("it led somewhere else")
	}
	for _, at := range []string{"ftp://a", "http://u:p@a/eSCL", "http://a/?x", "", "http://"} {
		if _, err := escl.Open(at, 1); err == nil {
			t.Errorf("%q is an address", at)
		}
	}
	var out bytes.Buffer
	if err := escl.Child([]string{"ScannerStatus"}, strings.NewReader(strings.Replace(status("Idle"), "</p:State>", "</p:State><s:AdfState>\x1b[31m</s:AdfState>", 1)), &out); err == nil && strings.Contains(out.String(), "\x1b") {
		t.Error("control characters come through")
	}
}
