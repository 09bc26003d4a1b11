package sqldb

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/account"
	"sohoa/dossier/digest"
	"sohoa/storage/ledger"
)

// stay is a session from noon on.
func stay(p dossier.PersonID, long time.Duration) account.Session {
	return account.Session{Person: p, Browser: "firefox-linux", Began: noon, Proved: noon, Until: noon.Add(long), Idle: long}
}

var boss = account.By{Who: "p-boss", Role: dossier.Admin}

// acts returns what the log says was done, with whom it was done to.
func (h *house) acts(skip int) (said []string) {
	h.t.Helper()
	_, err := h.NumberEvents(h.ctx)
	h.must(err)
	events, err := all(h.ctx, h.read, single[string], "SELECT event FROM log_events ORDER BY place")
	h.must(err)
	for _, text := range events[skip:] {
		e, err := ledger.Parse(text)
		h.must(err)
		said = append(said, e.Act+" "+e.Who+" "+e.Subject)
	}
	return said
}

func (h *house) people(list ...dossier.Person) {
	h.t.Helper()
	for _, p := range list {
		p.Login, p.Agency = string(p.ID), "H60.12"
		h.must(h.PutPerson(h.ctx, p, "x"))
	}
}

// What is done to an account ends the person's sessions, all but the one in which
// they did it themself, and stands in the log.
func TestWhatEndsSessions(t *testing.T) {
	h := newHouse(t)
	h.people(dossier.Person{ID: "p1", Role: dossier.Clerk}, dossier.Person{ID: "p2", Role: dossier.Clerk})
	skip := len(h.acts(0))
	mine, own := digest.Of([]byte("mine")), account.By{Who: "p1", Role: dossier.Clerk}
	for _, row := range []struct {
		name string
		do   func() error
		left int
		act  string
	}{
		{"own password", func() error { return h.SetPassword(h.ctx, "p1", "y", false, mine, own) }, 1, "changed-password p1 p1"},
		{"a password by the administrator", func() error { return h.SetPassword(h.ctx, "p1", "y", true, digest.Digest{}, boss) }, 0, "put-password p-boss p1"},
		{"lock", func() error { return h.LockPerson(h.ctx, "p1", true, boss) }, 0, "locked-account p-boss p1"},
		{"another role", func() error { return h.PlacePerson(h.ctx, "p1", dossier.Officer, "H60.12", boss) }, 0, "placed-person p-boss p1"},
		{"all others", func() error { _, err := h.EndSessions(h.ctx, "p1", "", mine, own); return err }, 1, "ended-session p1 p1"},
		{"put with another role", func() error {
			return h.PutPerson(h.ctx, dossier.Person{ID: "p1", Login: "p1", Role: dossier.Clerk, Agency: "H60.12"}, "")
		}, 0, ""},
		{"put with the same", func() error {
			return h.PutPerson(h.ctx, dossier.Person{ID: "p1", Login: "p1", Name: "N", Role: dossier.Clerk, Agency: "H60.12"}, "")
		}, 2, ""},
	} {
		h.must(h.LockPerson(h.ctx, "p1", false, boss))
		skip++
		h.must(h.AddSession(h.ctx, mine, stay("p1", time.Hour)))
		h.must(h.AddSession(h.ctx, digest.Of([]byte("other")), stay("p1", time.Hour)))
		h.must(h.EndSession(h.ctx, digest.Of([]byte("p2"))))
		h.must(h.AddSession(h.ctx, digest.Of([]byte("p2")), stay("p2", time.Hour)))
		h.must(row.do())
		left, err := h.SessionsOf(h.ctx, "p1")
		h.must(err)
		if len(left) != row.left {
			t.Errorf("%s: %d sessions are left, want %d", row.name, len(left), row.left)
		}
		if _, _, err := h.Session(h.ctx, digest.Of([]byte("p2"))); err != nil {
			t.Errorf("%s ended somebody else's session: %v", row.name, err)
		}
		said := h.acts(skip)
		if row.act != "" && (len(said) == 0 || said[0] != row.act) || row.act == "" && len(said) > 0 {
			t.Errorf("%s: the log says %q, want %q", row.name, said, row.act)
		}
		skip += len(said)
		h.must(h.EndSession(h.ctx, mine))
		h.must(h.EndSession(h.ctx, digest.Of([]byte("other"))))
	}
}

