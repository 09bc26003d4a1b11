// Package web is the house as people see it: pages rendered here, a few lines
// of script that nobody needs, and a small door for programs. It is the only
// room that speaks HTTP to people.
//
// A page belongs to a [dossier.Person] with a role. What a role may do is
// decided in one place (rights.go); what may be done to a document is decided
// by the state table of [sohoa/dossier] alone. A form carries the version of
// the document its reader was looking at, so nobody signs a page they have not
// seen.
//
// # Routes that a program may rely on
//
// Answers to "Accept: application/json" are JSON, and errors then are
// application/problem+json (RFC 9457) with a member "code". All else is HTML.
//
//	POST /login                        login, password, [code] of the second factor → 303 /, with the cookie;
//	                                   401 second-factor: the code is missing. A first password leads to /account
//	POST /logout                       → 303 /login
//	POST /account/password             old, new, again → 303 /account
//	POST /account/sessions             [session], or all others → 303 /account
//	POST /account/prove                proof, next → 303 next
//	POST /account/delegations          taker, until, why → 303 /account; /{id}/end: [why]
//	POST /account/deputy               delegation, or none → 303 /
//	GET  /glass                        what auditors opened out of turn; POST: dossier, why → 303 to the dossier
//	POST /dossiers                     procedure, holder_number, holder_name, competent,
//	                                   [receiving], [channel], [applicant_number, applicant_name] → 303 /dossiers/{code}
//	POST /dossiers/{code}/slots/{slot} multipart/form-data: password of an encrypted
//	                                   PDF (or not), then the file in "file" → 303 /documents/{id}
//	POST /dossiers/{code}/slots/{slot}/draft  multipart/form-data, files in "file": laid out,
//	                                   not received → 303 to its page
//	POST /dossiers/{code}/slots/{slot}/draft/again  multipart/form-data: version, page from 1,
//	                                   then one file, which takes its place → 303 the draft
//	POST /dossiers/{code}/slots/{slot}/draft/pages  version; of page N, from 0, oN its place from 1,
//	                                   tN its turn in degrees, dN=1 left out, pN=1 chosen;
//	                                   do=save, enter → 303 /documents/{id}, or move with to=slot
//	POST /dossiers/{code}/slots/{slot}/draft/discard → 303 /dossiers/{code}
//	POST /batches                      multipart/form-data: [feed=twice], [keep=1], then files in "file": the sides
//	                                   of many papers → 303 /batches/{id}
//	POST /batches/{id}                 version; of side N, from 0, oN, tN and dN as of a draft, wN why it is left out,
//	                                   sN=1 a paper begins, of the dossier cN and the component lN; do=save, enter,
//	                                   or feed with feed and [keep] → 303 /batches/{id}
//	GET  /batches/{id}                 how it stands: {standing, version, open, warnings, sides}
//	GET  /dossiers/{code}/separators, /batches/separators  separator sheets, application/pdf
//	POST /dossiers/{code}/slots/{slot}/reuse  entry → 303 /dossiers/{code}
//	POST /dossiers/{code}/reuse        every open place that a held paper fits → 303 /dossiers/{code}
//	POST /holders                      number (or the text of a card's QR code), or name and born (DD/MM/YYYY) →
//	                                   200, who that is and what of their record may be used again
//	GET  /holders/{holder}             a holder's record; its address tells nobody's number
//	POST /holders/{holder}/number      purpose (checking, holder, handling, audit) → 200, with the whole number
//	GET  /holders/{holder}/lookers     who looked at their papers
//	POST /holders/{holder}/acts        act (merge, split, undo), why; merge, split: number; split: entry…; undo: refers → 303
//	POST /holders/{holder}/export      purpose, why → a ZIP of all that is held on them
//	GET  /records/{entry}              an entry of a record, its versions, and who used it again
//	POST /records/{entry}/acts         act (withdraw, replace, correct), why; replace: by; correct: the values → 303
//	POST /dossiers/{code}/slots/{slot}/decision  decision (digitise, filed-online, shown-only, verification, already-held,
//	                                   copy, secret), [pages] counted on paper, [twice] of them captured twice → 303 /dossiers/{code}
//	POST /dossiers/{code}/handed-on    → 303 /dossiers/{code}; 409 undecided
//	POST /dossiers/{code}/taken-back   → 303 /dossiers/{code}; 409 not handed on, or answered
//	GET  /lookup                       for everybody: where a dossier stands, is a signed PDF genuine
//	POST /lookup                       the dossier, by code and the end of its holder's number
//	POST /lookup/rating                how content a citizen is
//	POST /lookup/verify                a PDF, judged and forgotten
//	GET  /figures/ratings              how content they are, and the dossiers behind it
//	GET  /dossiers/{code}/receipt      the receipt with its QR code, application/pdf
//	POST /dossiers/{code}/forms/{form} 02 to 07 of TT 03/2025/TT-VPCP Phụ lục I: [reason], [day] → application/pdf
//	POST /dossiers/{code}/resolve      → 303 /dossiers/{code}
//	POST /documents/{id}/acts/{act}    version; why with refuse, return, take-back and adopt; with confirm the values,
//	                                   each named by its dossier.FieldName → 303 /documents/{id}
//	POST /desk/batches                 pick=id:version (many), or all and seen; pin if the key
//	                                   wants one → 303 /desk/batches/{id}
//	GET  /desk/batches/{id}            {batch, act, busy, counts, papers: [{id, stage, reason}]}
//	GET  /desk/next                    303 to the most urgent paper that waits, or the one behind [after]
//	GET  /documents/{id}/mark          {page, x, y, w, h} of the mark that the visitor's order would make
//	POST /tasks/acts                   act, pick=id:version (many), why with refuse and return → 200, one outcome each
//	GET  /api/tasks                    [{id, state, version, acts, dossier, slot}], oldest first
//	GET  /api/documents/{id}           {id, state, version, acts, proposals, fields, report, …}
//	GET  /api/dossiers/{code}          {code, slots: [{slot, kind, document, state, entry}], entries}
//	GET  /documents/{id}/parts/{part}  the bytes; part is scan, arrived, report, beside-N, text,
//	                                   plain, copy-signed, sealed, adopted or renewed-N
//	GET  /admin/renewals?at=YYYY-MM-DD what is due for renewal by a day; JSON for programs
//	GET  /admin/line                   how the machine's work stands by agency, and what is stuck
//	POST /admin/line                   agency (or * for all), weight, rate, [paused=1] → 303 /admin/line
//	POST /admin/line/{id}/{do}         do is requeue or halt → 303 /admin/line
//	GET  /documents/{id}/pages/{page}  a page, from 1, as image/jpeg; size is thumb, 100, 150 or 300
//	GET  /admin/fixity                 how the files of the archive are; JSON for programs
//	GET  /documents/{id}/packages/{kind}, /dossiers/{code}/packages/{kind}  a ZIP; kind is audit, sip, aip or dip
//	GET  /documents/{id}/words/{form}  what was read, with places; form is hocr or alto
//	POST /documents/{id}/review        → 303 /documents/{id}
//	GET  /documents/{id}/proofs/{place} that the event at a place stands in the ledger (C2SP tlog-proof)
//	GET  /retention                    what is due for disposal, [at] a day; proposals, holds, rules
//	POST /retention/rules              kind, years or ever=1, from, law, [article], grade, [note] → 303 /retention
//	POST /retention/proposals          pick=id (many), [why] → 303 /retention
//	POST /retention/proposals/{id}     answer=approve or refuse, why → 303 /retention
//	GET  /admin/norms                  rules of law that are rows; JSON for programs
//	POST /admin/norms                  sort (ground, code, form), name, from, said, law, [article], grade, [note] → 303 /admin/norms
//	POST /admin/room                   person, agency or dossier, [kind]…, [from], [to], purpose, until → 303 /admin/room
//	POST /admin/room/{grant}/end       why → 303 /admin/room
//	POST /documents/{id}/hold          of=document, dossier or holder, why → 303 /documents/{id}
//	POST /retention/holds/{id}/lift    why, [back] → 303
//	GET  /documents/{id}/view          its files in a viewer, ?part=, ?beside=
//	GET  /ledger/checkpoint            the newest signed checkpoint; public, as are:
//	GET  /ledger/checkpoints           [{size, at, checkpoint, timestamp}], newest first
//	GET  /ledger/checkpoints/{size}    one of them; with /timestamp its RFC 3161 token
//	GET  /ledger/keys                  public keys, a line each
//	GET  /ledger/tile/{level}/{n}      hashes (C2SP tlog-tiles, with /ledger as the prefix; no entries)
//	POST /admin/import                 multipart/form-data: what (catalogue, agencies, dossiers, calendar), day (or not), then the list in
//	                                   "file" → 200, the dry run: {id, sum, rows, new, changed, same, badRows, changes, problems}
//	POST /admin/import/{id}            do=confirm and sum → 200, what was done; else the list is forgotten → 303
//	GET  /admin/import/{what}/{form}   a list of the house as csv or xlsx
//	POST /search                       q, [exact=1], [kind], [agency], [holder], [number], [from], [to] (YYYY-MM-DD or
//	                                   DD/MM/YYYY), [after] → 200, {papers: [{document, dossier, title, …}], after, count}
//	POST /verify                       multipart/form-data: at (YYYY-MM-DD or DD/MM/YYYY, or not), then the PDF in
//	                                   "file" → 200, what is to be thought of its signatures
//	GET  /figures/export               period (2026, 2026-Q2 or 2026-06), format: xlsx, csv or json
//	GET  /figures/provinces            what provinces published, ranked: [period], [map=new]
//	GET  /figures/closed/{month}/{version}  the statement of a closed month; with /report its PDF/A that
//	                                   the agency sealed, with /signature the signature beside the statement, with /evidence what proves that
//	GET  /public/figures               closed months for everybody, if an administrator has switched it on:
//	                                   [month], [of], [lang], [format=csv or json]; files as of /figures/closed
//	GET  /admin/neighbours             systems that the house joins; templates and rules of notices
//	GET  /admin/payments               where fees are paid to, what procedures cost
//	GET  /posters                      sheets with QR codes to print; GET /public/procedures/{procedure} where they lead
//	GET  /notices/stop/{token}         whoever is told of a dossier opts out; POST does it
//	GET  /admin/keys, /admin/hooks     accounts and keys of programs; addresses that are told what happens
//	GET  /tray                         what scanners brought; /admin/scanners: their accounts
//	     /api/v1/…                     the API: docs/api.json, and the page /api
//	GET  /live                         text/event-stream of what happened that one may see: [since], [document], [dossier];
//	                                   events happened, beat, missed (ask for all again) and end; ids are places of the ledger
//	GET  /healthz                      200 ok
//
// The door turns papers away while something is about to be full (503) or an
// agency is over its rate (429), with Retry-After and the codes disk-low,
// queue-full, store-away, malware-away, rate.
//
// Before an order to sign, and where it is set before a record is opened, who it is
// must have been proved lately: 401 prove asks for the same request again with the
// password, or a code of the second factor, in "proof".
//
// Codes of errors: prove, proof, second-factor, code, first-password, factor-needed, locked, not-pdf, not-found, forbidden, four-eyes, stale, filled, resolved,
// not-archived, not-whole, taken, invalid, busy, room, nothing, draft-none, batch-why, batch-entered, nothing-open, search-nothing, search-form, login, slow-down,
// signed-out, cut-off, no-file, cross-site, no-checkpoint, disposed, retention-*, room-none, room-scope, room-whole, room-form, room-runs,
// ours, and for files the codes of [sohoa/jail.Refusal].
package web

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/batch"
	"sohoa/dossier/digest"
	"sohoa/dossier/figures"
	"sohoa/dossier/fixity"
	"sohoa/dossier/hook"
	"sohoa/dossier/notice"
	"sohoa/dossier/record"
	"sohoa/web/api"
	"sohoa/web/live"
	"sohoa/web/passkey"
)

