package dossier

import (
	"fmt"
	"slices"
	"sync"
)

// A State is where a document stands.
type State string

// The states of a scanned copy, in the order of the law: capture, the officer
// signs, data are extracted, the agency signs, store (TT 01/2023/TT-VPCP Điều
// 7–9; NĐ 30/2020/NĐ-CP Điều 25).
const (
	Received   State = "received"
	Recognised State = "recognised"
	Normalised State = "normalised"  // one PDF/A stands
	Attested   State = "attested"    // the officer ordered the signature on the copy
	CopySigned State = "copy-signed" // the officer's signature stands
	Extracted  State = "extracted"   // fields are proposed
	Confirmed  State = "confirmed"   // fields are confirmed by a person
	Approved   State = "approved"    // the agency's clerk ordered the agency's signature
	Sealed     State = "sealed"      // the agency's signature stands
	Archived   State = "archived"    // read back, verified, on the holder's record
	Refused    State = "refused"     // cannot go on; scanned again as a new document
)

// The states of a file that came in signed: an electronic original, whose bytes
// are kept as they are. The agency's clerk answers for its authenticity (NĐ
// 30/2020/NĐ-CP Điều 21.2); nothing is written into it.
const (
	Presented State = "presented" // came in signed; nobody has looked at the signatures
	Doubtful  State = "doubtful"  // the signatures cannot be judged: a person decides
	Vouched   State = "vouched"   // the signatures are valid, or a person answers for them
	Described State = "described" // read; fields are proposed
	Adopted   State = "adopted"   // fields are confirmed by a person
)

// An Act is what is done to a document.
type Act string

// The acts.
const (
	Receive   Act = "receive" // the act of version 0, not a move
	Recognise Act = "recognise"
	Normalise Act = "normalise"
	Attest    Act = "attest"
	SignCopy  Act = "sign-copy"
	Extract   Act = "extract"
	Confirm   Act = "confirm"
	Approve   Act = "approve"
	Seal      Act = "seal"
	Archive   Act = "archive"
	Refuse    Act = "refuse"
	Return    Act = "return"    // back to whoever confirms the fields, with a reason
	TakeBack  Act = "take-back" // by whoever confirms them, with a reason

	Verify   Act = "verify"   // the signatures of an incoming file were found valid
	Doubt    Act = "doubt"    // they could not be judged
	Adopt    Act = "adopt"    // a person answers for them, with a reason
	Describe Act = "describe" // read the file without touching it
	Renew    Act = "renew"    // new evidence and a new time-stamp before the last one ends (gia hạn)
)

// A Role is what somebody may do.
type Role string

// The roles. Machine is the line; the others are people.
const (
	Machine Role = "machine"
	Counter Role = "counter" // một cửa: receives, uploads, confirms what was read
	Officer Role = "officer" // holds the personal key that signs copies
	Clerk   Role = "clerk"   // văn thư: holds the agency's key
	Auditor Role = "auditor" // may look at everything, may change nothing
	Admin   Role = "admin"   // agencies, procedures, people
)

// Roles lists the roles that people can have.
var Roles = [...]Role{Counter, Officer, Clerk, Auditor, Admin}

// A Move is one row of the state table.
type Move struct {
	From State
	Act  Act
	To   State
	By   Role
}

// moves is the whole life of a document. There is no other place where a
// state follows from another; docs/states.md is printed from this table.
var moves = [...]Move{
	{Received, Recognise, Recognised, Machine},
	{Recognised, Normalise, Normalised, Machine},
	{Normalised, Attest, Attested, Officer},
	{Attested, SignCopy, CopySigned, Machine},
	{CopySigned, Extract, Extracted, Machine},
	{Extracted, Confirm, Confirmed, Counter},
	{Confirmed, Approve, Approved, Clerk},
	{Approved, Seal, Sealed, Machine},
	{Sealed, Archive, Archived, Machine},

	{Presented, Verify, Vouched, Machine},
	{Presented, Doubt, Doubtful, Machine},
	{Doubtful, Adopt, Vouched, Clerk},
	{Vouched, Describe, Described, Machine},
	{Described, Confirm, Adopted, Counter},
	{Adopted, Archive, Archived, Machine},

	{Archived, Renew, Archived, Machine},

	{Received, Refuse, Refused, Machine},
	{Recognised, Refuse, Refused, Machine},
	{Normalised, Refuse, Refused, Officer},
	{Extracted, Refuse, Refused, Counter},
	{Confirmed, Refuse, Refused, Clerk},
	{Presented, Refuse, Refused, Machine},
	{Doubtful, Refuse, Refused, Clerk},
	{Vouched, Refuse, Refused, Machine},
	{Described, Refuse, Refused, Counter},

	{Confirmed, Return, Extracted, Clerk},
	{Confirmed, TakeBack, Extracted, Counter}, // while nobody has gone on with it
}

