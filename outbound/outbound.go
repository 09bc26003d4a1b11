// Package outbound is how the house calls anybody: the one place that says which
// addresses may be connected to, so that nobody who can put an address before the
// house (in a certificate, in a form, in a name's records) makes it call inside.
//
// Every connection's IP address is looked at when it is dialled, after the name was
// resolved and whatever it had resolved to before (DNS rebinding); nothing is followed
// to another address; see docs/decisions/0064-outbound-and-malware.md.
package outbound

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"syscall"
	"time"
)

// ErrClosed is the cause of a call to an address that may not be called.
var ErrClosed = errors.New("an address inside this network, and nobody has named its host")

// Hosts are names of hosts in lower case, or .domain for all below one. They are named
// by whoever runs the house, never by who uses it.
type Hosts []string

// ParseHosts reads a list with commas between its names.
func ParseHosts(list string) (all Hosts) {
	for h := range strings.SplitSeq(list, ",") {
		if h = strings.ToLower(strings.TrimSpace(h)); h != "" {
			all = append(all, h)
		}
	}
	return all
}

// HostOf returns the host of an address that whoever runs the house has named: it may
// be anywhere. An address that is none gives no host.
func HostOf(address string) Hosts {
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" {
		return nil
	}
	return Hosts{strings.ToLower(u.Hostname())}
}

// Has reports whether a host is named.
func (h Hosts) Has(host string) bool {
	host = strings.TrimSuffix(strings.ToLower(host), ".")
	return slices.ContainsFunc(h, func(n string) bool {
		return n == host || strings.HasPrefix(n, ".") && strings.HasSuffix(host, n)
	})
}

// closed are networks that netip does not tell apart: the carriers' own (RFC 6598), this
// network (RFC 791), protocol assignments, tests and documentation (RFC 6890), what is
// kept for later, and the prefixes by which an IPv6 address stands for one of IPv4
// (NAT64, 6to4, Teredo), behind which anything may be.
var closed = prefixes("100.64.0.0/10", "0.0.0.0/8", "192.0.0.0/24", "192.0.2.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4",
	"64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32", "2001:db8::/32", "100::/64", "fec0::/10", "::/96")

func prefixes(list ...string) (all []netip.Prefix) {
	for _, p := range list {
		all = append(all, netip.MustParsePrefix(p))
	}
	return all
}

// metadata are where clouds give away credentials outside the link-local networks.
var metadata = []netip.Addr{netip.MustParseAddr("100.100.100.200"), netip.MustParseAddr("fd00:ec2::254"), netip.MustParseAddr("192.0.0.192")}

// Reach reports whether an IP address may be connected to; private: also in networks of
// one's own (loopback, RFC 1918, RFC 4193, RFC 6598). Link-local addresses and others where
// clouds keep credentials, multicast, and what is no address may never be.
func Reach(ip netip.Addr, private bool) bool {
	ip = ip.Unmap().WithZone("")
	if !ip.IsValid() || ip.IsUnspecified() || ip.IsMulticast() || ip.IsLinkLocalUnicast() || slices.Contains(metadata, ip) {
		return false
	}
	if private {
		return true
	}
	return ip.IsGlobalUnicast() && !ip.IsPrivate() && !slices.ContainsFunc(closed, func(p netip.Prefix) bool { return p.Contains(ip) })
}

// Client returns what calls. private says which hosts may be in networks of one's own,
// by their names; nil: none. It uses no proxy, which would connect where nobody looks,
// and follows no redirect. base is what is to be used of TLS and the like; nil: as usual.
func Client(private func(host string) bool, timeout time.Duration, base *http.Transport) *http.Client {
	t := &http.Transport{ForceAttemptHTTP2: true, MaxIdleConnsPerHost: 2, IdleConnTimeout: time.Minute, TLSHandshakeTimeout: dialTime}
	if base != nil {
		t = base.Clone()
	}
	t.Proxy, t.DialTLSContext = nil, nil
	t.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		return Dial(ctx, private, network, address)
	}
	return &http.Client{Transport: t, Timeout: timeout, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// Dial connects to HOST:PORT, for what is not spoken over HTTP: under the same guard as
// [Client].
func Dial(ctx context.Context, private func(host string) bool, network, address string) (net.Conn, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	dial := &net.Dialer{Timeout: dialTime, Control: control(private != nil && private(host))}
	return dial.DialContext(ctx, network, address)
}

const dialTime = 10 * time.Second

// control looks at the address that is about to be connected to.
func control(private bool) func(network, address string, _ syscall.RawConn) error {
	return func(network, address string, _ syscall.RawConn) error {
		to, err := netip.ParseAddrPort(address)
		if err != nil || !strings.HasPrefix(network, "tcp") || !Reach(to.Addr(), private) {
			return ErrClosed
		}
		return nil
	}
}
