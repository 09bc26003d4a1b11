package sniff

import (
	"bytes"
	"io"
	"reflect"
	"syscall"
	"testing"
	"time"

	"sohoa/scan"
	"sohoa/specimen"
	"sohoa/specimen/hostile"
)

// Whatever is vouched for is what a child of the file's own says of it, after every
// other kind of file, and a file that is refused there is never vouched for. Good
// pictures and scans in PDF are.
func TestVouch(t *testing.T) {
	v := NewVouchers(1, scan.Limits{})
	defer v.Close()
	good := map[string][]byte{"JPEG": photo(), "PNG": drawing(), "TIFF": sheets(3), "PDF of a page to draw": book(1, "")}
	want := map[string]Report{}
	for name, b := range good {
		r, err := Inspect(t.Context(), keep(t, "good", b), scan.Limits{})
		if err != nil {
			t.Fatal(name, err)
		}
		want[name] = r
	}
	stillGood := func(after string) {
		t.Helper()
		for name, b := range good {
			if r, ok := v.Vouch(t.Context(), b); !ok || !reflect.DeepEqual(r, want[name]) {
				t.Fatalf("%s after %s: %+v, %v; want %+v", name, after, r, ok, want[name])
			}
		}
	}
	stillGood("nothing")
	vouched, all := 0, 0
	check := func(name string, b []byte) {
		all++
		if r, ok := v.Vouch(t.Context(), b); ok {
			vouched++
			alone, err := Inspect(t.Context(), keep(t, "alone", b), scan.Limits{})
			if err != nil || !reflect.DeepEqual(r, alone) {
				t.Errorf("%s: vouched for %+v; alone it is %+v, %v", name, r, alone, err)
			}
		}
		stillGood(name)
	}
	for _, f := range specimen.Bad() {
		if f.Size() > vouchBytes {
			continue
		}
		b, err := io.ReadAll(f.Reader())
		if err != nil {
			t.Fatal(err)
		}
		check(f.Name, b)
	}
	for _, f := range specimen.Busy() {
		check(f.Name, f.Bytes)
	}
	for f := range hostile.Files(77, 0, 1) {
		check(f.Kind, f.Bytes)
	}
	t.Logf("%d of %d odd files vouched for as they are alone", vouched, all)
}

// A child that a file made take much memory does not look at another one: it has too
// little left, and would be silent about good ones.
func TestVoucherThatGrew(t *testing.T) {
	v := NewVouchers(1, scan.Limits{})
	defer v.Close()
	asked := func(b []byte) int {
		t.Helper()
		v.Vouch(t.Context(), b)
		x := <-v.idle
		defer func() { v.idle <- x }()
		return x.asked
	}
	if n := asked(photo()); n != 1 {
		t.Errorf("after a small file the child has seen %d", n)
	}
	var b []byte
	for f := range hostile.Files(77, 0, 1) {
		if f.Kind == "runlength-chain" {
			b = f.Bytes
		}
	}
	if n := asked(b); n != 0 {
		t.Errorf("after a file that unpacks to hundreds of megabytes it waits for its next, having seen %d", n)
	}
	if n := asked(photo()); n != 1 {
		t.Errorf("the next child has seen %d", n)
	}
}

// What hangs, dies or lies in a child is no word about a file, and the next file meets
// another child.
func TestVoucherThatFails(t *testing.T) {
	v := NewVouchers(1, scan.Limits{})
	defer v.Close()
	for name, b := range map[string][]byte{"crashes": []byte("\xff\xd8\xff crash"), "lies about another file": []byte("\xff\xd8\xff other"), "says nothing": []byte("\xff\xd8\xff hush")} {
		began := time.Now()
		if r, ok := v.Vouch(t.Context(), b); ok {
			t.Errorf("%s: %+v", name, r)
		}
		if name == "says nothing" && time.Since(began) < vouchWall {
			t.Errorf("%s: it was not waited for", name)
		}
		if r, ok := v.Vouch(t.Context(), photo()); !ok || r.Width[0] != 120 {
			t.Errorf("after one that %s: %+v, %v", name, r, ok)
		}
	}
}

// oddVoucher is [VouchChild] until a file comes that brings about what one might that
// has taken it over.
func oddVoucher(args []string, in io.Reader, out io.Writer) error {

	return VouchChild(args, readerOf(func(p []byte) (int, error) {
		n, err := in.Read(p)
		switch {
		case bytes.Contains(p[:n], []byte("\xff\xd8\xff crash")):
			return 0, syscall.Kill(syscall.Getpid(), syscall.SIGKILL)
		case bytes.Contains(p[:n], []byte("\xff\xd8\xff other")):
			_, err = out.Write([]byte(`{"file":7,"report":{"media":"image/jpeg","pages":1,"width":[1],"height":[1]}}` + "\n"))
		case bytes.Contains(p[:n], []byte("\xff\xd8\xff hush")):
			time.Sleep(time.Hour)
		}
		return n, err
	}), out)
}

type readerOf func([]byte) (int, error)

func (f readerOf) Read(p []byte) (int, error) { return f(p) }
