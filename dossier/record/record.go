// Package record holds the words for what is done with the record of a holder
// (kho quản lý dữ liệu điện tử, TT 01/2023/TT-VPCP Điều 24): entries are
// withdrawn, replaced and corrected, holders merged and split. Each is an act with
// a reason that can be undone; nothing is removed. It holds values and pure
// functions only.
package record

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/digest"
)

// An Act is what is done with a record.
type Act string

// The acts.
const (
	Withdraw Act = "withdraw" // an entry is no longer valid: it stays to be read and is never offered again
	Replace  Act = "replace"  // another entry of the same holder and kind takes its place
	Correct  Act = "correct"  // what an entry says of its paper is put right, as a new version
	Merge    Act = "merge"    // two holders are one person or organisation
	Split    Act = "split"    // entries that stand on one record belong to another holder
	Undo     Act = "undo"     // an act is taken back
)

// Acts lists them.
var Acts = [...]Act{Withdraw, Replace, Correct, Merge, Split, Undo}

// May reports whether a role may do an act: whoever answers for an agency's seal
// and who runs the house; a wrong word is corrected by an officer, too.
func May(by dossier.Role, a Act) bool {
	roles := []dossier.Role{dossier.Clerk, dossier.Admin}
	if a == Correct {
		roles = append(roles, dossier.Officer)
	}
	return slices.Contains(Acts[:], a) && slices.Contains(roles, by)
}

// Values are what an entry says of its paper (TT 01/2023/TT-VPCP Điều 9.2): all of
// them in each version.
type Values struct {
	Number  string `json:"number"`
	Title   string `json:"title"`
	Issuer  string `json:"issuer"`
	Issued  string `json:"issued"`  // YYYY-MM-DD or empty
	Expires string `json:"expires"` // likewise
	Scope   string `json:"scope"`
}

// ValuesOf are those of an entry as it stands.
func ValuesOf(e dossier.Entry) Values {
	return Values{Number: e.Number, Title: e.Title, Issuer: e.Issuer, Issued: e.Issued, Expires: e.Expires, Scope: e.Scope}
}

// Onto puts the values of a version onto an entry.
func (v Values) Onto(e *dossier.Entry) {
	e.Number, e.Title, e.Issuer, e.Issued, e.Expires, e.Scope = v.Number, v.Title, v.Issuer, v.Issued, v.Expires, v.Scope
}

// Check says what is wrong with values, wrapping [dossier.ErrInvalid].
func (v Values) Check() error {
	for _, s := range []string{v.Number, v.Title, v.Issuer, v.Scope} {
		if len(s) > 5000 || strings.ContainsRune(s, 0) {
			return fmt.Errorf("%w: a value is too long", dossier.ErrInvalid)
		}
	}
	for _, day := range []string{v.Issued, v.Expires} {
		if day == "" {
			continue
		}
		if _, err := time.Parse(time.DateOnly, day); err != nil {
			return fmt.Errorf("%w: a day is written YYYY-MM-DD", dossier.ErrInvalid)
		}
	}
	if v.Issued != "" && v.Expires != "" && v.Expires < v.Issued {
		return fmt.Errorf("%w: it ends before it begins", dossier.ErrInvalid)
	}
	return nil
}

// A Deed is one act as it is written, once: a row, and an event of the ledger.
// A split has a row for each entry.
type Deed struct {
	ID     string           `json:"id"`
	Act    Act              `json:"act"`
	Deed   string           `json:"deed"` // id of the first row of the act
	Entry  dossier.EntryID  `json:"entry,omitempty"`
	Holder dossier.HolderID `json:"holder,omitempty"` // whose record it is done with
	Refers string           `json:"refers,omitempty"` // the entry that replaces, the holder merged into or split off to, the deed undone
	Values *Values          `json:"values,omitempty"` // of a correction
	Who    dossier.PersonID `json:"who"`
	By     dossier.Role     `json:"role"`
	At     time.Time        `json:"at"`
	Why    string           `json:"why"`
	Demo   bool             `json:"demo,omitempty"`

	Undone string `json:"undone,omitempty"` // id of the undoing; empty: it stands
}

// Said is the values of a correction as they are kept and bound; else empty.
func (d Deed) Said() string {
	if d.Values == nil {
		return ""
	}
	b, err := json.Marshal(d.Values)
	if err != nil {
		panic(err) // of strings it never fails
	}
	return string(b)
}

// Sum binds what is done with what, for the ledger; the reason and the values are
// bound apart.
func (d Deed) Sum() digest.Digest {
	b, err := json.Marshal([]any{d.Act, d.Deed, d.Entry, d.Holder, d.Refers})
	if err != nil {
		panic(err) // of strings it never fails
	}
	return digest.Of(b)
}

// Check says who may not, and what lacks its reason.
func (d Deed) Check() error {
	switch {
	case d.Who == "":
		return fmt.Errorf("%w: nobody is named who does it", dossier.ErrInvalid)
	case !May(d.By, d.Act):
		return fmt.Errorf("%w: a %s does not %s", dossier.ErrForbidden, d.By, d.Act)
	case strings.TrimSpace(d.Why) == "" || len(d.Why) > 4000:
		return fmt.Errorf("%w: it needs a reason", dossier.ErrInvalid)
	}
	if d.Values != nil {
		return d.Values.Check()
	}
	return nil
}
