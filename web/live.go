package web

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"sohoa/dossier"
	"sohoa/web/api"
	"sohoa/web/live"
)

// liveRoute tells a page that what it shows has changed, by server-sent events (WHATWG
// HTML section 9.2): it asks for itself again then. Pages work without.
const (
	liveRoute = "GET /live"
	v1Live    = "GET /api/v1/events"
)

// isLive reports whether a pattern's answer goes on while a page stands there: it is no
// sign of anybody.
func isLive(pattern string) bool { return pattern == liveRoute || pattern == v1Live }

const (
	mostLive  = 10_000           // who watch, in one process
	mostOwn   = 24               // of one person: windows that are looked at
	liveAtOne = 64               // happenings that are told at once
	liveWrite = 10 * time.Second // for the other side to take what is written
	usualBeat = 25 * time.Second // less than proxies wait for a word
	liveAgain = 2000             // ms until a browser comes back
	laidEvery = time.Second / 2  // between looks at what is laid out
)

// watchers counts who watch, by person.
type watchers struct {
	mu  sync.Mutex
	all int
	of  map[dossier.PersonID]int
}

func (w *watchers) enter(p dossier.PersonID) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.all >= mostLive || w.of[p] >= mostOwn {
		return false
	}
	if w.of == nil {
		w.of = map[dossier.PersonID]int{}
	}
	w.all++
	w.of[p]++
	return true
}

func (w *watchers) leave(p dossier.PersonID) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.all--
	if w.of[p]--; w.of[p] == 0 {
		delete(w.of, p)
	}
}

// v1Happened is a happening as it is told.
type v1Happened struct {
	Place    int64              `json:"place" doc:"of its event in the ledger"`
	Act      string             `json:"act" doc:"of a document or a dossier; pages-read while a long paper is read page by page"`
	Dossier  dossier.Code       `json:"dossier"`
	Slot     dossier.SlotCode   `json:"slot,omitempty"`
	Document dossier.DocumentID `json:"document,omitempty"`
	State    dossier.State      `json:"state,omitempty"`
	Version  int64              `json:"version,omitempty"`
	Done     int                `json:"done,omitempty" doc:"pages that are read"`
	Pages    int                `json:"pages,omitempty" doc:"of so many"`
}

func happenedOf(h dossier.Happening) v1Happened {
	return v1Happened{h.Place, h.Act, h.Of.Code, h.Slot, h.Document, h.State, h.Version, h.Done, h.Pages}
}

// tells reports whether who watches may see what happened, and asked for it.
func (v *visit) tells(h dossier.Happening, document dossier.DocumentID, code dossier.Code) bool {
	switch {
	case document != "" && h.Document != document, code != "" && h.Of.Code != code:
		return false
	case h.Document != "":
		return v.allowedFor(look, h.Of, h.Kind) == nil
	}
	in := v.sight.within
	return v.allowed(look, &h.Of) == nil && (in == nil || len(in.Kinds) == 0 && (len(in.Not.Kinds) == 0 || h.Slot == "")) // of which kind a slot is, it does not say
}

// live tells what happens, until its reader goes, their session ends, or the house does.
func (s *server) live(v *visit) error {
	if s.Live == nil {
		return dossier.ErrNotFound
	}
	from, err := v.since()
	if err != nil {
		return err
	}
	if !s.watching.enter(v.self.ID) {
		return ErrBusy
	}
	defer s.watching.leave(v.self.ID)
	w, missed := s.Live.Watch(from)
	defer w.End()
	v.wrote = true
	h := v.w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("X-Accel-Buffering", "no") // nginx hands each word on at once
	q := v.r.URL.Query()
	t := &teller{s: s, v: v, w: w, control: http.NewResponseController(v.w), document: dossier.DocumentID(q.Get("document")), code: dossier.Code(q.Get("dossier"))}
	if slot := dossier.SlotCode(q.Get("slot")); slot != "" {
		at := DraftPlace{Who: v.who.ID, Dossier: t.code, Slot: slot}
		t.lies, t.mark = q.Get("laid"), func() string { return s.Drafts.Mark(v.ctx(), at) }
	}
	t.run(missed)
	return nil
}