func TestSessionRests(t *testing.T) {
	h := newHouse(t)
	h.people(dossier.Person{ID: "p1", Role: dossier.Clerk})
	token := digest.Of([]byte("1"))
	s := stay("p1", 12*time.Hour)
	s.Idle = 30 * time.Minute
	h.must(h.AddSession(h.ctx, token, s))
	h.clock.move(29 * time.Minute)
	_, seen, err := h.Session(h.ctx, token)
	h.must(err)
	h.must(h.SessionSeen(h.ctx, token, seen.Seen.Add(29*time.Minute)))
	h.clock.move(29 * time.Minute)
	_, _, err = h.Session(h.ctx, token)
	h.must(err)
	h.clock.move(time.Minute)
	_, _, err = h.Session(h.ctx, token)
	wantErr(t, "half an hour without a sign of life", err, dossier.ErrNotFound)
	h.must(h.LockPerson(h.ctx, "p1", true, boss))
	wantErr(t, "a locked person", h.AddSession(h.ctx, token, stay("p1", time.Hour)), dossier.ErrNotFound)
}

func TestFactors(t *testing.T) {
	h := newHouse(t)
	h.people(dossier.Person{ID: "p1", Role: dossier.Clerk})
	by, token := account.By{Who: "p1", Role: dossier.Clerk}, digest.Of([]byte("1"))
	h.must(h.AddSession(h.ctx, token, stay("p1", time.Hour)))
	wantErr(t, "none was begun", h.AddFactor(h.ctx, "p1", 7, nil, token, by), dossier.ErrConflict)
	h.must(h.BeginFactor(h.ctx, "p1", "one"))
	h.must(h.BeginFactor(h.ctx, "p1", "two"))
	if _, s, err := h.Session(h.ctx, token); err != nil || s.Factor {
		t.Error("a factor that was only begun counts", err)
	}
	if ok, err := h.UseCode(h.ctx, "p1", 8); ok || err != nil {
		t.Error("a code of a factor that is not confirmed is taken", err)
	}
	h.must(h.AddFactor(h.ctx, "p1", 7, []string{"a", "b"}, token, by))
	wantErr(t, "in the place of a confirmed one", h.BeginFactor(h.ctx, "p1", "three"), dossier.ErrConflict)
	if f, err := h.Factor(h.ctx, "p1"); err != nil || f.Secret != "two" || f.Left != 2 || f.Since.IsZero() {
		t.Errorf("%+v, %v", f, err)
	}
	if _, s, err := h.Session(h.ctx, token); err != nil || !s.Factor {
		t.Error("the session does not know of the factor", err)
	}
	for _, row := range []struct {
		step int64
		want bool
	}{{7, false}, {8, true}, {8, false}, {6, false}, {9, true}} {
		if ok, err := h.UseCode(h.ctx, "p1", row.step); ok != row.want || err != nil {
			t.Errorf("code of step %d: %v, %v", row.step, ok, err)
		}
	}
	for i, want := range []bool{true, false} {
		if ok, err := h.UseRecovery(h.ctx, "p1", "a"); ok != want || err != nil {
			t.Errorf("recovery code, time %d: %v, %v", i, ok, err)
		}
	}
	h.must(h.RemoveFactor(h.ctx, "p1", digest.Digest{}, boss))
	wantErr(t, "there is none", h.RemoveFactor(h.ctx, "p1", digest.Digest{}, boss), dossier.ErrNotFound)
	said := h.acts(0)
	if !slices.Contains(said, "added-factor p1 p1") || !slices.Contains(said, "removed-factor p-boss p1") {
		t.Errorf("the log says %q", said)
	}
}

func TestDevices(t *testing.T) {
	h := newHouse(t)
	h.people(dossier.Person{ID: "p1", Role: dossier.Clerk}, dossier.Person{ID: "p2", Role: dossier.Clerk})
	for i := range 2 * mostDevices {
		h.clock.move(time.Second)
		h.must(h.AddDevice(h.ctx, digest.Of([]byte(fmt.Sprint(i))), "p1"))
	}
	is := func(i int, login string) bool {
		ok, err := h.IsDevice(h.ctx, digest.Of([]byte(fmt.Sprint(i))), login)
		h.must(err)
		return ok
	}
	if is(mostDevices-1, "p1") || !is(mostDevices, "p1") || !is(2*mostDevices-1, "p1") || is(2*mostDevices-1, "p2") {
		t.Error("not the newest devices of the person are known")
	}
}

