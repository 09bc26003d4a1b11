// Command sign measures what signing costs, side by side and in one run: our
// writer, digitorus/pdfsign v0.9.0 as it is, our adapter around it, the bare RSA
// key, and hashing and copying a file. Processor time, of the process and its
// children; peak memory of a process that does nothing else.
//
//	go run ./bench/sign [-seconds 5]
package main

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"flag"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"syscall"
	"time"

	"github.com/digitorus/pdf"
	"github.com/digitorus/pdfsign/sign"

	"sohoa/jail"
	"sohoa/signing"
	"sohoa/signing/mark"
	"sohoa/signing/pdfsign"
	"sohoa/signing/place"
)

const font = "/usr/share/fonts/truetype/croscore/Tinos-Regular.ttf"

func main() {
	jail.Main(map[string]jail.Child{pdfsign.Name: pdfsign.Child})
	seconds := flag.Float64("seconds", 5, "processor seconds for each measurement of small files")
	task := flag.String("task", "", "measure one thing and print it as JSON (for the command itself)")
	file := flag.String("file", "", "what the task works on")
	flag.Parse()
	err := run(*seconds, *task, *file)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(seconds float64, task, file string) error {
	if task != "" {
		return one(task, file, seconds)
	}
	dir, err := os.MkdirTemp("", "sohoa-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	small, large, huge := filepath.Join(dir, "small.pdf"), filepath.Join(dir, "large.pdf"), filepath.Join(dir, "huge.pdf")
	for path, shape := range map[string][2]int{small: {1, 98 << 10}, large: {50, 440 << 10}, huge: {100, 2 << 20}} {
		if err := write(path, shape[0], shape[1]); err != nil {
			return err
		}
	}
	fmt.Printf("%s, %d cores\n\n", runtime.Version(), runtime.NumCPU())
	if err := smalls(small, seconds); err != nil {
		return err
	}
	return larges(large, huge)
}

// smalls prints the table of one page, 100 kB.
func smalls(file string, seconds float64) error {
	fmt.Println("| 1 page, 100 kB, RSA-2048, B-B, mark made once | signatures per core-second | ms of CPU each |")
	fmt.Println("|---|---|---|")
	rate := map[string]float64{}
	for _, t := range []string{"key", "own-words", "own-looking", "own-pictures", "pdfsign-adapter", "pdfsign-native"} {
		r, err := child(t, file, seconds)
		if err != nil {
			return err
		}
		rate[t] = float64(r.Times) / r.CPU
		fmt.Printf("| %s | %.0f | %.2f |\n", title[t], rate[t], 1000*r.CPU/float64(r.Times))
	}
	fmt.Printf("\nkey / own, words: %.2f (goal: at most 5); own, words / pdfsign: %.1f, own, pictures / pdfsign: %.1f (goal: at least 3)\n\n",
		rate["key"]/rate["own-words"], rate["own-words"]/rate["pdfsign-native"], rate["own-pictures"]/rate["pdfsign-native"])
	return nil
}

// larges prints the table of large files.
func larges(large, huge string) error {
	fmt.Println("| large files, once | CPU ms | of hashing and copying | peak memory, MB |")
	fmt.Println("|---|---|---|---|")
	for _, file := range []string{large, huge} {
		info, err := os.Stat(file)
		if err != nil {
			return err
		}
		size := fmt.Sprintf("%.0f MB", float64(info.Size())/1e6)
		var base float64
		for _, t := range []string{"hash-copy", "own-words", "own-pictures", "pdfsign-native"} {
			best := result{CPU: 1e9}
			for range 5 {
				r, err := child(t, file, 0)
				if err != nil {
					return err
				}
				if r.CPU < best.CPU {
					best = r
				}
			}
			if t == "hash-copy" {
				base = best.CPU
			}
			fmt.Printf("| %s: %s | %.0f | %.2f | %.0f |\n", size, title[t], best.CPU*1000, best.CPU/base, float64(best.Peak)/1e6)
		}
	}
	return nil
}

var title = map[string]string{"key": "the bare key: crypto/rsa", "hash-copy": "hash and copy", "own-words": "own writer, words",
	"own-looking": "own writer, words, looking for a free place (poppler)", "own-pictures": "own writer, two pictures", "pdfsign-adapter": "pdfsign in its envelope (a process each), two pictures",
	"pdfsign-native": "pdfsign v0.9.0 as it is, one picture"}

// A result is what a task measured.
type result struct {
	Times int
	CPU   float64 // seconds
	Peak  int64   // bytes
}

// child runs a task in a process of its own.
func child(task, file string, seconds float64) (result, error) {
	var r result
	self, err := os.Executable()
	if err != nil {
		return r, err
	}
	cmd := exec.Command(self, "-task", task, "-file", file, "-seconds", fmt.Sprint(seconds))
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return r, fmt.Errorf("%s: %w", task, err)
	}
	return r, json.Unmarshal(out, &r)
}

// one does a task as often as the time allows, at least once, and prints.
func one(task, file string, seconds float64) error {
	do, err := tasks(task, file)
	if err != nil {
		return err
	}
	if seconds > 0 { // what is made once is made now
		if err := do(); err != nil {
			return err
		}
	}
	var r result
	before := used()
	for ; r.Times == 0 || r.CPU < seconds; r.CPU = used() - before {
		if err := do(); err != nil {
			return err
		}
		r.Times++
	}
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return err
	}
	r.Peak = u.Maxrss * 1024
	return json.NewEncoder(os.Stdout).Encode(r)
}

