package csc

import (
	"crypto"
	"crypto/ecdsa"
	"fmt"
	"slices"
	"strings"
)

// serviceInfo is the answer to info (clause 11.1), as far as it matters here.
type serviceInfo struct {
	Specs    string   `json:"specs"`
	AuthType []string `json:"authType"`
	OAuth2   string   `json:"oauth2"`
	Methods  []string `json:"methods"`
}

func (i serviceInfo) fits(client bool) error {
	if !strings.HasPrefix(i.Specs, "2.") {
		return fmt.Errorf("%w: it speaks version %q of the API, 2 is asked", ErrAnswer, safeText(i.Specs))
	}
	for _, m := range []string{"credentials/info", "credentials/authorize", "signatures/signHash"} {
		if !slices.Contains(i.Methods, m) {
			return fmt.Errorf("%w: it has no method %s", ErrRefused, m)
		}
	}
	if client && (!slices.Contains(i.AuthType, "oauth2client") || i.OAuth2 == "") {
		return fmt.Errorf("%w: it takes no client credentials", ErrRefused)
	}
	return nil
}

// credentialInfo is the answer to credentials/info (clause 11.5).
type credentialInfo struct {
	Key struct {
		Status string   `json:"status"`
		Algo   []string `json:"algo"`
	} `json:"key"`
	Cert struct {
		Status       string   `json:"status"`
		Certificates []string `json:"certificates"`
	} `json:"cert"`
	Auth struct {
		Mode    string `json:"mode"`
		Objects []struct {
			Type string `json:"type"`
			ID   string `json:"id"`
		} `json:"objects"`
	} `json:"auth"`
}

func (i credentialInfo) fits(havePIN bool) error {
	switch {
	case i.Key.Status != "enabled":
		return fmt.Errorf("%w: the key is %q", ErrRefused, safeText(i.Key.Status))
	case i.Cert.Status != "" && i.Cert.Status != "valid":
		return fmt.Errorf("%w: the certificate is %q", ErrRefused, safeText(i.Cert.Status))
	case i.Auth.Mode == "implicit":
		return nil
	case i.Auth.Mode != "explicit":
		return fmt.Errorf("%w: credentials are authorised by %q, which only its owner's browser can", ErrRefused, safeText(i.Auth.Mode))
	case len(i.Auth.Objects) != 1 || i.Auth.Objects[0].Type != "Password" || i.Auth.Objects[0].ID == "":
		return fmt.Errorf("%w: it asks for more than a PIN", ErrRefused)
	case !havePIN:
		return fmt.Errorf("%w: it asks for one", ErrPIN)
	}
	return nil
}

type authData struct {
	ID    string `json:"id"`
	Value string `json:"value"`
}

// authorise is credentials/authorize (clause 11.6).
type authorise struct {
	Credential string     `json:"credentialID"`
	Signatures int        `json:"numSignatures"`
	Hashes     []string   `json:"hashes"`
	Hash       string     `json:"hashAlgorithmOID"`
	AuthData   []authData `json:"authData,omitempty"`
}

// signHash is signatures/signHash (clause 11.10).
type signHash struct {
	Credential string   `json:"credentialID"`
	SAD        string   `json:"SAD"`
	Hashes     []string `json:"hashes"`
	Hash       string   `json:"hashAlgorithmOID"`
	Sign       string   `json:"signAlgo"`
	Mode       string   `json:"operationMode"`
}

// algorithms are the names of what is used, by hash: of the hash, of RSA with
// it, of ECDSA with it.
var algorithms = map[crypto.Hash][3]string{
	crypto.SHA256: {"2.16.840.1.101.3.4.2.1", "1.2.840.113549.1.1.11", "1.2.840.10045.4.3.2"},
	crypto.SHA384: {"2.16.840.1.101.3.4.2.2", "1.2.840.113549.1.1.12", "1.2.840.10045.4.3.3"},
	crypto.SHA512: {"2.16.840.1.101.3.4.2.3", "1.2.840.113549.1.1.13", "1.2.840.10045.4.3.4"},
}

// The keys by themselves, for services that list these.
const (
	oidRSA = "1.2.840.113549.1.1.1"
	oidEC  = "1.2.840.10045.2.1"
)

// algorithm chooses signAlgo among those the credential has.
func (c *Credential) algorithm(h crypto.Hash) (sign, hash string, err error) {
	names, ok := algorithms[h]
	want := []string{names[1], oidRSA}
	if _, ec := c.Public().(*ecdsa.PublicKey); ec {
		want = []string{names[2], oidEC}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, a := range want {
		if ok && slices.Contains(c.info.Key.Algo, a) {
			return a, names[0], nil
		}
	}
	return "", "", fmt.Errorf("%w: the key signs by %v, not with %v", ErrRefused, c.info.Key.Algo, h)
}
