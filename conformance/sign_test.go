//go:build conformance

package conformance

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"sohoa/bench/line"
	"sohoa/jail"
	"sohoa/pdf/pdfa/pdfatest"
	"sohoa/signing/devca/devtest"
	"sohoa/signing/pdfsign"
	"sohoa/signing/verify"
)

func TestMain(m *testing.M) {
	children := line.Children()
	children["verify"], children[pdfsign.Name] = verify.Child, pdfsign.Child
	jail.Main(children)
	code := m.Run()
	_ = os.RemoveAll(house)
	os.Exit(code)
}

// said runs a judge and returns its words.
func said(t *testing.T, dir, name string, args ...string) string {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Errorf("%s: %v\n%s", name, err, out)
	}
	return string(out)
}

// fetching is held while a judge is looked for and fetched: tests run side by side.
var fetching sync.Mutex

// pyHanko returns a Python that has pyHanko, fetching it once.
func pyHanko(t *testing.T) string {
	t.Helper()
	fetching.Lock()
	defer fetching.Unlock()
	cache, err := filepath.Abs("../.cache/pyhanko")
	if err != nil {
		t.Fatal(err)
	}
	python := filepath.Join(cache, "bin", "python")
	if exec.Command(python, "-c", "import pyhanko.sign").Run() == nil {
		return python
	}
	said(t, ".", "python3", "-m", "venv", cache)
	said(t, ".", python, "-m", "pip", "-q", "install", "pyhanko==0.38.0", "pyhanko-certvalidator==0.33.0")
	return python
}

// signed writes every kind of file that pdfa makes, signed by officer and
// agency, with what the judges need to believe in the authority.
func signed(t *testing.T) (dir string, files map[string][]byte, o verify.Options) {
	t.Helper()
	dir = t.TempDir()
	desk := devtest.New(t, time.Now)
	files = map[string][]byte{}
	for name, b := range pdfatest.Files(t) {
		files[name] = desk.Twice(t, b)
		if !bytes.HasPrefix(files[name], b) {
			t.Errorf("%s: the original is no prefix", name)
		}
		put(t, dir, name+".pdf", files[name])
	}
	put(t, dir, "root.pem", desk.CA.RootPEM())
	crls, err := desk.CA.CRLs()
	if err != nil {
		t.Fatal(err)
	}
	put(t, dir, "issuing.crl", crls[0])
	put(t, dir, "root.crl", crls[1])
	return dir, files, verify.Options{Roots: [][]byte{desk.CA.Root()}, CRLs: crls, At: time.Now()}
}

func put(t *testing.T, dir, name string, b []byte) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestSignaturesJudged has everybody at hand judge files with both signatures.
func TestSignaturesJudged(t *testing.T) {
	t.Parallel()
	dir, files, o := signed(t)
	if err := os.Mkdir(filepath.Join(dir, "nss"), 0o700); err != nil {
		t.Fatal(err)
	}
	said(t, dir, "certutil", "-N", "-d", "nss", "--empty-password")
	said(t, dir, "certutil", "-A", "-d", "nss", "-n", "root", "-t", "CT,C,C", "-i", "root.pem")
	python := pyHanko(t)
	script, err := filepath.Abs("pades.py")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		t.Run(name, func(t *testing.T) {
			file := name + ".pdf"
			sig := said(t, dir, "pdfsig", "-nssdir", "nss", "-no-ocsp", file)
			if strings.Count(sig, "Signature is Valid.") != 2 || strings.Count(sig, "Certificate is Trusted.") != 2 ||
				strings.Count(sig, "ETSI.CAdES.detached") != 2 || strings.Count(sig, "Total document signed") != 1 {
				t.Error(sig)
			}
			if says := said(t, dir, "qpdf", "--check", file); !strings.Contains(says, "No syntax or stream encoding errors") {
				t.Error(says)
			}
			fonts := said(t, dir, "pdffonts", file)
			if n := len(regexp.MustCompile(`\+Tinos +CID TrueType +Identity-H +yes yes yes`).FindAllString(fonts, -1)); n != 2 {
				t.Error(fonts)
			}
			text := strings.Join(strings.Fields(said(t, dir, "pdftotext", "-l", "1", file, "-")), " ")
			if name == "packed" { // leaves no room: its words and the marks' stand on each other
				text = said(t, dir, "pdftotext", "-raw", "-l", "1", file, "-")
				text = strings.Join(strings.Fields(text), " ")
			}
			for _, want := range []string{"Nguyễn Vĩnh Nghĩa", "2026-11-20T08:02:03+07:00", "SAO Y", "Vĩnh Lộc, tỉnh Thanh Hóa"} {
				if !strings.Contains(text, want) {
					t.Errorf("no %q in %q", want, text)
				}
			}
			judgedByPyHanko(t, said(t, dir, python, script, "root.pem", file, "issuing.crl", "root.crl"))
			judgedByOpenSSL(t, dir, files[name])
			if r, err := verify.File(t.Context(), filepath.Join(dir, file), o); err != nil || r.Verdict != verify.Valid || len(r.Signatures) != 2 {
				t.Errorf("our own: %v %+v", err, r)
			}
		})
	}
}

