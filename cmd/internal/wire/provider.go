package wire

import (
	"errors"
	"fmt"
	"strings"

	"sohoa/web"
	"sohoa/web/oidc"
	"sohoa/web/passkey"
)

// SignOn says where people may log in besides: an identity provider (OpenID Connect).
// Without an issuer they do nowhere.
type SignOn struct {
	Issuer, Name, Client string
	SecretFile           string // with the client's secret; empty: a public client
	ACR, AMR             string // that are demanded, with blanks between them
	Hosts                string // that may be called besides the issuer's, with commas between them
	Private              bool   // also in networks of one's own
	Local                string // who logs in here all the same: all (or empty), or admins
}

func signOn(getenv func(string) string) SignOn {
	return SignOn{Issuer: getenv("SOHOA_OIDC_ISSUER"), Name: getenv("SOHOA_OIDC_NAME"), Client: getenv("SOHOA_OIDC_CLIENT"), SecretFile: getenv("SOHOA_OIDC_SECRET_FILE"),
		ACR: getenv("SOHOA_OIDC_ACR"), AMR: getenv("SOHOA_OIDC_AMR"), Hosts: getenv("SOHOA_OIDC_HOSTS"), Private: getenv("SOHOA_OIDC_PRIVATE") == "1", Local: getenv("SOHOA_OIDC_LOCAL")}
}

// checkDoor says what is wrong with where people come in.
func (s Settings) checkDoor() error {
	if s.Origin != "" {
		if _, err := passkey.PartyOf(s.Origin); err != nil {
			return fmt.Errorf("SOHOA_ORIGIN: %w", err)
		}
	}
	if s.SignOn.Local != "" && s.SignOn.Local != "all" && s.SignOn.Local != "admins" {
		return errors.New("SOHOA_OIDC_LOCAL is all or admins")
	}
	_, err := s.provider()
	return err
}

// provider is the identity provider; nil: there is none. It is not asked for anything yet:
// one that is away keeps the house from nothing.
func (s Settings) provider() (web.Provider, error) {
	o := s.SignOn
	if o.Issuer == "" {
		return nil, nil
	}
	if s.Origin == "" {
		return nil, errors.New("SOHOA_OIDC_ISSUER needs SOHOA_ORIGIN, where people come back to")
	}
	secret := ""
	if o.SecretFile != "" {
		var err error
		if secret, err = secretOf(o.SecretFile); err != nil {
			return nil, fmt.Errorf("SOHOA_OIDC_SECRET_FILE: %w", err)
		}
	}
	p, err := oidc.New(oidc.Config{Issuer: o.Issuer, Name: o.Name, Client: o.Client, Secret: secret, Return: s.Origin + web.ReturnPath,
		ACR: strings.Fields(o.ACR), AMR: strings.Fields(o.AMR), Hosts: calls(o.Hosts, "").Hosts, Private: o.Private, Now: s.now})
	if err != nil {
		return nil, fmt.Errorf("SOHOA_OIDC_ISSUER: %w", err)
	}
	return p, nil
}
