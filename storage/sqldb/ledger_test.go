package sqldb

import (
	"context"
	"database/sql"
	"errors"
	"maps"
	"math/rand/v2"
	"net/url"
	"reflect"
	"slices"
	"sync"
	"testing"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/digest"
)

func equalDocuments(a, b dossier.Document) bool {
	return reflect.DeepEqual(a, b)
}

func TestAddIsIdempotent(t *testing.T) {
	h := newHouse(t)
	code := h.newDossier().Code
	first, err := h.Add(h.ctx, scan(code, "T1", "paper"), "counter")
	h.must(err)
	if first.State != dossier.Received || first.Version != 0 || first.Kind != "GKS" || first.ID == "" || !first.Received.Equal(noon) {
		t.Errorf("added: %+v", first)
	}
	again, err := h.Add(h.ctx, scan(code, "T1", "paper"), "counter")
	h.must(err)
	if !equalDocuments(again, first) {
		t.Errorf("the same scan again: %+v, want %+v", again, first)
	}
	moved := h.to(first, dossier.Recognised)
	again, err = h.Add(h.ctx, scan(code, "T1", "paper"), "counter")
	h.must(err)
	if !equalDocuments(again, moved) {
		t.Errorf("the same scan after a move: %+v", again)
	}
	_, err = h.Add(h.ctx, scan(code, "T1", "another paper"), "counter")
	wantErr(t, "another paper", err, dossier.ErrConflict)
	_, err = h.Add(h.ctx, scan(code, "T9", "paper"), "counter")
	wantErr(t, "no such slot", err, dossier.ErrNotFound)
	_, err = h.Add(h.ctx, scan("H60.12-261121-9999", "T1", "paper"), "counter")
	wantErr(t, "no such dossier", err, dossier.ErrNotFound)
	_, err = h.Add(h.ctx, dossier.Document{Dossier: code, Slot: "T2"}, "counter")
	wantErr(t, "no scan", err, dossier.ErrInvalid)
	_, err = h.Add(h.ctx, scan(code, "T2", "paper"), "")
	wantErr(t, "nobody", err, dossier.ErrInvalid)
	refused, err := h.Advance(h.ctx, moved, dossier.Change{Act: dossier.Refuse, By: dossier.Machine, Who: "w", Why: "trắng"})
	h.must(err)
	fresh, err := h.Add(h.ctx, scan(code, "T1", "paper"), "counter")
	h.must(err)
	if fresh.ID == refused.ID || fresh.State != dossier.Received {
		t.Errorf("after a refusal: %+v", fresh)
	}
	past, err := h.Changes(h.ctx, fresh.ID)
	h.must(err)
	if len(past) != 1 || past[0].Act != dossier.Receive || past[0].Made[dossier.PartScan] != digest.Of([]byte("paper")) || past[0].By != dossier.Counter {
		t.Errorf("reception in the ledger: %+v", past)
	}
	if _, err := h.Add(h.ctx, scan(code, dossier.ResultSlot, "result"), "counter"); err != nil {
		t.Errorf("result: %v", err)
	}
}

// Sixteen doors bring papers for one slot: one is in, and those who brought
// the same are told so.
func TestAddAtOnce(t *testing.T) {
	h := newHouse(t)
	code := h.newDossier().Code
	var mu sync.Mutex
	ids := map[dossier.DocumentID]int{}
	conflicts := 0
	var wg sync.WaitGroup
	for i := range 16 {
		wg.Go(func() {
			d, err := h.Add(h.ctx, scan(code, "T1", []string{"a", "b"}[i%2]), "counter")
			mu.Lock()
			defer mu.Unlock()
			switch {
			case errors.Is(err, dossier.ErrConflict):
				conflicts++
			case err != nil:
				t.Error(err)
			default:
				ids[d.ID]++
			}
		})
	}
	wg.Wait()
	if len(ids) != 1 || conflicts != 8 {
		t.Errorf("documents %v, conflicts %d", ids, conflicts)
	}
}

