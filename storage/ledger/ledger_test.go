package ledger

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func event(i int) Event {
	return Event{ID: fmt.Sprintf("0199-%06d", i), Kind: Move, Act: "recognise", At: 1764000000000 + int64(i), Who: "line", Role: "machine",
		Document: "d1", State: "recognised", Version: 1, Made: []Made{{"text", strings.Repeat("b", 64)}, {"words", strings.Repeat("a", 64)}}}
}

func TestCanonicalBytes(t *testing.T) {
	e := event(7)
	want := `{"act":"recognise","at":1764000000007,"document":"d1","id":"0199-000007","kind":"move","made":{"text":"` + strings.Repeat("b", 64) +
		`","words":"` + strings.Repeat("a", 64) + `"},"role":"machine","state":"recognised","v":1,"version":1,"who":"line"}`
	if got := string(e.Bytes()); got != want {
		t.Fatalf("canonical bytes\n%s\nwant\n%s", got, want)
	}
	full := e
	v := reflect.ValueOf(&full).Elem()
	for i := range v.NumField() { // every field must come back, and with hard characters
		switch f := v.Field(i); f.Kind() {
		case reflect.String:
			if v.Type().Field(i).Name != "Kind" {
				f.SetString("đ\"\\\n\x01<&\u2028" + v.Type().Field(i).Name)
			}
		case reflect.Bool:
			f.SetBool(true)
		case reflect.Int64:
			f.SetInt(-int64(i) - 1)
		}
	}
	got, err := Parse(string(full.Bytes()))
	if err != nil || !reflect.DeepEqual(got, full) {
		t.Errorf("came back as %+v, %v\nwant %+v", got, err, full)
	}
	if !json.Valid(full.Bytes()) {
		t.Errorf("not JSON: %s", full.Bytes())
	}
}

// What is read is canonical, or it is not read: one event has one spelling.
func TestOneSpelling(t *testing.T) {
	good := string(event(1).Bytes())
	for _, bad := range []string{"", "{}", good + " ", " " + good, good[:len(good)-1],
		strings.Replace(good, `"at":1764`, `"at":01764`, 1), strings.Replace(good, `"at":`, `"at": `, 1),
		strings.Replace(good, `"v":1`, `"v":2`, 1), strings.Replace(good, `"role"`, `"rolf"`, 1),
		strings.Replace(good, `"act":"recognise",`, ``, 1), strings.Replace(good, "line", `\u006cine`, 1),
		strings.Replace(good, "line", "li\x01ne", 1), strings.Replace(good, "line", "li\xffne", 1),
		strings.Replace(good, `"kind":"move"`, `"kind":"reading"`, 1), strings.Replace(good, `,"version":1`, ``, 1),
		strings.Replace(good, `"act":"recognise",`, `"act":"recognise","act":"recognise",`, 1),
		strings.Replace(good, `"made":{`, `"made":{},"madf":{`, 1)} {
		if e, err := Parse(bad); !errors.Is(err, ErrEvent) {
			t.Errorf("read %q as %+v, %v", bad, e, err)
		}
	}
}

// A store keeps what a tree fills.
type store map[[2]int64][]byte

func (s store) put(tile Tile) error {
	s[[2]int64{int64(tile.Level), tile.Number}] = bytes.Clone(tile.Hashes)
	return nil
}

func (s store) get(level int, number int64) ([]byte, error) {
	if b, ok := s[[2]int64{int64(level), number}]; ok {
		return b, nil
	}
	return nil, ErrTile
}

// grow adds n events to a tree whose tiles are kept, as a reference.
func grow(t testing.TB, tree *Tree, kept store, from, n int) {
	var leaf Leaf
	for i := from; i < from+n; i++ {
		if err := tree.Add(leaf.Hash(string(event(i).Bytes())), kept.put); err != nil {
			t.Fatal(err)
		}
	}
	for _, tile := range tree.Edge() {
		kept.put(tile)
	}
}

