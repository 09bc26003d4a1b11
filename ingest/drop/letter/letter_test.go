package letter

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sohoa/jail"
)

func TestMain(m *testing.M) {
	jail.Main(map[string]jail.Child{Name: Child})
	os.Exit(m.Run())
}

// taken reads a letter and returns its files as NAME=BYTES, and the code of a refusal.
func taken(t *testing.T, text string, most int64) (files []string, code string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "l")
	if err := os.WriteFile(path, []byte(strings.ReplaceAll(text, "\n", "\r\n")), 0o600); err != nil {
		t.Fatal(err)
	}
	n, err := Files(t.Context(), path, most, func(name string, body io.Reader) error {
		b, err := io.ReadAll(body)
		if err == nil {
			files = append(files, name+"="+string(b))
		}
		return err
	})
	var no *jail.Refusal
	switch {
	case errors.As(err, &no):
		code = no.Code
	case err != nil:
		code = err.Error()
	case n != len(files):
		t.Errorf("it says %d, there came %d", n, len(files))
	}
	return files, code
}

func part(head, body string) string { return "--b\n" + head + "\n\n" + body + "\n" }

func mixed(parts ...string) string {
	return "From: a@b\nSubject: x\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n" + strings.Join(parts, "") + "--b--\n"
}

var scan = "Content-Type: application/pdf; name=\"scan.pdf\"\nContent-Disposition: attachment; filename=\"scan.pdf\"\nContent-Transfer-Encoding: base64"

// Files come out whole under plain names, in whatever way a scanner attaches them; words
// stay where they are.
func TestFiles(t *testing.T) {
	b64 := base64.StdEncoding.EncodeToString([]byte("%PDF one"))
	for what, r := range map[string]struct {
		letter string
		want   []string
	}{
		"attached":        {mixed(part("Content-Type: text/plain", "Kính gửi"), part(scan, b64)), []string{"scan.pdf=%PDF one"}},
		"two of one name": {mixed(part(scan, b64), part(scan, b64)), []string{"scan.pdf=%PDF one", "scan.pdf=%PDF one"}},
		"nothing else":    {"From: a@b\nContent-Type: image/jpeg\nContent-Transfer-Encoding: base64\n\n" + b64, []string{"tep-1=%PDF one"}},
		"RFC 2231":        {mixed(part("Content-Type: application/pdf\nContent-Disposition: attachment; filename*=UTF-8''%C4%91%C6%A1n.pdf", "x")), []string{"đơn.pdf=x"}},
		"RFC 2047":        {mixed(part("Content-Type: application/pdf; name=\"=?UTF-8?B?xJHGoW4ucGRm?=\"", "x")), []string{"đơn.pdf=x"}},
		"quoted":          {mixed(part("Content-Type: image/tiff\nContent-Transfer-Encoding: quoted-printable", "a=3Db")), []string{"tep-1=a=b"}},
		"forwarded":       {mixed(part("Content-Type: message/rfc822", mixedAs("c", part2("c", scan, b64)))), []string{"scan.pdf=%PDF one"}},
		"out of the box":  {mixed(part("Content-Type: application/pdf; name=\"../../../etc/passwd\"", "x")), []string{"passwd=x"}},
		"of Windows":      {mixed(part("Content-Type: application/pdf; name=\"C:\\\\a\\\\b.pdf\"", "x")), []string{"b.pdf=x"}},
		"hidden":          {mixed(part("Content-Type: application/pdf; name=\".~x.pdf\"", "x")), []string{"x.pdf=x"}},
		"controls":        {mixed(part("Content-Type: application/pdf; name=\"=?UTF-8?Q?a=0Ab=E2=80=AEc.pdf?=\"", "x")), []string{"a_b_c.pdf=x"}},
		"a logo":          {"From: a@b\nContent-Type: multipart/related; boundary=b\n\n" + part("Content-Type: text/html", "<img>") + part("Content-Type: image/png\nContent-ID: <logo>", "x") + part(scan, b64) + "--b--\n", []string{"scan.pdf=%PDF one"}},
	} {
		if got, code := taken(t, r.letter, 1<<20); code != "" || fmt.Sprint(got) != fmt.Sprint(r.want) {
			t.Errorf("%s: %q, %s", what, got, code)
		}
	}
}

func part2(boundary, head, body string) string {
	return strings.Replace(part(head, body), "--b\n", "--"+boundary+"\n", 1)
}

func mixedAs(boundary, parts string) string {
	return strings.NewReplacer("boundary=b", "boundary="+boundary, "--b--", "--"+boundary+"--").Replace(mixed(parts))
}

// A letter that means harm, or is broken, is refused in words; it never ends well.
func TestHostileLetters(t *testing.T) {
	deep := "x"
	for i := range 12 {
		deep = fmt.Sprintf("Content-Type: multipart/mixed; boundary=b%d\n\n--b%[1]d\n%s\n--b%[1]d--\n", i, deep)
	}
	whole := mixed(part(scan, base64.StdEncoding.EncodeToString(bytes.Repeat([]byte("x"), 3000))))
	for what, r := range map[string]struct {
		letter string
		most   int64
		want   string
	}{
		"no letter":      {"\x00\x01\x02", 1 << 20, CodeForm},
		"words alone":    {"From: a@b\n\nKính gửi", 1 << 20, CodeNone},
		"depth":          {"From: a@b\n" + deep, 1 << 20, CodeMany},
		"parts":          {mixed(strings.Repeat(part("Content-Type: text/plain", "x"), 600)), 1 << 20, CodeMany},
		"files":          {mixed(strings.Repeat(part("Content-Type: image/png", "x"), 60)), 1 << 20, CodeMany},
		"large":          {whole, 2000, CodeLarge},
		"cut off":        {whole[:len(whole)/2], 1 << 20, CodeForm},
		"no base64":      {mixed(part(scan, "???!!!")), 1 << 20, CodeForm},
		"half of base64": {mixed(part(scan, "JVBE")) + mixed(part(scan, "JVB")), 1 << 20, ""},
		"no bounds":      {"From: a@b\nContent-Type: multipart/mixed\n\nx", 1 << 20, CodeForm},
	} {
		_, code := taken(t, r.letter, r.most)
		if code != r.want {
			t.Errorf("%s: %q, not %q", what, code, r.want)
		}
	}
}

// What a child says that was taken over is held to what a child can say.
func TestChunks(t *testing.T) {
	for what, said := range map[string]string{"cut off": "\x00\x00\x00\x05abc", "a large chunk": "\x7f\x00\x00\x00abc", "no end": "\x00\x00\x00\x03abc"} {
		c := &chunks{in: bufio.NewReader(strings.NewReader(said)), left: 1 << 30}
		if b, err := io.ReadAll(c); err == nil {
			t.Errorf("%s ends well with %q", what, b)
		}
	}
	c := &chunks{in: bufio.NewReader(strings.NewReader("\x00\x00\x00\x03abc\x00\x00\x00\x03def\x00\x00\x00\x00")), left: 6}
	if b, err := io.ReadAll(c); err != nil || string(b) != "abcdef" {
		t.Errorf("%q, %v", b, err)
	}
	for name, want := range map[string]string{"": "tep-3", "..": "tep-3", strings.Repeat("đ", 200): strings.Repeat("đ", 60)} {
		if got := clean(name, 2); got != want {
			t.Errorf("%q is %q", name, got)
		}
	}
}
