package hook

import (
	"strings"
	"testing"
	"time"
)

// The example of the Standard Webhooks specification.
func TestSignedAsTheStandardHasIt(t *testing.T) {
	got, err := Sign("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", time.Unix(1614265330, 0), []byte(`{"test": 2432232314}`))
	if want := "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="; got != want || err != nil {
		t.Errorf("%s, %v; want %s", got, err, want)
	}
	if _, err := Sign("whsec_short", "x", time.Unix(0, 0), nil); err == nil {
		t.Error("no secret signs")
	}
}

// Only named hosts, only https. What they lead to is looked at by package outbound.
func TestWhatMayBeCalled(t *testing.T) {
	a := Allowed{Hosts: []string{"motcua.gov.vn", ".tinh.gov.vn"}}
	for address, ok := range map[string]bool{
		"https://motcua.gov.vn/x": true, "https://MOTCUA.gov.vn:8443/": true, "https://a.tinh.gov.vn/": true, "https://tinh.gov.vn/": false,
		"http://motcua.gov.vn/": false, "https://motcua.gov.vn.evil.com/": false, "https://u:p@motcua.gov.vn/": false, "https://127.0.0.1/": false,
		"https://evil.com/#motcua.gov.vn": false, "https:///x": false, "ftp://motcua.gov.vn/": false, "https://atinh.gov.vn/": false, "": false,
		"https://motcua.gov.vn/" + strings.Repeat("a", 500): false,
	} {
		if got := a.Check(address) == nil; got != ok {
			t.Errorf("%s: %v, want %v", address, got, ok)
		}
	}
}

// Tries are ever further apart, and end.
func TestTries(t *testing.T) {
	var d Delivery
	at := time.Unix(0, 0)
	for n := 1; !d.Dead; n++ {
		before := d.Next
		if d = d.Failed(at, Away); n > 1 && d.Next.Before(before) || d.Tries != n || n > MostTries {
			t.Fatalf("try %d: %+v", n, d)
		}
	}
	if d.Tries != MostTries || d.Next.Sub(at) != 6*time.Hour {
		t.Errorf("%+v", d)
	}
	if d := (Delivery{}).Failed(at, Gone); !d.Dead {
		t.Error("who wants nothing more is asked again")
	}
}
