package taster

import (
	"bufio"
	"bytes"
	"context"
	"crypto/x509"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"sohoa/jail"
	"sohoa/signing/devca"
	"sohoa/signing/revinfo"
	"sohoa/signing/tsa"
)

func TestMain(m *testing.M) {
	jail.Main(map[string]jail.Child{Name: frail})
	os.Exit(m.Run())
}

// frail is [Child] until an answer begins with a word that a reader with a
// fault might stumble over.
func frail(args []string, in io.Reader, out io.Writer) error {
	r := bufio.NewReader(in)
	for {
		head, err := r.Peek(5)
		if err != nil {
			return nil
		}
		if n := int(head[3])<<8 | int(head[4]); n == 5 {
			frame, _ := r.Peek(10)
			switch string(frame[5:]) {
			case "panic":
				panic("fault")
			case "sleep":
				time.Sleep(time.Hour)
			case "spins":
				for {
				}
			case "blows":
				var held [][]byte
				for {
					held = append(held, bytes.Repeat([]byte{1}, 1<<24))
				}
			}
		}
		size := int(head[1])<<24 | int(head[2])<<16 | int(head[3])<<8 | int(head[4])
		if err := Child(args, io.LimitReader(r, int64(5+size)), out); err != nil {
			return err
		}
	}
}

func taster(t *testing.T) *Taster {
	t.Helper()
	x := New(context.Background())
	t.Cleanup(func() { x.Close() })
	return x
}

// answers are good ones of every kind, as they come over the line.
func answers(t testing.TB) map[Kind][]byte {
	t.Helper()
	ca, err := devca.Open(t.TempDir(), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	out := map[Kind][]byte{}
	mux := http.NewServeMux()
	mux.Handle("/tsa", ca.TSA())
	server := httptest.NewServer(mux)
	defer server.Close()
	client := &tsa.Client{URL: server.URL + "/tsa", Roots: ca.Roots(), Now: time.Now,
		Taste: func(_ context.Context, b []byte) error { out[Stamp] = bytes.Clone(b); return nil }}
	if out[CMS], _, err = client.Stamp(context.Background(), []byte("x")); err != nil {
		t.Fatal(err)
	}
	lists, err := ca.CRLs()
	if err != nil {
		t.Fatal(err)
	}
	out[CRL] = lists[0]
	chain := chainOf(t, out[CMS])
	s, err := ca.Proof(context.Background(), chain[0], chain[1])
	if err != nil {
		t.Fatal(err)
	}
	out[OCSP] = s.Raw
	if !s.OCSP() {
		t.Fatal("no OCSP answer")
	}
	return out
}

func TestGoodAndBad(t *testing.T) {
	x, all := taster(t), answers(t)
	for k, b := range all {
		if err := x.Taste(t.Context(), k, b); err != nil {
			t.Errorf("a good answer of kind %c: %v", k, err)
		}
		for other := range all {
			if err := x.Taste(t.Context(), other, b); (err == nil) != (other == k) || err != nil && !errors.Is(err, ErrRefused) {
				t.Errorf("an answer of kind %c as %c: %v", k, other, err)
			}
		}
		for name, bad := range map[string][]byte{
			"empty": {}, "cut": b[:len(b)-1], "continued": append(bytes.Clone(b), 0),
			"indefinite": append([]byte{0x30, 0x80}, b...), "long length": append([]byte{0x30, 0x83, 0}, b[2:]...),
			"nested": nested(k.most()), "large": make([]byte, k.most()+1),
		} {
			if err := x.Taste(t.Context(), k, bad); !errors.Is(err, ErrRefused) {
				t.Errorf("%s, as %c: %v", name, k, err)
			}
		}
	}
	if x.uses < 20 {
		t.Errorf("the child was started anew: %d uses", x.uses)
	}
}

// nested is as many sequences within each other as fit, lengths and all.
func nested(size int) []byte {
	var b []byte
	for len(b) < min(size, 1<<16)-8 {
		n := len(b)
		switch {
		case n < 0x80:
			b = append([]byte{0x30, byte(n)}, b...)
		case n < 0x100:
			b = append([]byte{0x30, 0x81, byte(n)}, b...)
		default:
			b = append([]byte{0x30, 0x82, byte(n >> 8), byte(n)}, b...)
		}
	}
	return b
}

func TestHarm(t *testing.T) {
	x, good := taster(t), answers(t)[CMS]
	for _, word := range []string{"panic", "blows"} {
		if word == "blows" && raceEnabled {
			continue // the race detector's memory is not capped
		}
		err := x.Taste(t.Context(), CMS, []byte(word))
		if !errors.Is(err, ErrRefused) || !errors.Is(err, jail.ErrCrash) && !errors.Is(err, jail.ErrMemory) {
			t.Errorf("%s: %v", word, err)
		}
		if err := x.Taste(t.Context(), CMS, good); err != nil {
			t.Errorf("after %s: %v", word, err)
		}
	}
	for _, word := range []string{"sleep", "spins"} {
		ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
		err := x.Taste(ctx, CMS, []byte(word))
		cancel()
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s: %v", word, err)
		}
		if err := x.Taste(t.Context(), CMS, good); err != nil {
			t.Errorf("after %s: %v", word, err)
		}
	}
	if err := x.Close(); err != nil {
		t.Error(err)
	}
	if err := x.Taste(t.Context(), CMS, good); err == nil {
		t.Error("a closed taster tastes")
	}
}

