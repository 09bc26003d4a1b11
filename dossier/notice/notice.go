// Package notice holds the words for telling people how their dossier stands: who wants
// to be told and where, by which words, when nobody is disturbed, and how each notice
// fares. It holds values and pure functions only; see
// docs/decisions/0063-neighbours.md.
package notice

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/mail"
	"slices"
	"strconv"
	"strings"
	"time"

	"sohoa/dossier"
	"sohoa/pattern"
)

// A Kind is what a notice says.
type Kind string

// The kinds.
const (
	Received Kind = "received" // the dossier was taken in
	More     Kind = "more"     // more papers are needed (phiếu yêu cầu bổ sung)
	Signed   Kind = "signed"   // the result bears the agency's signature
	Ready    Kind = "ready"    // it is decided: the result may be fetched
)

// Kinds lists them in the order in which they come.
var Kinds = [...]Kind{Received, More, Signed, Ready}

// A Channel is how somebody is told.
type Channel string

// The channels.
const (
	ZNS  Channel = "zns"  // a template message of Zalo Notification Service, to a telephone number
	Mail Channel = "mail" // an e-mail
)

// Channels lists them.
var Channels = [...]Channel{ZNS, Mail}

// Languages are those that a notice may be in.
var Languages = [...]string{"vi", "en"}

// A Contact is where somebody agreed to be told of one dossier.
type Contact struct {
	ID      string
	Dossier dossier.Code
	Channel Channel
	Address string // as it is kept, see web.Vault; empty once it is forgotten
	Shown   string // the address with most of it covered
	Lang    string
	Token   string // opens the page on which one opts out, and nothing else
	Who     dossier.PersonID
	At      time.Time // when the counter noted the consent
	Ended   time.Time // zero: they are told
	EndedBy string    // who ended it: a person's id, [ByLink] or [ByChannel]
}

// Who ends a contact besides people of the house.
const (
	ByLink    = "link"    // whoever was told, by the link in a notice
	ByChannel = "channel" // the channel says that they do not want it
)

// phone is a Vietnamese number for subscribers: nine digits after the prefix.
var phone = pattern.Late(`^(?:\+?84|0)([1-9]\d{8})$`)

// Normal returns an address in the one form it is kept in: a telephone number as 84 and
// nine digits (as Zalo takes it), an e-mail address as it is with its domain in lower
// case. What is none wraps [dossier.ErrInvalid].
func (c Channel) Normal(address string) (string, error) {
	switch c {
	case ZNS:
		m := phone().FindStringSubmatch(strings.NewReplacer(" ", "", ".", "", "-", "").Replace(strings.TrimSpace(address)))
		if m == nil {
			return "", fmt.Errorf("%w: no telephone number of Viet Nam", dossier.ErrInvalid)
		}
		return "84" + m[1], nil
	case Mail:
		address = strings.TrimSpace(address)
		a, err := mail.ParseAddress(address)
		at := strings.LastIndex(address, "@")
		if err != nil || a.Address != address || len(address) > 254 || at > 64 || !plain(address) || !strings.Contains(address[at+1:], ".") {
			return "", fmt.Errorf("%w: no e-mail address", dossier.ErrInvalid)
		}
		return address[:at] + strings.ToLower(address[at:]), nil
	}
	return "", fmt.Errorf("%w: no channel", dossier.ErrInvalid)
}

// plain reports whether s is printable ASCII without blanks and quotes: what every relay
// takes without an extension (RFC 5321 section 4.1.2, Dot-string).
func plain(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' || strings.ContainsRune(`"(),:;<>[\]`, r) })
}

// Cover returns a normal address with most of it covered.
func (c Channel) Cover(address string) string {
	if name, domain, ok := strings.Cut(address, "@"); ok {
		return name[:min(1, len(name))] + "***@" + domain
	}
	return strings.Repeat("*", max(len(address)-3, 0)) + address[max(len(address)-3, 0):]
}

// A Template is how an agency words a notice, from a day on. The newest that has begun
// of the agency, else of the nearest above it, else of the house is used.
type Template struct {
	ID      string
	Agency  dossier.AgencyCode // empty: the house's own
	Kind    Kind
	Channel Channel
	Lang    string
	Since   string // YYYY-MM-DD, the first day

	// Subject of an e-mail; of a ZNS the number of the template that Zalo has approved.
	Subject string

	// Body is the text of an e-mail, or of a ZNS a line NAME = TEXT for each of the
	// template's parameters. Words in braces stand for what [Words] says.
	Body string

	Who dossier.PersonID
	At  time.Time
}

// Program is who worded the templates that a new house has.
const Program = "sohoa"

