package ledger

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// ErrEvent: bytes are not an event in its canonical form.
var ErrEvent = errors.New("not an event of the ledger")

// A Kind says what an event is about, and which row beside it says the same.
type Kind string

// The kinds.
const (
	Move      Kind = "move"      // a document moved: a row of changes, and rows of made
	Intent    Kind = "intent"    // a key was about to be asked: a row of intents
	Case      Kind = "case"      // something was done to a dossier, or to many rows: a row of events
	Reading   Kind = "reading"   // somebody looked at a paper or took it away: in the ledger alone
	Retention Kind = "retention" // a rule, a hold, the review for disposal and its certificate: a row of retention_rules, retention_acts or disposals
	Closing   Kind = "closing"   // the figures of a month were closed, corrected, sealed, or their report renewed: a row of closings, closing_seals, closing_renewals or closing_intents
	Record    Kind = "record"    // an entry of a holder's record was withdrawn, replaced or corrected, holders were merged or split, or that was undone: a row of record_acts
	House     Kind = "house"     // logins, people, the catalogue, the ledger's own keys: in the ledger alone
)

// An Event is one line of the ledger. It holds ids and codes, and no name,
// number or text of a person: what somebody wrote is committed to by Text and
// kept elsewhere.
//
// Its canonical form is a JSON object (RFC 8785): members in the order of their
// names, those that are empty left out, no white space, whole numbers. The
// member v is 1.
type Event struct {
	ID       string // new everywhere; its 62 random bits keep the hash of an event from being guessed
	Kind     Kind
	Act      string
	At       int64  // when it was done, milliseconds since 1970 UTC
	Who      string // a person's id, or the name of the worker
	Role     string // in which it was done
	Document string
	Dossier  string
	Slot     string
	Holder   string // whose paper it is: an id
	Entry    string // on the holder's record; of a closed month's seal the agency, before it the SHA-256 of the signer's certificate
	Law      string // of a rule and of a certificate: by which law and article
	Part     string // which file was taken away
	Proposer string // of a certificate: who proposed what Who approved
	Purpose  string // code of what a paper was looked at for
	Subject  string // what was set, by its id or code; of a reception the kind of paper, or the procedure; of an intent the SHA-256 of the signer's certificate; of a closing the month; of an act of retention the act that it answers, or the rule
	Sum      string // SHA-256 of a file or key that the event is about; of an intent what was to be signed
	State    string // that a move led to; of moves only
	Version  int64  // that a move led to, or for which a key was asked; of a closing which version of the month; of these only
	Made     []Made // files that a move or a closing brought, or that a disposal took, in the order of their parts
	Text     string // commitment to a reason and to confirmed fields, see [Commit]
	Amount   int64  // of rows, with a removal; of a closing the events that were counted; of a certificate the files that stay since another record has the same bytes
	Demo     bool   // of a demonstration, whose rows may be removed
	Late     bool   // entered after it was done: taken over from rows older than the ledger
}

// A Made is a file of a document and the SHA-256 of its bytes, in hex digits.
type Made struct{ Part, Sum string }

// Bytes returns the canonical form of e. What is not UTF-8 in it becomes U+FFFD.
func (e Event) Bytes() []byte {
	w := writer{b: make([]byte, 0, 320)}
	w.text("act", e.Act)
	w.number("amount", e.Amount)
	w.number("at", e.At)
	w.flag("demo", e.Demo)
	w.text("document", e.Document)
	w.text("dossier", e.Dossier)
	w.text("entry", e.Entry)
	w.text("holder", e.Holder)
	w.text("id", e.ID)
	w.text("kind", string(e.Kind))
	w.flag("late", e.Late)
	w.text("law", e.Law)
	w.files("made", e.Made)
	w.text("part", e.Part)
	w.text("proposer", e.Proposer)
	w.text("purpose", e.Purpose)
	w.text("role", e.Role)
	w.text("slot", e.Slot)
	w.text("state", e.State)
	w.text("subject", e.Subject)
	w.text("sum", e.Sum)
	w.text("text", e.Text)
	w.number("v", 1)
	if e.versioned() {
		w.name("version")
		w.b = strconv.AppendInt(w.b, e.Version, 10)
	}
	w.text("who", e.Who)
	return append(w.b, '}')
}

// versioned reports whether an event of e's kind is of a version.
func (e *Event) versioned() bool { return e.Kind == Move || e.Kind == Intent || e.Kind == Closing }

type writer struct{ b []byte }

// name begins a member.
func (w *writer) name(n string) {
	lead := byte(',')
	if len(w.b) == 0 {
		lead = '{'
	}
	w.b = append(append(append(w.b, lead, '"'), n...), '"', ':')
}