// Queries are values of the vocabulary.
type (
	DocumentQuery = dossier.DocumentQuery
	DossierQuery  = dossier.DossierQuery
)

// Documents are papers on their way, to look at.
type Documents interface {
	Document(ctx context.Context, id dossier.DocumentID) (dossier.Document, error)
	Documents(ctx context.Context, q DocumentQuery) ([]dossier.Document, error) // longest standing first
	Counts(ctx context.Context, agencies []dossier.AgencyCode, in *dossier.Within) (map[dossier.State]int, error)
	Changes(ctx context.Context, id dossier.DocumentID) ([]dossier.Change, error) // oldest first
	Fields(ctx context.Context, id dossier.DocumentID) ([]dossier.Field, error)   // confirmed ones

	// Likenesses are the pages of other documents that those of d look like, of the
	// same holder's or of agencies (none: of all).
	Likenesses(ctx context.Context, d dossier.Document, agencies []dossier.AgencyCode) ([]batch.Likeness, error)
}

// Moves is the one way to move a document.
type Moves interface {
	Advance(ctx context.Context, d dossier.Document, c dossier.Change) (dossier.Document, error)
}

// Dossiers are the cases.
type Dossiers interface {
	AddDossier(ctx context.Context, d dossier.Dossier, who dossier.PersonID) (dossier.Dossier, error)
	Dossier(ctx context.Context, code dossier.Code) (dossier.Dossier, error)
	Dossiers(ctx context.Context, q DossierQuery) ([]dossier.Dossier, error) // newest first
	DossiersOf(ctx context.Context, codes []dossier.Code) (map[dossier.Code]dossier.Dossier, error)
	Fillings(ctx context.Context, code dossier.Code) ([]dossier.Filling, error)
	Resolve(ctx context.Context, code dossier.Code, at time.Time, who dossier.PersonID) (dossier.Dossier, error)
}

