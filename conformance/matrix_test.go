//go:build conformance

package conformance

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/asn1"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sohoa/pdf/pdfa/pdfatest"
	"sohoa/pdf/revision"
	"sohoa/signing"
	"sohoa/signing/cms"
	"sohoa/signing/devca/devtest"
	"sohoa/signing/mark"
	"sohoa/signing/pdfsign"
	"sohoa/signing/place"
	"sohoa/signing/verify"
)

// A cell is one file of the matrix, and what the judges said of it.
type cell struct {
	profile, level, key, writer string
	signatures                  int
	name                        string
	said                        map[string]string // by judge; "yes" is what is wanted
}

var (
	matrixLevels = []string{"B-B", "B-T", "B-LT", "B-LTA"}
	matrixKeys   = []string{"RSA-2048", "RSA-3072", "P-256", "P-384"}
	matrixJudges = []string{"sohoa", "veraPDF", "qpdf", "pdfsig", "OpenSSL", "pyHanko", "EU DSS"}
)

// A bench signs the cells of a matrix.
type bench struct {
	desk       *devtest.Desk
	keys       map[string]signing.Key
	hand, seal *mark.Picture
	plain      []byte
	dir        string
}

func newBench(t *testing.T) *bench {
	b := &bench{desk: devtest.New(t, time.Now), keys: map[string]signing.Key{}, dir: t.TempDir()}
	b.desk.Sealer.Eyes = place.Poppler{Temp: t.TempDir()}
	for _, name := range append(matrixKeys, agencies(matrixKeys)...) {
		var key crypto.Signer
		var err error
		switch strings.TrimPrefix(name, "agency ") {
		case "RSA-2048":
			key, err = rsa.GenerateKey(rand.Reader, 2048)
		case "RSA-3072":
			key, err = rsa.GenerateKey(rand.Reader, 3072)
		case "P-256":
			key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		case "P-384":
			key, err = ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
		}
		if err != nil {
			t.Fatal(err)
		}
		chain, err := b.desk.CA.Certify(key.Public(), "Nguyễn Vĩnh Nghĩa", "UBND xã Vĩnh Thịnh")
		if err != nil {
			t.Fatal(err)
		}
		b.keys[name] = signing.Key{Signer: key, Chain: chain}
	}
	b.hand = rings(t, color.NRGBA{25, 45, 190, 255}, mark.Blue).Sized(40)
	b.seal = rings(t, color.NRGBA{205, 25, 35, 255}, mark.Red).Sized(36)
	b.plain = pdfatest.Write(t, pdfatest.Meta, pdfatest.Lay(pdfatest.JPEG(t, color.RGBAModel),
		pdfatest.Line(330, 500, "PHÓ", "CHỦ", "TỊCH"), pdfatest.Line(330, 600, "Nguyễn", "Vĩnh", "Nghĩa")))
	return b
}

// agencies are the names of the agency's keys: another certificate than the
// person's, as in life (and pdfsig cannot judge the same one twice).
func agencies(kinds []string) (out []string) {
	for _, k := range kinds {
		out = append(out, "agency "+k)
	}
	return out
}

