package account

import (
	"errors"
	"strings"
	"testing"
	"time"

	"sohoa/dossier"
)

// The vectors of RFC 6238, appendix B, for SHA-1.
func TestCodesOfTheStandard(t *testing.T) {
	secret := []byte("12345678901234567890")
	for at, want := range map[int64]string{59: "94287082", 1111111109: "07081804", 1111111111: "14050471", 1234567890: "89005924", 2000000000: "69279037", 20000000000: "65353130"} {
		if got := codeOf(secret, StepOf(time.Unix(at, 0)), 8); got != want {
			t.Errorf("at %d: %s, want %s", at, got, want)
		}
		if got := CodeAt(secret, StepOf(time.Unix(at, 0))); got != want[2:] {
			t.Errorf("at %d, six digits: %s", at, got)
		}
	}
}

func TestCodesWorkOnce(t *testing.T) {
	secret, at := []byte("12345678901234567890"), time.Unix(1111111111, 0)
	now := StepOf(at)
	for _, row := range []struct {
		name   string
		step   int64
		newest int64
		ok     bool
	}{{"now", now, 0, true}, {"a step late", now - 1, 0, true}, {"a step early", now + 1, 0, true}, {"two steps late", now - 2, 0, false},
		{"two early", now + 2, 0, false}, {"again", now, now, false}, {"an older one", now - 1, now, false}, {"the next", now + 1, now, true}} {
		step, ok := CheckCode(secret, CodeAt(secret, row.step), at, row.newest)
		if ok != row.ok || ok && step != row.step {
			t.Errorf("%s: %v, step %d", row.name, ok, step-now)
		}
	}
	code := CodeAt(secret, now)
	if _, ok := CheckCode(secret, code[:3]+" "+code[3:], at, 0); !ok {
		t.Error("a code as phones show it is not taken")
	}
	for _, bad := range []string{"", "000000x", code + "0", code[:5]} {
		if _, ok := CheckCode(secret, bad, at, 0); ok {
			t.Errorf("%q is taken", bad)
		}
	}
}

func TestPasswordsThatAreNotTaken(t *testing.T) {
	for password, want := range map[string]string{
		"ngắn quá": "short", "12345678901": "short", strings.Repeat("dài ", 60): "long",
		"password1234": "common", "Matkhau@2026": "common", "MậtKhẩu123456": "common", "aaaaaaaaaaaa": "common", "abcabcabcabc": "common",
		"123456789012": "common", "abcdefghijklm": "common", "987654321098": "common", "qwertyuiop12": "common", "vietnam2026!": "common", "Sohoa-Sohoa-1": "common",
		"con motcua vang": "login", "MOTCUA của tôi đây": "login",
		"trời xanh mây trắng": "", "xe đạp ngựa pin ghim": "", "k3jf-29ax-qq81": "",
	} {
		err := CheckPassword(password, "motcua")
		var weak *WeakPassword
		switch {
		case want == "" && err != nil, want != "" && (!errors.As(err, &weak) || weak.Reason != want || !errors.Is(err, dossier.ErrInvalid)):
			t.Errorf("%q: %v, want %q", password, err, want)
		}
	}
}

func TestPolicy(t *testing.T) {
	p, err := ParsePolicy("")
	if err != nil || p.Check() != nil || p.Idle[dossier.Clerk] != 30 || p.Sign != 15 || p.Record != 0 {
		t.Fatal(p, err)
	}
	p.Factor[dossier.Clerk], p.Record = "2026-12-01", 5
	q, err := ParsePolicy(p.Text())
	if err != nil || q.Text() != p.Text() {
		t.Error(q, err)
	}
	eve := time.Date(2026, 11, 30, 23, 59, 0, 0, dossier.VietNam)
	if q.Needs(dossier.Clerk, eve) || !q.Needs(dossier.Clerk, eve.Add(time.Minute)) || q.Needs(dossier.Counter, eve.AddDate(1, 0, 0)) {
		t.Error("the day from which a factor is needed is not kept")
	}
	for _, bad := range []string{`{"longest":5000}`, `{"idle":{"clerk":1}}`, `{"sign":-1}`, `{"factor":{"clerk":"soon"}}`, `{"idle":{"ghost":30}}`, `x`} {
		if _, err := ParsePolicy(bad); !errors.Is(err, dossier.ErrInvalid) {
			t.Errorf("%s: %v", bad, err)
		}
	}
}
