//go:build s3

package archive

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sohoa/dossier/fixity"
	"sohoa/storage/blob/s3"
)

// s3Server starts a real S3 server that ends with the test, and returns its
// address. SOHOA_TEST_S3 names one that somebody has built already.
func s3Server(t *testing.T) string {
	t.Helper()
	program := os.Getenv("SOHOA_TEST_S3")
	if program == "" {
		program = filepath.Join(t.TempDir(), "server")
		if out, err := exec.Command("go", "build", "-C", "../blob/s3/servertest", "-o", program, ".").CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
	}
	cmd := exec.Command(program)
	cmd.Env = append(os.Environ(), "SERVERTEST_ACCESS=somebody", "SERVERTEST_SECRET=nobody-knows")
	leash, err := cmd.StdinPipe() // it ends when this does
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = leash.Close()
		_ = cmd.Wait()
	})
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if addr, ok := strings.CutPrefix(lines.Text(), "listening "); ok {
			return addr
		}
	}
	t.Fatal("the server said nothing")
	return ""
}

// What a bucket's object lock keeps is disposed of when the lock ends: until then
// the bytes are there, the disposal says that it waits for which store and why,
// and there is no certificate.
func TestDisposedLockedByS3(t *testing.T) {
	h := disposing(t)
	const lasts = 12 * time.Second
	bucket, err := s3.Open(t.Context(), s3.Options{Endpoint: "http://" + s3Server(t), Bucket: "locked", AccessKey: "somebody", SecretKey: "nobody-knows", Create: true,
		Temp: t.TempDir(), Lock: s3.Lock{Mode: "compliance", Days: 1},
		Now: func() time.Time { return time.Now().AddDate(0, 0, -1).Add(lasts) }, Patience: 48 * time.Hour}) // a lock of a day that ends soon
	h.must(err)
	h.Second = bucket
	sum, _ := h.receive()
	doc := h.end()[0]
	if r := h.all(); r.Stores[1].Counts[fixity.Kept] != 1 {
		t.Fatalf("it is not in the bucket: %+v", r)
	}
	until := time.Now().Add(lasts)
	h.approve(doc)
	if r, err := h.Dispose(t.Context()); err != nil || r != (Disposed{Removed: 1, Locked: 1}) {
		t.Fatalf("while the lock runs: %+v, %v", r, err)
	}
	h.gone(sum, h.Main)
	if _, err := bucket.Stat(t.Context(), sum); err != nil {
		t.Errorf("the lock kept nothing: %v", err)
	}
	if x := h.disposal(doc); x.Certificate != "" || len(x.Waits) != 1 || x.Waits[0].Said != "locked" || x.Waits[0].Store != fixity.Second || !x.Waits[0].Next.After(h.now()) {
		t.Errorf("what waits: %+v", x)
	}
	for time.Now().Before(until.Add(2 * time.Second)) { // servers tell full seconds
		time.Sleep(100 * time.Millisecond)
	}
	h.move(2 * locked)
	if r, err := h.Dispose(t.Context()); err != nil || r != (Disposed{Removed: 1, Certified: 1}) {
		t.Fatalf("after the lock: %+v, %v", r, err)
	}
	h.gone(sum, h.Main, bucket)
	if x := h.disposal(doc); x.Certificate == "" || len(x.Waits) != 0 {
		t.Errorf("in the end: %+v", x)
	}
}
