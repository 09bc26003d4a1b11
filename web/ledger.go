package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"sohoa/dossier"
)

// Ledger is the log over the whole house. Whatever shows a paper or hands one
// out writes so first: what cannot be noted is not given.
type Ledger interface {
	Note(ctx context.Context, r dossier.Reading) error
	NoteAll(ctx context.Context, list ...dossier.Reading) error                 // all or none
	LogOf(ctx context.Context, id dossier.DocumentID) ([]dossier.Placed, error) // oldest first

	// LookedWithin says who looked at a holder's papers in a part of the archive,
	// newest first.
	LookedWithin(ctx context.Context, holder dossier.HolderID, in *dossier.Within, limit int) ([]dossier.Placed, error)
}

// Proofs are what outsiders get of the ledger: hashes, signatures and, for those
// who may see a document, proofs about it.
type Proofs interface {
	// Proof proves the event at a place. While no checkpoint is over it one is
	// made, at most once a minute: in between the error wraps [dossier.ErrConflict].
	Proof(ctx context.Context, place int64) ([]byte, error)

	Checkpoint(ctx context.Context, size int64) (Checkpoint, error) // of a size; -1: the newest
	Checkpoints(ctx context.Context, limit int) ([]Checkpoint, error)
	Stamp(ctx context.Context, size int64) ([]byte, error) // RFC 3161 token over the checkpoint
	Tile(ctx context.Context, path string) ([]byte, error) // C2SP tlog-tiles; what the newest checkpoint covers
	Keys() ([]string, error)                               // public keys, the newest last
}

// A Checkpoint is a signed statement of the ledger's size and root.
type Checkpoint struct {
	Size    int64
	At      time.Time
	Note    []byte
	Stamped bool
}

// quarter is how long one note is enough for somebody who looks at the same
// thing again and again: a page that follows its document asks every few
// seconds, and its pictures are asked for one by one.
const quarter = 15 * time.Minute

// mostGlances bounds what is remembered of them.
const mostGlances = 50_000

// A glance is somebody at something.
type glance struct {
	who  dossier.PersonID
	act  dossier.ReadingAct
	what string
}

// glances remembers who looked at what in this quarter of an hour. After a start
// nothing is remembered, so that something is noted twice rather than never.
type glances struct {
	mu    sync.Mutex
	since map[glance]time.Time
}

// fresh reports whether g is to be noted.
func (g *glances) fresh(x glance, now time.Time) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	at, ok := g.since[x]
	return !ok || now.Sub(at) >= quarter || now.Before(at)
}

// noted remembers x, and forgets what is over if there is much.
func (g *glances) noted(x glance, now time.Time) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.since) >= mostGlances {
		for k, at := range g.since {
			if now.Sub(at) >= quarter {
				delete(g.since, k)
			}
		}
		if len(g.since) >= mostGlances {
			clear(g.since)
		}
	}
	if g.since == nil {
		g.since = map[glance]time.Time{}
	}
	g.since[x] = now
}

// looked notes that the visitor is shown something of a dossier, once in a
// quarter of an hour.
func (s *server) looked(v *visit, act dossier.ReadingAct, d dossier.DocumentID, of dossier.Dossier) error {
	x := glance{v.who.ID, act, string(d) + " " + string(of.Code) + " " + v.under()}
	if !s.seen.fresh(x, s.Now()) {
		return nil
	}
	err := s.note(v, dossier.Reading{Act: act, Document: d, Dossier: of.Code, Holder: of.Holder, Demo: of.Demo})
	if err == nil {
		s.seen.noted(x, s.Now())
	}
	return err
}

// handedOut notes that something is handed out, each time.
func (s *server) handedOut(v *visit, act dossier.ReadingAct, d dossier.DocumentID, of dossier.Dossier, part dossier.Part) error {
	return s.note(v, dossier.Reading{Act: act, Document: d, Dossier: of.Code, Holder: of.Holder, Part: part, Demo: of.Demo})
}