func judgedByPyHanko(t *testing.T, says string) {
	t.Helper()
	var fields []string
	for _, line := range strings.Split(strings.TrimSpace(says), "\n") {
		var s struct {
			Field, Coverage, Changes, SubFilter string
			OK, Trusted, Stamped                bool
		}
		if err := json.Unmarshal([]byte(line), &s); err != nil {
			t.Errorf("pyHanko: %s", says)
			return
		}
		if !s.OK || !s.Trusted || !s.Stamped || s.SubFilter != "/ETSI.CAdES.detached" {
			t.Errorf("pyHanko: %s", line)
		}
		fields = append(fields, s.Field+" "+s.Coverage+" "+s.Changes)
	}
	want := []string{"Signature1 ENTIRE_REVISION FORM_FILLING", "Signature2 ENTIRE_FILE NONE"}
	if !slices.Equal(fields, want) {
		t.Errorf("pyHanko: %q, want %q", fields, want)
	}
}

// judgedByOpenSSL verifies both signatures as CAdES, and their time-stamps.
func judgedByOpenSSL(t *testing.T, dir string, file []byte) {
	t.Helper()
	ranges := regexp.MustCompile(`/ByteRange \[0 \d+ \d+ \d+\] *\n/Contents <([0-9a-f]+)>`).FindAllSubmatchIndex(file, -1)
	if len(ranges) != 2 {
		t.Errorf("%d signatures", len(ranges))
	}
	for _, m := range ranges {
		der, err := hex.DecodeString(string(file[m[2]:m[3]]))
		if err != nil {
			t.Fatal(err)
		}
		end := bytes.Index(file[m[3]:], []byte("%%EOF\n")) + m[3] + len("%%EOF\n")
		put(t, dir, "cms", der[:4+int(der[2])<<8+int(der[3])])
		put(t, dir, "content", append(bytes.Clone(file[:m[2]-1]), file[m[3]+1:end]...))
		said(t, dir, "openssl", "cms", "-verify", "-cades", "-binary", "-inform", "DER", "-in", "cms", "-content", "content",
			"-CAfile", "root.pem", "-purpose", "any", "-out", "/dev/null")
	}
}

// TestSignedStaysPDFA has veraPDF judge the files after both signatures.
func TestSignedStaysPDFA(t *testing.T) {
	dir, files, _ := signed(t)
	var args []string
	for _, name := range slices.Sorted(maps.Keys(files)) {
		args = append(args, filepath.Join(dir, name+".pdf"))
	}
	if out := said(t, ".", "./verapdf.sh", args...); strings.Count(out, "PASS ") != len(files) {
		t.Error(out)
	}
}

// TestJudgesCanSayNo makes sure that the judges are awake.
func TestJudgesCanSayNo(t *testing.T) {
	dir, files, _ := signed(t)
	python := pyHanko(t)
	for name, b := range files {
		at := bytes.Index(b, []byte("/ByteRange")) - 400 // in the mark of the first signature
		b = bytes.Clone(b)
		b[at] ^= 1
		put(t, dir, "bad.pdf", b)
		out, _ := exec.Command(python, "pades.py", filepath.Join(dir, "root.pem"), filepath.Join(dir, "bad.pdf"),
			filepath.Join(dir, "issuing.crl"), filepath.Join(dir, "root.crl")).CombinedOutput()
		if strings.Count(string(out), `"ok": true`) != 0 {
			t.Errorf("%s: pyHanko believes a file that was altered: %s", name, out)
		}
		return
	}
}