// rings is a PNG with edges that are half clear.
func rings(t *testing.T, c color.NRGBA, hue mark.Hue) *mark.Picture {
	t.Helper()
	img := image.NewNRGBA(image.Rect(0, 0, 300, 300))
	for y := range 300 {
		for x := range 300 {
			d := (x-150)*(x-150) + (y-150)*(y-150)
			switch {
			case d < 140*140 && d > 120*120:
				img.SetNRGBA(x, y, c)
			case d <= 120*120 && d > 118*118:
				img.SetNRGBA(x, y, color.NRGBA{c.R, c.G, c.B, 128})
			}
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	p, err := mark.ReadPicture(&b, hue)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// steps are the signatures of a cell, in order.
func (b *bench) steps(profile string) []signing.Request {
	officer := signing.Request{Profile: signing.CopyOfficer, Name: "Nguyễn Vĩnh Nghĩa"}
	person := signing.Request{Profile: signing.Result, Name: "Nguyễn Vĩnh Nghĩa", Signature: b.hand, Location: "xã Vĩnh Phúc"}
	switch profile {
	case "copy-officer":
		return []signing.Request{officer}
	case "copy-agency":
		return []signing.Request{officer, {Profile: signing.CopyAgency, Name: "Ủy ban nhân dân xã Vĩnh Thịnh"}}
	case "result":
		return []signing.Request{person}
	case "result, sealed":
		return []signing.Request{person, {Profile: signing.ResultAgency, Name: "Ủy ban nhân dân xã Vĩnh Thịnh", Seal: b.seal}}
	}
	return []signing.Request{{Profile: signing.Attachment, Name: "Ủy ban nhân dân xã Vĩnh Thịnh", Number: "12/QĐ-UBND"}}
}

// make signs a cell: all but its last signature at B-T at the most, as the house
// does; the last brings all to the level.
func (b *bench) make(t *testing.T, c *cell) string {
	t.Helper()
	var outside error
	b.desk.Sealer.Writer = nil
	if c.writer == "pdfsign" {
		b.desk.Sealer.Writer = &pdfsign.Writer{Temp: b.dir, Else: signing.Own{}, Told: func(why error) { outside = why }}
	}
	file := b.plain
	steps := b.steps(c.profile)
	for i, r := range steps {
		r.Key, r.Level = b.keys[c.key], signing.Level(c.level)
		if i > 0 {
			r.Key = b.keys["agency "+c.key]
		}
		if i+1 < len(steps) && c.level != "B-B" {
			r.Level = signing.LevelT
		}
		file = b.desk.Sign(t, r, file)
		if i == 0 && outside != nil {
			t.Errorf("%s: %v", c.name, outside)
		}
	}
	c.signatures = len(steps)
	put(t, b.dir, c.name, file)
	return filepath.Join(b.dir, c.name)
}

// TestMatrix signs every profile at every level by every writer that is for it, and
// has every judge look at every file; with one kind of key each, so that every
// profile and every level meets every kind. CONFORMANCE=all takes all kinds for
// each, and writes the table docs/judged.md.
func TestMatrix(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	var cells []*cell
	var paths []string
	row := 0
	for _, profile := range []string{"copy-officer", "copy-agency", "result", "result, sealed", "attachment"} {
		for _, writer := range []string{"own", "pdfsign"} {
			if writer == "pdfsign" && !strings.HasPrefix(profile, "result") {
				continue // words are not its
			}
			row++
			for i, level := range matrixLevels {
				for k, key := range matrixKeys {
					if !whole && k != (row+i)%len(matrixKeys) {
						continue
					}
					c := &cell{profile: profile, level: level, key: key, writer: writer, said: map[string]string{}}
					c.name = strings.NewReplacer(" ", "", ",", "-").Replace(strings.Join([]string{profile, writer, level, key}, "_")) + ".pdf"
					paths = append(paths, b.make(t, c))
					cells = append(cells, c)
				}
			}
		}
	}
	b.trust(t)
	b.small(t, cells)
	b.vera(t, cells, paths)
	b.pyhanko(t, cells, paths)
	b.dss(t, cells, paths)
	for _, c := range cells {
		for _, judge := range matrixJudges {
			if c.said[judge] != "yes" {
				t.Errorf("%s: %s: %s", c.name, judge, c.said[judge])
			}
		}
	}
	if whole {
		table(t, cells)
	}
}

// trust puts down what judges need.
func (b *bench) trust(t *testing.T) {
	put(t, b.dir, "root.pem", b.desk.CA.RootPEM())
	crls, err := b.desk.CA.CRLs()
	if err != nil {
		t.Fatal(err)
	}
	put(t, b.dir, "issuing.crl", crls[0])
	put(t, b.dir, "root.crl", crls[1])
	said(t, b.dir, "certutil", "-N", "-d", ".", "--empty-password")
	said(t, b.dir, "certutil", "-A", "-d", ".", "-n", "root", "-t", "CT,C,C", "-i", "root.pem")
}

// small has the judges look that take one file at a time.
func (b *bench) small(t *testing.T, cells []*cell) {
	crls, err := b.desk.CA.CRLs()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range cells {
		path := filepath.Join(b.dir, c.name)
		r, err := verify.File(t.Context(), path, verify.Options{Roots: [][]byte{b.desk.CA.Root()}, CRLs: crls, At: time.Now()})
		c.said["sohoa"] = fmt.Sprintf("%v %s %v", err, r.Verdict, r.Reasons)
		if err == nil && string(r.Signatures[0].Level) == c.level && (r.Verdict == verify.Valid || c.level == "B-B" && onlyTime(r)) {
			c.said["sohoa"] = "yes"
		}
		out, err := exec.Command("qpdf", "--check", path).CombinedOutput()
		c.said["qpdf"] = yes(err == nil && bytes.Contains(out, []byte("No syntax or stream encoding errors")), out)
		cmd := exec.Command("pdfsig", "-nssdir", ".", "-no-ocsp", c.name)
		cmd.Dir = b.dir
		out, _ = cmd.CombinedOutput()
		c.said["pdfsig"] = yes(bytes.Count(out, []byte("Signature is Valid.")) == c.signatures &&
			bytes.Count(out, []byte("Certificate is Trusted.")) == c.signatures, out)
		c.said["OpenSSL"] = b.openssl(t, path)
	}
}

// onlyTime reports whether nothing lacks but a proof of the time of signing.
func onlyTime(r verify.Report) bool {
	for _, s := range r.Signatures {
		if s.Verdict != verify.Indeterminate || len(s.Reasons) != 1 || s.Reasons[0].Code != "no-time-stamp" {
			return false
		}
	}
	return true
}

func yes(ok bool, says []byte) string {
	if ok {
		return "yes"
	}
	return string(says)
}

// openssl verifies each signature of a file as CAdES, and each time-stamp, of a
// signature and of the document, by `openssl ts`.
func (b *bench) openssl(t *testing.T, path string) string {
	file, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	f, err := revision.Open(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		return err.Error()
	}
	fields, err := f.SignatureFields()
	if err != nil {
		return err.Error()
	}
	for _, x := range fields {
		var der asn1.RawValue
		contents, _ := x.Dict["Contents"].(revision.String)
		if _, err := asn1.Unmarshal(contents, &der); err != nil {
			return err.Error()
		}
		covered, _ := x.Dict["ByteRange"].(revision.Array)
		var n [4]int64
		for i := range n {
			v, _ := covered[i].(revision.Number)
			n[i], _ = v.Int()
		}
		content := append(bytes.Clone(file[:n[1]]), file[n[2]:n[2]+n[3]]...)
		if x.Dict["SubFilter"] != revision.Name("ETSI.CAdES.detached") {
			if says := b.opensslTS(t, der.FullBytes, content); says != "" {
				return says
			}
			continue
		}
		sd, err := cms.Parse(der.FullBytes)
		if err != nil {
			return err.Error()
		}
		if sd.Token != nil {
			if says := b.opensslTS(t, sd.Token, sd.Value); says != "" {
				return says
			}
		}
		put(t, b.dir, "cms", der.FullBytes)
		put(t, b.dir, "content", content)
		cmd := exec.Command("openssl", "cms", "-verify", "-cades", "-binary", "-inform", "DER", "-in", "cms", "-content", "content",
			"-CAfile", "root.pem", "-purpose", "any", "-out", "/dev/null")
		cmd.Dir = b.dir
		if out, err := cmd.CombinedOutput(); err != nil {
			return string(out)
		}
	}
	return "yes"
}

// opensslTS has a time-stamp about content verified. It returns what is wrong,
// nothing if the time-stamp is good.
func (b *bench) opensslTS(t *testing.T, token, content []byte) string {
	put(t, b.dir, "token", token)
	put(t, b.dir, "stamped", content)
	cmd := exec.Command("openssl", "ts", "-verify", "-data", "stamped", "-in", "token", "-token_in", "-CAfile", "root.pem")
	cmd.Dir = b.dir
	if out, err := cmd.CombinedOutput(); err != nil || !strings.Contains(string(out), "Verification: OK") {
		return "time-stamp: " + string(out)
	}
	return ""
}

func (b *bench) vera(t *testing.T, cells []*cell, paths []string) {
	out, _ := exec.Command("./verapdf.sh", paths...).CombinedOutput()
	for i, c := range cells {
		c.said["veraPDF"] = yes(bytes.Contains(out, []byte("PASS "+paths[i])), []byte("not PDF/A-2u"))
	}
	if !bytes.Contains(out, []byte("PASS ")) {
		t.Errorf("veraPDF: %s", out)
	}
}

func (b *bench) pyhanko(t *testing.T, cells []*cell, paths []string) {
	script, err := filepath.Abs("matrix.py")
	if err != nil {
		t.Fatal(err)
	}
	good, seen := map[string]int{}, map[string]string{}
	for _, line := range strings.Split(said(t, b.dir, pyHanko(t), append([]string{script, "root.pem", "issuing.crl", "root.crl"}, paths...)...), "\n") {
		var s struct {
			File, Changes, Lasting string
			OK, Stamped            bool
		}
		if !strings.HasPrefix(line, "{") || json.Unmarshal([]byte(line), &s) != nil {
			continue // a warning
		}
		seen[s.File] += line
		if s.OK && s.Stamped == !strings.Contains(s.File, "_B-B_") && (s.Lasting == "OK" || !strings.Contains(s.File, "B-LTA")) {
			good[s.File]++
		}
	}
	for _, c := range cells {
		c.said["pyHanko"] = yes(good[c.name] == c.signatures, []byte(seen[c.name]))
	}
}

func (b *bench) dss(t *testing.T, cells []*cell, paths []string) {
	says := map[string][]string{}
	for _, line := range strings.Split(said(t, ".", "dss/judge.sh", append([]string{filepath.Join(b.dir, "root.pem")}, paths...)...), "\n") {
		if path, word, ok := strings.Cut(line, "\t"); ok {
			says[filepath.Base(path)] = append(says[filepath.Base(path)], word)
		}
	}
	for _, c := range cells {
		want := "PAdES-BASELINE-" + strings.TrimPrefix(c.level, "B-")
		if c.level == "B-LT" || c.level == "B-LTA" { // below that no file brings evidence
			want += " TOTAL_PASSED"
		}
		ok := len(says[c.name]) == c.signatures
		for _, word := range says[c.name] {
			ok = ok && strings.HasPrefix(word+" ", want+" ")
		}
		c.said["EU DSS"] = yes(ok, []byte(strings.Join(says[c.name], " | ")))
	}
}

// table writes what was found.
func table(t *testing.T, cells []*cell) {
	var b strings.Builder
	b.WriteString("# What the judges said\n\nWritten by `make conformance CONFORMANCE=all` (TestMatrix). A row is a profile, a writer and a level; in it stands for each judge how many of the files, one for each kind of key (" +
		strings.Join(matrixKeys, ", ") + "), it takes: signatures valid and trusted, of the level (sohoa: at B-B nothing may lack but a proof of time); veraPDF: PDF/A-2u after signing; pyHanko at B-LTA also by its rules for long-term validation; EU DSS: the format, and from B-LT on TOTAL_PASSED (below, no file brings evidence and no judge without the lists may pass it).\n\n")
	b.WriteString("| profile | writer | level | " + strings.Join(matrixJudges, " | ") + " |\n|" + strings.Repeat("---|", 3+len(matrixJudges)) + "\n")
	for i := 0; i < len(cells); i += len(matrixKeys) {
		group := cells[i : i+len(matrixKeys)]
		fmt.Fprintf(&b, "| %s | %s | %s |", group[0].profile, group[0].writer, group[0].level)
		for _, judge := range matrixJudges {
			n := 0
			for _, c := range group {
				if c.said[judge] == "yes" {
					n++
				}
			}
			fmt.Fprintf(&b, " %d/%d |", n, len(group))
		}
		b.WriteString("\n")
	}
	fmt.Fprintf(&b, "\n%d files. pdfsign writes the first signature of a result; a seal over it is always our own writer's.\n", len(cells))
	put(t, "../docs", "judged.md", []byte(b.String()))
	if err := os.Chmod("../docs/judged.md", 0o644); err != nil {
		t.Error(err)
	}
	t.Log(b.String())
}
