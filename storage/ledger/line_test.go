package ledger

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"strconv"
	"strings"
	"testing"
)

// judged holds what [Line.Read] makes of s against the reader of before, and
// against how it would be written.
func judged(t *testing.T, s string) bool {
	t.Helper()
	var slow Event
	wrong := slow.slowRead(s)
	e, err := Parse(s)
	switch {
	case (err == nil) != (wrong == nil):
		t.Errorf("%q: %v, want %v", s, err, wrong)
	case err != nil:
		if !errors.Is(err, ErrEvent) {
			t.Errorf("%q: %v", s, err)
		}
	case !reflect.DeepEqual(e, slow):
		t.Errorf("%q is read as\n%+v, want\n%+v", s, e, slow)
	case string(e.Bytes()) != s:
		t.Errorf("%q is read, but written as %q", s, e.Bytes())
	}
	return err == nil
}

var spellings = []string{
	string(event(1).Bytes()),
	string(Event{ID: "a", Kind: Reading, Act: "view", Who: "p", Purpose: "x\"y\\", Demo: true, Late: true}.Bytes()),
	string(Event{ID: "a", Kind: House, Act: "v", Amount: -12}.Bytes()), // ends with v
	string(Event{ID: "đ", Kind: Closing, Act: "close", At: 1, Subject: "2026-11", Version: 1 << 60, Law: "l\x01", Proposer: "ŋ", Part: "p", Slot: "T1", Holder: "h", Entry: "e",
		Dossier: "H60", Sum: strings.Repeat("0", 64), Text: "t", Made: []Made{{"a\"", "1"}, {"b", "2"}, {"ă", "3"}}}.Bytes()),
}