// Every row of the state table moves a document, and nothing else does.
func TestEveryMove(t *testing.T) {
	for _, m := range dossier.Moves() {
		t.Run(string(m.From)+" "+string(m.Act), func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			d := h.in(m.From)
			for _, act := range []dossier.Act{dossier.Receive, dossier.Recognise, dossier.Normalise, dossier.Attest, dossier.SignCopy,
				dossier.Extract, dossier.Confirm, dossier.Approve, dossier.Seal, dossier.Archive, dossier.Refuse,
				dossier.Verify, dossier.Doubt, dossier.Adopt, dossier.Describe, dossier.Renew, dossier.Return, dossier.TakeBack} {
				for _, by := range append(dossier.Roles[:], dossier.Machine) {
					if _, err := dossier.Next(d.State, act, by); err == nil {
						continue
					}
					_, err := h.Advance(h.ctx, d, dossier.Change{Act: act, By: by, Who: "x", Why: "y"})
					wantErr(t, string(by)+" "+string(act), err, dossier.ErrForbidden)
				}
			}
			h.clock.move(time.Minute)
			c := change(m)
			got, err := h.Advance(h.ctx, d, c)
			h.must(err)
			want := d
			want.State, want.Version, want.Changed, want.Why = m.To, d.Version+1, h.clock.now(), ""
			if m.Act == dossier.Refuse || m.Act == dossier.Doubt || dossier.Back(m.Act) {
				want.Why = c.Why
			}
			if c.Proof != nil {
				want.Proof = *c.Proof
			}
			want.Parts = maps.Clone(d.Parts)
			maps.Copy(want.Parts, c.Made)
			if !equalDocuments(got, want) {
				t.Errorf("moved to %+v, want %+v", got, want)
			}
			past, err := h.Changes(h.ctx, d.ID)
			h.must(err)
			c.Document, c.Version, c.At, c.Proof = d.ID, d.Version+1, h.clock.now(), nil // the proof is the file's
			if last := past[len(past)-1]; !reflect.DeepEqual(last, c) {
				t.Errorf("ledger has %+v, want %+v", last, c)
			}
		})
	}
}

func TestAdvanceRefuses(t *testing.T) {
	h := newHouse(t)
	d := h.add(h.newDossier().Code, "T1")
	moved := h.to(d, dossier.Recognised)
	_, err := h.Advance(h.ctx, d, change(onward(dossier.Received)))
	wantErr(t, "an old version", err, dossier.ErrConflict)
	early := moved
	early.Version++
	_, err = h.Advance(h.ctx, early, change(onward(early.State)))
	wantErr(t, "a version to come", err, dossier.ErrConflict)
	lie := moved
	lie.State = dossier.Sealed
	_, err = h.Advance(h.ctx, lie, dossier.Change{Act: dossier.Archive, By: dossier.Machine, Who: "w"})
	wantErr(t, "a made-up state", err, dossier.ErrConflict)
	none := moved
	none.ID = "none"
	_, err = h.Advance(h.ctx, none, change(onward(none.State)))
	wantErr(t, "no such document", err, dossier.ErrNotFound)
	_, err = h.Advance(h.ctx, moved, dossier.Change{Act: dossier.Refuse, By: dossier.Machine, Who: "w"})
	wantErr(t, "a refusal without a reason", err, dossier.ErrInvalid)
	_, err = h.Advance(h.ctx, moved, dossier.Change{Act: dossier.Normalise, By: dossier.Machine})
	wantErr(t, "nobody", err, dossier.ErrInvalid)
	for _, part := range []dossier.Part{dossier.PartScan, dossier.PartText} {
		_, err = h.Advance(h.ctx, moved, dossier.Change{Act: dossier.Normalise, By: dossier.Machine, Who: "w",
			Made: map[dossier.Part]digest.Digest{part: digest.Of([]byte("other"))}})
		wantErr(t, "a part made twice", err, dossier.ErrInvalid)
	}
	stripped := moved
	stripped.Parts = nil // the caller's copy is not what decides
	_, err = h.Advance(h.ctx, stripped, dossier.Change{Act: dossier.Normalise, By: dossier.Machine, Who: "w",
		Made: map[dossier.Part]digest.Digest{dossier.PartScan: digest.Of([]byte("other"))}})
	if err == nil {
		t.Error("the scan was replaced")
	}
	_, err = h.Advance(h.ctx, moved, dossier.Change{Act: dossier.Normalise, By: dossier.Machine, Who: "w",
		Made: map[dossier.Part]digest.Digest{dossier.PartPlain: {}}})
	wantErr(t, "a part that names nothing", err, dossier.ErrInvalid)
	extracted := h.to(moved, dossier.Extracted)
	for _, fields := range [][]dossier.Field{
		{{Name: "colour", Value: "red"}},
		{{Name: dossier.FieldTitle, Value: "a"}, {Name: dossier.FieldTitle, Value: "b"}},
		{{Name: dossier.FieldExpires, Value: "31/12/2026"}},
		{{Name: dossier.FieldIssued, Value: "2026-02-31"}},
	} {
		_, err = h.Advance(h.ctx, extracted, dossier.Change{Act: dossier.Confirm, By: dossier.Counter, Who: "c", Fields: fields})
		wantErr(t, "fields", err, dossier.ErrInvalid)
	}
	if now, err := h.Document(h.ctx, d.ID); err != nil || !equalDocuments(now, extracted) {
		t.Errorf("something moved all the same: %+v, %v", now, err)
	}
	_, err = h.Changes(h.ctx, "none")
	wantErr(t, "changes of none", err, dossier.ErrNotFound)
}

