package turbo

import (
	"bytes"
	"image"
	"image/jpeg"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// A picture that is decoded in a process of its own is found whole as in ours, and what
// kills that process is no verdict and does nothing to ours.
func TestApart(t *testing.T) {
	if os.Getenv("TURBO_APART") == "" { // for this process it would be for good
		cmd := exec.Command(os.Args[0], "-test.run=^TestApart$", "-test.v")
		cmd.Env = append(os.Environ(), "TURBO_APART=1")
		if out, err := cmd.CombinedOutput(); err != nil || !strings.Contains(string(out), "--- PASS: TestApart") {
			t.Fatalf("%v\n%s", err, out)
		}
		return
	}
	Apart()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, image.NewYCbCr(image.Rect(0, 0, 300, 200), image.YCbCrSubsampleRatio420), nil); err != nil {
		t.Fatal(err)
	}
	whole := b.Bytes()
	if !Whole(whole, 300, 200) || Whole(whole, 200, 300) || Whole(whole[:len(whole)-40], 300, 200) || Fell() != nil {
		t.Error("a picture is not judged as it would be here")
	}
	if _, err := Decode(whole, 300, 200); err == nil {
		t.Error("it was decoded in this process")
	}
	if err := Strips(whole, 300, 200, func(int, *image.YCbCr) {}); err == nil {
		t.Error("a process that has others decode lets a picture go by")
	}
	if _, err := Scaled(whole, 4); err == nil {
		t.Error("it was scaled in this process")
	}

	// While it decodes a large one, the process has no file open and a filter of calls.
	b.Reset()
	if err := jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, 12000, 12000)), nil); err != nil {
		t.Fatal(err)
	}
	done := make(chan bool)
	go func() { done <- Whole(b.Bytes(), 12000, 12000) }()
	shut := false
	for ended := false; !ended; {
		select {
		case ok := <-done:
			if ended = true; !ok {
				t.Error("a large picture is not whole")
			}
		default:
			shut = shut || shutChild()
		}
	}
	if !shut {
		t.Error("nobody saw the process that decodes shut in")
	}

	// The second page cannot be read: the decoder dies of it.
	page := os.Getpagesize()
	m, err := syscall.Mmap(-1, 0, 2*page, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		t.Fatal(err)
	}
	at := page - len(whole)/2
	copy(m[at:], whole)
	if err := syscall.Mprotect(m[page:], syscall.PROT_NONE); err != nil {
		t.Fatal(err)
	}
	if Whole(m[at:at+len(whole)], 300, 200) || Fell() == nil {
		t.Error("a decoder that died said something")
	}
	if Fell() != nil || !Whole(whole, 300, 200) {
		t.Error("the next picture is not as it was")
	}
}

// shutChild reports whether this process has a child with a filter of system calls and
// without open files.
func shutChild() bool {
	all, _ := filepath.Glob("/proc/self/task/*/children")
	for _, of := range all {
		b, _ := os.ReadFile(of)
		for _, pid := range strings.Fields(string(b)) {
			status, _ := os.ReadFile("/proc/" + pid + "/status")
			open, err := os.ReadDir("/proc/" + pid + "/fd")
			if strings.Contains(string(status), "\nSeccomp:\t2\n") && err == nil && len(open) == 0 {
				return true
			}
		}
	}
	return false
}
