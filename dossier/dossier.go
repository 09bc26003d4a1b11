// Package dossier is the vocabulary of the house: what a citizen hands over,
// what an office hands back, and the states paper goes through in between.
//
// It holds values and pure functions. It opens no file, no socket and no
// database, and imports nothing of ours but [sohoa/dossier/digest].
//
// A [Dossier] is one case at the counter. Its [Procedure] names the components,
// the papers it asks for, and whether it ends in a result, the paper the office
// issues. Each of these places is a [Slot], filled by a [Document] (one scan, the
// files made from it, and its [State]) or by an [Entry] of the holder's record,
// so that nobody is asked for the same paper twice.
package dossier

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"sohoa/dossier/digest"
)

// Names of things. All are opaque to their users; none holds personal data.
type (
	AgencyCode    string // H60.12: an agency's code in the organisation tree (QĐ 20/2020/QĐ-TTg Điều 4)
	ProcedureCode string // 1.001193: a procedure's code in the national catalogue
	KindCode      string // GKS: a kind of paper (mã loại giấy tờ)
	SlotCode      string // a place for one paper in a dossier: a component's code, or ResultSlot
	Code          string // a dossier's code, see NewCode
	DocumentID    string
	HolderID      string
	PersonID      string
	EntryID       string
)

// ResultSlot is the place of the paper the office issues (kết quả giải quyết).
const ResultSlot SlotCode = "KQ"

// A Tier is the level of an agency: two since [TwoTiers] (NĐ 118/2025/NĐ-CP).
type Tier string

// The tiers. District is of the time before TwoTiers alone.
const (
	Province Tier = "province"
	District Tier = "district"
	Commune  Tier = "commune"
)

// An Agency (cơ quan, đơn vị) is a node of the organisation tree.
type Agency struct {
	Code   AgencyCode
	Parent AgencyCode // empty at the root
	Name   string     // in Vietnamese, as it signs
	Tier   Tier
	Demo   bool // made by the demonstration, removable
}

// A Level is a procedure's service level (NĐ 42/2022, kept by its successors).
type Level string

// The levels.
const (
	Full    Level = "full"    // toàn trình
	Partial Level = "partial" // một phần
	Info    Level = "info"    // chỉ cung cấp thông tin
)

// A Kind (loại giấy tờ) is a kind of paper.
type Kind struct {
	Code KindCode
	Name string // in Vietnamese
	Demo bool
}

// A Component (thành phần hồ sơ) is a paper that a procedure asks for.
type Component struct {
	Slot     SlotCode
	Kind     KindCode
	Name     string // as the catalogue words it
	Required bool

	// Digitise says whether the paper is to be digitised at all
	// (TT 01/2023/TT-VPCP Điều 4; TT 03/2025/TT-VPCP Điều 5). A dossier with no
	// such component is not part of the everyday rate.
	Digitise bool
}

// A Procedure (thủ tục hành chính) is a kind of case.
type Procedure struct {
	Code       ProcedureCode
	Name       string
	Field      string // lĩnh vực
	Level      Level
	Components []Component
	ResultKind KindCode // empty if the result is not a document
	Days       int      // working days to resolve

	Subjects  []Subject // who may ask for it; none: not told
	Tiers     []Tier    // whose agencies handle it; none: not told
	Retention string    // code of how long its dossiers are kept; empty: not told
	Demo      bool

	// Version counts what it was before, from 0: a dossier keeps the one under which it
	// was received.
	Version int

	// Ended is the first day (YYYY-MM-DD) on which it is served no longer; empty: it is.
	Ended string

	// Spans are the days on which it is served, in their order; none: all until Ended.
	Spans []Span
}

// Served reports whether dossiers of the procedure may be received on a day (YYYY-MM-DD),
// and people are told of it: it has begun, and has not ended.
func (p Procedure) Served(day string) bool {
	if len(p.Spans) == 0 {
		return p.Ended == "" || day < p.Ended
	}
	return slices.ContainsFunc(p.Spans, func(s Span) bool { return s.On(day) })
}

// Slots returns the places of the procedure in the order a page shows them: its
// components, then the result if it is a document.
func (p Procedure) Slots() []Component {
	slots := append([]Component(nil), p.Components...)
	if p.ResultKind != "" {
		slots = append(slots, Component{Slot: ResultSlot, Kind: p.ResultKind,
			Name: "Kết quả giải quyết", Digitise: true})
	}
	return slots
}

// A Holder (chủ giấy tờ) is the citizen or organisation a document belongs to.
// All of it but ID is personal: it never enters a log, a key, a payload or a URL.
type Holder struct {
	ID     HolderID
	Number string // 12-digit personal identifier, or an organisation's code
	Name   string // NFC
	Born   string // day of birth of a person, YYYY-MM-DD; empty: not known
	Demo   bool
}

