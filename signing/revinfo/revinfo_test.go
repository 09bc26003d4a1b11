package revinfo_test

import (
	"crypto"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/crypto/ocsp"

	"sohoa/outbound"
	"sohoa/signing"
	"sohoa/signing/devca"
	"sohoa/signing/keys"
	"sohoa/signing/revinfo"
)

// A service is an authority that can be asked over HTTP.
type service struct {
	ca      *devca.CA
	at      time.Time // its clock
	asked   atomic.Int32
	url     string
	instead atomic.Pointer[http.HandlerFunc] // instead of an answer, if set
}

func serve(t *testing.T, at func(url string) devca.Addresses) *service {
	t.Helper()
	s := &service{at: time.Now()}
	mux := http.NewServeMux()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.asked.Add(1)
		if instead := s.instead.Load(); instead != nil {
			(*instead)(w, r)
			return
		}
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	s.url = server.URL
	var err error
	if s.ca, err = devca.OpenAt(t.TempDir(), func() time.Time { return s.at }, at(server.URL)); err != nil {
		t.Fatal(err)
	}
	mux.Handle("/ocsp", s.ca.OCSP())
	mux.Handle("/ocsp/", s.ca.OCSP())
	mux.Handle("/", s.ca.Lists())
	return s
}

func both(url string) devca.Addresses  { return devca.Addresses{OCSP: url + "/ocsp", CRLs: url} }
func lists(url string) devca.Addresses { return devca.Addresses{CRLs: url} }

func (s *service) key(t *testing.T, name string) signing.Key {
	t.Helper()
	if err := s.ca.Issue(name, name, ""); err != nil {
		t.Fatal(err)
	}
	k, err := keys.Load(s.ca.KeyPath(name))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func (s *service) client() *revinfo.Client {
	return &revinfo.Client{Now: func() time.Time { return s.at }, Timeout: 300 * time.Millisecond, HTTP: outbound.Client(outbound.Hosts{"127.0.0.1"}.Has, 0, nil)}
}

func TestFetch(t *testing.T) {
	for name, at := range map[string]func(string) devca.Addresses{"OCSP": both, "lists": lists} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, at)
			c, chain := s.client(), s.key(t, "an").Chain
			for range 2 {
				for i := range 2 { // the leaf's, and its issuer's, which is the root's list
					st, err := c.Proof(t.Context(), chain[i], chain[i+1])
					if err != nil {
						t.Fatal(err)
					}
					if st.OCSP() != (name == "OCSP" && i == 0) {
						t.Errorf("certificate %d by OCSP: %v", i, st.OCSP())
					}
					if a, err := st.About(chain[i], chain[i+1]); err != nil || !a.Revoked.IsZero() || !a.InForce(s.at) {
						t.Errorf("%+v %v", a, err)
					}
				}
			}
			if n := s.asked.Load(); n != 2 {
				t.Errorf("asked %d times, want 2: statements are kept", n)
			}
			if err := s.ca.Revoke(chain[0]); err != nil {
				t.Fatal(err)
			}
			s.at = s.at.Add(time.Hour) // what is kept is no longer fresh
			if _, err := c.Proof(t.Context(), chain[0], chain[1]); !errors.Is(err, revinfo.ErrRevoked) {
				t.Errorf("revoked: %v", err)
			}
		})
	}
}

