// Package drop has the words for papers that scanners, shared folders and other
// machines lay down for an agency, before a person says which dossier they are of.
package drop

import (
	"crypto/rand"
	"crypto/subtle"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"sohoa/dossier"
	"sohoa/dossier/digest"
)

// A State is how a dropped file stands.
type State string

// The states. A file that is waiting has not been taken: it is not whole yet, or the
// house has no room for it now. One that was discarded was taken, and somebody said
// that it is not needed.
const (
	Waiting   State = "waiting"
	Taken     State = "taken"
	Refused   State = "refused"
	Discarded State = "discarded"
)

// A Source is the door that a file came in by.
type Source string

// The sources.
const (
	Folder Source = "folder" // a watched folder
	SFTP   Source = "sftp"
	WebDAV Source = "webdav"
	Scan   Source = "scan" // sohoa scan
	Mail   Source = "mail" // attached to a letter
)

// What is done about scanners and what they bring, as the ledger says it; Subject is
// the scanner, or the drop.
const (
	ScannerAdded = "add-scanner"
	ScannerEnded = "end-scanner"
	DropTaken    = "take-drop"
	DropRefused  = "refuse-drop"
	DropLaid     = "lay-drop"
	DropGone     = "discard-drop"
	DropBack     = "restore-drop"
)

// Machine is who takes files that come by a door without an account.
const Machine dossier.PersonID = "machine"

// A Drop is one file that was dropped, or waits. Inbox, Name and Sum together say
// which: dropped again after a crash it is the same.
type Drop struct {
	ID      string
	Agency  dossier.AgencyCode
	Source  Source
	Inbox   string // id of the scanner account, or the name of the watched folder
	Scanner string // id of the account; "": none
	Name    string // as it was given, see [CleanName]; it may tell of a person
	Sum     digest.Digest
	Size    int64
	Media   string // by content; "" unless taken
	Pages   int    // likewise
	At      time.Time
	State   State
	Code    string // of a refusal, or of why it waits
	Why     string // the same in English words

	Dossier dossier.Code // where it was last laid out; "": nowhere
	Slot    dossier.SlotCode
	Batch   string // that it went into; "": none

	Gone time.Time // when it was discarded; zero: it was not
}

// UndoFor is how long a file that was discarded can be taken back.
const UndoFor = 12 * time.Hour

// Undoable reports whether d was discarded a short time ago, so that it can be taken back.
func (d Drop) Undoable(at time.Time) bool {
	return d.State == Discarded && d.Code == "" && !d.Gone.IsZero() && at.Sub(d.Gone) < UndoFor
}

// Why a file waits; the last two are said of a whole folder, under its own name.
const (
	Growing = "growing" // it is still being written
	Partial = "partial" // its name says that it is not whole
	NoRoom  = "no-room" // the house cannot keep it now
	Linked  = "linked"  // it has another name besides
	Silent  = "silent"  // the folder does not answer: a share whose server is away
	Away    = "away"    // the folder cannot be opened
)

// LongestScanner is how long an account of a scanner may hold.
const LongestScanner = 3 * 366 * 24 * time.Hour

// A Scanner is an account that can do one thing: lay new files down for an agency.
type Scanner struct {
	ID      string
	Login   string
	Agency  dossier.AgencyCode
	Why     string // which machine, and where it stands
	Key     string // SSH public key, one line as in authorized_keys; "": none
	Who     dossier.PersonID
	At      time.Time
	Until   time.Time
	Ended   time.Time // zero: nobody ended it before its day
	Seen    time.Time // last file; zero: never
	Waiting int
}

// Active reports whether s opens any door at a time.
func (s Scanner) Active(at time.Time) bool { return s.Ended.IsZero() && at.Before(s.Until) }

// Check says what is wrong with an account that is made at a time, wrapping
// [dossier.ErrInvalid].
func (s Scanner) Check(at time.Time) error {
	switch {
	case !ValidLogin(s.Login):
		return fmt.Errorf("%w: a scanner's name has 2 to 40 small letters, digits, dots and hyphens", dossier.ErrInvalid)
	case s.Agency == "":
		return fmt.Errorf("%w: a scanner is of an agency", dossier.ErrInvalid)
	case s.Why == "" || len(s.Why) > 1000:
		return fmt.Errorf("%w: say which machine it is and where it stands", dossier.ErrInvalid)
	case !s.Until.After(at) || s.Until.Sub(at) > LongestScanner:
		return fmt.Errorf("%w: the account of a scanner ends within three years, and not before now", dossier.ErrInvalid)
	}
	return nil
}

// ValidLogin reports whether a text can be the name of a scanner's account.
func ValidLogin(s string) bool {
	if len(s) < 2 || len(s) > 40 || s[0] == '-' || s[0] == '.' {
		return false
	}
	return strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789.-") == ""
}

// NewSecret makes the password of a scanner: 125 random bits in small letters and
// digits, because people type it on the panel of a copier.
func NewSecret() string { return strings.ToLower(rand.Text()[:25]) }

// SameSecret reports whether a password is the one whose digest is kept, in a time
// that does not tell how much of it is right.
func SameSecret(given string, kept digest.Digest) bool {
	sum := digest.Of([]byte(given))
	return subtle.ConstantTimeCompare(sum[:], kept[:]) == 1
}

// MostName is how many bytes a name has at most.
const MostName = 255

// CleanName is a name as people are shown it: without control characters, without
// directions of writing that make one name look like another, not longer than
// MostName bytes.
func CleanName(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == utf8.RuneError {
			return '_'
		}
		return r
	}, strings.ToValidUTF8(s, "_"))
	for len(s) > MostName {
		_, n := utf8.DecodeLastRuneInString(s)
		s = s[:len(s)-n]
	}
	return s
}

// GoodName reports whether a door may make a file of this name: one plain name,
// nothing hidden, nothing that a file system or a page could take for something else.
func GoodName(s string) bool {
	return s != "" && len(s) <= MostName-40 && s == CleanName(s) && s[0] != '.' && s[0] != '~' && !strings.ContainsAny(s, `/\`+"\x00")
}

// partial are the ends of names that programs give to what they are still writing.
var partial = []string{".part", ".partial", ".tmp", ".temp", ".filepart", ".crdownload", ".download", ".swp", ".upload", ".!ut", "~"}

// IsPartial reports whether a name is one that is given to what is not whole.
func IsPartial(s string) bool {
	s = strings.ToLower(s)
	if strings.HasPrefix(s, ".") || strings.HasPrefix(s, "~") {
		return true
	}
	for _, end := range partial {
		if strings.HasSuffix(s, end) {
			return true
		}
	}
	return false
}

// Names is the dossier that the name of a file begins with, as systems of agencies call
// the results that they issue: H60.12-260302-0001.pdf, or H60.12-260302-0001_QD.pdf; "" if
// it begins with none. Whether there is such a dossier is another question.
func Names(file string) dossier.Code {
	name := file[strings.LastIndexAny(file, "/\\")+1:]
	if i := strings.IndexAny(name, "_ ("); i >= 0 {
		name = name[:i]
	}
	if i := strings.LastIndexByte(name, '.'); i > strings.LastIndexByte(name, '-') { // codes have points, but not behind their number
		name = name[:i]
	}
	if code := dossier.Code(strings.ToUpper(name)); dossier.IsCode(code) {
		return code
	}
	return ""
}
