// Package account holds what it takes to come in and to stay in: which passwords
// are taken, codes of a second factor, how long a session lasts, who stands in
// for whom, who opened what out of turn, and which keys programs hold. It holds
// values only.
package account

import (
	"encoding/json"
	"fmt"
	"time"

	"sohoa/dossier"
)

// A Session is one browser in which a person is logged in.
type Session struct {
	ID      string // names it to its owner; lets nobody in
	Person  dossier.PersonID
	Browser string // code of its kind, see web; the session is of no use elsewhere
	Began   time.Time
	Seen    time.Time     // to the minute
	Until   time.Time     // the end, whatever is done
	Idle    time.Duration // it ends when nobody did anything for so long
	Proved  time.Time     // when a password or code was last given in it
	Half    bool          // the password was right; the code is still to come
	Deputy  string        // id of the delegation that the person acts under; empty: as themself
	Factor  bool          // the person has a second factor: an app for codes, or a passkey

	Issuer string // of the identity provider where the person logged in; empty: here
	SID    string // the provider's name of the session
	Strong bool   // the provider said that a second factor was given there
}

// By is who does something to an account.
type By struct {
	Who  dossier.PersonID
	Role dossier.Role
	Demo bool
}

// A Factor is a person's second factor.
type Factor struct {
	Secret string    // as it is kept, see web.Vault
	Since  time.Time // zero: begun, and not confirmed by a code
	Step   int64     // time step of the newest code that was taken
	Left   int       // recovery codes that are left
}

// A Policy says how long people stay in, when they prove again who they are, and
// who needs a second factor. It is data: a setting of the house.
type Policy struct {
	Idle    map[dossier.Role]int    `json:"idle"`             // minutes
	Longest int                     `json:"longest"`          // minutes from the login to the end
	Sign    int                     `json:"sign"`             // minutes that a proof is good for ordering signatures; 0: it is not asked for
	Record  int                     `json:"record"`           // the same for opening a holder's record, or a paper
	Since   map[string]string       `json:"since,omitempty"`  // day, YYYY-MM-DD, from which sign or record is asked for; without one always
	Factor  map[dossier.Role]string `json:"factor,omitempty"` // day, YYYY-MM-DD, from which the role needs a second factor
}

// PolicySetting is the name of the setting that holds a policy.
const PolicySetting = "accounts"

// DefaultPolicy is that of a new house: who signs is out after half an hour
// without a sign of life, the others after the working day.
func DefaultPolicy() Policy {
	const day = 12 * 60
	return Policy{Idle: map[dossier.Role]int{dossier.Counter: day, dossier.Officer: 30, dossier.Clerk: 30, dossier.Auditor: day, dossier.Admin: day},
		Longest: day, Sign: 15, Since: map[string]string{}, Factor: map[dossier.Role]string{}}
}

// ParsePolicy reads a setting; empty is [DefaultPolicy].
func ParsePolicy(text string) (Policy, error) {
	p := DefaultPolicy()
	if text == "" {
		return p, nil
	}
	if err := json.Unmarshal([]byte(text), &p); err != nil {
		return p, fmt.Errorf("%w: policy of accounts: %w", dossier.ErrInvalid, err)
	}
	return p, p.Check()
}

// Text is the policy as a setting, in one form.
func (p Policy) Text() string {
	b, err := json.Marshal(p)
	if err != nil {
		panic(err) // of strings and numbers it never fails
	}
	return string(b)
}

// Bounds of a policy, in minutes.
const (
	leastIdle, mostStay = 5, 24 * 60
	mostProof           = 12 * 60
)

// Check says what is wrong with a policy, wrapping [dossier.ErrInvalid].
func (p Policy) Check() error {
	for _, r := range dossier.Roles {
		if n := p.Idle[r]; n < leastIdle || n > mostStay {
			return fmt.Errorf("%w: idle time of %s: %d to %d minutes", dossier.ErrInvalid, r, leastIdle, mostStay)
		}
		if day := p.Factor[r]; day != "" {
			if _, err := time.Parse(time.DateOnly, day); err != nil {
				return fmt.Errorf("%w: day from which %s needs a second factor", dossier.ErrInvalid, r)
			}
		}
	}
	if len(p.Idle) != len(dossier.Roles) || p.Longest < leastIdle || p.Longest > mostStay {
		return fmt.Errorf("%w: longest session: %d to %d minutes", dossier.ErrInvalid, leastIdle, mostStay)
	}
	for what, day := range p.Since {
		if _, err := time.Parse(time.DateOnly, day); err != nil || what != ForSign && what != ForRecord {
			return fmt.Errorf("%w: day from which a proof is asked for", dossier.ErrInvalid)
		}
	}
	if p.Sign < 0 || p.Sign > mostProof || p.Record < 0 || p.Record > mostProof {
		return fmt.Errorf("%w: a proof is good for 0 to %d minutes", dossier.ErrInvalid, mostProof)
	}
	return nil
}

// Needs reports whether a role needs a second factor at a time.
func (p Policy) Needs(r dossier.Role, at time.Time) bool {
	day := p.Factor[r]
	return day != "" && at.In(dossier.VietNam).Format(time.DateOnly) >= day
}

// What a proof is asked for.
const (
	ForSign   = "sign"
	ForRecord = "record"
)

// Proof is for how many minutes a proof is good at a time, for what it is asked for; 0:
// it is not.
func (p Policy) Proof(what string, at time.Time) int {
	if day := p.Since[what]; at.In(dossier.VietNam).Format(time.DateOnly) < day {
		return 0
	}
	if what == ForSign {
		return p.Sign
	}
	return p.Record
}

// Minutes turns a number of the policy into a time.
func Minutes(n int) time.Duration { return time.Duration(n) * time.Minute }