// since is the place of the ledger that who watches knows already: where their connection
// broke, or where the page was made. None is now.
func (v *visit) since() (int64, error) {
	text := v.r.Header.Get("Last-Event-ID")
	if text == "" {
		text = v.r.URL.Query().Get("since")
	}
	if text == "" {
		return -1, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 {
		return 0, &api.Wrong{At: "Last-Event-ID", Rule: "pattern"}
	}
	return n, nil
}

// A teller writes to one reader.
type teller struct {
	s        *server
	v        *visit
	w        *live.Watch
	control  *http.ResponseController
	document dossier.DocumentID // told of alone; empty: of all
	code     dossier.Code
	lies     string        // the mark of what was laid out when the page was made
	mark     func() string // of what is laid out where the reader is, which no ledger knows of; nil: nothing can be
}

// run tells, and looks with every beat whether its reader still may. A session that
// ended, and a person who is locked or has other rights, are known by the next beat.
func (t *teller) run(missed bool) {
	beat := time.NewTicker(t.s.beat)
	defer beat.Stop()
	laid := t.looks()
	defer laid.Stop()
	words := fmt.Sprintf("retry: %d\n\n", liveAgain)
	for {
		list, place, lost, more, over := t.w.Next(liveAtOne)
		if lost || missed {
			words, missed = words+fmt.Sprintf("event: missed\nid: %d\ndata: {}\n\n", place), false
		}
		words += t.words(list, place)
		if over || words != "" && !t.say(words) {
			return
		}
		if words = ""; len(list) == liveAtOne {
			continue
		}
		select {
		case <-t.v.ctx().Done():
			return
		case <-more:
		case <-laid.C:
			mark := t.mark()
			if mark == t.lies {
				continue
			}
			t.lies = mark
			words = fmt.Sprintf("event: happened\nid: %d\ndata: {\"act\":\"laid-out\"}\n\n", place)
		case <-beat.C:
			if !t.still() {
				_ = t.say("event: end\ndata: {}\n\n")
				return
			}
			words = fmt.Sprintf("event: beat\nid: %d\ndata: {}\n\n", place)
		}
	}
}

// looks is the clock by which what is laid out is looked at; it stands still where nothing
// can be.
func (t *teller) looks() *time.Ticker {
	clock := time.NewTicker(laidEvery)
	if t.mark == nil {
		clock.Stop()
	}
	return clock
}

// words are happenings as events. The id of each is the place to go on from: of the last of
// them, of what was looked at.
func (t *teller) words(list []dossier.Happening, place int64) string {
	var b strings.Builder
	for i, h := range list {
		if !t.v.tells(h, t.document, t.code) {
			continue
		}
		data, err := json.Marshal(happenedOf(h))
		if err != nil {
			continue // of strings and numbers it never fails
		}
		next := place
		if i+1 < len(list) {
			next = list[i+1].Place
		}
		fmt.Fprintf(&b, "event: happened\nid: %d\ndata: %s\n\n", next, data)
	}
	return b.String()
}

// say writes and reports whether the reader took it in time.
func (t *teller) say(words string) bool {
	late := time.AfterFunc(liveWrite, func() { _ = t.control.SetWriteDeadline(time.Unix(1, 0)) })
	defer late.Stop()
	_, err := t.v.w.Write([]byte(words))
	return err == nil && t.control.Flush() == nil
}

// still finds out anew who watches and what they may.
func (t *teller) still() bool {
	now := &visit{w: t.v.w, r: t.v.r, lang: t.v.lang, v1: t.v.v1}
	pattern := liveRoute
	if now.v1 {
		pattern = v1Live
	}
	if err := t.s.recognise(now, route{pattern: pattern, right: look}); err != nil || now.self.ID != t.v.self.ID || now.who.ID != t.v.who.ID {
		return false
	}
	if now.allowed(look, nil) != nil {
		return false
	}
	t.v.who, t.v.sight, t.v.key = now.who, now.sight, now.key
	return true
}

type v1Happenings struct {
	Happened []v1Happened `json:"happened"`
	After    string       `json:"after" doc:"asked with it next time, what happened since is told"`
}

// v1Happenings tells programs what happened, as a list or, to who accepts
// text/event-stream, as it happens.
func (s *server) v1Happenings(v *visit, _ any) (*v1Answer, error) {
	if strings.Contains(v.r.Header.Get("Accept"), "text/event-stream") {
		if text := v.query("after"); text != "" && v.r.Header.Get("Last-Event-ID") == "" {
			var from int64
			if err := api.Goes(text, &from); err != nil {
				return nil, err
			}
			v.r.Header.Set("Last-Event-ID", strconv.FormatInt(from, 10))
		}
		return nil, s.live(v)
	}
	if s.Live == nil {
		return nil, dossier.ErrNotFound
	}
	out := &v1Happenings{Happened: []v1Happened{}}
	from := s.Live.Head()
	if text := v.query("after"); text != "" {
		if err := api.Goes(text, &from); err != nil {
			return nil, err
		}
		list, next, err := s.Happened.Happenings(v.ctx(), max(0, from), v.sight.agencies(), v.most())
		if err != nil {
			return nil, err
		}
		for _, h := range list {
			if v.tells(h, dossier.DocumentID(v.query("document")), dossier.Code(v.query("dossier"))) {
				out.Happened = append(out.Happened, happenedOf(h))
			}
		}
		from = next
	}
	out.After = api.Cursor(from)
	return shown(out), nil
}

// watched are the pages that ask for themselves again when something happens, and of
// what alone.
func (v *visit) watched(name string) (string, bool) {
	switch name {
	case "document":
		return "&document=" + v.r.PathValue("id"), true
	case "dossier":
		return "&dossier=" + v.r.PathValue("code"), true
	case "draft":
		return "&dossier=" + v.r.PathValue("code") + "&slot=" + v.r.PathValue("slot") + "&laid=" + v.laid, true
	case "desk", "desk_batch", "home":
		return "", true
	}
	return "", false
}
