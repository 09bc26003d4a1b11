package outbound_test

import (
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"sohoa/outbound"
)

// What is inside, or stands for it, is not called; where clouds keep credentials
// nobody goes, even to a network of one's own.
func TestReach(t *testing.T) {
	for ip, want := range map[string][2]bool{ // public only, also private
		"1.1.1.1": {true, true}, "2606:4700::1111": {true, true}, "113.160.1.1": {true, true},
		"127.0.0.1": {false, true}, "127.8.9.1": {false, true}, "::1": {false, true}, "10.1.2.3": {false, true}, "172.16.0.1": {false, true}, "172.32.0.1": {true, true},
		"192.168.0.1": {false, true}, "fd12::1": {false, true}, "100.64.0.1": {false, true}, "100.127.255.255": {false, true}, "0.1.2.3": {false, true},
		"::ffff:127.0.0.1": {false, true}, "::ffff:10.0.0.1": {false, true}, "64:ff9b::7f00:1": {false, true}, "2002:7f00:1::": {false, true}, "::7f00:1": {false, true},
		"2001:0:1::1": {false, true}, "198.18.0.1": {false, true}, "240.0.0.1": {false, true},
		"169.254.169.254": {false, false}, "::ffff:169.254.169.254": {false, false}, "fe80::1": {false, false}, "fe80::1%eth0": {false, false}, "fd00:ec2::254": {false, false},
		"100.100.100.200": {false, false}, "0.0.0.0": {false, false}, "::": {false, false}, "224.0.0.1": {false, false}, "ff02::1": {false, false}, "255.255.255.255": {false, true},
	} {
		addr := netip.MustParseAddr(ip)
		if got := [2]bool{outbound.Reach(addr, false), outbound.Reach(addr, true)}; got != want {
			t.Errorf("%s: %v, want %v", ip, got, want)
		}
	}
	if outbound.Reach(netip.Addr{}, true) {
		t.Error("no address is reached")
	}
}

// The address that is dialled is looked at, whatever name led there; who is named may
// be inside, by that name alone.
func TestClientGoesNowhereInside(t *testing.T) {
	var calls atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		calls.Add(1)
		if r.URL.Path == "/away" {
			http.Redirect(w, r, "/", http.StatusFound)
		}
	}))
	defer server.Close()
	t.Setenv("HTTP_PROXY", server.URL) // nothing goes through it
	_, port, _ := net.SplitHostPort(strings.TrimPrefix(server.URL, "http://"))
	strict := outbound.Client(nil, 3*time.Second, nil)
	for _, host := range []string{"127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "2130706433", "127.1", "0x7f.1", "0.0.0.0", "[::1]", "[::]", "169.254.169.254"} {
		if res, err := strict.Get("http://" + host + ":" + port + "/"); err == nil {
			res.Body.Close()
			t.Errorf("%s was called", host)
		} else if host != "2130706433" && host != "127.1" && host != "0x7f.1" && !errors.Is(err, outbound.ErrClosed) { // those may not resolve at all
			t.Errorf("%s: %v", host, err)
		}
	}
	if calls.Load() != 0 {
		t.Fatalf("%d calls came through", calls.Load())
	}
	named := outbound.Client(outbound.HostOf(server.URL).Has, 3*time.Second, nil)
	res, err := named.Get(server.URL + "/away")
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != http.StatusFound || calls.Load() != 1 {
		t.Errorf("a redirect was followed: %d, %d calls", res.StatusCode, calls.Load())
	}
	if res, err := named.Get("http://localhost:" + port); err == nil {
		res.Body.Close()
		t.Error("a name that nobody gave leads where a named one may")
	}
	u := &url.URL{Scheme: "http", Host: "127.0.0.1:" + port}
	base := &http.Transport{Proxy: http.ProxyURL(u)}
	if res, err := outbound.Client(outbound.HostOf(server.URL).Has, 3*time.Second, base).Get("http://169.254.169.254/"); err == nil {
		res.Body.Close()
		t.Error("a proxy carried the call")
	}
}

func TestHosts(t *testing.T) {
	h := outbound.ParseHosts(" OCSP.ca.gov.vn, .tinh.gov.vn,,")
	for host, want := range map[string]bool{"ocsp.ca.gov.vn": true, "OCSP.CA.gov.vn.": true, "ca.gov.vn": false, "x.tinh.gov.vn": true, "tinh.gov.vn": false, "xtinh.gov.vn": false, "": false} {
		if h.Has(host) != want {
			t.Errorf("%q: %v", host, !want)
		}
	}
	if outbound.HostOf("no address") != nil || !outbound.HostOf("https://TSA.x:1/a").Has("tsa.x") {
		t.Error("hosts of addresses")
	}
}