func TestTogether(t *testing.T) {
	x, good := taster(t), answers(t)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for k, b := range good {
				if err := x.Taste(t.Context(), k, b); err != nil {
					t.Error(err)
				}
				if err := x.Taste(t.Context(), k, b[:40]); !errors.Is(err, ErrRefused) {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
}

// TestClients makes sure that nobody reads what was refused: a client of an
// authority whose answer is refused has no token and no statement.
func TestClients(t *testing.T) {
	ca, err := devca.Open(t.TempDir(), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(ca.TSA())
	defer server.Close()
	no := errors.New("no")
	c := &tsa.Client{URL: server.URL, Roots: ca.Roots(), Now: time.Now, Taste: func(context.Context, []byte) error { return no }}
	if _, _, err := c.Stamp(t.Context(), []byte("x")); !errors.Is(err, no) || !errors.Is(err, tsa.ErrToken) {
		t.Errorf("time-stamp: %v", err)
	}
	x := taster(t)
	c.Taste = func(ctx context.Context, b []byte) error { return x.Taste(ctx, Stamp, b) }
	token, _, err := c.Stamp(t.Context(), []byte("x"))
	if err != nil {
		t.Fatal(err)
	}
	ocsp := httptest.NewServer(ca.OCSP())
	defer ocsp.Close()
	chain := chainOf(t, token)
	leaf := *chain[0]
	leaf.OCSPServer, leaf.CRLDistributionPoints = []string{ocsp.URL}, nil
	seen := 0
	r := &revinfo.Client{Now: time.Now, HTTP: ocsp.Client(), Taste: func(_ context.Context, list bool, b []byte) error {
		if list || len(b) == 0 {
			t.Errorf("list %v of %d bytes", list, len(b))
		}
		seen++
		return no
	}}
	if _, err := r.Proof(t.Context(), &leaf, chain[1]); !errors.Is(err, no) || !errors.Is(err, revinfo.ErrStatement) || seen != 1 {
		t.Errorf("statement: %v, tasted %d times", err, seen)
	}
	r.Taste = func(ctx context.Context, list bool, b []byte) error { return x.Taste(ctx, OCSP, b) }
	if s, err := r.Proof(t.Context(), &leaf, chain[1]); err != nil || !s.OCSP() {
		t.Errorf("statement: %v", err)
	}
}

func FuzzRead(f *testing.F) {
	for k, b := range answers(f) {
		f.Add(byte(k), b)
		f.Add(byte(k), b[:len(b)/2])
	}
	f.Add(byte(CMS), nested(3000))
	f.Fuzz(func(t *testing.T, k byte, b []byte) {
		if len(b) > Kind(k).most() {
			return
		}
		if err := read(Kind(k), b); err == nil && strict(b) != nil {
			t.Error("what is not DER was taken")
		} else if err != nil && strings.Contains(err.Error(), "\x00") {
			t.Errorf("bytes of the answer in the error: %q", err)
		}
	})
}

// chainOf returns the authority's certificate and its issuer's from a token.
func chainOf(t testing.TB, token []byte) []*x509.Certificate {
	t.Helper()
	p, err := tsa.Parse(token)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range p.Certificates() {
		if bytes.Equal(c.RawSubject, p.Signer.RawIssuer) {
			return []*x509.Certificate{p.Signer, c}
		}
	}
	t.Fatal("the token has no issuer")
	return nil
}