// Holders are the people and organisations that papers belong to.
type Holders interface {
	Holder(ctx context.Context, id dossier.HolderID) (dossier.Holder, error)
	PutHolder(ctx context.Context, h dossier.Holder) (dossier.Holder, error)
	FindHolder(ctx context.Context, number string) (dossier.Holder, error)
	FindHolders(ctx context.Context, name, born string) ([]dossier.Holder, error)

	// HolderWithin returns a holder of whom a dossier is in a part of the archive.
	HolderWithin(ctx context.Context, id dossier.HolderID, agencies []dossier.AgencyCode, in *dossier.Within) (dossier.Holder, error)

	// HolderGroup returns under whom a holder's record stands, and who is merged with them.
	HolderGroup(ctx context.Context, id dossier.HolderID) (root dossier.HolderID, of []dossier.HolderID, err error)
}

// Record is what the house holds of a holder already, and its use.
type Record interface {
	Entries(ctx context.Context, holder dossier.HolderID, validOn time.Time) ([]dossier.Entry, error)
	EntriesWithin(ctx context.Context, holder dossier.HolderID, in *dossier.Within) ([]dossier.Entry, error)
	Reuse(ctx context.Context, code dossier.Code, slot dossier.SlotCode, entry dossier.EntryID, who dossier.PersonID) error
	ReuseAll(ctx context.Context, code dossier.Code, offers []dossier.Offer, who dossier.PersonID) (int, error)
	Events(ctx context.Context, code dossier.Code) ([]dossier.Event, error)

	// EntryWithin returns an entry in a part of the archive, with the dossiers there
	// that used it again.
	EntryWithin(ctx context.Context, id dossier.EntryID, agencies []dossier.AgencyCode, in *dossier.Within) (dossier.Entry, []dossier.Code, error)
	RecordDeeds(ctx context.Context, holder dossier.HolderID) ([]record.Deed, error)
	DoRecord(ctx context.Context, d record.Deed, entries ...dossier.EntryID) (record.Deed, error)
	Counting
}