func TestDelegations(t *testing.T) {
	h := newHouse(t)
	h.people(dossier.Person{ID: "clerk", Role: dossier.Clerk}, dossier.Person{ID: "officer", Role: dossier.Officer}, dossier.Person{ID: "counter", Role: dossier.Counter},
		dossier.Person{ID: "auditor", Role: dossier.Auditor}, dossier.Person{ID: "admin", Role: dossier.Admin})
	give := func(giver, taker dossier.PersonID, days int) (account.Delegation, error) {
		return h.Delegate(h.ctx, account.Delegation{Giver: giver, Taker: taker, Why: "nghỉ phép", Until: noon.AddDate(0, 0, days), Role: dossier.Admin, Agency: "H99"})
	}
	for name, row := range map[string]struct {
		giver, taker dossier.PersonID
		days         int
		want         error
	}{"to oneself": {"clerk", "clerk", 5, dossier.ErrInvalid}, "an administrator's": {"admin", "clerk", 5, dossier.ErrInvalid}, "a counter's": {"counter", "clerk", 5, dossier.ErrInvalid},
		"to an auditor": {"clerk", "auditor", 5, dossier.ErrInvalid}, "to the administrator": {"clerk", "admin", 5, dossier.ErrInvalid}, "to nobody": {"clerk", "none", 5, dossier.ErrNotFound},
		"over before it begins": {"clerk", "officer", 0, dossier.ErrInvalid}, "for ever": {"clerk", "officer", 100, dossier.ErrInvalid}} {
		_, err := give(row.giver, row.taker, row.days)
		wantErr(t, name, err, row.want)
	}
	d, err := give("clerk", "officer", 5)
	h.must(err)
	if d.Role != dossier.Clerk || d.Agency != "H60.12" {
		t.Errorf("the delegation is %+v", d)
	}
	_, err = give("clerk", "officer", 5)
	wantErr(t, "twice", err, dossier.ErrConflict)
	token := digest.Of([]byte("1"))
	h.must(h.AddSession(h.ctx, token, stay("counter", 1000*time.Hour)))
	wantErr(t, "somebody else's", h.SessionDeputy(h.ctx, token, d.ID), dossier.ErrNotFound)
	h.must(h.EndSession(h.ctx, token))
	h.must(h.AddSession(h.ctx, token, stay("officer", 1000*time.Hour)))
	h.must(h.SessionDeputy(h.ctx, token, d.ID))
	runs := func(name string, want error) {
		t.Helper()
		if _, err := h.Delegation(h.ctx, d.ID); want == nil {
			h.must(err)
		} else {
			wantErr(t, name, err, want)
		}
	}
	runs("runs", nil)
	h.must(h.PlacePerson(h.ctx, "clerk", dossier.Officer, "H60.12", boss))
	runs("the giver has another role", dossier.ErrNotFound)
	h.must(h.PlacePerson(h.ctx, "clerk", dossier.Clerk, "H60.12", boss))
	h.must(h.LockPerson(h.ctx, "clerk", true, boss))
	runs("the giver is locked", dossier.ErrNotFound)
	h.must(h.LockPerson(h.ctx, "clerk", false, boss))
	wantErr(t, "ended by another", h.EndDelegation(h.ctx, d.ID, "", account.By{Who: "counter", Role: dossier.Counter}), dossier.ErrNotFound)
	h.must(h.EndDelegation(h.ctx, d.ID, "về rồi", account.By{Who: "clerk", Role: dossier.Clerk}))
	runs("ended", dossier.ErrNotFound)
	wantErr(t, "ended twice", h.EndDelegation(h.ctx, d.ID, "", boss), dossier.ErrConflict)
	d, err = give("clerk", "officer", 5)
	h.must(err)
	runs("given anew", nil)
	h.clock.move(5 * 24 * time.Hour)
	runs("over", dossier.ErrNotFound)
	if all, err := h.Delegations(h.ctx, "officer"); err != nil || len(all) != 2 || all[1].EndedWhy != "về rồi" {
		t.Errorf("%+v, %v", all, err)
	}
}