func TestFourEyesHoldInTheDatabase(t *testing.T) {
	h := newHouse(t)
	d := h.to(h.add(h.newDossier().Code, "T1"), dossier.Confirmed)
	for _, who := range []dossier.PersonID{dossier.PersonID(dossier.Officer), dossier.PersonID(dossier.Counter)} {
		_, err := h.Advance(h.ctx, d, dossier.Change{Act: dossier.Approve, By: dossier.Clerk, Who: who})
		wantErr(t, "four eyes", err, dossier.ErrForbidden)
	}
	if now, err := h.Document(h.ctx, d.ID); err != nil || !equalDocuments(now, d) {
		t.Errorf("a forbidden act moved the row: %+v, %v", now, err)
	}
	h.to(d, dossier.Approved)
}

// Eight machines finish the same stage at the same moment.
func TestOneWins(t *testing.T) {
	h := newHouse(t)
	d := h.add(h.newDossier().Code, "T1")
	for range 5 {
		m := onward(d.State)
		var mu sync.Mutex
		var won []dossier.Document
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				got, err := h.Advance(h.ctx, d, change(m))
				if err != nil && !errors.Is(err, dossier.ErrConflict) {
					t.Error(err)
				}
				if err == nil {
					mu.Lock()
					won = append(won, got)
					mu.Unlock()
				}
			})
		}
		wg.Wait()
		if len(won) != 1 {
			t.Fatalf("%d of 8 won the %s", len(won), m.Act)
		}
		d = won[0]
	}
	past, err := h.Changes(h.ctx, d.ID)
	h.must(err)
	if len(past) != 6 {
		t.Errorf("%d changes for 5 moves and a reception", len(past))
	}
}

func TestArchivedIsOnTheRecordOnce(t *testing.T) {
	h := newHouse(t)
	code := h.newDossier().Code
	d := h.to(h.add(code, "T1"), dossier.Sealed)
	if e, err := h.Entries(h.ctx, h.holder, time.Time{}); err != nil || len(e) != 0 {
		t.Errorf("before: %v, %v", e, err)
	}
	h.to(d, dossier.Archived)
	got, err := h.Entries(h.ctx, h.holder, time.Time{})
	h.must(err)
	want := dossier.Entry{Holder: h.holder, Kind: "GKS", Document: d.ID, Dossier: code, Added: noon,
		Expires: "2027-01-31", Number: "123/QĐ-UBND", Title: "Quyết định", Issuer: "UBND xã", Issued: "2026-11-01"}
	if len(got) != 1 || got[0].ID == "" {
		t.Fatalf("record: %+v", got)
	}
	want.ID = got[0].ID
	if got[0] != want {
		t.Errorf("record: %+v, want %+v", got[0], want)
	}
	fields, err := h.Fields(h.ctx, d.ID)
	h.must(err)
	if !reflect.DeepEqual(fields, change(dossier.Move{Act: dossier.Confirm}).Fields) {
		t.Errorf("fields: %+v", fields)
	}
}

func TestIntents(t *testing.T) {
	h := newHouse(t)
	d := h.add(h.newDossier().Code, "T1")
	var want []dossier.Intent
	for i := range int64(3) {
		in := dossier.Intent{Document: d.ID, Version: i, Purpose: "copy-officer", ToSign: digest.Of([]byte{byte(i)}), Signer: digest.Of([]byte("cert")), At: noon}
		h.must(h.RecordIntent(h.ctx, in))
		want = append(want, in)
	}
	got, err := h.Intents(h.ctx, d.ID)
	h.must(err)
	if !reflect.DeepEqual(got, want) {
		t.Errorf("intents: %+v, want %+v", got, want)
	}
	wantErr(t, "no document", h.RecordIntent(h.ctx, dossier.Intent{Document: "none"}), dossier.ErrNotFound)
}