// Catalogue is what the pages know of agencies, kinds and procedures.
type Catalogue interface {
	Agencies(ctx context.Context) ([]dossier.Agency, error)
	Kinds(ctx context.Context) ([]dossier.Kind, error)
	Procedures(ctx context.Context) ([]dossier.Procedure, error)
	Procedure(ctx context.Context, code dossier.ProcedureCode) (dossier.Procedure, error)

	// FormerSlots returns the names of places that procedures had and have no longer.
	FormerSlots(ctx context.Context) (map[dossier.ProcedureCode]map[dossier.SlotCode]string, error)
	ProcedureOf(ctx context.Context, d dossier.Dossier) (dossier.Procedure, error) // as it was when d was received
	Below(ctx context.Context, code dossier.AgencyCode) ([]dossier.AgencyCode, error)
	Calendar(ctx context.Context) (dossier.Calendar, error)

	// Stamped returns a context under which the catalogue is asked once whether it has
	// changed; Stamps tell.
	Stamped(ctx context.Context) context.Context
	Stamps(ctx context.Context) (dossier.Stamps, error)

	// Merged returns the agencies that went into one and are counted apart from it.
	Merged(ctx context.Context, code dossier.AgencyCode) ([]dossier.AgencyCode, error)
}

// Office is what only an administrator changes.
type Office interface {
	PutAgency(ctx context.Context, a dossier.Agency) error
	PutKind(ctx context.Context, k dossier.Kind) error
	PutProcedure(ctx context.Context, p dossier.Procedure) error
	PutPerson(ctx context.Context, p dossier.Person, hash string) error
}