// The tree is the one that another implementation grows, and proofs from tiles
// hold under its root, at sizes around every border.
func TestTreeIsRFC6962(t *testing.T) {
	var theirs []tlog.Hash
	reader := tlog.HashReaderFunc(func(at []int64) (found []tlog.Hash, err error) {
		for _, i := range at {
			found = append(found, theirs[i])
		}
		return found, nil
	})
	kept, tree := store{}, &Tree{}
	for size := 1; size <= 256*256+300; size++ {
		hashes, err := tlog.StoredHashes(int64(size-1), event(size-1).Bytes(), reader)
		if err != nil {
			t.Fatal(err)
		}
		theirs = append(theirs, hashes...)
		near := size < 20 || size%256 < 2 && size < 1600 || size > 256*256-2 && size < 256*256+3 || size%9001 == 0
		if !near {
			continue
		}
		grow(t, tree, kept, int(tree.Size()), size-int(tree.Size()))
		want, err := tlog.TreeHash(int64(size), reader)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := tree.Root(); err != nil || got != want {
			t.Fatalf("root at %d: %v, %v; want %v", size, got, err, want)
		}
		again, err := Grown(int64(size), kept.get)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := again.Root(); err != nil || got != want || again.Size() != int64(size) {
			t.Fatalf("root of the tree taken up again at %d: %v, %v", size, got, err)
		}
		for _, place := range []int64{0, int64(size) / 2, int64(size) - 1} {
			path, err := tlog.ProveRecord(int64(size), place, Hashes(kept.get))
			if err != nil || tlog.CheckRecord(path, int64(size), want, place, tlog.RecordHash(event(int(place)).Bytes())) != nil {
				t.Fatalf("proof of %d in %d: %v", place, size, err)
			}
		}
	}
}

func TestProofs(t *testing.T) {
	private, public, err := NewKey("house.example/so")
	if err != nil {
		t.Fatal(err)
	}
	signer, _ := note.NewSigner(private)
	kept, tree := store{}, &Tree{}
	grow(t, tree, kept, 0, 700)
	root, _ := tree.Root()
	signed, err := Checkpoint{"house.example/so", 700, root}.Sign(signer)
	if err != nil {
		t.Fatal(err)
	}
	proof, err := Prove(string(event(300).Bytes()), 300, 700, Hashes(kept.get), signed)
	if err != nil {
		t.Fatal(err)
	}
	written := proof.Bytes()
	read, err := ParseProof(written)
	if err != nil || !bytes.Equal(read.Bytes(), written) {
		t.Fatalf("read back: %v\n%s", err, read.Bytes())
	}
	if e, c, err := read.Check([]string{public}); err != nil || e.ID != event(300).ID || c.Size != 700 {
		t.Fatalf("check: %+v %+v %v", e, c, err)
	}
	_, other, _ := NewKey("house.example/so")
	if _, _, err := read.Check([]string{other}); !errors.Is(err, ErrUnsigned) {
		t.Errorf("under another key: %v", err)
	}
	text := string(written)
	wrong := map[string]string{
		"another event": strings.Replace(text, "extra ey", "extra eX", 1),
		"another place": strings.Replace(text, "index 300", "index 301", 1),
		"another size":  strings.Replace(text, "\n700\n", "\n701\n", 1),
		"a hash less":   strings.Join(append(strings.Split(text, "\n")[:3:3], strings.Split(text, "\n")[4:]...), "\n"),
		"no header":     strings.Replace(text, "@v1", "@v2", 1),
		"no event":      strings.Replace(text, "extra ", "extro ", 1),
		"cut":           text[:200],
	}
	for what, s := range wrong {
		p, err := ParseProof([]byte(s))
		if err == nil {
			_, _, err = p.Check([]string{public})
		}
		if !errors.Is(err, ErrProof) && !errors.Is(err, ErrUnsigned) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, err := Prove("", 700, 700, nil, signed); !errors.Is(err, ErrProof) {
		t.Errorf("an event after the checkpoint: %v", err)
	}
}

func TestCheckpointsOfOthers(t *testing.T) {
	private, public, _ := NewKey("a")
	signer, _ := note.NewSigner(private)
	for _, text := range []string{"b\n1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n", "a\n01\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n", "a\n1\nAAAA\n", "a\n1\n"} {
		signed, err := note.Sign(&note.Note{Text: text}, signer)
		if err != nil {
			t.Fatal(err)
		}
		if c, _, err := Open(signed, []string{public}); err == nil {
			t.Errorf("%q is taken as %+v", text, c)
		}
	}
	for _, name := range []string{"", "a b", "a+b"} {
		if _, _, err := NewKey(name); err == nil {
			t.Errorf("a key named %q", name)
		}
	}
}

// A commitment is HMAC-SHA-256 as package hmac has it, however long its parts are.
func TestCommit(t *testing.T) {
	for _, n := range []int{0, 1, 31, 32, 63, 64, 65, 100, 1983, 1984, 2015, 2016, 2017, 5000} {
		for _, salt := range []string{NewSalt(), "", strings.Repeat("s", 64), strings.Repeat("s", 65)} {
			why, fields := strings.Repeat("ư", n/3), strings.Repeat("f", n)
			m := hmac.New(sha256.New, []byte(salt))
			m.Write([]byte(why + "\x00" + fields))
			if want := hex.EncodeToString(m.Sum(nil)); Commit(salt, why, fields) != want {
				t.Errorf("%d bytes, a salt of %d", n, len(salt))
			}
		}
	}
}