// The ledger is the database's, not the program's: no SQL changes it, not even
// on a connection that has nothing switched on.
func TestLedgerIsWrittenOnce(t *testing.T) {
	h := newHouse(t)
	code := h.newDossier().Code
	d := h.to(h.add(code, "T1"), dossier.Archived)
	h.must(h.RecordIntent(h.ctx, dossier.Intent{Document: d.ID, At: noon}))
	bare, err := sql.Open("sqlite", (&url.URL{Scheme: "file", Path: h.path}).String())
	h.must(err)
	defer bare.Close()
	for _, statement := range []string{
		"UPDATE changes SET who = 'somebody else'", "DELETE FROM changes", "DELETE FROM changes WHERE version = 0",
		"REPLACE INTO changes SELECT document, version, act, role, 'other', at, fields, why FROM changes",
		"INSERT INTO changes SELECT document, version, act, role, who, at, fields, why FROM changes WHERE true ON CONFLICT (document, version) DO UPDATE SET who = 'other'",
		"UPDATE made SET digest = ''", "DELETE FROM made", "REPLACE INTO made SELECT document, version, part, 'x' FROM made",
		"UPDATE intents SET purpose = ''", "DELETE FROM intents", "REPLACE INTO intents SELECT id, document, version, 'x', to_sign, signer, at FROM intents",
		"UPDATE events SET who = 'x'", "DELETE FROM events", "REPLACE INTO events SELECT id, dossier, act, 'x', at, slot, entry, amount FROM events",
		"UPDATE entries SET number = ''", "DELETE FROM entries",
		"DELETE FROM documents", "DELETE FROM dossiers",
		"UPDATE documents SET demo = 1", "UPDATE dossiers SET demo = 1", "UPDATE documents SET id = 'x'", "UPDATE documents SET slot = 'T2'",
		"UPDATE dossiers SET code = 'x'",
		"REPLACE INTO dossiers SELECT code, procedure, receiving, competent, holder, channel, received, due, resolved, 1, 0, NULL FROM dossiers",
		"REPLACE INTO documents (id, dossier, slot, kind, state, version, media, size, pages, received, changed, parts, fields, why, demo) SELECT id, dossier, slot, kind, state, version, media, size, pages, received, changed, parts, fields, why, 1 FROM documents",
	} {
		for _, c := range []*sql.DB{h.write, bare} {
			if n, err := affected(c.ExecContext(h.ctx, statement)); err == nil {
				t.Errorf("%s changed %d rows", statement, n)
			}
		}
	}
	past, err := h.Changes(h.ctx, d.ID)
	h.must(err)
	if len(past) != int(d.Version)+1 {
		t.Errorf("%d changes left", len(past))
	}
}

// replay is what a ledger says about a document.
func replay(past []dossier.Change) (s dossier.State, version int64, parts map[dossier.Part]digest.Digest, why string, err error) {
	s, parts = dossier.Received, map[dossier.Part]digest.Digest{}
	for i, c := range past {
		if i > 0 {
			if s, err = dossier.Next(s, c.Act, c.By); err != nil {
				return
			}
		}
		if c.Version != int64(i) {
			err = errors.New("a version is missing")
			return
		}
		version, why = c.Version, c.Why
		maps.Copy(parts, c.Made)
	}
	return
}