// used is the processor time of this process and its children, in seconds.
func used() (s float64) {
	for _, who := range []int{syscall.RUSAGE_SELF, syscall.RUSAGE_CHILDREN} {
		var u syscall.Rusage
		if syscall.Getrusage(who, &u) == nil {
			s += time.Duration(u.Utime.Nano() + u.Stime.Nano()).Seconds()
		}
	}
	return s
}

// memory is a journal that forgets.
type memory struct{}

func (memory) Record(context.Context, signing.Intent) error { return nil }

func tasks(task, path string) (func() error, error) {
	key, err := newKey()
	if err != nil {
		return nil, err
	}
	in, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	info, err := in.Stat()
	if err != nil {
		return nil, err
	}
	out, err := os.CreateTemp(filepath.Dir(path), "out-*.pdf")
	if err != nil {
		return nil, err
	}
	os.Remove(out.Name())
	again := func() (err error) {
		if _, err = out.Seek(0, io.SeekStart); err == nil {
			err = out.Truncate(0)
		}
		return err
	}
	switch task {
	case "key":
		digest := sha256.Sum256([]byte(task))
		return func() error {
			_, err := key.Signer.Sign(rand.Reader, digest[:], crypto.SHA256)
			return err
		}, nil
	case "hash-copy":
		return func() error {
			if err := again(); err != nil {
				return err
			}
			h := sha256.New()
			_, err := io.CopyBuffer(io.MultiWriter(out, h), io.NewSectionReader(in, 0, info.Size()), make([]byte, 256<<10))
			return err
		}, nil
	case "pdfsign-native":
		return native(in, info.Size(), out, key, again)
	}
	sealer, request, err := ours(task, key)
	return func() error {
		if err := again(); err != nil {
			return err
		}
		return sealer.Sign(context.Background(), request, in, info.Size(), out)
	}, err
}

// ours is our sealer with a request: words, or pictures where they are told to
// stand.
func ours(task string, key signing.Key) (*signing.Sealer, signing.Request, error) {
	face, err := mark.Load(font)
	if err != nil {
		return nil, signing.Request{}, err
	}
	s := &signing.Sealer{Journal: memory{}, Font: face, Now: time.Now}
	r := signing.Request{Subject: "d", Profile: signing.CopyOfficer, Level: signing.LevelB, Key: key, Name: "Nguyễn Vĩnh Nghĩa"}
	switch task {
	case "own-looking":
		s.Eyes = place.Poppler{}
		r.Insist = true
		return s, r, nil
	case "own-words":
		return s, r, nil
	}
	if task == "pdfsign-adapter" {
		s.Writer = &pdfsign.Writer{}
	}
	r.Profile, r.Page, r.At = signing.Result, 1, &place.Spot{X: 120, Y: 220}
	hand, err := mark.ReadPicture(bytes.NewReader(drawn(472, 236, color.NRGBA{20, 40, 190, 255})), mark.Blue)
	if err != nil {
		return nil, r, err
	}
	seal, err := mark.ReadPicture(bytes.NewReader(drawn(425, 425, color.NRGBA{210, 20, 30, 255})), mark.Red)
	if err != nil {
		return nil, r, err
	}
	r.Signature, r.Seal = hand.Sized(40), seal.Sized(36)
	return s, r, nil
}

