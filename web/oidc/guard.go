package oidc

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"syscall"
	"time"
)

const (
	patience = 10 * time.Second // for an answer
	mostSaid = 1 << 20          // of an answer, in bytes
)

var errClosed = errors.New("an address that may not be called")

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

// guarded is what calls: to no address that may not be reached, whatever name led
// there; through no proxy, behind no redirect, and reading so much of an answer.
func (p *Provider) guarded() *http.Client {
	t := &http.Transport{}
	if p.c.Base != nil {
		t = p.c.Base.Clone()
	}
	dial := &net.Dialer{Timeout: patience, Control: func(_, address string, _ syscall.RawConn) error {
		to, err := netip.ParseAddrPort(address)
		if err != nil || !p.allow.Reach(to.Addr()) {
			return errClosed
		}
		return nil
	}}
	t.DialContext, t.Proxy, t.MaxIdleConnsPerHost = dial.DialContext, nil, 2
	return &http.Client{Transport: bounded{p, t}, Timeout: patience, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
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
