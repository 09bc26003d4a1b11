package dossier

import "time"

// A ReadingAct is something done in the house that changes no document: a paper
// was looked at or taken away, somebody came in, something was set.
type ReadingAct string

// What is done without a change. Those up to ReadJudged are readings of papers;
// the rest are the house's own.
const (
	ReadViewed   ReadingAct = "viewed"   // a document was shown: its page, its pictures, its data
	ReadTaken    ReadingAct = "taken"    // a file of it was given out
	ReadExported ReadingAct = "exported" // what was read of it was given out
	ReadRecord   ReadingAct = "record"   // a holder's record was shown
	ReadLookers  ReadingAct = "lookers"  // the list of those who looked at a holder's papers was shown
	ReadNumber   ReadingAct = "number"   // a holder's whole number was shown
	ReadNamed    ReadingAct = "named"    // a holder was looked for and told, with what of their record may be used again
	ReadPerson   ReadingAct = "person"   // all that is held on a holder was given out
	ReadDossier  ReadingAct = "dossier"  // a dossier was shown, with its holder
	ReadProven   ReadingAct = "proven"   // a proof of an event was given out
	ReadFound    ReadingAct = "found"    // a paper was among the answers of a search, with some of its text
	ReadSearched ReadingAct = "searched" // a search was made; what was looked for is nowhere written
	ReadJudged   ReadingAct = "judged"   // a file that somebody brought was judged; Sum names it

	LoggedIn     ReadingAct = "logged-in"
	LoggedOut    ReadingAct = "logged-out"
	PutAgency    ReadingAct = "put-agency" // Subject says which
	PutKind      ReadingAct = "put-kind"
	PutProcedure ReadingAct = "put-procedure"
	PutDay       ReadingAct = "put-day" // of the calendar
	PutPerson    ReadingAct = "put-person"
	PutPassword  ReadingAct = "put-password"
	PutShare     ReadingAct = "put-share"    // of an agency in the line, or of all
	PutRequeued  ReadingAct = "put-requeued" // Subject says which document
	PutHalted    ReadingAct = "put-halted"
	GaveList     ReadingAct = "gave-list"  // a list of the house was given out as a whole; Subject says which
	LedgerKey    ReadingAct = "ledger-key" // the ledger is signed by another key from here on; Subject is its public form

	// Of accounts; Subject says whose.
	PasswordChanged ReadingAct = "changed-password" // by its owner
	FactorAdded     ReadingAct = "added-factor"
	FactorRemoved   ReadingAct = "removed-factor"
	PasskeyAdded    ReadingAct = "added-passkey"
	PasskeyRemoved  ReadingAct = "removed-passkey"
	PasskeyDoubted  ReadingAct = "doubted-passkey" // its count did not grow: a copy may be about
	IdentityBound   ReadingAct = "bound-identity"  // to an identity provider's subject
	IdentityUnbound ReadingAct = "unbound-identity"
	SessionEnded    ReadingAct = "ended-session" // other than by logging out
	AccountLocked   ReadingAct = "locked-account"
	AccountUnlocked ReadingAct = "unlocked-account"
	PersonPlaced    ReadingAct = "placed-person" // in another role or agency

	// Of addresses that are told what happens; Subject says which, or which event.
	PutHook      ReadingAct = "put-hook"
	HookEnded    ReadingAct = "end-hook"
	HookReplayed ReadingAct = "replay-hook"
	HookDropped  ReadingAct = "drop-hook"

	// Of notices to people; Subject says which contact, notice or template.
	PutContact     ReadingAct = "put-contact" // consent was noted
	ContactEnded   ReadingAct = "end-contact"
	PutTemplate    ReadingAct = "put-template"
	NoticeReplayed ReadingAct = "replay-notice"
	NoticeDropped  ReadingAct = "drop-notice"

	PutAccount ReadingAct = "put-account" // where fees are paid to; Subject says which row
	PutFee     ReadingAct = "put-fee"

	OneStopReplayed ReadingAct = "replay-onestop" // a dossier of the one-stop system is asked for or told again; Subject says which

	// Of differences with the national database of procedures; Subject says of which.
	ProcedureVersioned ReadingAct = "put-procedure-version" // the next version holds; what was received keeps the one before
	ProcedureEnded     ReadingAct = "end-procedure"         // it is served no longer from a day on
	NationalOrdered    ReadingAct = "order-national"        // it is to hold from a day on
	NationalLeft       ReadingAct = "leave-national"        // it is left out

	// Of questions to the national population database; Dossier and Holder say of whom.
	PopulationAsked ReadingAct = "ask-population"
	PopulationTold  ReadingAct = "told-population" // Subject is the outcome

	// Of batches of paper; Subject says which.
	BatchTaken    ReadingAct = "take-batch"
	BatchArranged ReadingAct = "arrange-batch"
	BatchOrdered  ReadingAct = "order-batch" // its papers are to enter
	BatchEntered  ReadingAct = "enter-batch" // a paper of it is a document, whose reception stands beside
	BatchDone     ReadingAct = "end-batch"   // each side is accounted for

	// Of archives that were digitised elsewhere; Subject says which import.
	ArchiveBegun ReadingAct = "begin-archive"
	ArchiveEnded ReadingAct = "end-archive"

	// Of backlog projects; Subject says which, Amount of a lot which number.
	ProjectPut    ReadingAct = "put-project"
	ProjectTeam   ReadingAct = "put-project-team"
	ProjectTied   ReadingAct = "tie-to-project" // a batch or an import
	ProjectEnded  ReadingAct = "end-project"
	LotClosed     ReadingAct = "close-lot" // a round of inspection began; Sum is of its papers
	LotJudged     ReadingAct = "judge-lot"
	LotRedone     ReadingAct = "redo-lot" // papers of a rejected lot were looked at anew
	EntryTyped    ReadingAct = "type-entry"
	ProjectHanded ReadingAct = "give-project-report"

	MalwareFound ReadingAct = "malware-found" // a file that was brought was refused and kept aside; Sum names it, Subject the door
)