// For random acts by everybody, some at once, some broken off, the row always
// equals the replay of its ledger, and the record follows the state.
func TestRowEqualsLedger(t *testing.T) {
	h := newHouse(t)
	random := rand.New(rand.NewPCG(7, 11))
	var ids []dossier.DocumentID
	for range 6 {
		code := h.newDossier().Code
		for _, slot := range []dossier.SlotCode{"T1", "T2", dossier.ResultSlot} {
			ids = append(ids, h.add(code, slot).ID)
		}
	}
	moves := dossier.Moves()
	for range 450 {
		h.clock.move(time.Second)
		id := ids[random.IntN(len(ids))]
		d, err := h.Document(h.ctx, id)
		h.must(err)
		ctx, cancel := context.WithCancel(h.ctx)
		switch random.IntN(6) {
		case 0:
			d.Version -= int64(random.IntN(2)) // an echo, perhaps
			_, _ = h.Advance(ctx, d, change(moves[random.IntN(len(moves))]))
		case 1:
			time.AfterFunc(time.Duration(random.IntN(400))*time.Microsecond, cancel)
			_, _ = h.Advance(ctx, d, change(onward(d.State)))
		case 2:
			jobs, err := h.Lease(ctx, 2, time.Second)
			h.must(err)
			for _, j := range jobs {
				if _, _, err := h.Claim(ctx, j, time.Second); err == nil && random.IntN(2) == 0 {
					h.must(h.Postpone(ctx, j, h.clock.now(), "later"))
				}
			}
		default:
			m := onward(d.State)
			if d.State == dossier.Archived || d.State == dossier.Refused {
				_, _ = h.Add(ctx, scan(d.Dossier, d.Slot, rnd()), "counter")
				break
			}
			if no := refusal(d.State); no.Act != "" && random.IntN(12) == 0 {
				m = no
			}
			_, _ = h.Advance(ctx, d, change(m))
		}
		cancel()
	}
	h.holds()
}

// refusal is the move that refuses, if there is one.
func refusal(s dossier.State) dossier.Move {
	for _, m := range dossier.Moves() {
		if m.From == s && m.Act == dossier.Refuse {
			return m
		}
	}
	return dossier.Move{}
}

// holds checks every document against its ledger and its holder's record.
func (h *house) holds() {
	h.t.Helper()
	docs, err := h.Documents(h.ctx, DocumentQuery{})
	h.must(err)
	entries, err := h.Entries(h.ctx, h.holder, time.Time{})
	h.must(err)
	states := map[dossier.State]int{}
	for _, d := range docs {
		states[d.State]++
		past, err := h.Changes(h.ctx, d.ID)
		h.must(err)
		s, version, parts, why, err := replay(past)
		if err != nil || s != d.State || version != d.Version || !maps.Equal(parts, d.Parts) || why != d.Why || !past[len(past)-1].At.Equal(d.Changed) {
			h.t.Errorf("%s: row %+v, ledger %+v (%v)", d.ID, d, past, err)
		}
		on := slices.ContainsFunc(entries, func(e dossier.Entry) bool { return e.Document == d.ID })
		if on != (d.State == dossier.Archived) {
			h.t.Errorf("%s is %s, on the record: %v", d.ID, d.State, on)
		}
	}
	if states[dossier.Archived] != len(entries) || len(entries) == 0 || states[dossier.Refused] == 0 {
		h.t.Errorf("states %v, %d entries: the walk was not wide enough, or a record is wrong", states, len(entries))
	}
	counts, err := h.Counts(h.ctx, nil, nil)
	h.must(err)
	if !maps.Equal(counts, states) {
		h.t.Errorf("Counts %v, want %v", counts, states)
	}
}

// A clock that goes back loses nothing and puts nothing out of order: what was
// done stays, ids go on, each document's moves stand in the log in their order,
// and the audit finds nothing.
func TestClockGoesBack(t *testing.T) {
	h := newHouse(t)
	d := h.to(h.add(h.newDossier().Code, "T1"), dossier.Normalised)
	before := h.newID()
	h.clock.move(-3 * time.Hour)
	if after := h.newID(); after <= before {
		t.Errorf("id %s after %s", after, before)
	}
	d = h.to(d, dossier.Archived)
	_, err := h.NumberEvents(h.ctx)
	h.must(err)
	h.must(h.Close())
	h.open() // and a life that knows nothing of the ids before
	other := h.to(h.add(h.newDossier().Code, "T1"), dossier.Archived)
	_, err = h.NumberEvents(h.ctx)
	h.must(err)
	for _, d := range []dossier.Document{d, other} {
		placed, err := h.LogOf(h.ctx, d.ID)
		h.must(err)
		last := int64(-1)
		for _, p := range placed {
			if p.Kind == "move" && p.Version != last+1 {
				t.Errorf("%s: version %d after %d", d.ID, p.Version, last)
			}
			if p.Kind == "move" {
				last = p.Version
			}
		}
		if last != d.Version {
			t.Errorf("%s: up to version %d of %d", d.ID, last, d.Version)
		}
	}
	if r := h.audit(h.kept()); len(r.Findings) > 0 {
		t.Errorf("audit: %v", r.Findings)
	}
}
