package ledger

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// The members of an event, in their order.
const (
	memberAct = 1 + iota
	memberAmount
	memberAt
	memberDemo
	memberDocument
	memberDossier
	memberEntry
	memberHolder
	memberID
	memberKey
	memberKind
	memberLate
	memberLaw
	memberMade
	memberPart
	memberProposer
	memberPurpose
	memberRole
	memberSlot
	memberState
	memberSubject
	memberSum
	memberText
	memberV
	memberVersion
	memberWho
	members
)

// names are the members as they are written: with the quote before and what
// stands between a name and its value.
var names = [members]string{"", `"act":`, `"amount":`, `"at":`, `"demo":`, `"document":`, `"dossier":`, `"entry":`, `"holder":`, `"id":`, `"key":`, `"kind":`, `"late":`,
	`"law":`, `"made":`, `"part":`, `"proposer":`, `"purpose":`, `"role":`, `"slot":`, `"state":`, `"subject":`, `"sum":`, `"text":`, `"v":`, `"version":`, `"who":`}

// begins are the first eight bytes of names, and which of these count.
var begins = func() (list [members]struct{ bytes, mask uint64 }) {
	for n, name := range names {
		for i := range min(8, len(name)) {
			list[n].bytes |= uint64(name[i]) << (8 * i)
			list[n].mask |= 0xff << (8 * i)
		}
	}
	return list
}()

// A Line is an event in its canonical form that was read and not taken apart: it
// knows where each member stands. An audit reads millions, and looks at a few
// members of each; to put them into an [Event] costs as much as to read them. The
// zero Line is ready to read, and again after it has read.
type Line struct {
	text    string
	at      [members]span // values, texts with their quotes; both 0 of a member that is not there
	escapes bool          // somewhere

	At, Amount, Version int64 // as of [Event]
	versioned           bool
}

// A span is from where to before where.
type span struct{ from, to int32 }

// Read takes the canonical form and nothing else: members in the order of
// [Event.Bytes], each once at most. What is not wraps [ErrEvent].
func (l *Line) Read(s string) error {
	if !l.read(s) {
		return fmt.Errorf("%w: %.40q", ErrEvent, s)
	}
	return nil
}

func (l *Line) read(s string) bool {
	*l = Line{text: s}
	if len(s) > math.MaxInt32 || !plain(s) {
		return false
	}
	l.escapes = strings.IndexByte(s, '\\') >= 0
	v, last, i, lead := int64(0), 0, 0, byte('{')
	for i+1 < len(s) {
		n := 0
		if s[i] == lead {
			n = member(s[i+1:], last)
		}
		if n == 0 {
			return false
		}
		from := i + 1 + len(names[n])
		switch n {
		case memberAmount:
			l.Amount, i = number(s, from)
		case memberAt:
			l.At, i = number(s, from)
		case memberDemo, memberLate:
			var one int64
			if one, i = number(s, from); one != 1 {
				return false
			}
		case memberMade:
			i = l.files(from, nil)
		case memberV:
			v, i = number(s, from)
		case memberVersion:
			l.versioned = true
			l.Version, i = whole(s, from)
		default:
			i = l.quoted(from)
		}
		if i < 0 {
			return false
		}
		l.at[n], last, lead = span{int32(from), int32(i)}, n, ','
	}
	return s[i:] == "}" && v == 1 && l.fits()
}

// fits reports whether l has what its kind needs, and a version only then.
func (l *Line) fits() bool {
	kind := l.Kind()
	return l.has(memberID) && l.has(memberAct) && kind != "" && l.versioned == versioned(kind) &&
		(kind != Move && kind != Intent || l.has(memberDocument)) && (kind == Move) == l.has(memberState)
}

func (l *Line) has(n int) bool { return l.at[n].to > 0 }

// of is the text of a member, "" of one that is not there.
func (l *Line) of(n int) string {
	at := l.at[n]
	if at.to == 0 {
		return ""
	}
	return l.unquoted(l.text[at.from:at.to])
}

func (l *Line) unquoted(s string) string {
	if l.escapes && strings.IndexByte(s, '\\') >= 0 {
		text, _ := escaped(s) // it was read
		return text
	}
	return s[1 : len(s)-1]
}

// Kind, and the methods after it, are the members of the same name of [Event];
// texts share the memory of what was read.
func (l *Line) Kind() Kind { return Kind(l.of(memberKind)) }

// Act is what was done.
func (l *Line) Act() string { return l.of(memberAct) }

// Document is the id of a paper.
func (l *Line) Document() string { return l.of(memberDocument) }

// Dossier is the code of a dossier.
func (l *Line) Dossier() string { return l.of(memberDossier) }

// Slot is which of a dossier's papers it is.
func (l *Line) Slot() string { return l.of(memberSlot) }

// Subject is what was set.
func (l *Line) Subject() string { return l.of(memberSubject) }

// Who did it.
func (l *Line) Who() string { return l.of(memberWho) }

// Role is the one in which it was done.
func (l *Line) Role() string { return l.of(memberRole) }

// State is where a move led.
func (l *Line) State() string { return l.of(memberState) }

// Commitment is the event's Text.
func (l *Line) Commitment() string { return l.of(memberText) }

