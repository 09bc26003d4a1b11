package packages_test

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"sohoa/dossier"
	"sohoa/dossier/digest"
	"sohoa/storage/blob"
	"sohoa/storage/packages"
)

// members are the files of a ZIP and what is in them.
func members(t *testing.T, b []byte) map[string]string {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r) // holds CRC-32 against what was said
		if err != nil {
			t.Fatalf("%s: %v", f.Name, err)
		}
		all[f.Name] = string(text)
	}
	return all
}

// TestSameRecordSameBytes makes each package twice, and once at another time.
func TestSameRecordSameBytes(t *testing.T) {
	for _, k := range packages.Kinds {
		r, s := record(t, k, 3)
		first, again := zipped(t, r, s), zipped(t, r, s)
		if !bytes.Equal(first, again) {
			t.Errorf("%s: two packages of one record differ", k)
		}
		r.Made = r.Made.Add(1e9)
		if bytes.Equal(first, zipped(t, r, s)) {
			t.Errorf("%s: nothing says when it was made", k)
		}
	}
}

// TestDirectoryIsTheZip writes a package as a directory: the same files, and
// nothing of another package is written over.
func TestDirectoryIsTheZip(t *testing.T) {
	r, s := record(t, packages.AIP, 2)
	dir := t.TempDir()
	if err := write(t, packages.Dir(dir), r, s); err != nil {
		t.Fatal(err)
	}
	for name, want := range members(t, zipped(t, r, s)) {
		got, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil || string(got) != want {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := write(t, packages.Dir(dir), r, s); !errors.Is(err, os.ErrExist) {
		t.Errorf("a package is written over another: %v", err)
	}
}

// TestNotWhole refuses a record with a missing or changed file, names it, and has
// written nothing by then.
func TestNotWhole(t *testing.T) {
	for _, k := range []packages.Kind{packages.Audit, packages.SIP, packages.AIP} {
		for _, part := range []dossier.Part{dossier.PartScan, dossier.PartSealed} {
			for _, missing := range []bool{true, false} {
				r, s := record(t, k, 2)
				d := r.Papers[1].Document
				if missing {
					if err := s.Remove(t.Context(), d.Parts[part]); err != nil {
						t.Fatal(err)
					}
				}
				var out bytes.Buffer
				err := write(t, packages.NewZip(&out), r, rotten{s, d.Parts[part], missing})
				var lost *packages.Lost
				if !errors.As(err, &lost) || !errors.Is(err, packages.ErrBytes) || lost.Document != d.ID || lost.Part != part || lost.Missing != missing {
					t.Errorf("%s, %s, missing %v: %v", k, part, missing, err)
				}
				if out.Len() > 0 {
					t.Errorf("%s, %s: %d bytes were written of a record that is not whole", k, part, out.Len())
				}
			}
		}
	}
}

// rotten gives a flipped byte instead of one file, and does not notice.
type rotten struct {
	shelf
	sum     digest.Digest
	missing bool
}

func (r rotten) Open(ctx context.Context, d digest.Digest) (io.ReadCloser, error) {
	f, err := r.shelf.Open(ctx, d)
	if err != nil || d != r.sum || r.missing {
		return f, err
	}
	b, err := io.ReadAll(f)
	b[0] ^= 1
	return io.NopCloser(bytes.NewReader(b)), err
}

// second rots after it was read once.
type second struct {
	shelf
	sum  digest.Digest
	seen *int
}

func (r second) Open(ctx context.Context, d digest.Digest) (io.ReadCloser, error) {
	if d == r.sum {
		if *r.seen++; *r.seen > 1 {
			return rotten{r.shelf, d, false}.Open(ctx, d)
		}
	}
	return r.shelf.Open(ctx, d)
}

// TestRotsMeanwhile has a file change between the two looks: the package fails.
func TestRotsMeanwhile(t *testing.T) {
	r, s := record(t, packages.Audit, 1)
	seen := 0
	err := write(t, packages.NewZip(io.Discard), r, second{s, r.Papers[0].Document.Parts[dossier.PartSealed], &seen})
	if !errors.Is(err, packages.ErrBytes) {
		t.Error(err)
	}
}

// TestNotReady refuses what has not come to its end, and what has no document.
func TestNotReady(t *testing.T) {
	for _, state := range []dossier.State{dossier.Received, dossier.Sealed, dossier.Refused} {
		r, s := record(t, packages.SIP, 2)
		r.Papers[1].Document.State = state
		err := write(t, packages.NewZip(io.Discard), r, s)
		if !errors.Is(err, packages.ErrNotReady) || !errors.Is(err, dossier.ErrConflict) || !strings.Contains(err.Error(), "doc2") || !strings.Contains(err.Error(), string(state)) {
			t.Errorf("%s: %v", state, err)
		}
	}
	r, s := record(t, packages.SIP, 2)
	r.Papers[1].Document.Disposed = r.Made
	if err := write(t, packages.NewZip(io.Discard), r, s); !errors.Is(err, packages.ErrNotReady) || !strings.Contains(err.Error(), "disposed") {
		t.Error(err)
	}
	r, s = record(t, packages.SIP, 0)
	if err := write(t, packages.NewZip(io.Discard), r, s); !errors.Is(err, packages.ErrNotReady) {
		t.Error(err)
	}
}

// TestNames holds names of files to codes and ids, under one root that is the
// package's own.
func TestNames(t *testing.T) {
	plain := regexp.MustCompile(`^[A-Za-z0-9._/-]+$`)
	for _, k := range packages.Kinds {
		r, s := record(t, k, 2)
		for name, text := range members(t, zipped(t, r, s)) {
			if !plain.MatchString(name) || !strings.HasPrefix(name, r.Name()+"/") || strings.Contains(name, "..") {
				t.Errorf("%s: %s", k, name)
			}
			if strings.HasSuffix(name, ".xml") && strings.ContainsRune(text, '�') {
				t.Errorf("%s: %s has lost a letter", k, name)
			}
		}
	}
	r, _ := record(t, packages.AIP, 1)
	r.Whole = false
	if r.Name() != "aip-H60.12-261121-0001.001" {
		t.Error(r.Name())
	}
}

// TestFields looks for the national fields where they belong.
func TestFields(t *testing.T) {
	r, s := record(t, packages.SIP, 2)
	r.Papers[1] = s.paper(2, true)
	all := members(t, zipped(t, r, s))
	at := r.Name() + "/metadata/descriptive/"
	for file, fields := range map[string]map[string]string{
		"EAD.xml": {"fileCode": "H60.12-261121-0001", "title": "Đăng ký khai sinh", "startDate": "21/11/2026", "endDate": "23/11/2026", "totalDoc": "2",
			"numberOfPage": "4", "confidenceLevel": "03", "mode": "02"},
		"EAD_doc_001.xml": {"docId": "doc1", "docCode": "H60.12-261121-0001.001", "codeNumber": "123", "codeNotation": "QĐ-UBND", "issuedDate": "29/02/2024",
			"organName": "UBND xã &lt;Hòa&gt; &amp; Bình", "subject": "Về việc cấp giấy khai sinh", "confidenceLevel": "02", "maintenance": "01", "numberOfPage": "2"},
		"EAD_doc_002.xml": {"confidenceLevel": "01"},
	} {
		text := strings.Join(strings.Fields(all[at+file]), " ")
		for name, v := range fields {
			if want := fmt.Sprintf(`<odd localtype="%s"> <p>%s</p> </odd>`, name, v); !strings.Contains(text, want) {
				t.Errorf("%s has no %s", file, want)
			}
		}
		if strings.Contains(text, `localtype="riskRecovery"`) {
			t.Errorf("%s: a field that nobody knows has a value", file)
		}
	}
}

// TestReadingCopies holds a DIP to copies for reading, marked wherever they are
// described.
func TestReadingCopies(t *testing.T) {
	r, s := record(t, packages.DIP, 2)
	all := members(t, zipped(t, r, s))
	for name, text := range all {
		for _, p := range r.Papers {
			for part, sum := range p.Document.Parts {
				if digest.Of([]byte(text)) == sum {
					t.Errorf("%s is the %s itself", name, part)
				}
			}
		}
	}
	for _, name := range []string{"METS.xml", "representations/reading/METS.xml", "metadata/descriptive/EAD.xml", "metadata/descriptive/EAD_doc_002.xml",
		"metadata/preservation/PREMIS_doc_001.xml", "documentation/README.en.md", "documentation/README.vi.md"} {
		if !strings.Contains(all[r.Name()+"/"+name], "Bản để đọc, không phải bản sao có chứng thực / reading copy, not an authenticated copy") {
			t.Errorf("%s does not say that these are reading copies", name)
		}
	}
}

// endless is a store of one file that is too large to be held.
type endless struct {
	shelf
	sum  digest.Digest
	size int64
}

func (e endless) Open(ctx context.Context, d digest.Digest) (io.ReadCloser, error) {
	if d != e.sum {
		return e.shelf.Open(ctx, d)
	}
	return io.NopCloser(io.LimitReader(zeros{}, e.size)), nil
}

type zeros struct{}

func (zeros) Read(b []byte) (int, error) { clear(b); return len(b), nil }

// peak is a writer that notes the largest heap it was called in.
type peak struct {
	n    int64
	most uint64
}

func (p *peak) Write(b []byte) (int, error) {
	if p.n += int64(len(b)); p.n%(8<<20) < int64(len(b)) {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		p.most = max(p.most, m.HeapAlloc)
	}
	return len(b), nil
}

// TestStreams packs a file of 300 MB: the heap stays far below it.
func TestStreams(t *testing.T) {
	const size = 300 << 20
	r, s := record(t, packages.AIP, 1)
	h := digestOf(io.LimitReader(zeros{}, size))
	r.Papers[0].Document.Parts[dossier.PartScan] = h
	runtime.GC()
	var before runtime.MemStats
	runtime.ReadMemStats(&before)
	p := &peak{}
	if err := write(t, packages.NewZip(p), r, endless{s, h, size}); err != nil {
		t.Fatal(err)
	}
	if p.n < size || p.most > before.HeapAlloc+64<<20 {
		t.Errorf("%d bytes written with a heap of %d over %d", p.n, p.most, before.HeapAlloc)
	}
}

func digestOf(r io.Reader) digest.Digest {
	h := sha256.New()
	if _, err := io.Copy(h, r); err != nil {
		panic(err)
	}
	return digest.Digest(h.Sum(nil))
}

// TestUnavailable leaves the error of a store that does not answer what it is.
func TestUnavailable(t *testing.T) {
	r, s := record(t, packages.AIP, 1)
	err := write(t, packages.NewZip(io.Discard), r, silent{s})
	if !errors.Is(err, blob.ErrUnavailable) || errors.Is(err, packages.ErrBytes) {
		t.Error(err)
	}
}

type silent struct{ shelf }

func (silent) Open(context.Context, digest.Digest) (io.ReadCloser, error) {
	return nil, blob.ErrUnavailable
}
