package web

import (
	"fmt"
	"testing"
	"time"
)

// A flood from many addresses at one login leaves its owner alone, and what it
// costs in memory is bounded; what is blocked stays so.
func TestThrottleUnderAFlood(t *testing.T) {
	now := time.Unix(0, 0)
	th := newThrottle(func() time.Time { return now })
	for range failsPerLogin {
		th.failed("chủ", "192.0.2.1")
	}
	for i := range 3 * mostKeys {
		th.failed("chủ", fmt.Sprintf("10.%d.%d.%d", i>>16, i>>8&255, i&255))
		if len(th.fails) > mostKeys {
			t.Fatalf("after %d failures it remembers %d", i+1, len(th.fails))
		}
	}
	if th.ready("chủ", "192.0.2.1") {
		t.Error("the flood set free who was blocked")
	}
	for _, place := range []string{"198.51.100.7", "device 0a1b"} {
		if !th.ready("chủ", place) {
			t.Errorf("the owner at %s is kept out", place)
		}
	}
	for i := range 3 * mostKeys { // all of them blocked
		for range failsPerLogin {
			th.failed("a", fmt.Sprintf("10.%d.%d.%d", i>>16, i>>8&255, i&255))
		}
		if i > mostKeys && len(th.fails) > mostKeys {
			t.Fatalf("of blocked addresses it remembers %d", len(th.fails))
		}
		if i > mostKeys {
			break
		}
	}
	now = now.Add(time.Hour)
	if !th.ready("chủ", "192.0.2.1") {
		t.Error("nothing is forgiven")
	}
}

// Of IPv6 the network counts: one person has 2⁶⁴ addresses.
func TestPlaces(t *testing.T) {
	for address, want := range map[string]string{"192.0.2.1": "192.0.2.1", "::ffff:192.0.2.1": "192.0.2.1", "2001:db8:1:2::1": "2001:db8:1:2::/64",
		"2001:db8:1:2:ffff::9": "2001:db8:1:2::/64", "fe80::1%eth0": "fe80::/64", "": "", "x": "x"} {
		if got := placeOf(address); got != want {
			t.Errorf("%s is at %s, want %s", address, got, want)
		}
	}
}