// Starts lists the states in which a document may be received: a scan, and a
// file that came in signed.
func Starts() []State { return []State{Received, Presented} }

// Moves returns a copy of the state table.
func Moves() []Move { return slices.Clone(moves[:]) }

// Next returns the state that act leads to when by performs it on a document
// in from. It wraps [ErrForbidden] if the table has no such row.
func Next(from State, act Act, by Role) (State, error) {
	for _, m := range leads()[from] {
		if m.Act == act && m.By == by {
			return m.To, nil
		}
	}
	return from, fmt.Errorf("%w: %s may not %s a %s document", ErrForbidden, by, act, from)
}

// leads is the state table by where a move begins: an audit asks it for every move
// there ever was.
var leads = sync.OnceValue(func() map[State][]Move {
	from := map[State][]Move{}
	for _, m := range moves {
		from[m.From] = append(from[m.From], m)
	}
	return from
})

// Due returns the act the machine owes a document in s at once, if it owes one.
// What it finds on the way may lead elsewhere: to Refuse, or to Doubt.
func Due(s State) (act Act, ok bool) {
	for _, m := range moves {
		if m.From == s && m.By == Machine && m.Act != Refuse && m.To != s {
			return m.Act, true
		}
	}
	return "", false
}

// Scheduled returns the act the machine owes a document in s on a day, if it
// owes one: a move that leads back to s. The document's [Proof] says the day.
func Scheduled(s State) (act Act, ok bool) {
	for _, m := range moves {
		if m.From == s && m.By == Machine && m.To == s {
			return m.Act, true
		}
	}
	return "", false
}

// NeedsReason reports whether a person who performs act has to say why.
func NeedsReason(act Act) bool { return Back(act) || act == Refuse || act == Adopt }

// Back reports whether act leads back to where a document was before: a person's word.
func Back(act Act) bool { return act == Return || act == TakeBack }

// Waits returns the role of the person a document in s waits for, if it waits
// for a person.
func Waits(s State) (by Role, ok bool) {
	for _, m := range moves {
		if m.From == s && m.By != Machine {
			return m.By, true
		}
	}
	return "", false
}

// Acts returns what by may do to a document in s.
func Acts(s State, by Role) []Act {
	var acts []Act
	for _, m := range moves {
		if m.From == s && m.By == by {
			acts = append(acts, m.Act)
		}
	}
	return acts
}

// States lists the states in the order a document meets them: a scan's, those of
// a file that came in signed, and the ends of both.
func States() []State {
	return []State{Received, Recognised, Normalised, Attested, CopySigned,
		Extracted, Confirmed, Approved, Sealed,
		Presented, Doubtful, Vouched, Described, Adopted, Archived, Refused}
}

// FourEyes says whether who may perform act on a document with this past. The
// person who ordered the officer's signature, and the one who confirmed the
// fields, may not also order the agency's: the agency's signature certifies
// what somebody else made (NĐ 30/2020/NĐ-CP Điều 32.2). It wraps [ErrForbidden].
func FourEyes(past []Change, act Act, who PersonID) error {
	if act != Approve {
		return nil
	}
	for _, c := range past {
		if c.Who == who && (c.Act == Attest || c.Act == Confirm) {
			return fmt.Errorf("%w: whoever signed the copy or confirmed its fields cannot approve it", ErrForbidden)
		}
	}
	return nil
}