// People are those who work with the house.
type People interface {
	Person(ctx context.Context, id dossier.PersonID) (dossier.Person, error)
	PersonByLogin(ctx context.Context, login string) (dossier.Person, string, error)
	People(ctx context.Context) ([]dossier.Person, error)
}

// Figures gives the numbers, and the dossiers behind them.
type Figures interface {
	// Cells returns counts of dossiers: see [figures.CellQuery].
	Cells(ctx context.Context, q figures.CellQuery) ([]figures.Cell, error)

	// EachCell gives counts month by month, those of an agency one after the other.
	EachCell(ctx context.Context, q figures.CellQuery, each func(figures.Cell)) error

	// FiguresBehind returns the facts of dossiers that q counts and want says, after
	// a mark, and the mark to go on from; nil: that was all.
	FiguresBehind(ctx context.Context, q figures.CellQuery, want func(figures.Fact) bool, after figures.Mark, limit int) ([]figures.Fact, *figures.Mark, error)

	// Attempts returns the papers of dossiers that were brought and do not count.
	Attempts(ctx context.Context, codes []dossier.Code) ([]dossier.Document, error)

	// FiguresOwed returns the procedures whose dossiers are still to be counted anew.
	FiguresOwed(ctx context.Context) ([]dossier.ProcedureCode, error)
}

// Blobs are the files.
type Blobs interface {
	Open(ctx context.Context, d digest.Digest) (io.ReadCloser, error)
	Stat(ctx context.Context, d digest.Digest) (size int64, err error)
}

// Renewals tells which archived documents are due for renewal by a time, past
// or to come: the most urgent first.
type Renewals interface {
	Renewals(ctx context.Context, at time.Time, limit int) ([]dossier.Renewal, error)
}

// A Root is a certificate that verdicts rest on, and who answers for that.
type Root struct {
	Name, Sum string // common name; SHA-256 of the certificate, hexadecimal
	By, Why   string // who added it, and the reason
	At, Until time.Time
}

// An Intake is one file on its way in, for one slot of a dossier.
type Intake struct {
	Dossier dossier.Code
	Slot    dossier.SlotCode
	Who     dossier.PersonID
	Name    string // of the file, for the text of an error only
	Body    io.Reader

	Lane dossier.Lane // zero: the ordinary one

	Password []byte // of an encrypted PDF; whoever gave it overwrites it afterwards
}

// Ingest is the door. Accept gives a [*sohoa/jail.Refusal] for a file that
// cannot be taken, and an error of [sohoa/dossier] for a place that cannot.
type Ingest interface {
	Accept(ctx context.Context, in Intake) (dossier.Document, error)
}

// A Signature is one signature of a file and what is to be thought of it.
type Signature struct {
	Signer, Organisation, Serial string
	Time                         time.Time
	Level                        string // of ETSI EN 319 142-1: B-B, B-T, …
	Verdict                      string // of ETSI EN 319 102-1: VALID, INVALID or INDETERMINATE
	ReasonVI, ReasonEN           string
	Stamp                        bool // a document time-stamp: proof of when, not of who
	Dev                          bool // it leads to a development authority: no legal value
}

// A Verdict is what is to be thought of the newest signed file of a document.
type Verdict struct {
	Signatures       []Signature
	NotesVI, NotesEN []string // on the file as a whole
}

