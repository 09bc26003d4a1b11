package revision

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"sohoa/pdf/revision/revisiontest"
)

// stored adds evidence to a file.
func stored(t *testing.T, file []byte, add map[Name][][]byte) []byte {
	t.Helper()
	u := open(t, file).Update()
	if err := u.Store(add); err != nil {
		t.Fatal(err)
	}
	tail, err := u.Tail()
	if err != nil {
		t.Fatal(err)
	}
	return append(bytes.Clone(file), tail...)
}

func TestStore(t *testing.T) {
	file := revisiontest.Paper{Catalog: "/Extensions <</ADBE <</BaseVersion /1.7 /ExtensionLevel 8>>>>"}.Bytes()
	once := stored(t, file, map[Name][][]byte{Certs: {[]byte("c1"), []byte("c1")}, OCSPs: {[]byte("o1")}})
	twice := stored(t, once, map[Name][][]byte{Certs: {[]byte("c1"), []byte("c2")}, CRLs: {[]byte("l1")}})
	f := open(t, twice)
	held, err := f.Evidence()
	if err != nil {
		t.Fatal(err)
	}
	got := ""
	for _, k := range stores {
		for _, h := range held[k] {
			got += string(k) + " " + string(h.DER) + ", "
			if h.End <= int64(len(file)) || h.End > int64(len(twice)) || (string(h.DER) == "c1") != (h.End < int64(len(once)) && k == Certs) {
				t.Errorf("%s ends at %d", h.DER, h.End)
			}
		}
	}
	if want := "Certs c1, Certs c2, OCSPs o1, CRLs l1, "; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	catalog, _, err := f.Catalog()
	if err != nil {
		t.Fatal(err)
	}
	if e, _ := catalog["Extensions"].(Dict); e["ADBE"] == nil || e["ESIC"] == nil {
		t.Errorf("extensions are %v", e)
	}
	if held, err := open(t, file).Evidence(); err != nil || len(held) != 0 {
		t.Errorf("%v %v", held, err)
	}
}

func TestEvidenceDamaged(t *testing.T) {
	for name, catalog := range map[string]string{
		"no dictionary": "/DSS 6 0 R /X 1",
		"no streams":    "/DSS <</Certs [6 0 R]>>",
		"too many":      "/DSS <</OCSPs [" + strings.Repeat("4 0 R ", maxHeld+1) + "]>>",
		"no array":      "/DSS <</CRLs 6 0 R>>",
		"not deflated":  "/DSS <</CRLs [7 0 R]>>",
	} {
		file := revisiontest.Paper{Catalog: catalog, Objects: []string{"<</Length 4 /Filter /FlateDecode>>\nstream\nabcd\nendstream"}}.Bytes()
		if name == "no dictionary" {
			file = bytes.Replace(file, []byte("/DSS 6 0 R"), []byte("/DSS [6]  "), 1)
		}
		if _, err := open(t, file).Evidence(); !errors.Is(err, ErrDamaged) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestStamp(t *testing.T) {
	file := revisiontest.Paper{}.Bytes()
	for i, name := range []string{"Timestamp1", "Timestamp2"} {
		f := open(t, file)
		page, err := f.FirstPage()
		if err != nil {
			t.Fatal(err)
		}
		u := f.Update()
		if err := u.Stamp(page, 100); err != nil {
			t.Fatal(err)
		}
		if err := u.Stamp(page, 100); !errors.Is(err, ErrRoom) {
			t.Errorf("two in one update: %v", err)
		}
		if _, err := u.Tail(); err == nil {
			t.Error("an update with a place for a token has a tail without it")
		}
		var tail bytes.Buffer
		p, err := u.PrepareTail(&tail, bytes.NewReader(file))
		if err != nil {
			t.Fatal(err)
		}
		if tail.Len() != 0 {
			t.Error("something was written before the token")
		}
		if err := p.Finish([]byte("token")); err != nil {
			t.Fatal(err)
		}
		file = append(file, tail.Bytes()...)
		fields, err := open(t, file).SignatureFields()
		if err != nil || len(fields) != i+1 || fields[i].Name != name || fields[i].Dict["SubFilter"] != Name("ETSI.RFC3161") {
			t.Fatalf("%v %+v", err, fields)
		}
	}
}

func TestJoin(t *testing.T) {
	r, size := Join(strings.NewReader("0123456789"), 5, []byte("abc"))
	if err := iotest.TestReader(io.NewSectionReader(r, 0, size), []byte("01234abc")); err != nil {
		t.Error(err)
	}
	if n, err := r.ReadAt(make([]byte, 1), 8); n != 0 || err != io.EOF {
		t.Errorf("%d %v", n, err)
	}
}
