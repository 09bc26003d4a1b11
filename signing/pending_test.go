package signing_test

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"sohoa/pdf/revision/revisiontest"
	"sohoa/signing"
	"sohoa/signing/cms"
	"sohoa/signing/devca/devtest"
)

// gate refuses with an error, or notes when it was asked.
type gate struct {
	err   error
	asked func()
}

func (g gate) Allow(context.Context, signing.Key, time.Time) error {
	if g.asked != nil {
		g.asked()
	}
	return g.err
}

// TestGate: who is refused leaves no intent, and the key is not asked.
func TestGate(t *testing.T) {
	d := devtest.New(t, time.Now)
	k := d.Key(t, "an", "An", "")
	file := revisiontest.Paper{}.Bytes()
	spent := errors.New("spent")
	d.Sealer.Gate = gate{err: spent}
	asked := k
	asked.Signer = never{k.Signer, t}
	r := signing.Request{Profile: signing.CopyOfficer, Key: asked, Name: "An", Level: signing.LevelB}
	if err := d.Sealer.Sign(t.Context(), r, bytes.NewReader(file), int64(len(file)), &bytes.Buffer{}); !errors.Is(err, spent) || len(d.Journal.Intents()) != 0 {
		t.Errorf("%v, %d intents", err, len(d.Journal.Intents()))
	}
	times := 0
	d.Sealer.Gate = gate{asked: func() {
		if times++; len(d.Journal.Intents()) != 0 {
			t.Error("asked after the intent")
		}
	}}
	r.Key = k
	d.Sign(t, r, file)
	r.Name = "漢" // no such letter: nothing can be signed, so nobody is asked
	if err := d.Sealer.Sign(t.Context(), r, bytes.NewReader(file), int64(len(file)), &bytes.Buffer{}); err == nil || times != 1 {
		t.Errorf("%v, asked %d times", err, times)
	}
}

// TestSplit sends the hash out and takes the signature back later, at every
// level, with the pending signature kept as JSON between.
func TestSplit(t *testing.T) {
	d := devtest.New(t, time.Now)
	k := d.Key(t, "an", "Nguyễn Vĩnh Nghĩa", "")
	file := revisiontest.Paper{}.Bytes()
	for _, level := range []signing.Level{signing.LevelB, signing.LevelT, signing.LevelLT, signing.LevelLTA} {
		r := signing.Request{Subject: "d1", Profile: signing.CopyOfficer, Level: level, Key: signing.Key{Chain: k.Chain}, Name: "Nguyễn Vĩnh Nghĩa"}
		p, err := d.Sealer.Prepare(t.Context(), r, bytes.NewReader(file), int64(len(file)), &bytes.Buffer{})
		if err != nil {
			t.Fatal(err)
		}
		if n := d.Journal.Intents(); n[len(n)-1].ToSign != p.Covered {
			t.Error("the intent is about other bytes")
		}
		kept, err := json.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		var later signing.Pending
		if err := json.Unmarshal(kept, &later); err != nil {
			t.Fatal(err)
		}
		digest := later.Digest()
		if digest != p.Digest() || digest != sha256.Sum256(later.ToSign()) {
			t.Error("another digest after a while")
		}
		value, err := k.Signer.Sign(rand.Reader, digest[:], crypto.SHA256)
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		if err := later.Copy(bytes.NewReader(file), &out); err != nil {
			t.Fatal(err)
		}
		if err := d.Sealer.Finish(t.Context(), &later, []byte("no signature"), bytes.NewReader(file), &out); !errors.Is(err, cms.ErrSignature) {
			t.Errorf("a wrong answer: %v", err)
		}
		if err := d.Sealer.Finish(t.Context(), &later, value, bytes.NewReader(file), &out); err != nil {
			t.Fatal(err)
		}
		if says := tool(t, out.Bytes(), "pdfsig", "-nocert", "FILE"); strings.Count(says, "Signature is Valid") != 1 || !bytes.HasPrefix(out.Bytes(), file) {
			t.Error(level, says)
		}
	}
}

// TestSplitRefuses: another file, or a certificate that ended meanwhile.
func TestSplitRefuses(t *testing.T) {
	d := devtest.New(t, time.Now)
	k := d.Key(t, "an", "An", "")
	file := revisiontest.Paper{}.Bytes()
	r := signing.Request{Profile: signing.CopyOfficer, Level: signing.LevelB, Key: signing.Key{Chain: k.Chain}, Name: "An"}
	var out bytes.Buffer
	p, err := d.Sealer.Prepare(t.Context(), r, bytes.NewReader(file), int64(len(file)), &out)
	if err != nil {
		t.Fatal(err)
	}
	other := bytes.Clone(file)
	other[len(other)/2] ^= 1
	for _, b := range [][]byte{other, file[:len(file)-1]} {
		if err := p.Copy(bytes.NewReader(b), &bytes.Buffer{}); !errors.Is(err, signing.ErrChanged) {
			t.Errorf("another file: %v", err)
		}
	}
	digest := p.Digest()
	value, err := k.Signer.Sign(rand.Reader, digest[:], crypto.SHA256)
	if err != nil {
		t.Fatal(err)
	}
	d.Sealer.Now = func() time.Time { return k.Chain[0].NotAfter.Add(time.Second) }
	if err := d.Sealer.Finish(t.Context(), p, value, bytes.NewReader(file), &out); !errors.Is(err, signing.ErrExpired) {
		t.Errorf("expired meanwhile: %v", err)
	}
}