// ReadingActs lists them.
var ReadingActs = [...]ReadingAct{ReadViewed, ReadTaken, ReadExported, ReadRecord, ReadLookers, ReadNumber, ReadNamed, ReadPerson, ReadDossier, ReadProven, ReadFound, ReadSearched, ReadJudged,
	LoggedIn, LoggedOut, PutAgency, PutKind, PutProcedure, PutDay, PutPerson, PutPassword, PutShare, PutRequeued, PutHalted, GaveList, LedgerKey,
	PasswordChanged, FactorAdded, FactorRemoved, SessionEnded, AccountLocked, AccountUnlocked, PersonPlaced,
	PasskeyAdded, PasskeyRemoved, PasskeyDoubted, IdentityBound, IdentityUnbound, PutHook, HookEnded, HookReplayed, HookDropped, PutContact, ContactEnded, PutTemplate, NoticeReplayed, NoticeDropped, PutAccount, PutFee, OneStopReplayed,
	ProcedureVersioned, ProcedureEnded, NationalOrdered, NationalLeft, PopulationAsked, PopulationTold,
	BatchTaken, BatchArranged, BatchOrdered, BatchEntered, BatchDone, ArchiveBegun, ArchiveEnded, MalwareFound,
	ProjectPut, ProjectTeam, ProjectTied, ProjectEnded, LotClosed, LotJudged, LotRedone, EntryTyped, ProjectHanded}

// A Purpose is the code of what a paper is looked at for (NĐ 13/2023/NĐ-CP Điều
// 3.3: data are used for the purpose that was declared). It follows from the
// role: nobody is asked on every page.
type Purpose string

// The purposes.
const (
	ForHandling Purpose = "handling" // giải quyết thủ tục hành chính
	ForAudit    Purpose = "audit"    // kiểm tra, giám sát
	ForRunning  Purpose = "running"  // quản trị hệ thống

	ForChecking Purpose = "checking" // đối chiếu với giấy tờ người dân xuất trình
	ForHolder   Purpose = "holder"   // theo yêu cầu của chủ dữ liệu (Luật 91/2025/QH15 Điều 4)
)

// Purposes are those that somebody names who opens what is masked, or gives out all
// that is held on a holder.
var Purposes = [...]Purpose{ForChecking, ForHolder, ForHandling, ForAudit}

// PurposeOf returns what somebody of a role looks at papers for.
func PurposeOf(r Role) Purpose {
	switch r {
	case Auditor:
		return ForAudit
	case Admin:
		return ForRunning
	}
	return ForHandling
}

// A Reading is one act without a change. It holds ids and codes only.
type Reading struct {
	Act      ReadingAct
	At       time.Time // zero: now
	Who      PersonID
	By       Role
	Document DocumentID
	Dossier  Code
	Holder   HolderID // whose paper it is
	Part     Part     // with ReadTaken; with ReadExported the form
	Purpose  Purpose
	Subject  string // id or code of what was set; of a reading by an auditor the grant of the reading room
	Sum      string // SHA-256 of the bytes that were judged, in hex digits
	Demo     bool
}

// A Placed is an event of the log with its place in it. Kind says what else it
// may be but a reading: a move has the act's name in Act, and its Version.
type Placed struct {
	Reading
	Place   int64
	ID      string
	Kind    string // move, intent, case, reading or house
	Version int64
}