// A Channel is how a dossier came in.
type Channel string

// The channels (trực tiếp, trực tuyến, bưu chính).
const (
	Direct Channel = "direct"
	Online Channel = "online"
	Post   Channel = "post"
)

// A Dossier (hồ sơ) is one case.
type Dossier struct {
	Code      Code
	Procedure ProcedureCode
	Receiving AgencyCode // where the counter stands
	Competent AgencyCode // who decides
	Holder    HolderID   // chủ hồ sơ
	Applicant HolderID   // người nộp, if it is not the holder
	Channel   Channel
	Received  time.Time
	Due       time.Time // appointment
	Resolved  time.Time // zero while open
	Demo      bool
	Version   int // of its procedure, under which it was received
}

// A Part is a file kept for a document.
type Part string

// The parts, in the order they come to be.
const (
	PartScan       Part = "scan"        // what the line works on: what was uploaded, byte for byte; of a file that had to be opened or mended, that
	PartArrived    Part = "arrived"     // what was uploaded, byte for byte, if PartScan is not
	PartReport     Part = "report"      // what was found in it at the door, and what is done about it: JSON
	PartWords      Part = "words"       // what was read, with places: JSON of []ocr.Page
	PartText       Part = "text"        // the same as plain text, UTF-8, NFC
	PartDoubts     Part = "doubts"      // pages that a person should look at: JSON of []ocr.Doubt; not there if none
	PartUnread     Part = "unread"      // how little could be read: JSON; only of a paper that does not count for it, see [FlawUnread]
	PartPlain      Part = "plain"       // the PDF/A before any signature
	PartCopySigned Part = "copy-signed" // with the officer's signature
	PartProposals  Part = "proposals"   // extracted fields, JSON of []Field
	PartSealed     Part = "sealed"      // with the agency's signature: what is archived

	PartVerdict Part = "verdict" // of a file that came in signed: what was found out about its signatures, JSON
	PartAdopted Part = "adopted" // the very bytes that came in signed: what is archived of them
)

// RenewedPart names the file that the n-th renewal made, from 1: the file
// before it, byte for byte, and what was appended.
func RenewedPart(n int) Part { return Part("renewed-" + strconv.Itoa(n)) }

// BesidePart names the n-th file that was within what was uploaded, from 1: kept
// as a file of its own, since a PDF/A must not hold it.
func BesidePart(n int) Part { return Part("beside-" + strconv.Itoa(n)) }

// IsBeside reports whether p names a file that was within another.
func (p Part) IsBeside() bool { return strings.HasPrefix(string(p), "beside-") }

// IsRenewed reports whether p names a renewed file.
func (p Part) IsRenewed() bool { return strings.HasPrefix(string(p), "renewed-") }

// A Document (giấy tờ) is one paper on its way through the house.
type Document struct {
	ID      DocumentID
	Dossier Code
	Slot    SlotCode
	Kind    KindCode
	State   State

	// Version counts the moves made so far. A change is accepted only from
	// someone who has seen the current Version.
	Version int64

	Media    string // what the scan is: image/jpeg, image/png, image/tiff, application/pdf
	Size     int64  // of the scan, in bytes
	Pages    int    // number of pages, as counted at the door
	Received time.Time
	Changed  time.Time // of the newest move

	Parts map[Part]digest.Digest
	Why   string // reason, if refused or in doubt
	Flaw  Flaw   // why it does not count as digitised, if it does not

	// Trouble is what keeps the machine from its next move for now: the last
	// error's kind, without personal data. Empty if nothing does. Since says
	// from when on, NextTry when the machine tries again.
	Trouble string
	Since   time.Time
	NextTry time.Time

	Proof Proof // of an archived document

	Lane Lane // that it goes in; zero when it is added: [Ordinary]

	// Disposed is when it was decided that the bytes go (see package
	// retention); zero: they are kept. The record stays, Parts included: they
	// say what went.
	Disposed time.Time

	Demo bool
}

// Renewals returns how often d was renewed.
func (d Document) Renewals() int {
	n := 0
	for !d.Parts[RenewedPart(n+1)].IsZero() {
		n++
	}
	return n
}

// Archival returns the file of d that stands for it in the archive: the newest
// renewed one, else the one that was archived first. Before there is one, ok is
// false.
func (d Document) Archival() (part Part, sum digest.Digest, ok bool) {
	for _, part := range []Part{RenewedPart(d.Renewals()), PartSealed, PartAdopted} {
		if sum, ok := d.Parts[part]; ok {
			return part, sum, true
		}
	}
	return "", digest.Digest{}, false
}

