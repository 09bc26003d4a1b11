// Package csctest is a signing service for tests. It speaks the API of the Cloud
// Signature Consortium, version 2, as published, holds every member of every
// request against it, and keeps count, so that a client which signs twice, or
// sends what it should not, is found out.
package csctest

import (
	"crypto"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// The one client and the one credential of a service, unless a test changes it.
const (
	Client     = "sohoa"
	Secret     = "bí mật"
	Credential = "GX0112348"
	PIN        = "12345678"
	pinTries   = 3
)

// A Service is one that runs. Its fields may be changed between requests.
type Service struct {
	URL  string // base URI
	HTTP *http.Client
	Root []byte // of its TLS certificate, PEM

	Key   crypto.Signer
	Chain []*x509.Certificate
	Algo  []string // of the key, OIDs

	KeyStatus, CertStatus string // enabled, valid
	Mode                  string // of authorisation: explicit or implicit
	TokenLife             time.Duration
	Now                   func() time.Time
	Raw                   bool // ECDSA as r and s side by side

	// Fault, if set, may answer a request itself: it then returns true.
	Fault func(method string, w http.ResponseWriter, r *http.Request) bool

	mu     sync.Mutex
	tokens map[string]time.Time // until when
	sads   map[string]sad
	calls  map[string]int
	signed map[string]int // by hash
	wrong  int
}

type sad struct {
	hash  string
	until time.Time
}

// New starts a service for a key.
func New(t testing.TB, key crypto.Signer, chain []*x509.Certificate, algo ...string) *Service {
	t.Helper()
	s := &Service{Key: key, Chain: chain, Algo: algo, KeyStatus: "enabled", CertStatus: "valid", Mode: "explicit",
		TokenLife: time.Hour, Now: time.Now, tokens: map[string]time.Time{}, sads: map[string]sad{}, calls: map[string]int{}, signed: map[string]int{}}
	mux := http.NewServeMux()
	for method, do := range map[string]func(*http.Request) (any, *fault){
		"info": s.info, "credentials/list": s.list, "credentials/info": s.credential,
		"credentials/authorize": s.authorize, "signatures/signHash": s.sign,
	} {
		mux.HandleFunc("POST /csc/v2/"+method, func(w http.ResponseWriter, r *http.Request) { s.serve(method, do, w, r) })
	}
	mux.HandleFunc("POST /oauth2/token", func(w http.ResponseWriter, r *http.Request) { s.serve("oauth2/token", s.token, w, r) })
	server := httptest.NewTLSServer(mux)
	t.Cleanup(server.Close)
	s.URL, s.HTTP = server.URL+"/csc/v2", server.Client()
	s.Root = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	return s
}

// Calls returns how often a method was called.
func (s *Service) Calls(method string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls[method]
}

// Signed returns how many signatures were made, and the most for one hash.
func (s *Service) Signed() (all, most int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, n := range s.signed {
		all, most = all+n, max(most, n)
	}
	return all, most
}

// A fault is an error answer (clause 10.1).
type fault struct {
	status     int
	code, text string
}

func bad(format string, args ...any) *fault {
	return &fault{http.StatusBadRequest, "invalid_request", fmt.Sprintf(format, args...)}
}

func (s *Service) serve(method string, do func(*http.Request) (any, *fault), w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.calls[method]++
	fail := s.Fault
	s.mu.Unlock()
	if fail != nil && fail(method, w, r) {
		return
	}
	answer, f := do(r)
	w.Header().Set("Content-Type", "application/json;charset=UTF-8")
	if f != nil {
		w.WriteHeader(f.status)
		answer = map[string]string{"error": f.code, "error_description": f.text}
	}
	_ = json.NewEncoder(w).Encode(answer)
}

// read reads a request, which may have the members with these names, letter by
// letter, and no other.
func read(r *http.Request, in any, names string) *fault {
	if media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || media != "application/json" {
		return bad("the body is not JSON")
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return bad("%v", err)
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(body, &members); err != nil {
		return bad("%v", err)
	}
	for name := range members {
		if !slices.Contains(strings.Fields(names), name) {
			return bad("Invalid parameter %s", name)
		}
	}
	if err := json.Unmarshal(body, in); err != nil {
		return bad("%v", err)
	}
	return nil
}

// knows asks for an access token in force.
func (s *Service) knows(r *http.Request) *fault {
	token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	s.mu.Lock()
	defer s.mu.Unlock()
	until, known := s.tokens[token]
	if !ok || !known || !s.Now().Before(until) {
		return &fault{http.StatusUnauthorized, "invalid_token", "The access or refresh token is expired or has been revoked"}
	}
	return nil
}

// Bearer makes an access token as the service's owner would hand it out.
func (s *Service) Bearer() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := rand.Text()
	s.tokens[t] = s.Now().Add(s.TokenLife)
	return t
}

func (s *Service) token(r *http.Request) (any, *fault) {
	if r.Header.Get("Content-Type") != "application/x-www-form-urlencoded" || r.Header.Get("Authorization") != "" {
		return nil, bad("this is a form")
	}
	if err := r.ParseForm(); err != nil {
		return nil, bad("%v", err)
	}
	for name, values := range r.PostForm {
		if !slices.Contains([]string{"grant_type", "client_id", "client_secret", "scope"}, name) || len(values) != 1 {
			return nil, bad("parameter %s", name)
		}
	}
	if r.PostForm.Get("grant_type") != "client_credentials" {
		return nil, &fault{http.StatusBadRequest, "unsupported_grant_type", ""}
	}
	if r.PostForm.Get("client_id") != Client || r.PostForm.Get("client_secret") != Secret {
		return nil, &fault{http.StatusUnauthorized, "invalid_client", ""}
	}
	return map[string]any{"access_token": s.Bearer(), "token_type": "Bearer", "expires_in": int(s.TokenLife / time.Second)}, nil
}

func (s *Service) info(r *http.Request) (any, *fault) {
	var in struct {
		Lang string `json:"lang"`
	}
	if f := read(r, &in, "lang"); f != nil {
		return nil, f
	}
	return map[string]any{"specs": "2.0.0.2", "name": "Dịch vụ ký thử", "logo": "https://service.example/logo.png", "region": "VN", "lang": "vi-VN",
		"description": "for tests", "authType": []string{"external", "oauth2client"}, "oauth2": strings.TrimSuffix(s.URL, "/csc/v2"),
		"methods":        []string{"credentials/list", "credentials/info", "credentials/authorize", "signatures/signHash"},
		"signAlgorithms": map[string]any{"algos": s.Algo}, "signature_formats": map[string]any{}, "conformance_levels": []string{}}, nil
}

func (s *Service) list(r *http.Request) (any, *fault) {
	if f := s.knows(r); f != nil {
		return nil, f
	}
	var in struct {
		UserID, Certificates, Lang, ClientData        string
		CredentialInfo, CertInfo, AuthInfo, OnlyValid bool
	}
	if f := read(r, &in, "userID credentialInfo certificates certInfo authInfo onlyValid lang clientData"); f != nil {
		return nil, f
	}
	return map[string]any{"credentialIDs": []string{Credential}}, nil
}

func (s *Service) credential(r *http.Request) (any, *fault) {
	if f := s.knows(r); f != nil {
		return nil, f
	}
	var in struct {
		CredentialID, Certificates, Lang, ClientData string
		CertInfo, AuthInfo                           bool
	}
	if f := read(r, &in, "credentialID certificates certInfo authInfo lang clientData"); f != nil {
		return nil, f
	}
	if in.CredentialID != Credential {
		return nil, bad("Invalid parameter credentialID")
	}
	if !slices.Contains([]string{"", "none", "single", "chain"}, in.Certificates) {
		return nil, bad("Invalid parameter certificates")
	}
	chain := []string{}
	for _, c := range s.Chain {
		chain = append(chain, base64.StdEncoding.EncodeToString(c.Raw))
	}
	if in.Certificates == "" || in.Certificates == "single" {
		chain = chain[:1]
	}
	auth := map[string]any{"mode": s.Mode}
	if s.Mode == "explicit" {
		auth["expression"] = "PIN"
		auth["objects"] = []any{map[string]any{"type": "Password", "id": "PIN", "format": "N", "label": "PIN", "description": "PIN of the credential"}}
	}
	return map[string]any{"description": "agency", "key": map[string]any{"status": s.KeyStatus, "algo": s.Algo, "len": 2048},
		"cert": map[string]any{"status": s.CertStatus, "certificates": chain, "serialNumber": s.Chain[0].SerialNumber.Text(16)},
		"auth": auth, "SCAL": "2", "multisign": 1}, nil
}

func (s *Service) authorize(r *http.Request) (any, *fault) {
	if f := s.knows(r); f != nil {
		return nil, f
	}
	var in struct {
		CredentialID     string
		NumSignatures    int
		Hashes           []string
		HashAlgorithmOID string
		AuthData         []struct{ ID, Value string }
	}
	if f := read(r, &in, "credentialID numSignatures hashes hashAlgorithmOID authData description clientData"); f != nil {
		return nil, f
	}
	if in.CredentialID != Credential || in.NumSignatures != 1 {
		return nil, bad("Invalid parameter credentialID or numSignatures")
	}
	if f := hashes(in.Hashes, in.HashAlgorithmOID); f != nil {
		return nil, f
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.Mode == "explicit" {
		if len(in.AuthData) != 1 || in.AuthData[0].ID != "PIN" {
			return nil, bad("Missing authData")
		}
		if s.wrong >= pinTries {
			return nil, &fault{http.StatusBadRequest, "access_denied", "the credential is locked"}
		}
		if in.AuthData[0].Value != PIN {
			s.wrong++
			return nil, &fault{http.StatusBadRequest, "invalid_pin", "The PIN is invalid"}
		}
		s.wrong = 0
	} else if in.AuthData != nil {
		return nil, bad("authData is not asked for")
	}
	t := rand.Text()
	s.sads[t] = sad{in.Hashes[0], s.Now().Add(5 * time.Minute)}
	return map[string]any{"SAD": t, "expiresIn": 300}, nil
}

func hashes(list []string, oid string) *fault {
	if len(list) != 1 || oid != "2.16.840.1.101.3.4.2.1" {
		return bad("Invalid parameter hashes or hashAlgorithmOID")
	}
	if b, err := base64.StdEncoding.Strict().DecodeString(list[0]); err != nil || len(b) != sha256.Size {
		return bad("Invalid Base64 hashes string parameter")
	}
	return nil
}

func (s *Service) sign(r *http.Request) (any, *fault) {
	if f := s.knows(r); f != nil {
		return nil, f
	}
	var in struct {
		CredentialID, SAD, HashAlgorithmOID, SignAlgo, SignAlgoParams string
		Hashes                                                        []string
		OperationMode                                                 string
	}
	if f := read(r, &in, "credentialID SAD hashes hashAlgorithmOID signAlgo signAlgoParams operationMode validity_period response_uri clientData"); f != nil {
		return nil, f
	}
	if in.CredentialID != Credential || in.OperationMode != "S" || in.SignAlgoParams != "" || !slices.Contains(s.Algo, in.SignAlgo) {
		return nil, bad("Invalid parameter credentialID, operationMode or signAlgo")
	}
	if f := hashes(in.Hashes, in.HashAlgorithmOID); f != nil {
		return nil, f
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	got, ok := s.sads[in.SAD]
	if !ok || got.hash != in.Hashes[0] || !s.Now().Before(got.until) {
		return nil, bad("Invalid parameter SAD")
	}
	delete(s.sads, in.SAD) // for one signature
	digest, _ := base64.StdEncoding.DecodeString(in.Hashes[0])
	value, err := s.Key.Sign(rand.Reader, digest, crypto.SHA256)
	if err != nil {
		return nil, &fault{http.StatusInternalServerError, "server_error", err.Error()}
	}
	if s.Raw {
		value = sideBySide(value)
	}
	s.signed[in.Hashes[0]]++
	return map[string]any{"signatures": []string{base64.StdEncoding.EncodeToString(value)}}, nil
}
