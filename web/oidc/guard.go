package oidc

import (
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"time"

	"sohoa/outbound"
)

const (
	patience = 10 * time.Second // for an answer
	mostSaid = 1 << 20          // of an answer, in bytes
)

// may says whether an address is one that the house goes to for its provider, or sends
// people to: at the issuer's host or one that is named, by TLS. Without TLS it is on
// this machine, and private networks are allowed.
func (p *Provider) may(address string) error {
	err := p.allow.Check(address)
	if err == nil {
		return nil
	}
	u, wrong := url.Parse(address)
	if wrong != nil || !p.c.Private || u.Scheme != "http" {
		return fmt.Errorf("%q: %w", address, err)
	}
	ip, wrong := netip.ParseAddr(u.Hostname())
	if u.Hostname() != "localhost" && (wrong != nil || !ip.IsLoopback()) {
		return fmt.Errorf("%q: %w", address, err)
	}
	u.Scheme = "https"
	return p.allow.Check(u.String())
}

// guarded is what calls: see package outbound; and it reads so much of an answer.
func (p *Provider) guarded() *http.Client {
	c := outbound.Client(func(string) bool { return p.c.Private }, patience, p.c.Base) // a host is held against p.allow before
	c.Transport = bounded{p, c.Transport}
	return c
}

// bounded goes to allowed addresses alone and cuts long answers off.
type bounded struct {
	p    *Provider
	next http.RoundTripper
}

func (b bounded) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := b.p.may(r.URL.String()); err != nil {
		return nil, err
	}
	res, err := b.next.RoundTrip(r)
	if err == nil {
		res.Body = struct {
			io.Reader
			io.Closer
		}{io.LimitReader(res.Body, mostSaid), res.Body}
	}
	return res, err
}
