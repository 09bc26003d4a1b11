package ledger

import (
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
	Key      string // of a program with which it was asked: its id; empty of what people and the machine do
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
	w.text("key", e.Key)
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
func (e *Event) versioned() bool { return versioned(e.Kind) }

func versioned(k Kind) bool { return k == Move || k == Intent || k == Closing }

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
	lead := byte('{')
	for _, m := range made {
		if m.Sum != "" {
			w.b = append(quote(append(w.b, lead), m.Part), ':')
			w.b, lead = quote(w.b, m.Sum), ','
		}
	}
	w.b = append(w.b, '}')
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
	var l Line
	if err := l.Read(s); err != nil {
		return Event{}, err
	}
	var e Event
	l.Into(&e)
	return e, nil
}