// A Proof says how long what proves a document's signatures will hold: until
// the certificate of its last time-stamp ends. Without a document time-stamp it
// holds as long as the signers' certificates, since nobody tells of revocations
// after that.
type Proof struct {
	Until time.Time // zero: nothing is to be renewed
	By    string    // name in the certificate that ends: the time-stamp authority
}

// A Change (an entry of the ledger, nhật ký) is one accepted move.
type Change struct {
	Document DocumentID
	Version  int64 // that it led to; 0 for the reception
	Act      Act
	By       Role
	Who      PersonID // the person, or the name of the worker
	At       time.Time
	Made     map[Part]digest.Digest // files that came into being
	Fields   []Field                // with Confirm: what the person confirmed
	Why      string                 // with Refuse, Doubt and Adopt: the reason
	Proof    *Proof                 // with Archive and Renew: how long the new file's proof holds
}

// A FieldName is one of the descriptive fields of a digitised paper
// (trường dữ liệu đặc tả, TT 01/2023/TT-VPCP Điều 9.2).
type FieldName string

// The fields, in the order of the circular.
const (
	FieldKind    FieldName = "kind"     // mã loại giấy tờ
	FieldHolder  FieldName = "holder"   // số định danh
	FieldTitle   FieldName = "title"    // tên giấy tờ
	FieldNumber  FieldName = "number"   // số, ký hiệu
	FieldIssued  FieldName = "issued"   // ngày cấp, YYYY-MM-DD
	FieldIssuer  FieldName = "issuer"   // cơ quan cấp
	FieldSubject FieldName = "subject"  // trích yếu
	FieldExpires FieldName = "expires"  // thời hạn có hiệu lực, YYYY-MM-DD
	FieldScope   FieldName = "validity" // phạm vi có hiệu lực
)

// FieldNames lists the fields in the order of the circular.
var FieldNames = [...]FieldName{FieldKind, FieldHolder, FieldTitle, FieldNumber,
	FieldIssued, FieldIssuer, FieldSubject, FieldExpires, FieldScope}

// A Field is one descriptive field: proposed by the machine, or confirmed.
type Field struct {
	Name  FieldName `json:"name"`
	Value string    `json:"value"`

	// Where the value was read: page from 1, box in points from the top left
	// of the page as {x0, y0, x1, y1}. Page 0 means it was not read from paper.
	Page int        `json:"page,omitempty"`
	Box  [4]float64 `json:"box,omitzero"`

	Confidence float64 `json:"confidence"` // 0 to 100; of the least certain word

	// Reason is a code of what a proposal rests on, of package ocr/extract;
	// empty of a value that a person confirmed.
	Reason string `json:"reason,omitempty"`
}

// An Entry is a place on a holder's record (kho dữ liệu điện tử, TT 01/2023
// Điều 24): it points at an archived document that may be used again.
type Entry struct {
	ID       EntryID
	Holder   HolderID
	Kind     KindCode
	Document DocumentID
	Dossier  Code
	Added    time.Time
	Expires  string // YYYY-MM-DD, empty if it does not
	Number   string // confirmed fields, for people to recognise the paper by
	Title    string
	Issuer   string
	Issued   string
	Scope    string // where it is valid (phạm vi có hiệu lực)

	Withdrawn bool    // it is read and never used again
	Replaced  EntryID // the entry that took its place, likewise
	Disposed  bool    // its paper was disposed of
	Version   int     // how often its words were corrected
}

// Offered reports whether an entry may be used again on a day, YYYY-MM-DD: it is
// valid on the day it expires.
func (e Entry) Offered(day string) bool {
	return !e.Withdrawn && e.Replaced == "" && !e.Disposed && (e.Expires == "" || e.Expires >= day)
}

// A Filling is what fills a slot of a dossier: a document, or an entry used
// again. At most one of them is set.
type Filling struct {
	Component
	Document *Document
	Reused   *Entry
}

// An Intent is the durable note made before a key is asked.
type Intent struct {
	Document DocumentID
	Version  int64 // of the document that is being signed
	Purpose  string
	ToSign   digest.Digest // SHA-256 of the bytes the signature covers
	Signer   digest.Digest // SHA-256 of the signer's certificate (DER)
	At       time.Time
}

// A Person is somebody who works with the house. The login is not a personal
// name and may be shown in the ledger.
type Person struct {
	ID     PersonID
	Login  string
	Name   string
	Role   Role
	Agency AgencyCode
	First  bool // the password is a first one, given by somebody else: nothing can be done before it is changed
	Locked bool // nobody logs in as them
	Demo   bool // of a demonstration, whose passwords are printed for looking around; they need not be changed

	// Service: it is a program's account, which has keys and no password.
	Service bool
}

