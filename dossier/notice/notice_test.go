package notice

import (
	"strings"
	"testing"
	"time"

	"sohoa/dossier"
)

// Addresses have one form; what could carry a header or a second address is none.
func TestAddresses(t *testing.T) {
	for _, x := range []struct {
		c         Channel
		in, out   string
		shown     string
		mustError bool
	}{
		{ZNS, "0987 654 321", "84987654321", "********321", false},
		{ZNS, "+84987654321", "84987654321", "********321", false},
		{ZNS, "84987654321", "84987654321", "********321", false},
		{ZNS, "098765432", "", "", true},
		{ZNS, "0987654321;0912345678", "", "", true},
		{ZNS, "+1 202 555 0100", "", "", true},
		{Mail, "an@Example.VN", "an@example.vn", "a***@example.vn", false},
		{Mail, "An <an@example.vn>", "", "", true},
		{Mail, "an@example.vn\r\nBcc: b@example.vn", "", "", true},
		{Mail, "an@example.vn,b@example.vn", "", "", true},
		{Mail, "an@localhost", "", "", true},
		{Mail, "ân@example.vn", "", "", true},
		{Mail, strings.Repeat("a", 65) + "@example.vn", "", "", true},
		{"sms", "0987654321", "", "", true},
	} {
		got, err := x.c.Normal(x.in)
		if (err != nil) != x.mustError || got != x.out {
			t.Errorf("%s %q: %q, %v", x.c, x.in, got, err)
		}
		if err == nil && x.c.Cover(got) != x.shown {
			t.Errorf("%s is shown as %s", got, x.c.Cover(got))
		}
	}
}

// A template may say what Words hold and nothing else, and what it is filled with is not
// looked at again.
func TestTemplates(t *testing.T) {
	mail := Template{Kind: Ready, Channel: Mail, Lang: "vi", Since: "2026-01-01", Subject: "Hồ sơ {dossier}", Body: "{agency}: {due}\n{stop}"}
	zns := Template{Kind: Ready, Channel: ZNS, Lang: "vi", Since: "2026-01-01", Subject: "12345", Body: "ma_ho_so = {dossier}\nco_quan={agency}"}
	for name, x := range map[string]Template{"mail": mail, "zns": zns} {
		if err := x.Check(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	w := Words{Dossier: "H60.1-261120-0001", Agency: "Xã {stop}", Due: "20/11/2026", Stop: "https://h/s"}
	m, err := mail.Fill("n", w)
	if err != nil || m.Text != "Xã {stop}: 20/11/2026\nhttps://h/s" || m.Subject != "Hồ sơ H60.1-261120-0001" {
		t.Errorf("%+v %v", m, err)
	}
	if m, err = zns.Fill("n", w); err != nil || m.Params["ma_ho_so"] != w.Dossier || m.Params["co_quan"] != "Xã {stop}" || len(m.Params) != 2 {
		t.Errorf("%+v %v", m, err)
	}
	for why, change := range map[string]func(*Template){
		"a name":        func(x *Template) { x.Body += " {holder}" },
		"no way out":    func(x *Template) { x.Body = "{dossier}" },
		"a header":      func(x *Template) { x.Subject = "a\r\nBcc: b@c.vn" },
		"no day":        func(x *Template) { x.Since = "soon" },
		"no language":   func(x *Template) { x.Lang = "fr" },
		"nothing":       func(x *Template) { x.Body = " " },
		"no number":     func(x *Template) { x.Channel, x.Body = ZNS, "a = b" },
		"twice":         func(x *Template) { x.Channel, x.Subject, x.Body = ZNS, "1", "a = b\na = c" },
		"no parameters": func(x *Template) { x.Channel, x.Subject = ZNS, "1" },
	} {
		x := mail
		if change(&x); x.Check() == nil {
			t.Errorf("%s is taken", why)
		}
	}
}

// It is quiet over midnight and not at its end.
func TestQuiet(t *testing.T) {
	at := func(clock string) time.Time {
		x, err := time.ParseInLocation("2006-01-02 15:04", "2026-11-20 "+clock, dossier.VietNam)
		if err != nil {
			t.Fatal(err)
		}
		return x
	}
	for clock, want := range map[string]time.Duration{"20:59": 0, "21:00": 10 * time.Hour, "23:30": 450 * time.Minute, "00:00": 7 * time.Hour, "06:59": time.Minute, "07:00": 0, "12:00": 0} {
		if got := UsualQuiet.Wait(at(clock).UTC()); got != want {
			t.Errorf("%s: %v, want %v", clock, got, want)
		}
	}
	if (Quiet{}).Wait(at("03:00")) != 0 {
		t.Error("never is sometimes")
	}
	for _, text := range []string{"21:00-07:00", "12:00-13:30", "never"} {
		if q, err := ParseQuiet(text); err != nil || q.String() != text {
			t.Errorf("%s: %v %v", text, q, err)
		}
	}
	for _, text := range []string{"", "21-7", "25:00-01:00", "07:00-07:00", "21:00"} {
		if _, err := ParseQuiet(text); err == nil {
			t.Errorf("%q is taken", text)
		}
	}
}

// What is tried again waits longer each time and is put aside in the end; waiting for
// the morning counts as no try.
func TestAfter(t *testing.T) {
	now := time.Date(2026, 11, 20, 9, 0, 0, 0, dossier.VietNam)
	n := Notice{}
	for i := range MostTries {
		if n.Standing != Waiting {
			t.Fatalf("aside after %d tries", i)
		}
		n = n.After(Outcome{Word: Away}, now)
		n = n.After(Outcome{Word: Night, Wait: time.Hour}, now)
	}
	if n.Standing != Aside || n.Tries != MostTries {
		t.Errorf("%+v", n)
	}
	for o, want := range map[Outcome]Standing{{Word: Address, Final: true}: Aside, {Word: Unwanted, Final: true}: Dropped, {}: Sent, {Word: Away}: Waiting} {
		if got := (Notice{}).After(o, now).Standing; got != want {
			t.Errorf("%+v: %s", o, got)
		}
	}
}
