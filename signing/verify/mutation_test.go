package verify

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"sohoa/pdf/revision"
	"sohoa/signing"
	"sohoa/signing/devca/devtest"
	"sohoa/signing/verify/attack"
)

// A region is a class of bytes of a signed file.
type region struct {
	name     string
	from, to int
}

// regions takes a file with one signature over all of it apart.
func regions(t *testing.T, file []byte) []region {
	t.Helper()
	f, err := revision.Open(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	fields, err := f.SignatureFields()
	if err != nil || len(fields) == 0 {
		t.Fatalf("%v %v", fields, err)
	}
	last := fields[len(fields)-1]
	gap, dict := last.Spans["Contents"], last.Spans[""]
	size := int(gap[1]-gap[0])/2 - 1
	cms := contentsIn(t, file, int(gap[0]))
	tail := bytes.LastIndex(file, []byte("startxref"))
	return []region{
		{"header", 0, 8},
		{"first revision", 8, int(dict[0])},
		{"signature dictionary", int(dict[0]), int(gap[0])},
		{"CMS", int(gap[0]) + 1, int(gap[0]) + 1 + 2*cms},
		{"zeros behind the CMS", int(gap[0]) + 1 + 2*cms, int(gap[0]) + 1 + 2*size},
		{"cross-references", int(gap[1]), tail},
		{"end", tail, len(file) - 1}, // the last line end is not read by anybody
	}
}

// contentsIn returns the length of the CMS in the gap at a place.
func contentsIn(t *testing.T, file []byte, at int) int {
	t.Helper()
	var head [4]byte
	if _, err := fmt.Sscanf(string(file[at+1:at+9]), "%02x%02x%02x%02x", &head[0], &head[1], &head[2], &head[3]); err != nil || head[1] != 0x82 {
		t.Fatalf("no CMS: %v %x", err, head)
	}
	return 4 + int(head[2])<<8 + int(head[3])
}

// harmless is the share of changes in the CMS that may leave it valid: what is
// nobody's word (unsigned attributes, the list of digests), and certificates that
// the time-stamp brings again.
const harmless = 0.2

// told is what a report says of its first signature.
func told(r Report) string {
	s := r.Signatures[0]
	return fmt.Sprint(s.Signer, s.Organisation, s.Serial, s.Chain, s.Level, s.Stamped, s.Stamper, s.Covers, s.Changes, s.Revocation)
}

// TestMutations changes bytes of every class, each in its own file. No change of
// what is signed may leave the signature valid; in the CMS some may, if all that
// is told of the signature stays as it was.
func TestMutations(t *testing.T) {
	d := devtest.New(t, time.Now)
	file := d.Sign(t, signing.Request{Profile: signing.CopyOfficer, Key: d.Key(t, "officer", "Nguyễn Vĩnh Nghĩa", "UBND"), Name: "Nguyễn Vĩnh Nghĩa"}, attack.Paper())
	o := options(t, d)
	good, err := check(bytes.NewReader(file), int64(len(file)), o)
	if err != nil || good.Verdict != Valid {
		t.Fatalf("%v %+v", err, good)
	}
	random := rand.New(rand.NewPCG(1, 2))
	for _, r := range regions(t, file) {
		const tries = 150
		valid := 0
		for range tries {
			at := r.from + random.IntN(r.to-r.from)
			with := byte(random.IntN(256))
			if r.name == "CMS" || r.name == "zeros behind the CMS" {
				with = "0123456789abcdef"[random.IntN(16)]
			}
			if with == file[at] {
				continue
			}
			mutant := bytes.Clone(file)
			mutant[at] = with
			got, err := check(bytes.NewReader(mutant), int64(len(mutant)), o)
			if err == nil && got.Verdict == Valid {
				valid++
				if r.name != "CMS" || told(got) != told(good) {
					t.Errorf("%s: byte %d became %q and the file is valid: %s", r.name, at, with, told(got))
				}
			}
		}
		if float64(valid) > harmless*tries {
			t.Errorf("%s: %d of %d mutants are valid", r.name, valid, tries)
		}
	}
}

// FuzzFile gives the whole verifier, as it runs in its child, whatever comes.
// It must not panic, nor call a file valid that is not one of the seeds. Seeds
// are in testdata: signed once, by keys that are gone.
func FuzzFile(f *testing.F) {
	seeds, err := filepath.Glob(filepath.Join("testdata", "seed*.pdf"))
	if err != nil || len(seeds) == 0 {
		f.Fatal("no seeds")
	}
	var known [][]byte
	for _, s := range seeds {
		b, err := os.ReadFile(s)
		if err != nil {
			f.Fatal(err)
		}
		known = append(known, b)
		f.Add(b)
	}
	root, err := os.ReadFile(filepath.Join("testdata", "root.der"))
	if err != nil {
		f.Fatal(err)
	}
	o := Options{Roots: [][]byte{root}, At: time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)}
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := check(bytes.NewReader(b), int64(len(b)), o)
		if err == nil && r.Verdict == Valid && !slices.ContainsFunc(known, func(k []byte) bool { return bytes.HasPrefix(b, k) }) {
			t.Errorf("a file of %d bytes that nobody signed is valid: %+v", len(b), r)
		}
	})
}