// note writes that the visitor does something.
func (s *server) note(v *visit, r dossier.Reading) error {
	r.Who, r.By, r.At, r.Purpose = v.who.ID, v.who.Role, s.Now(), dossier.PurposeOf(v.who.Role)
	if r.Subject == "" {
		r.Subject = v.under()
	}
	return s.Ledger.Note(v.ctx(), r)
}

// under is the id of the grant that the visitor reads under, if they need one.
func (v *visit) under() string {
	if v.sight.grant == nil {
		return ""
	}
	return v.sight.grant.ID
}

// set notes what the visitor is about to do to the house's own rows, by id or
// code: whatever then fails was at least tried.
func (s *server) set(v *visit, act dossier.ReadingAct, subject string) error {
	return s.Ledger.Note(v.ctx(), dossier.Reading{Act: act, Who: v.who.ID, By: v.who.Role, At: s.Now(), Subject: subject})
}

// ledgerRoutes are what is public of the ledger: hashes and signatures, nothing
// that tells of a person or a paper.
func (s *server) ledgerRoutes() []route {
	return []route{
		{"GET /ledger/checkpoint", open, s.checkpoint},
		{"GET /ledger/checkpoints", open, s.checkpoints},
		{"GET /ledger/checkpoints/{size}", open, s.checkpoint},
		{"GET /ledger/checkpoints/{size}/timestamp", open, s.checkpointStamp},
		{"GET /ledger/keys", open, s.ledgerKeys},
		{"GET /ledger/tile/{path...}", open, s.tile},
		{"GET /documents/{id}/proofs/{place}", look, s.proof},
		{"GET /dossiers/{code}/lookers", trace, s.lookers},
	}
}