// A Job is a hint that the machine owes a document an act. The document's row
// is the truth: a job whose version or epoch is not the newest is an echo.
type Job struct {
	Document DocumentID
	Version  int64
	Act      Act
	Epoch    int64 // number of the lease on the row

	// Lane is that of the document, and Ahead says that its agency had less than
	// its share, or nothing in the queue or under way: it goes before others of its
	// lane.
	Lane  Lane `json:",omitempty"`
	Ahead bool `json:",omitempty"`
}

// ShortPaper is how many pages a paper may have that one worker reads as a whole:
// to share them out would cost more than it gains. Of a longer one each page is a
// piece of work.
const ShortPaper = 4

// A Place is where a job waits: its lane, and whether it goes ahead there.
type Place struct {
	Lane  Lane
	Ahead bool
}

// Place returns where j waits.
func (j Job) Place() Place {
	if j.Lane == 0 {
		j.Lane = Ordinary
	}
	return Place{j.Lane, j.Ahead && j.Lane == Ordinary}
}

// Places lists the places of jobs, the first served first.
var Places = [...]Place{{Waiting, false}, {Ordinary, true}, {Ordinary, false}, {Backlog, false}}

// A Lane is how a document goes through the line: what is in one does not wait
// behind the others.
type Lane int64

// The lanes.
const (
	Waiting  Lane = 1 // a citizen stands at the counter
	Ordinary Lane = 2
	Backlog  Lane = 3 // papers of past years: when there is time
)

// Lanes lists them, the first served first.
var Lanes = [...]Lane{Waiting, Ordinary, Backlog}

// A Share is what is set for an agency's part in the line, and how the line
// stands there.
type Share struct {
	Agency AgencyCode // [WholeLine]: of all
	Weight int        // its part, beside others' weights; [UsualWeight] unless set
	Paused bool       // nothing new is begun
	Rate   int        // papers a minute that it may bring; 0: no limit

	Owed   int       // papers that wait for the machine
	Held   int       // of them, those in somebody's hands
	Oldest time.Time // since when the longest stands; zero if none does
}

// WholeLine stands for all agencies in a [Share].
const WholeLine AgencyCode = "*"

// Bounds of what may be set for a share.
const (
	UsualWeight = 10
	MostWeight  = 1000
	MostRate    = 100_000
)

// An Event is something done to a dossier, not to one of its documents.
type Event struct {
	Dossier Code
	Act     EventAct
	Who     PersonID
	At      time.Time
	Slot    SlotCode // with Reused, Reviewed and ComponentDecided
	Entry   EntryID  // with Reused

	Decision Decision // with ComponentDecided
	Pages    int      // likewise: as many as the counter counted, 0 if it did not
	Twice    int      // likewise: how many of them are captured twice, see [Decided]

	Why Mistake // with TakenBack
}

// An EventAct is what is done to a dossier.
type EventAct string

// What is done to dossiers.
const (
	DossierReceived EventAct = "received"
	DossierReused   EventAct = "reused"   // a slot was filled from the holder's record
	PaperReviewed   EventAct = "reviewed" // somebody looked at what was read badly
	DossierResolved EventAct = "resolved" // the agency decided

	ComponentDecided EventAct = "decided"    // what becomes of a component, with its reason
	DossierHandedOn  EventAct = "handed-on"  // the counter gave it to who is competent
	DossierTakenBack EventAct = "taken-back" // the counter took that back, with its reason
)

// A DocumentQuery says which documents are meant.
type DocumentQuery struct {
	States   []State      // empty: all
	Agencies []AgencyCode // receiving or competent; empty: all
	Within   *Within      // nil: all
	Dossier  Code         // empty: any
	Troubled bool         // only those with Trouble
	Doubtful bool         // only those with PartDoubts that nobody has looked at
	Limit    int          // 0: the store's own

	// Urgent: those whose dossier has to be answered first come first, and those without
	// an appointment last; the longest unmoved first among equals.
	Urgent bool

	// ByID: in the order in which they came in, after the document After. So a list
	// that is read in pieces has each once, whatever moves meanwhile.
	ByID  bool
	After DocumentID
}

// A DossierQuery says which dossiers are meant.
type DossierQuery struct {
	Agencies []AgencyCode // receiving or competent; empty: all
	Within   *Within      // nil: all
	From, To time.Time    // received in; zero: unbounded
	Open     bool         // not yet resolved
	Code     string       // part of the code
	Holders  []HolderID   // holder or applicant is one of them; empty: anybody
	Limit    int          // 0: the store's own

	After *DossierMark // nil: from the newest on
}

// A DossierMark is where a list of dossiers, newest first, goes on: after this one.
type DossierMark struct {
	At   int64 // received, milliseconds since 1970 UTC
	Code Code
}

// Mark returns the mark of d.
func (d Dossier) Mark() DossierMark { return DossierMark{d.Received.UnixMilli(), d.Code} }