// Deps is all the pages stand on. Every field but those said to be optional is
// needed.
type Deps struct {
	Documents Documents
	Moves     Moves
	Dossiers  Dossiers
	Holders   Holders
	Record    Record
	Catalogue Catalogue
	Office    Office
	People    People
	Accounts  Accounts
	Figures   Figures
	Closings  Closings
	Seals     Seals
	Settings  Settings
	Ratings   Ratings
	Answers   Answers
	Hooks     Hooks
	Drops     Drops

	// DropDoors says by which doors scanners come in, for an administrator: lines with
	// an address each. Optional.
	DropDoors  []string
	Notices    Notices
	OneStop    OneStop
	National   National
	Population Population
	Payments   Payments

	// Calls says which addresses may be told what happens; zero: none.
	Calls hook.Allowed

	// Live tells pages that what they show has changed, and Happened what happened
	// before. Optional: without them pages ask by themselves.
	Live     *live.Hub
	Happened live.Rows
	Beat     time.Duration // how often who watches is given a sign and looked at; 0: often enough

	// Poster writes posters as PDF/A. Optional.
	Poster PosterWriter

	// NoticeChannels are those that people may be told over; none: nobody is.
	NoticeChannels []notice.Channel

	// Neighbours says how the systems stand that the house joins. Optional.
	Neighbours func(ctx context.Context) ([]Neighbour, error)

	// APIRate is how often a minute an account may ask at the API; 0: [UsualRate].
	APIRate int

	// Workbook writes what was counted as a file for spreadsheets (.xlsx). opens says
	// where the dossiers behind a number of an agency, or with "" of all, are listed.
	Workbook func(ctx context.Context, in figures.Input, opens func(dossier.AgencyCode, string) string) ([]byte, error)

	// Origin is where people's browsers find the house: https://host[:port], or
	// http://localhost[:port]. Passkeys are bound to it. Empty: there are none.
	Origin string

	// Provider is where people may log in besides: an identity provider (OpenID
	// Connect). Optional. LocalAdmins: with it, only administrators log in here, which
	// they can while it is away.
	Provider    Provider
	LocalAdmins bool

	// Vault seals the secrets of second factors. Optional: without it they lie in
	// their rows as they are.
	Vault Vault

	// Provinces gives what provinces published, ranked, by the map of before a merger
	// or of after it. Optional.
	Provinces func(ctx context.Context, merged bool) (Provinces, error)

	// SealWaits says why a closed month is not sealed yet, in the machine's words;
	// empty if nothing waits. Optional.
	SealWaits func() string

	Blobs     Blobs
	Ingest    Ingest
	Desk      Desk
	Renewals  Renewals
	Ledger    Ledger
	Proofs    Proofs
	Search    Search
	Imports   Imports
	Retention Retention
	Rooms     Rooms

	Restrictions Restrictions

	// Roots lists the roots that verdicts rest on, without that of development.
	// Optional.
	Roots func() []Root

	// Form writes a form of the counter as PDF, from the norms. Optional.
	Form func(w io.Writer, f Filled) error
	Laws Laws

	Precedents Precedents

	// Person writes all that is held on a person as a ZIP. Optional.
	Person func(ctx context.Context, w io.Writer, p PersonAsked) error

	// Receipt writes a receipt as PDF. Optional.
	Receipt func(w io.Writer, r Receipt) error

	Line Line

	// Gate says whether an agency may bring a paper now; a [*Wait] if not.
	// Optional.
	Gate func(ctx context.Context, a dossier.AgencyCode) error

	Pictures Pictures

	PaperBatches PaperBatches
	Projects     Projects

	// HandOver writes the report of a backlog project, as "pdf" (PDF/A) or "csv". Optional.
	HandOver func(ctx context.Context, w io.Writer, form string, h HandOver) error

	Drafts       Drafts
	DraftPicture DraftPicture

	Uploads Uploads
	Phones  Phones

	// ReadCodes says what the codes on a picture say. Optional.
	ReadCodes func(ctx context.Context, picture io.Reader) ([]string, error)

	// Fixity says how the files of the archive are. Optional.
	Fixity func(ctx context.Context) (fixity.Report, error)

	// Verify looks at the signatures of the newest signed file of d.
	Verify func(ctx context.Context, d dossier.Document) (Verdict, error)

	Reviews Reviews

	// Export writes what was read of a document.
	Export Export

	// Pack makes packages that leave the house.
	Pack Packer

	// Judge judges a file that somebody brings.
	Judge Judge

	// Moved tells the line that a person moved a document. Optional.
	Moved func(ctx context.Context, d dossier.Document)

	Now func() time.Time
	Log *slog.Logger

	Secure   bool  // the pages are reached over TLS alone: cookies go no other way, and browsers come no other way
	DevCA    bool  // the keys are for development: say so on every page
	MaxBytes int64 // of an uploaded file
}