// Words are all that a notice may say of a dossier: no name, no number of a person, no
// paper, not even the procedure, which may tell why somebody came.
type Words struct {
	Dossier string // its code
	Agency  string // name of who received it
	Due     string // day of the appointment, as people write it; empty: none
	Stop    string // address of the page on which one opts out
}

func (w Words) said() map[string]string {
	return map[string]string{"dossier": w.Dossier, "agency": w.Agency, "due": w.Due, "stop": w.Stop}
}

var braces = pattern.Late(`\{([a-z]+)\}`)

// Check says what is wrong with a template, wrapping [dossier.ErrInvalid].
func (t Template) Check() error {
	bad := func(what string) error { return fmt.Errorf("%w: %s", dossier.ErrInvalid, what) }
	switch {
	case !slices.Contains(Kinds[:], t.Kind), !slices.Contains(Channels[:], t.Channel), !slices.Contains(Languages[:], t.Lang):
		return bad("kind, channel or language")
	case strings.TrimSpace(t.Subject) == "" || len(t.Subject) > 200 || strings.ContainsAny(t.Subject, "\r\n"):
		return bad("subject")
	case strings.TrimSpace(t.Body) == "" || len(t.Body) > 4000:
		return bad("body")
	}
	if _, err := time.Parse(time.DateOnly, t.Since); err != nil {
		return bad("first day")
	}
	known := Words{}.said()
	for _, m := range braces().FindAllStringSubmatch(t.Subject+t.Body, -1) {
		if _, ok := known[m[1]]; !ok {
			return bad("no such word: " + m[0])
		}
	}
	if t.Channel == Mail {
		if !strings.Contains(t.Body, "{stop}") {
			return bad("an e-mail says how to opt out: {stop}")
		}
		return nil
	}
	if _, err := strconv.ParseUint(t.Subject, 10, 64); err != nil {
		return bad("the number of a template at Zalo is digits")
	}
	_, err := t.params(Words{})
	return err
}

// A Message is a notice in words, as a channel takes it.
type Message struct {
	ID      string // of the notice
	Subject string // of an e-mail; of a ZNS the template's number
	Text    string // of an e-mail
	Params  map[string]string
	Stop    string // address at which one POST opts out
}

// Fill words a notice.
func (t Template) Fill(id string, w Words) (Message, error) {
	m := Message{ID: id, Subject: fill(t.Subject, w), Stop: w.Stop}
	if t.Channel == Mail {
		m.Text = fill(t.Body, w)
		return m, nil
	}
	var err error
	m.Params, err = t.params(w)
	return m, err
}

func (t Template) params(w Words) (map[string]string, error) {
	found := map[string]string{}
	for line := range strings.Lines(t.Body) {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		name, text, ok := strings.Cut(line, "=")
		if name = strings.TrimSpace(name); !ok || name == "" {
			return nil, fmt.Errorf("%w: a line of a ZNS is NAME = TEXT", dossier.ErrInvalid)
		}
		if _, twice := found[name]; twice {
			return nil, fmt.Errorf("%w: %s stands there twice", dossier.ErrInvalid, name)
		}
		found[name] = fill(strings.TrimSpace(text), w)
	}
	return found, nil
}

// fill puts words in; what they say is not looked at again.
func fill(text string, w Words) string {
	said := w.said()
	return braces().ReplaceAllStringFunc(text, func(word string) string { return said[word[1:len(word)-1]] })
}

// A Standing is how a notice fares.
type Standing int

// The standings.
const (
	Waiting   Standing = iota
	Sent               // the channel took it
	Delivered          // the channel says that it arrived; an e-mail's relay never does
	Aside              // put aside for a person: a dead letter
	Dropped            // left out: by a person, or since nobody wants it any more
)

var standings = [...]string{"waiting", "sent", "delivered", "aside", "dropped"}

func (s Standing) String() string {
	if s < 0 || int(s) >= len(standings) {
		return "?"
	}
	return standings[s]
}

// MarshalJSON writes s as its word.
func (s Standing) MarshalJSON() ([]byte, error) { return json.Marshal(s.String()) }

// A Notice is one message on its way to one contact.
type Notice struct {
	ID       string
	Contact  string
	Dossier  dossier.Code
	Channel  Channel
	Kind     Kind
	Key      string // what it is about: of each there is one
	Standing Standing
	Tries    int
	Next     time.Time // of the next try, or look at how it fares
	Said     string    // why the last try failed, a word
	Remote   string    // what the channel calls it
	At       time.Time
	Changed  time.Time
}

// A Due is a notice that is to be sent or asked after, with what it takes to.
type Due struct {
	Notice
	To       Contact
	Agency   string // name
	DueOn    time.Time
	Template Template // zero: there is none
}