// Rows about who stood in and what was opened are held against the log.
func TestDeputiesAudited(t *testing.T) {
	h := newHouse(t)
	h.people(dossier.Person{ID: "clerk", Role: dossier.Clerk}, dossier.Person{ID: "officer", Role: dossier.Officer}, dossier.Person{ID: "auditor", Role: dossier.Auditor})
	d, err := h.Delegate(h.ctx, account.Delegation{Giver: "clerk", Taker: "officer", Why: "nghỉ phép", Until: noon.AddDate(0, 0, 5)})
	h.must(err)
	h.must(h.EndDelegation(h.ctx, d.ID, "về", boss))
	code := h.newDossier().Code
	g, err := h.BreakGlass(h.ctx, account.Glass{Person: "auditor", Dossier: code, Why: "khiếu nại"})
	h.must(err)
	_, err = h.BreakGlass(h.ctx, account.Glass{Person: "clerk", Dossier: code, Why: "x"})
	wantErr(t, "a clerk breaks the glass", err, dossier.ErrForbidden)
	_, err = h.BreakGlass(h.ctx, account.Glass{Person: "auditor", Dossier: "none", Why: "x"})
	wantErr(t, "of no dossier", err, dossier.ErrNotFound)
	if open, err := h.OpenGlass(h.ctx, "auditor"); err != nil || open != g {
		t.Errorf("%+v, %v", open, err)
	}
	_, err = h.NumberEvents(h.ctx)
	h.must(err)
	report, err := h.Audit(h.ctx, nil)
	h.must(err)
	if len(report.Findings) > 0 {
		t.Fatalf("a sound house: %v", report.Findings)
	}
	for _, statement := range []string{"UPDATE delegations SET until = until + 1", "DELETE FROM delegations", "UPDATE delegation_ends SET why = 'x'", "DELETE FROM broken_glass"} {
		if _, err := h.write.ExecContext(h.ctx, statement); err == nil {
			t.Errorf("%s is done", statement)
		}
	}
	if h.address != "" {
		return // triggers are taken off in the words of one engine only
	}
	for _, trigger := range []string{"delegations_once", "broken_glass_once", "delegation_ends_kept"} {
		_, err := h.write.ExecContext(h.ctx, "DROP TRIGGER "+trigger)
		h.must(err)
	}
	for _, statement := range []string{"UPDATE delegations SET taker = 'counter'", "UPDATE broken_glass SET dossier = 'other'", "DELETE FROM delegation_ends"} {
		_, err := h.write.ExecContext(h.ctx, statement)
		h.must(err)
	}
	report, err = h.Audit(h.ctx, nil)
	h.must(err)
	var codes []string
	for _, f := range report.Findings {
		codes = append(codes, f.Code)
	}
	slices.Sort(codes)
	if got := strings.Join(codes, " "); got != "row-changed row-changed row-removed" {
		t.Errorf("the audit finds %s: %v", got, report.Findings)
	}
	h.clock.move(account.GlassTime)
	_, err = h.OpenGlass(h.ctx, "auditor")
	wantErr(t, "after an hour", err, dossier.ErrNotFound)
}

// Of many who give the same code at the same moment, one gets in.
func TestCodesAtOnce(t *testing.T) {
	h := newHouse(t)
	h.people(dossier.Person{ID: "p1", Role: dossier.Clerk})
	by := account.By{Who: "p1", Role: dossier.Clerk}
	h.must(h.BeginFactor(h.ctx, "p1", "one"))
	h.must(h.AddFactor(h.ctx, "p1", 7, []string{"a"}, digest.Digest{}, by))
	var taken, recovered atomic.Int64
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if ok, err := h.UseCode(h.ctx, "p1", 8); err != nil {
				t.Error(err)
			} else if ok {
				taken.Add(1)
			}
			if ok, err := h.UseRecovery(h.ctx, "p1", "a"); err != nil {
				t.Error(err)
			} else if ok {
				recovered.Add(1)
			}
		})
	}
	all.Wait()
	if taken.Load() != 1 || recovered.Load() != 1 {
		t.Errorf("a code was taken %d times, a recovery code %d times", taken.Load(), recovered.Load())
	}
}