// native is pdfsign as its own documentation uses it: adbe.pkcs7.detached, no
// evidence, one picture.
func native(in *os.File, size int64, out *os.File, key signing.Key, again func() error) (func() error, error) {
	picture := drawn(472, 236, color.NRGBA{20, 40, 190, 255})
	return func() error {
		if err := again(); err != nil {
			return err
		}
		reader, err := pdf.NewReader(in, size)
		if err != nil {
			return err
		}
		return sign.Sign(in, out, reader, size, sign.SignData{
			Signature: sign.SignDataSignature{CertType: sign.ApprovalSignature,
				Info: sign.SignDataSignatureInfo{Name: "Nguyen Van A", Reason: "Ky", Date: time.Now()}},
			Signer: key.Signer, DigestAlgorithm: crypto.SHA256, Certificate: key.Chain[0],
			Appearance: sign.Appearance{Visible: true, Page: 1, LowerLeftX: 340, LowerLeftY: 200, UpperRightX: 453, UpperRightY: 257, Image: picture},
		})
	}, nil
}

func newKey() (signing.Key, error) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return signing.Key{}, err
	}
	t := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "bench"}, KeyUsage: x509.KeyUsageDigitalSignature,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, t, t, key.Public(), key)
	if err != nil {
		return signing.Key{}, err
	}
	cert, err := x509.ParseCertificate(der)
	return signing.Key{Signer: key, Chain: []*x509.Certificate{cert}}, err
}

// drawn is a PNG of rings: something to compress.
func drawn(w, h int, c color.NRGBA) []byte {
	img := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			dx, dy := x-w/2, y-h/2
			if d := dx*dx + dy*dy; d/900%2 == 0 && d < w*h/4 {
				img.SetNRGBA(x, y, c)
			}
		}
	}
	var b bytes.Buffer
	if png.Encode(&b, img) != nil {
		return nil
	}
	return b.Bytes()
}

// write writes a file of pages with so many bytes that do not compress on each.
func write(path string, pages, each int) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer f.Close()
	var at []int64
	pos := int64(0)
	put := func(s []byte) {
		n, e := f.Write(s)
		if pos += int64(n); e != nil && err == nil {
			err = e
		}
	}
	object := func(s []byte) {
		at = append(at, pos)
		put(fmt.Appendf(nil, "%d 0 obj\n%s\nendobj\n", len(at), s))
	}
	put([]byte("%PDF-1.7\n%\xE2\xE3\xCF\xD3\n"))
	object([]byte("<</Type /Catalog /Pages 2 0 R>>"))
	kids := ""
	for i := range pages {
		kids += fmt.Sprintf("%d 0 R ", 3+3*i)
	}
	object(fmt.Appendf(nil, "<</Type /Pages /Kids [%s] /Count %d>>", kids, pages))
	noise := make([]byte, each)
	for i := range pages {
		n := 3 + 3*i
		if _, e := rand.Read(noise); e != nil {
			return e
		}
		object(fmt.Appendf(nil, "<</Type /Page /Parent 2 0 R /MediaBox [0 0 595.28 841.89] /Contents %d 0 R /Resources <</XObject <</Im %d 0 R>>>>>>", n+1, n+2))
		object([]byte("<</Length 32>>\nstream\nq 500 0 0 700 50 50 cm /Im Do Q \nendstream"))
		object(fmt.Appendf(nil, "<</Type /XObject /Subtype /Image /Width %d /Height 1 /BitsPerComponent 8 /ColorSpace /DeviceGray /Length %d>>\nstream\n%s\nendstream", each, each, noise))
	}
	start := pos
	put(fmt.Appendf(nil, "xref\n0 %d\n0000000000 65535 f \n", len(at)+1))
	for _, off := range at {
		put(fmt.Appendf(nil, "%010d 00000 n \n", off))
	}
	put(fmt.Appendf(nil, "trailer\n<</Size %d /Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n", len(at)+1, start))
	return err
}