// Words for why a notice was not sent: they are kept, and hold no data.
const (
	Away       = "away"        // no answer in time, or one of a fault of its own
	Closed     = "closed"      // the address may not be called
	Token      = "token"       // the channel does not let the house in
	Address    = "address"     // nobody is there, or cannot be told so
	Unwanted   = "unwanted"    // they do not want it
	Refused    = "refused"     // the channel does not take it: the template, most often
	Limit      = "limit"       // as many were sent as may be in a day
	Night      = "night"       // not at this hour
	Unworded   = "no-template" // no template for it
	Sealed     = "sealed"      // the address cannot be opened here
	ChannelOff = "off"         // the channel is not switched on
)

// MostTries is how often a notice is tried before it is put aside: over a day.
const MostTries = 10

// Pause is how long after a failure the next try is: a minute, doubled each time, six
// hours at most.
func Pause(tries int) time.Duration {
	return min(time.Minute<<min(max(tries-1, 0), 12), 6*time.Hour)
}

// An Outcome is what a channel said of a message.
type Outcome struct {
	Word   string        // empty: it was taken
	Remote string        // what the channel calls it
	Final  bool          // trying again changes nothing
	Wait   time.Duration // it is not to be tried before; that it waits counts as no try
}

// After returns n after an outcome at a time.
func (n Notice) After(o Outcome, at time.Time) Notice {
	n.Said, n.Changed = o.Word, at
	switch {
	case o.Word == "":
		n.Standing, n.Remote, n.Next = Sent, o.Remote, at.Add(AskAfter)
	case o.Word == Unwanted:
		n.Standing = Dropped
	case o.Wait > 0:
		n.Next = at.Add(o.Wait)
	default:
		n.Tries++
		n.Next = at.Add(Pause(n.Tries))
		if o.Final || n.Tries >= MostTries {
			n.Standing = Aside
		}
	}
	return n
}

// AskAfter is when it is asked first whether a message arrived, and AskFor how long.
const (
	AskAfter = 10 * time.Minute
	AskFor   = 48 * time.Hour
)

// A Quiet says between which times of day, by the clock of Viet Nam, nobody is told
// anything. The zero Quiet is never.
type Quiet struct{ From, To time.Duration }

// UsualQuiet holds unless an administrator says otherwise: Zalo itself takes most
// templates between 6 and 22 alone (its error -133).
var UsualQuiet = Quiet{21 * time.Hour, 7 * time.Hour}

// ParseQuiet reads HH:MM-HH:MM, or "never".
func ParseQuiet(text string) (q Quiet, err error) {
	if text == "never" {
		return q, nil
	}
	from, to, ok := strings.Cut(text, "-")
	a, err1 := time.Parse("15:04", from)
	b, err2 := time.Parse("15:04", to)
	if !ok || err1 != nil || err2 != nil || a.Equal(b) {
		return q, errors.Join(dossier.ErrInvalid, errors.New("quiet hours are HH:MM-HH:MM, or never"))
	}
	midnight := time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC)
	return Quiet{a.Sub(midnight), b.Sub(midnight)}, nil
}

func (q Quiet) String() string {
	if q == (Quiet{}) {
		return "never"
	}
	clock := func(d time.Duration) string { return fmt.Sprintf("%02d:%02d", int(d.Hours()), int(d.Minutes())%60) }
	return clock(q.From) + "-" + clock(q.To)
}

// Wait returns how long it is quiet from a time on; 0: it is not.
func (q Quiet) Wait(at time.Time) time.Duration {
	at = at.In(dossier.VietNam) // which has no summer time
	now := at.Sub(time.Date(at.Year(), at.Month(), at.Day(), 0, 0, 0, 0, dossier.VietNam))
	day := 24 * time.Hour
	long, since := (q.To-q.From+day)%day, (now-q.From+day)%day
	if q == (Quiet{}) || since >= long {
		return 0
	}
	return long - since
}

// UsualRate is how many messages a minute a channel is given unless an administrator
// says otherwise, and MostRate the most that may be said.
const (
	UsualRate = 60
	MostRate  = 6000
)

// Settings of the house by which notices go.
const (
	QuietSetting = "notice-quiet" // as [ParseQuiet] reads it
	RateSetting  = "notice-rate"  // messages a minute, of each channel
)

// QuietOf is what a setting says; what says nothing is [UsualQuiet].
func QuietOf(setting string) Quiet {
	if q, err := ParseQuiet(setting); err == nil {
		return q
	}
	return UsualQuiet
}

// RateOf is what a setting says; what says nothing is [UsualRate].
func RateOf(setting string) int {
	if n, err := strconv.Atoi(setting); err == nil && n >= 1 && n <= MostRate {
		return n
	}
	return UsualRate
}