// UsualRate is how often a minute an account may ask at the API: ten times a second,
// which leaves the pages of all others their share.
const UsualRate = 600

// New returns the handler of all pages. It fails if a page does not parse.
func New(d Deps) (http.Handler, error) {
	pages, err := parsePages()
	if err != nil {
		return nil, fmt.Errorf("pages: %w", err)
	}
	if d.Moved == nil {
		d.Moved = func(context.Context, dossier.Document) {}
	}
	if d.SealWaits == nil {
		d.SealWaits = func() string { return "" }
	}
	if d.Gate == nil {
		d.Gate = func(context.Context, dossier.AgencyCode) error { return nil }
	}
	if d.Roots == nil {
		d.Roots = func() []Root { return nil }
	}
	if d.Fixity == nil {
		d.Fixity = func(context.Context) (fixity.Report, error) {
			return fixity.Report{At: d.Now(), Policy: fixity.Default}, nil
		}
	}
	s := &server{Deps: d, pages: pages, doors: newThrottle(d.Now), lookups: newThrottle(d.Now), guessed: newPhoneThrottle(d.Now), phoning: make(chan struct{}, phonesSend), brought: newFileThrottle(d.Now), judging: make(chan struct{}, strangersJudge), codes: newCodeThrottle(d.Now), hashing: make(chan struct{}, hashesAtOnce), trusted: make(chan struct{}, 1), packing: make(chan struct{}, 1)}
	if s.APIRate == 0 {
		s.APIRate = UsualRate
	}
	if s.beat = s.Beat; s.beat == 0 {
		s.beat = usualBeat
	}
	s.rate = &api.Rate{Minute: s.APIRate, Burst: max(1, s.APIRate/5), Now: d.Now}
	s.knocks = &api.Rate{Minute: asksAtDoor, Burst: asksAtDoor, Now: d.Now}
	if d.Origin != "" {
		if s.party, err = passkey.PartyOf(d.Origin); err != nil {
			return nil, err
		}
	}
	if s.static, err = staticFiles(); err != nil {
		return nil, fmt.Errorf("static files: %w", err)
	}
	if s.viewer, err = viewerParts(); err != nil {
		return nil, fmt.Errorf("the viewer's files: %w", err)
	}
	mux := http.NewServeMux()
	for _, r := range s.routes() {
		mux.Handle(r.pattern, s.serve(r))
	}
	cop := http.NewCrossOriginProtection()
	cop.SetDenyHandler(s.serve(route{"cross-site", open, func(*visit) error {
		return told("cross-site", dossier.ErrForbidden)
	}}))
	return secured(cop.Handler(mux), s.Secure), nil
}

// server is the pages' common ground.
type server struct {
	Deps
	pages   pages
	static  map[string]staticFile
	viewer  map[string]staticFile
	doors   *throttle
	lookups *throttle     // of citizens, who look for their dossier
	guessed *throttle     // of invitations to phones, which nobody guesses
	phoning chan struct{} // while a phone sends
	brought *throttle     // of files that strangers want judged
	judging chan struct{} // while one is
	rate    *api.Rate     // of the API
	knocks  *api.Rate     // of strangers who ask for a challenge
	party   passkey.Party
	codes   *throttle
	seen    glances
	packing chan struct{} // bounds the packages that are made at once
	said    ratesCache
	named   namesKept
	shown   publicCache
	hashing chan struct{} // bounds the memory that password hashes take at once
	trusted chan struct{} // the same, for browsers that are known

	strangers atomic.Int64 // who wait for hashing

	watching watchers
	beat     time.Duration
}