// public sends bytes that anybody may have and keep.
func (v *visit) public(media string, b []byte, lasting bool) error {
	h := v.w.Header()
	h.Set("Content-Type", media)
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	h.Set("Access-Control-Allow-Origin", "*")
	if h.Set("Cache-Control", "no-cache"); lasting {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	v.wrote = true
	_, _ = v.w.Write(b) // whoever does not read it has gone
	return nil
}

const plainText = "text/plain; charset=utf-8"

// sizeOf reads the size in a path; -1 without one.
func sizeOf(v *visit) (int64, error) {
	text := v.r.PathValue("size")
	if text == "" {
		return -1, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 {
		return 0, dossier.ErrNotFound
	}
	return n, nil
}

func (s *server) checkpoint(v *visit) error {
	size, err := sizeOf(v)
	if err != nil {
		return err
	}
	c, err := s.Proofs.Checkpoint(v.ctx(), size)
	if err != nil {
		return err
	}
	return v.public(plainText, c.Note, size >= 0)
}

func (s *server) checkpointStamp(v *visit) error {
	size, err := sizeOf(v)
	if err != nil {
		return err
	}
	b, err := s.Proofs.Stamp(v.ctx(), size)
	if err != nil {
		return err
	}
	return v.public("application/timestamp-token", b, true)
}

// mostCheckpoints is how many are listed: six weeks of hours.
const mostCheckpoints = 1000

func (s *server) checkpoints(v *visit) error {
	list, err := s.Proofs.Checkpoints(v.ctx(), mostCheckpoints)
	if err != nil {
		return err
	}
	type line struct {
		Size      int64     `json:"size"`
		At        time.Time `json:"at"`
		Note      string    `json:"checkpoint"`
		Timestamp string    `json:"timestamp,omitempty"`
	}
	out := []line{}
	for _, c := range list {
		l := line{Size: c.Size, At: c.At, Note: string(c.Note)}
		if c.Stamped {
			l.Timestamp = fmt.Sprintf("/ledger/checkpoints/%d/timestamp", c.Size)
		}
		out = append(out, l)
	}
	return v.reply(out)
}

func (s *server) ledgerKeys(v *visit) error {
	keys, err := s.Proofs.Keys()
	if err != nil {
		return err
	}
	return v.public(plainText, []byte(strings.Join(keys, "\n")+"\n"), false)
}

// tile sends hashes; entries, which tell of people, are not published.
func (s *server) tile(v *visit) error {
	b, err := s.Proofs.Tile(v.ctx(), v.r.PathValue("path"))
	if err != nil {
		return err
	}
	return v.public("application/octet-stream", b, true)
}

// proof hands out the proof of an event about a document, to who may see it.
func (s *server) proof(v *visit) error {
	d, do, err := s.document(v, look)
	if err != nil {
		return err
	}
	place, err := strconv.ParseInt(v.r.PathValue("place"), 10, 64)
	if err != nil {
		return dossier.ErrNotFound
	}
	log, err := s.Ledger.LogOf(v.ctx(), d.ID)
	if err != nil {
		return err
	}
	for _, p := range log {
		if p.Place != place {
			continue
		}
		b, err := s.Proofs.Proof(v.ctx(), place)
		if errors.Is(err, dossier.ErrConflict) {
			return told("no-checkpoint", err)
		} else if err != nil {
			return err
		}
		if err := s.handedOut(v, dossier.ReadProven, d.ID, do, ""); err != nil {
			return err
		}
		v.w.Header().Set("Content-Disposition", fmt.Sprintf(`attachment; filename="%s_%s_%d.tlog-proof"`, d.Dossier, d.Slot, place))
		v.w.Header().Set("Content-Type", plainText)
		v.wrote = true
		_, _ = v.w.Write(b) // whoever does not read it has gone
		return nil
	}
	return dossier.ErrNotFound
}

type lookersView struct {
	Dossier dossier.Dossier
	Holder  dossier.Holder
	Lookers []dossier.Placed
	More    bool
	For     map[string]string // purposes of the grants of the reading room, by id
	N       names
}

// mostLookers is how many readings are listed.
const mostLookers = 500

// lookers lists who looked at a holder's papers, reached by way of a dossier
// like the record itself. Looking at the list is a reading, too.
func (s *server) lookers(v *visit) error {
	d, err := s.dossier(v, trace)
	if err != nil {
		return err
	}
	view := lookersView{Dossier: d}
	if view.Holder, err = s.Holders.Holder(v.ctx(), d.Holder); err != nil {
		return err
	}
	if err := s.looked(v, dossier.ReadLookers, "", d); err != nil {
		return err
	}
	return s.lookersPage(v, view)
}

func (s *server) lookersPage(v *visit, view lookersView) error {
	var err error
	if view.Lookers, err = s.lookersAt(v, view.Holder); err != nil {
		return err
	}
	view.More = len(view.Lookers) == mostLookers
	if view.For, err = s.purposes(v); err != nil {
		return err
	}
	if view.N, err = s.names(v.ctx()); err != nil {
		return err
	}
	if err = s.withPeople(v.ctx(), view.N); err != nil {
		return err
	}
	return s.show(v, http.StatusOK, "lookers", "lookers.title", view)
}

// lookersAt are the newest readings of a holder's papers, of those that the visitor may
// see.
func (s *server) lookersAt(v *visit, h dossier.Holder) (list []dossier.Placed, err error) {
	all, err := s.Ledger.LookedWithin(v.ctx(), h.ID, v.sight.within, 2*mostLookers)
	for _, p := range all {
		if p.Kind == "reading" && len(list) < mostLookers {
			list = append(list, p)
		}
	}
	return list, err
}

// Place returns where in the ledger the change that led to a version stands; -1
// while it has no place.
func (v documentView) Place(version int64) int64 {
	if p, ok := v.places[version]; ok {
		return p
	}
	return -1
}

// fillPlaces finds where in the ledger a document's changes stand.
func (s *server) fillPlaces(v *visit, view *documentView) error {
	log, err := s.Ledger.LogOf(v.ctx(), view.Document.ID)
	view.places = map[int64]int64{}
	for _, p := range log {
		if p.Kind == "move" {
			view.places[p.Version] = p.Place
		}
	}
	return err
}