// Cut, doubled, moved, written over anywhere: what is taken, and as what, is the
// same as before.
func TestLineTakesWhatWasTaken(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 11))
	pieces := []string{`"`, `\`, `\u000a`, `\n`, `{`, `}`, `,`, `:`, `0`, `-`, `1`, `""`, ` `, "\x1f", "\xff", "đ", `"v":1`, `"version":0`, `"at":0`, `"demo":1`, `"made":{}`, `"state":"x"`, "9223372036854775808", "-0", "00"}
	taken, n := 0, 30_000
	for range n {
		s := spellings[random.IntN(len(spellings))]
		for range 1 + random.IntN(2) {
			i := random.IntN(len(s) + 1)
			j := i + random.IntN(min(12, len(s)-i)+1)
			switch random.IntN(5) {
			case 0:
				s = s[:i] + s[j:]
			case 1:
				s = s[:j] + s[i:]
			case 2:
				s = s[:i] + pieces[random.IntN(len(pieces))] + s[i:]
			case 3:
				s = s[:i] + pieces[random.IntN(len(pieces))] + s[j:]
			case 4:
				s = strings.Replace(s, s[i:j], string(rune('a'+random.IntN(26))), 1)
			}
		}
		if judged(t, s) {
			taken++
		}
		if t.Failed() {
			return
		}
	}
	for i, s := range spellings {
		if !judged(t, s) {
			t.Errorf("%d is not read", i)
		}
	}
	if taken < n/100 || taken > n/2 {
		t.Errorf("%d of %d are read: this proves little", taken, n)
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range spellings {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) { judged(t, s) })
}

func BenchmarkRead(b *testing.B) {
	s := string(event(1).Bytes())
	b.Run("line", func(b *testing.B) {
		var l Line
		for b.Loop() {
			if l.Read(s) != nil {
				b.Fatal()
			}
		}
	})
	b.Run("before", func(b *testing.B) {
		var e Event
		for b.Loop() {
			if e.slowRead(s) != nil {
				b.Fatal()
			}
		}
	})
}

// slowRead is the reader that [Line.Read] took the place of, kept to judge it: it
// takes members by their names, and nothing else may be taken than what it takes.
func (e *Event) slowRead(s string) error {
	*e = Event{Made: e.Made[:0]}
	r := reader{rest: s, lead: '{', bad: !plain(s), escapes: strings.IndexByte(s, '\\') >= 0}
	v, versioned := int64(0), false
	for last := 0; !r.bad && len(r.rest) > 1; {
		n := 0
		switch r.member() {
		case "act":
			n, e.Act = 1, r.quoted()
		case "amount":
			n, e.Amount = 2, r.number()
		case "at":
			n, e.At = 3, r.number()
		case "demo":
			n, e.Demo = 4, r.flag()
		case "document":
			n, e.Document = 5, r.quoted()
		case "dossier":
			n, e.Dossier = 6, r.quoted()
		case "entry":
			n, e.Entry = 7, r.quoted()
		case "holder":
			n, e.Holder = 8, r.quoted()
		case "id":
			n, e.ID = 9, r.quoted()
		case "key":
			n, e.Key = 10, r.quoted()
		case "kind":
			n, e.Kind = 11, Kind(r.quoted())
		case "late":
			n, e.Late = 12, r.flag()
		case "law":
			n, e.Law = 13, r.quoted()
		case "made":
			n, e.Made = 14, r.files(e.Made)
		case "part":
			n, e.Part = 15, r.quoted()
		case "proposer":
			n, e.Proposer = 16, r.quoted()
		case "purpose":
			n, e.Purpose = 17, r.quoted()
		case "role":
			n, e.Role = 18, r.quoted()
		case "slot":
			n, e.Slot = 19, r.quoted()
		case "state":
			n, e.State = 20, r.quoted()
		case "subject":
			n, e.Subject = 21, r.quoted()
		case "sum":
			n, e.Sum = 22, r.quoted()
		case "text":
			n, e.Text = 23, r.quoted()
		case "v":
			n, v = 24, r.number()
		case "version":
			n, e.Version, versioned = 25, r.whole(), true
		case "who":
			n, e.Who = 26, r.quoted()
		}
		r.bad, last = r.bad || n <= last, n
	}
	if r.bad || r.rest != "}" || v != 1 || !e.slowFits(versioned) {
		return fmt.Errorf("%w: %.40q", ErrEvent, s)
	}
	return nil
}

// fits reports whether e has what its kind needs, and a version only then.
func (e *Event) slowFits(versioned bool) bool {
	of := e.Kind == Move || e.Kind == Intent
	return e.ID != "" && e.Act != "" && e.Kind != "" && versioned == e.versioned() && !(of && e.Document == "") && (e.Kind == Move) == (e.State != "")
}

// A reader takes members off the front of an object.
type reader struct {
	rest    string
	lead    byte // what stands before the next member
	bad     bool
	escapes bool // somewhere
}

// member takes the name of the next member; none is bad.
func (r *reader) member() string {
	if len(r.rest) > 4 && r.rest[0] == r.lead && r.rest[1] == '"' {
		if end := strings.IndexByte(r.rest[2:], '"') + 2; end > 2 && end+1 < len(r.rest) && r.rest[end+1] == ':' {
			name := r.rest[2:end]
			r.rest, r.lead = r.rest[end+2:], ','
			return name
		}
	}
	r.bad = true
	return ""
}

// number takes a whole number that is not 0, which would be left out.
func (r *reader) number() int64 {
	n := r.whole()
	r.bad = r.bad || n == 0
	return n
}

func (r *reader) flag() bool {
	n := r.whole()
	r.bad = r.bad || n != 1
	return n == 1
}

// files takes an object of files, in the order of their parts.
func (r *reader) files(into []Made) []Made {
	r.lead = '{'
	for last := ""; !r.bad; {
		if r.lead == ',' && r.rest != "" && r.rest[0] == '}' {
			r.rest = r.rest[1:]
			return into
		}
		if r.rest == "" || r.rest[0] != r.lead {
			break
		}
		r.rest, r.lead = r.rest[1:], ','
		part := r.quoted()
		if part <= last || r.rest == "" || r.rest[0] != ':' {
			break
		}
		r.rest, last = r.rest[1:], part
		into = append(into, Made{part, r.quoted()})
	}
	r.bad = true
	return into
}

// quoted takes a string that is not empty, written as quote writes it.
func (r *reader) quoted() string {
	if len(r.rest) < 2 || r.rest[0] != '"' {
		r.bad = true
		return ""
	}
	if end := strings.IndexByte(r.rest[1:], '"'); end > 0 && !r.escapes {
		s := r.rest[1 : 1+end]
		r.rest = r.rest[2+end:]
		return s
	}
	return r.escaped()
}

// escaped takes a string with escapes: rare, so it may cost something.
func (r *reader) escaped() string {
	end := 1
	for end < len(r.rest) && r.rest[end] != '"' {
		if r.rest[end] == '\\' {
			end++
		}
		end++
	}
	if end >= len(r.rest) {
		r.bad = true
		return ""
	}
	raw := r.rest[:end+1]
	r.rest = r.rest[end+1:]
	var s string
	if json.Unmarshal([]byte(raw), &s) != nil || s == "" || string(quote(nil, s)) != raw {
		r.bad = true
	}
	return s
}

// whole takes a whole number as RFC 8785 writes it.
func (r *reader) whole() int64 {
	end, small := 0, int64(0)
	for end < len(r.rest) && (r.rest[end] >= '0' && r.rest[end] <= '9' || end == 0 && r.rest[0] == '-') {
		small = 10*small + int64(r.rest[end]-'0')
		end++
	}
	n, err := small, error(nil)
	if end == 0 || end > 18 || r.rest[0] == '-' { // else it has been read already
		n, err = strconv.ParseInt(r.rest[:end], 10, 64)
	}
	if err != nil || end > 1 && (r.rest[0] == '0' || r.rest[0] == '-' && r.rest[1] == '0') {
		r.bad = true
	}
	r.rest = r.rest[end:]
	return n
}
