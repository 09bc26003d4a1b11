package main

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"sohoa/pdf/revision"
	"sohoa/signing"
	"sohoa/signing/devca"
	"sohoa/signing/keys"
	"sohoa/signing/mark"
	"sohoa/signing/tsa"
	"sohoa/signing/verify/attack"
)

// font is where Debian keeps Tinos.
const font = "/usr/share/fonts/truetype/croscore/Tinos-Regular.ttf"

// A desk signs, as the house does.
type desk struct {
	sealer *signing.Sealer
	ca     *devca.CA
}

// noJournal: nobody asks later what was signed here.
type noJournal struct{}

func (noJournal) Record(context.Context, signing.Intent) error { return nil }

// names are the files that are judged.
var names = []string{"small", "pages", "fifty"}

// made makes the files unless dir has them, in a process of its own: the kernel
// counts the memory of who starts a process as that process's.
func made(ctx context.Context, dir string) (paths []string, err error) {
	for _, n := range names {
		paths = append(paths, filepath.Join(dir, n+".pdf"))
	}
	if _, err := os.Stat(paths[len(paths)-1]); err == nil {
		return paths, nil
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, self, "-make", "-keep", dir)
	cmd.Stderr = os.Stderr
	return paths, cmd.Run()
}

// makeFiles makes a small file and one of 50 scanned pages, each signed by
// officer and agency at B-LTA, and one with 50 signatures.
func makeFiles(ctx context.Context, dir string) error {
	ca, err := devca.Open(filepath.Join(dir, "ca"), time.Now)
	if err != nil {
		return err
	}
	letters, err := mark.Load(font)
	if err != nil {
		return err
	}
	server := httptest.NewServer(ca.TSA())
	defer server.Close()
	d := &desk{ca: ca, sealer: &signing.Sealer{Journal: noJournal{}, Font: letters, Now: time.Now, Evidence: ca,
		TSA: &tsa.Client{URL: server.URL, Roots: ca.Roots(), Now: time.Now}}}
	if err := os.WriteFile(filepath.Join(dir, "root.pem"), ca.RootPEM(), 0o600); err != nil {
		return err
	}
	for i, make := range []func(context.Context) ([]byte, error){
		func(ctx context.Context) ([]byte, error) { return d.twice(ctx, scanned(1, 60_000)) },
		func(ctx context.Context) ([]byte, error) { return d.twice(ctx, scanned(50, 440_000)) },
		d.fifty,
	} {
		b, err := make(ctx)
		if err != nil {
			return fmt.Errorf("%s: %w", names[i], err)
		}
		if err := os.WriteFile(filepath.Join(dir, names[i]+".pdf"), b, 0o600); err != nil {
			return err
		}
	}
	return nil
}

func (d *desk) key(name, common string) (signing.Key, error) {
	if err := d.ca.Issue(name, common, "UBND"); err != nil {
		return signing.Key{}, err
	}
	return keys.Load(d.ca.KeyPath(name))
}

// twice signs as the house does.
func (d *desk) twice(ctx context.Context, file []byte) ([]byte, error) {
	for _, r := range []signing.Request{
		{Profile: signing.CopyOfficer, Name: "Nguyễn Vĩnh Nghĩa"},
		{Profile: signing.CopyAgency, Name: "Ủy ban nhân dân xã Vĩnh Thịnh", Level: signing.LevelLTA},
	} {
		var err error
		if r.Key, err = d.key(string(r.Profile), r.Name); err != nil {
			return nil, err
		}
		var out bytes.Buffer
		if err := d.sealer.Sign(ctx, r, bytes.NewReader(file), int64(len(file)), &out); err != nil {
			return nil, err
		}
		file = out.Bytes()
	}
	return file, nil
}

// fifty puts 50 signatures without a mark on a small file, with evidence for all.
func (d *desk) fifty(ctx context.Context) ([]byte, error) {
	k, err := d.key("fifty", "Nguyễn Vĩnh Nghĩa")
	if err != nil {
		return nil, err
	}
	var failed error
	who := attack.Signer{Key: k.Signer, Chain: k.Chain, At: time.Now(), Stamp: func(value []byte) []byte {
		token, _, err := d.sealer.TSA.Stamp(ctx, value)
		if err != nil {
			failed = err
		}
		return token
	}}
	file := attack.Paper()
	none := revision.Array{revision.Int(0), revision.Int(0), revision.Int(0), revision.Int(0)}
	for range 50 {
		if file, err = attack.Sign(file, who, attack.Spec{Rect: none}); err != nil || failed != nil {
			return nil, fmt.Errorf("%w %w", err, failed)
		}
	}
	var out bytes.Buffer
	err = d.sealer.Extend(ctx, signing.LevelLTA, bytes.NewReader(file), int64(len(file)), &out)
	return out.Bytes(), err
}

// scanned is a file of pages that are pictures of noise: size bytes each.
func scanned(pages, size int) []byte {
	random := rand.NewChaCha8([32]byte{1})
	var b bytes.Buffer
	b.WriteString("%PDF-1.7\n%\xE2\xE3\xCF\xD3\n")
	rows := "0000000000 65535 f \n"
	n := 0
	add := func(format string, a ...any) {
		n++
		rows += fmt.Sprintf("%010d 00000 n \n", b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n", n)
		fmt.Fprintf(&b, format, a...)
		b.WriteString("\nendobj\n")
	}
	kids := ""
	for i := range pages {
		kids += fmt.Sprintf("%d 0 R ", 4+3*i)
	}
	add("<</Type /Catalog /Pages 2 0 R>>")
	add("<</Type /Pages /Count %d /Kids [%s]>>", pages, kids)
	add("<</Producer (bench)>>")
	picture := make([]byte, size)
	for i := range pages {
		add("<</Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents %d 0 R /Resources <</XObject <</Im %d 0 R>>>>>>", 5+3*i, 6+3*i)
		content := "q 595 0 0 842 0 0 cm /Im Do Q"
		add("<</Length %d>>\nstream\n%s\nendstream", len(content), content)
		_, _ = random.Read(picture) // cannot fail
		add("<</Type /XObject /Subtype /Image /Width %d /Height 100 /ColorSpace /DeviceGray /BitsPerComponent 8 /Length %d>>\nstream\n%s\nendstream", size/100, size, picture)
	}
	start := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n%strailer\n<</Size %d /Root 1 0 R /Info 3 0 R>>\nstartxref\n%d\n%%%%EOF\n", n+1, rows, n+1, start)
	return b.Bytes()
}
