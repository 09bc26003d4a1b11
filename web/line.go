package web

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"sohoa/dossier"
)

// Line is how the machine's work stands, and what an administrator does about it.
type Line interface {
	Shares(ctx context.Context) ([]dossier.Share, error)
	PutShare(ctx context.Context, s dossier.Share) error
	Requeue(ctx context.Context, id dossier.DocumentID) error
	Halt(ctx context.Context, id dossier.DocumentID) error
	PagesDone(ctx context.Context, d dossier.Document) (done, of int, err error)
}

// A Wait is an error that turns a paper away at the door for a while. Its code
// has words: rate, disk-low, queue-full, store-away.
type Wait struct {
	Code  string
	After time.Duration
}

// Error implements error.
func (w *Wait) Error() string { return w.Code + ": come again in " + w.After.String() }

// seconds is how long to wait, as Retry-After has it.
func (w *Wait) seconds() string { return strconv.Itoa(int(w.After/time.Second) + 1) }

// status is the answer's.
func (w *Wait) status() int {
	if w.Code == "rate" || w.Code == "rate-api" {
		return http.StatusTooManyRequests
	}
	return http.StatusServiceUnavailable
}

// mostStuck is how many papers in trouble are listed.
const mostStuck = 200

type lineView struct {
	What   string
	Shares []dossier.Share
	Stuck  []dossier.Document
	N      names
	Usual  int
}

// lineShow says how the line stands, by agency, and which papers are stuck.
func (s *server) lineShow(v *visit) (err error) {
	view := lineView{What: "line", Usual: dossier.UsualWeight}
	if view.Shares, err = s.Line.Shares(v.ctx()); err != nil {
		return err
	}
	if view.Stuck, err = s.Documents.Documents(v.ctx(), DocumentQuery{Within: v.sight.within, Troubled: true, Limit: mostStuck}); err != nil {
		return err
	}
	if view.N, err = s.names(v.ctx()); err != nil {
		return err
	}
	return s.show(v, http.StatusOK, "line", "admin.line", view)
}

// lineShare sets the share of an agency, or of the whole line.
func (s *server) lineShare(v *visit) error {
	share := dossier.Share{Agency: dossier.AgencyCode(clean(v.r.PostFormValue("agency"))), Paused: v.r.PostFormValue("paused") == "1"}
	n, err := s.names(v.ctx())
	if err != nil {
		return err
	}
	if share.Agency != dossier.WholeLine && n.agency[share.Agency] == "" {
		return invalid("admin.agency")
	}
	if share.Weight, err = strconv.Atoi(or(v.r.PostFormValue("weight"), strconv.Itoa(dossier.UsualWeight))); err != nil || share.Weight < 1 || share.Weight > dossier.MostWeight {
		return invalid("line.weight")
	}
	if share.Rate, err = strconv.Atoi(or(v.r.PostFormValue("rate"), "0")); err != nil || share.Rate < 0 || share.Rate > dossier.MostRate {
		return invalid("line.rate")
	}
	if err := s.set(v, dossier.PutShare, string(share.Agency)); err != nil {
		return err
	}
	if err := s.Line.PutShare(v.ctx(), share); err != nil {
		return err
	}
	s.Moved(v.ctx(), dossier.Document{})
	return v.to("/admin/line")
}

// lineDo has the machine try a paper again at once, or leave it alone.
func (s *server) lineDo(v *visit) error {
	d, err := s.seen1(v, dossier.DocumentID(v.r.PathValue("id")), manage)
	if err != nil {
		return err
	}
	do, act := s.Line.Requeue, dossier.PutRequeued
	switch v.r.PathValue("do") {
	case "requeue":
	case "halt":
		do, act = s.Line.Halt, dossier.PutHalted
	default:
		return dossier.ErrNotFound
	}
	if err := s.set(v, act, string(d.ID)); err != nil {
		return err
	}
	if err := do(v.ctx(), d.ID); err != nil {
		return err
	}
	s.Moved(v.ctx(), d)
	return v.to("/admin/line")
}