// TestBadAnswers has the responder fail in every way: never is that an answer.
func TestBadAnswers(t *testing.T) {
	s := serve(t, both)
	chain := s.key(t, "an").Chain
	for name, c := range map[string]struct {
		answer http.HandlerFunc
		want   error
	}{
		"fails":     {func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "no", 500) }, revinfo.ErrUnavailable},
		"a page":    {func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<html>") }, revinfo.ErrStatement},
		"too long":  {func(w http.ResponseWriter, _ *http.Request) { w.Write(make([]byte, 17<<20)) }, revinfo.ErrUnavailable},
		"hangs":     {func(http.ResponseWriter, *http.Request) { time.Sleep(time.Second) }, revinfo.ErrUnavailable},
		"leads on":  {func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/other", 302) }, revinfo.ErrUnavailable},
		"try later": {func(w http.ResponseWriter, _ *http.Request) { w.Write(ocsp.TryLaterErrorResponse) }, revinfo.ErrStatement},
	} {
		s.instead.Store(&c.answer)
		if _, err := s.client().Proof(t.Context(), chain[0], chain[1]); !errors.Is(err, c.want) || errors.Is(err, revinfo.ErrRevoked) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestForged answers by those who may not, and about others.
func TestForged(t *testing.T) {
	s := serve(t, both)
	an, ba := s.key(t, "an"), s.key(t, "ba")
	issuer := an.Chain[1]
	good := ocsp.Response{Status: ocsp.Good, SerialNumber: an.Chain[0].SerialNumber, ThisUpdate: s.at, NextUpdate: s.at.Add(time.Hour), IssuerHash: crypto.SHA256}
	make := func(change func(*ocsp.Response), k signing.Key) []byte {
		r := good
		r.Certificate = k.Chain[0]
		change(&r)
		der, err := ocsp.CreateResponse(issuer, k.Chain[0], r, k.Signer)
		if err != nil {
			t.Fatal(err)
		}
		return der
	}
	other := serve(t, both)
	proof := func(s *service, cert, issuer *x509.Certificate) []byte {
		st, err := s.ca.Proof(t.Context(), cert, issuer)
		if err != nil {
			t.Fatal(err)
		}
		return st.Raw
	}
	theirs := other.key(t, "an").Chain
	truth := proof(s, an.Chain[0], issuer)
	flipped := append([]byte{}, truth...)
	flipped[len(flipped)/4] ^= 1
	for name, der := range map[string][]byte{
		"by the one it is about": make(func(*ocsp.Response) {}, an),
		"by a colleague":         make(func(*ocsp.Response) {}, ba),
		"by another authority":   proof(other, theirs[0], theirs[1]),
		"about a colleague":      proof(s, ba.Chain[0], issuer),
		"a byte":                 flipped,
		"something after it":     append(append([]byte{}, truth...), 0),
		"nothing":                {},
		"half":                   truth[:len(truth)/2],
	} {
		st, err := revinfo.ParseOCSP(der)
		if err == nil {
			_, err = st.About(an.Chain[0], issuer)
		}
		if !errors.Is(err, revinfo.ErrStatement) {
			t.Errorf("%s: %v", name, err)
		}
	}
	st, err := revinfo.ParseOCSP(truth)
	if err != nil {
		t.Fatal(err)
	}
	for at, want := range map[time.Duration]error{0: nil, 48 * time.Hour: revinfo.ErrStatement, -time.Hour: revinfo.ErrStatement} {
		if err := revinfo.Good(st, an.Chain[0], issuer, s.at.Add(at)); !errors.Is(err, want) {
			t.Errorf("after %v: %v", at, err)
		}
	}
}

// TestOpenSSLAsks has another client ask the responder.
func TestOpenSSLAsks(t *testing.T) {
	s := serve(t, both)
	chain := s.key(t, "an").Chain
	dir := t.TempDir()
	file := func(name string, c *x509.Certificate) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, c.Raw, 0o600); err != nil {
			t.Fatal(err)
		}
		out, err := exec.Command("openssl", "x509", "-inform", "DER", "-in", path, "-out", path+".pem").CombinedOutput()
		if err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		return path + ".pem"
	}
	leaf, issuer, root := file("leaf", chain[0]), file("issuer", chain[1]), file("root", chain[2])
	ask := func() string {
		out, err := exec.Command("openssl", "ocsp", "-issuer", issuer, "-cert", leaf, "-CAfile", root, "-url", s.url+"/ocsp").CombinedOutput()
		if err != nil {
			t.Errorf("%v: %s", err, out)
		}
		return string(out)
	}
	if says := ask(); !strings.Contains(says, "Response verify OK") || !strings.Contains(says, "leaf.pem: good") {
		t.Error(says)
	}
	if err := s.ca.Revoke(chain[0]); err != nil {
		t.Fatal(err)
	}
	if says := ask(); !strings.Contains(says, "leaf.pem: revoked") {
		t.Error(says)
	}
}

// FuzzParse makes sure that no bytes bring the readers down.
func FuzzParse(f *testing.F) {
	ca, err := devca.Open(f.TempDir(), time.Now)
	if err != nil {
		f.Fatal(err)
	}
	if err := ca.Issue("an", "An", ""); err != nil {
		f.Fatal(err)
	}
	k, err := keys.Load(ca.KeyPath("an"))
	if err != nil {
		f.Fatal(err)
	}
	for i := range 2 {
		st, err := ca.Proof(f.Context(), k.Chain[i], k.Chain[i+1])
		if err != nil {
			f.Fatal(err)
		}
		f.Add(st.Raw)
	}
	f.Fuzz(func(t *testing.T, der []byte) {
		for _, parse := range []func([]byte) (*revinfo.Statement, error){revinfo.ParseOCSP, revinfo.ParseCRL} {
			if st, err := parse(der); err == nil {
				_, _ = st.About(k.Chain[0], k.Chain[1])
			}
		}
	})
}
