package csc_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"errors"
	"math/big"
	"net/http"
	"strings"
	"testing"
	"time"

	"sohoa/signing/csc"
	"sohoa/signing/csc/csctest"
)

func certify(t *testing.T, key crypto.Signer) []*x509.Certificate {
	t.Helper()
	c := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, c, c, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return []*x509.Certificate{cert}
}

func ec(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

const (
	ecdsaSHA256 = "1.2.840.10045.4.3.2"
	plainRSA    = "1.2.840.113549.1.1.1"
	rsaSHA256   = "1.2.840.113549.1.1.11"
)

func settings(s *csctest.Service) csc.Settings {
	return csc.Settings{URL: s.URL, Credential: csctest.Credential, Client: csctest.Client, SecretFile: "secret", HTTP: s.HTTP, Now: time.Now, Wait: 2 * time.Second}
}

func typed(pin string) func() ([]byte, error) {
	return func() ([]byte, error) { return []byte(pin), nil }
}

func signs(c *csc.Credential, b byte) error {
	digest := sha256.Sum256([]byte{b})
	sig, err := c.Sign(nil, digest[:], crypto.SHA256)
	if err != nil {
		return err
	}
	ok := false
	switch k := c.Public().(type) {
	case *rsa.PublicKey:
		ok = rsa.VerifyPKCS1v15(k, crypto.SHA256, digest[:], sig) == nil
	case *ecdsa.PublicKey:
		ok = ecdsa.VerifyASN1(k, digest[:], sig)
	}
	if !ok {
		return errors.New("a wrong signature")
	}
	return nil
}

// TestSigns: with client credentials or a bearer token, with a PIN or without,
// RSA and ECDSA however the service names and writes them.
func TestSigns(t *testing.T) {
	r, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	e := ec(t)
	for name, row := range map[string]struct {
		key    crypto.Signer
		algo   string
		change func(*csctest.Service, *csc.Settings)
	}{
		"ecdsa":      {e, ecdsaSHA256, nil},
		"ecdsa, raw": {e, "1.2.840.10045.2.1", func(s *csctest.Service, _ *csc.Settings) { s.Raw = true }},
		"rsa":        {r, rsaSHA256, nil},
		"plain rsa":  {r, plainRSA, nil},
		"no PIN":     {e, ecdsaSHA256, func(s *csctest.Service, _ *csc.Settings) { s.Mode = "implicit" }},
		"unnamed":    {e, ecdsaSHA256, func(_ *csctest.Service, o *csc.Settings) { o.Credential = "" }},
		"bearer":     {e, ecdsaSHA256, func(_ *csctest.Service, o *csc.Settings) { o.Client = "" }},
	} {
		s := csctest.New(t, row.key, certify(t, row.key), row.algo)
		o, secret := settings(s), csctest.Secret
		if row.change != nil {
			row.change(s, &o)
		}
		if o.Client == "" {
			secret = s.Bearer()
		}
		c, err := csc.Open(t.Context(), o, []byte(secret), typed(csctest.PIN))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if err := errors.Join(c.Ready(), signs(c, 1), signs(c, 2)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if all, most := s.Signed(); all != 2 || most != 1 {
			t.Errorf("%s: signed %d times, %d for one hash", name, all, most)
		}
		if n := s.Calls("oauth2/token"); n > 1 {
			t.Errorf("%s: %d access tokens", name, n)
		}
		c.Close()
		if err := signs(c, 3); !errors.Is(err, csc.ErrRefused) {
			t.Errorf("%s: after Close: %v", name, err)
		}
	}
}

// TestRefuses: what the service, or its credential, cannot do.
func TestRefuses(t *testing.T) {
	key := ec(t)
	for name, row := range map[string]struct {
		change func(*csctest.Service, *csc.Settings)
		pin    func() ([]byte, error)
		want   error
		says   string
	}{
		"key disabled":        {func(s *csctest.Service, _ *csc.Settings) { s.KeyStatus = "disabled" }, nil, csc.ErrRefused, `"disabled"`},
		"certificate revoked": {func(s *csctest.Service, _ *csc.Settings) { s.CertStatus = "revoked" }, nil, csc.ErrRefused, `"revoked"`},
		"by browser only":     {func(s *csctest.Service, _ *csc.Settings) { s.Mode = "oauth2code" }, nil, csc.ErrRefused, "browser"},
		"other credential":    {func(_ *csctest.Service, o *csc.Settings) { o.Credential = "other" }, nil, csc.ErrRefused, "no credential"},
		"other client":        {func(_ *csctest.Service, o *csc.Settings) { o.Client = "other" }, nil, csc.ErrRefused, "invalid_client"},
		"other algorithm":     {func(s *csctest.Service, _ *csc.Settings) { s.Algo = []string{rsaSHA256} }, nil, csc.ErrRefused, "the key signs by"},
		"http":                {func(_ *csctest.Service, o *csc.Settings) { o.URL = "http://service.example/csc/v2" }, nil, csc.ErrSettings, "https"},
		"nobody there":        {func(_ *csctest.Service, o *csc.Settings) { o.URL = "https://127.0.0.1:1/csc/v2" }, nil, csc.ErrUnavailable, ""},
		"not JSON": {func(s *csctest.Service, _ *csc.Settings) {
			s.Fault = func(_ string, w http.ResponseWriter, _ *http.Request) bool { w.Write([]byte("<html>")); return true }
		}, nil, csc.ErrAnswer, "JSON"},
		"endless": {func(s *csctest.Service, _ *csc.Settings) {
			s.Fault = func(_ string, w http.ResponseWriter, _ *http.Request) bool { w.Write(make([]byte, 2<<20)); return true }
		}, nil, csc.ErrAnswer, "more than"},
		"version 1": {func(s *csctest.Service, _ *csc.Settings) {
			s.Fault = func(_ string, w http.ResponseWriter, _ *http.Request) bool {
				w.Header().Set("Content-Type", "application/json")
				w.Write([]byte(`{"specs":"1.0.4.0"}`))
				return true
			}
		}, nil, csc.ErrAnswer, "1.0.4.0"},
	} {
		s := csctest.New(t, key, certify(t, key), ecdsaSHA256)
		o := settings(s)
		row.change(s, &o)
		if row.pin == nil {
			row.pin = typed(csctest.PIN)
		}
		if _, err := csc.Open(t.Context(), o, []byte(csctest.Secret), row.pin); !errors.Is(err, row.want) || !strings.Contains(err.Error(), row.says) || strings.Contains(err.Error(), csctest.Secret) {
			t.Errorf("%s: %v", name, err)
		}
	}
	s := csctest.New(t, key, certify(t, key), ecdsaSHA256)
	if _, err := csc.Open(t.Context(), settings(s), []byte(csctest.Secret), nil); !errors.Is(err, csc.ErrPIN) {
		t.Errorf("without a PIN: %v", err)
	}
	other := ec(t) // the service signs with another key than it says
	s.Key = other
	c, err := csc.Open(t.Context(), settings(s), []byte(csctest.Secret), typed(csctest.PIN))
	if err != nil {
		t.Fatal(err)
	}
	if err := signs(c, 1); !errors.Is(err, csc.ErrAnswer) {
		t.Errorf("another key: %v", err)
	}
	s.Key, s.KeyStatus = key, "disabled"
	if err := c.Ready(); !errors.Is(err, csc.ErrRefused) {
		t.Errorf("disabled since: %v", err)
	}
}

// TestPINOnce: services lock a credential after a few wrong PINs.
func TestPINOnce(t *testing.T) {
	key := ec(t)
	s := csctest.New(t, key, certify(t, key), ecdsaSHA256)
	now := "0000"
	c, err := csc.Open(t.Context(), settings(s), []byte(csctest.Secret), func() ([]byte, error) { return []byte(now), nil })
	if err != nil {
		t.Fatal(err)
	}
	for range 5 {
		if err := signs(c, 1); !errors.Is(err, csc.ErrPIN) || strings.Contains(err.Error(), now) {
			t.Error(err)
		}
	}
	if n := s.Calls("credentials/authorize"); n != 1 {
		t.Errorf("the wrong PIN was sent %d times", n)
	}
	if err := c.Ready(); !errors.Is(err, csc.ErrPIN) {
		t.Errorf("ready with a refused PIN: %v", err)
	}
	now = csctest.PIN
	if err := errors.Join(c.Ready(), signs(c, 1)); err != nil {
		t.Error(err)
	}
}

// TestTrouble: what is safe is asked again; a signature never, unless no byte
// of the request was sent or the service said that it did nothing.
func TestTrouble(t *testing.T) {
	key := ec(t)
	s := csctest.New(t, key, certify(t, key), ecdsaSHA256)
	c, err := csc.Open(t.Context(), settings(s), []byte(csctest.Secret), typed(csctest.PIN))
	if err != nil {
		t.Fatal(err)
	}
	fails := func(method string, times int, how func(http.ResponseWriter)) {
		s.Fault = func(m string, w http.ResponseWriter, _ *http.Request) bool {
			if m != method || times == 0 {
				return false
			}
			times--
			how(w)
			return true
		}
	}
	busy := func(w http.ResponseWriter) { w.WriteHeader(http.StatusServiceUnavailable) }
	cut := func(http.ResponseWriter) { panic(http.ErrAbortHandler) }
	hang := func(http.ResponseWriter) { time.Sleep(3 * time.Second) }
	fails("credentials/info", 2, busy)
	if err := c.Ready(); err != nil {
		t.Errorf("a safe question, asked again: %v", err)
	}
	for name, how := range map[string]func(http.ResponseWriter){"busy": busy, "cut off": cut, "hangs": hang} {
		before := s.Calls("signatures/signHash")
		fails("signatures/signHash", 1, how)
		if err := signs(c, 1); !errors.Is(err, csc.ErrUnavailable) {
			t.Errorf("%s: %v", name, err)
		}
		if n := s.Calls("signatures/signHash") - before; n != 1 {
			t.Errorf("%s: asked %d times", name, n)
		}
	}
	s.Fault = nil
	s.Now = func() time.Time { return time.Now().Add(2 * time.Hour) } // our token has ended there
	if err := signs(c, 2); err != nil {
		t.Errorf("with a new token: %v", err)
	}
	if _, most := s.Signed(); most != 1 {
		t.Errorf("%d signatures for one hash", most)
	}
}

func TestParse(t *testing.T) {
	if s, err := csc.Parse([]byte(`{"url":"https://a.example/csc/v2","credential":"x","client":"y","secretFile":"z"}`)); err != nil || s.Credential != "x" {
		t.Error(s, err)
	}
	for _, bad := range []string{``, `{}`, `{"url":"https://a"}`, `{"url":"ftp://a","secretFile":"z"}`, `{"url":"http://10.0.0.1","secretFile":"z"}`, `{"url":"https://a","secretFile":"z","pin":"1"}`} {
		if _, err := csc.Parse([]byte(bad)); !errors.Is(err, csc.ErrSettings) {
			t.Errorf("%s: %v", bad, err)
		}
	}
}