func (w *writer) text(n, v string) {
	if v != "" {
		w.name(n)
		w.b = quote(w.b, v)
	}
}

func (w *writer) number(n string, v int64) {
	if v != 0 {
		w.name(n)
		w.b = strconv.AppendInt(w.b, v, 10)
	}
}

func (w *writer) flag(n string, v bool) {
	if v {
		w.number(n, 1)
	}
}

func (w *writer) files(n string, made []Made) {
	if len(made) == 0 {
		return
	}
	w.name(n)
	made = slices.Clone(made)
	slices.SortFunc(made, func(a, b Made) int { return strings.Compare(a.Part, b.Part) })
	in := writer{}
	for _, m := range made {
		in.text(m.Part, m.Sum)
	}
	w.b = append(append(w.b, in.b...), '}')
}

// quote writes a string as RFC 8785 §3.2.2.2 has it.
func quote(b []byte, s string) []byte {
	if !utf8.ValidString(s) {
		s = strings.ToValidUTF8(s, "\uFFFD")
	}
	b = append(b, '"')
	if plain(s) && strings.IndexByte(s, '"') < 0 && strings.IndexByte(s, '\\') < 0 { // nearly always
		return append(append(b, s...), '"')
	}
	for i := range len(s) {
		switch c := s[i]; {
		case c == '"' || c == '\\':
			b = append(b, '\\', c)
		case c >= 0x20:
			b = append(b, c)
		case strings.IndexByte("\b\t\n\f\r", c) >= 0:
			b = append(b, '\\', "btn_fr"[c-'\b'])
		default:
			b = fmt.Appendf(b, `\u%04x`, c)
		}
	}
	return append(b, '"')
}

// Parse reads the canonical form, and nothing else. The strings of the event
// share the memory of s.
func Parse(s string) (Event, error) {
	var e Event
	if err := e.Read(s); err != nil {
		return Event{}, err
	}
	return e, nil
}

// Read is [Parse] into an event whose memory is used again. Members must come in
// the order of [Event.Bytes], each once at most.
func (e *Event) Read(s string) error {
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
		case "kind":
			n, e.Kind = 10, Kind(r.quoted())
		case "late":
			n, e.Late = 11, r.flag()
		case "law":
			n, e.Law = 12, r.quoted()
		case "made":
			n, e.Made = 13, r.files(e.Made)
		case "part":
			n, e.Part = 14, r.quoted()
		case "proposer":
			n, e.Proposer = 15, r.quoted()
		case "purpose":
			n, e.Purpose = 16, r.quoted()
		case "role":
			n, e.Role = 17, r.quoted()
		case "slot":
			n, e.Slot = 18, r.quoted()
		case "state":
			n, e.State = 19, r.quoted()
		case "subject":
			n, e.Subject = 20, r.quoted()
		case "sum":
			n, e.Sum = 21, r.quoted()
		case "text":
			n, e.Text = 22, r.quoted()
		case "v":
			n, v = 23, r.number()
		case "version":
			n, e.Version, versioned = 24, r.whole(), true
		case "who":
			n, e.Who = 25, r.quoted()
		}
		r.bad, last = r.bad || n <= last, n
	}
	if r.bad || r.rest != "}" || v != 1 || !e.fits(versioned) {
		return fmt.Errorf("%w: %.40q", ErrEvent, s)
	}
	return nil
}

// fits reports whether e has what its kind needs, and a version only then.
func (e *Event) fits(versioned bool) bool {
	of := e.Kind == Move || e.Kind == Intent
	return e.ID != "" && e.Act != "" && e.Kind != "" && versioned == e.versioned() && !(of && e.Document == "") && (e.Kind == Move) == (e.State != "")
}

// plain reports whether s is UTF-8 without control characters. It looks at eight
// bytes at once: a byte under 0x20 borrows from its highest bit.
func plain(s string) bool {
	const high, low = 0x8080808080808080, 0x2020202020202020
	found, all := uint64(0), uint64(0)
	i := 0
	for ; i+8 <= len(s); i += 8 {
		v := uint64(s[i]) | uint64(s[i+1])<<8 | uint64(s[i+2])<<16 | uint64(s[i+3])<<24 |
			uint64(s[i+4])<<32 | uint64(s[i+5])<<40 | uint64(s[i+6])<<48 | uint64(s[i+7])<<56
		found |= (v - low) &^ v
		all |= v
	}
	for ; i < len(s); i++ {
		if s[i] < 0x20 {
			return false
		}
		all |= uint64(s[i])
	}
	return found&high == 0 && (all&high == 0 || utf8.ValidString(s))
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