// Demo reports whether it is of a demonstration.
func (l *Line) Demo() bool { return l.has(memberDemo) }

// VersionDigits and AtDigits are numbers as they are written, which is how
// everybody writes them.
func (l *Line) VersionDigits() string { return l.digits(memberVersion) }

// AtDigits is when it was done.
func (l *Line) AtDigits() string { return l.digits(memberAt) }

func (l *Line) digits(n int) string {
	if at := l.at[n]; at.to > 0 {
		return l.text[at.from:at.to]
	}
	return "0"
}

// Made appends the files of the event.
func (l *Line) Made(to []Made) []Made {
	if l.has(memberMade) {
		l.files(int(l.at[memberMade].from), &to)
	}
	return to
}

// Into puts what was read into an event, whose memory for files is used again.
func (l *Line) Into(e *Event) {
	*e = Event{ID: l.of(memberID), Kind: l.Kind(), Act: l.Act(), At: l.At, Who: l.Who(), Role: l.Role(), Document: l.Document(), Dossier: l.Dossier(),
		Slot: l.Slot(), Holder: l.of(memberHolder), Entry: l.of(memberEntry), Law: l.of(memberLaw), Part: l.of(memberPart), Proposer: l.of(memberProposer),
		Purpose: l.of(memberPurpose), Subject: l.Subject(), Sum: l.of(memberSum), State: l.State(), Version: l.Version, Made: l.Made(e.Made[:0]),
		Text: l.Commitment(), Amount: l.Amount, Demo: l.Demo(), Key: l.of(memberKey), Late: l.has(memberLate)}
}

// plain reports whether s is UTF-8 without control characters. It looks at eight
// bytes at once: a byte under 0x20 borrows from its highest bit.
func plain(s string) bool {
	const high, low = 0x8080808080808080, 0x2020202020202020
	found, all := uint64(0), uint64(0)
	i := 0
	for ; i+8 <= len(s); i += 8 {
		v := eight(s[i:])
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

// eight are the first bytes of s, as one number: one load of the machine.
func eight(s string) uint64 {
	_ = s[7]
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
}

// member says which member after last the text begins with; 0 if with none.
func member(s string, last int) int {
	head := uint64(0)
	if len(s) >= 8 {
		head = eight(s)
	} else {
		for i := range len(s) {
			head |= uint64(s[i]) << (8 * i)
		}
	}
	for n := last + 1; n < members; n++ {
		if b := &begins[n]; head&b.mask == b.bytes && (len(names[n]) <= 8 || strings.HasPrefix(s, names[n])) {
			return n
		}
	}
	return 0
}

// number takes a whole number that is not 0, which would be left out. It returns
// where it ends, or -1.
func number(s string, i int) (n int64, end int) {
	if n, end = whole(s, i); n == 0 {
		return 0, -1
	}
	return n, end
}

// whole takes a whole number as RFC 8785 writes it.
func whole(s string, i int) (n int64, end int) {
	end = i
	for end < len(s) && (s[end] >= '0' && s[end] <= '9' || end == i && s[i] == '-') {
		n = 10*n + int64(s[end]-'0')
		end++
	}
	if end == i || end-i > 18 || s[i] == '-' { // else it has been read already
		var err error
		if n, err = strconv.ParseInt(s[i:end], 10, 64); err != nil {
			return 0, -1
		}
	}
	if end-i > 1 && (s[i] == '0' || s[i] == '-' && s[i+1] == '0') {
		return 0, -1
	}
	return n, end
}

// files takes an object of files, in the order of their parts, and appends them
// to into, if it is there.
func (l *Line) files(i int, into *[]Made) int {
	s, lead := l.text, byte('{')
	for last := ""; ; lead = ',' {
		if lead == ',' && i < len(s) && s[i] == '}' {
			return i + 1
		}
		if i >= len(s) || s[i] != lead {
			return -1
		}
		from := i + 1
		if i = l.quoted(from); i < 0 || i >= len(s) || s[i] != ':' {
			return -1
		}
		part := l.unquoted(s[from:i])
		if part <= last {
			return -1
		}
		from, last = i+1, part
		if i = l.quoted(from); i < 0 {
			return -1
		}
		if into != nil {
			*into = append(*into, Made{part, l.unquoted(s[from:i])})
		}
	}
}

// quoted takes a string that is not empty, written as quote writes it.
func (l *Line) quoted(i int) int {
	s := l.text
	if i+1 >= len(s) || s[i] != '"' {
		return -1
	}
	if !l.escapes {
		if end := strings.IndexByte(s[i+1:], '"'); end > 0 {
			return i + 1 + end + 1
		}
		return -1
	}
	end := i + 1
	for end < len(s) && s[end] != '"' {
		if s[end] == '\\' {
			end++
		}
		end++
	}
	if end >= len(s) {
		return -1
	}
	if _, ok := escaped(s[i : end+1]); !ok {
		return -1
	}
	return end + 1
}

// escaped reads a string with escapes: rare, so it may cost something.
func escaped(raw string) (s string, ok bool) {
	ok = json.Unmarshal([]byte(raw), &s) == nil && s != "" && string(quote(nil, s)) == raw
	return s, ok
}
