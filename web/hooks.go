package web

import (
	"context"
	"crypto/rand"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"sohoa/dossier"
	"sohoa/dossier/account"
	"sohoa/dossier/hook"
)

// Hooks are the addresses that are told what happens.
type Hooks interface {
	AddHook(ctx context.Context, h hook.Hook, by account.By) (hook.Hook, error)
	EndHook(ctx context.Context, id string, by account.By) error
	Hooks(ctx context.Context) ([]hook.Hook, error)
	DeadHooks(ctx context.Context, limit int) ([]hook.Delivery, error)
	ReplayHook(ctx context.Context, id string, place int64, drop bool, by account.By) error
}

func (s *server) hookRoutes() []route {
	return []route{
		{"GET /admin/hooks", manage, s.hooksShow},
		{"POST /admin/hooks", manage, s.hookAdd},
		{"POST /admin/hooks/{id}/end", manage, s.hookEnd},
		{"POST /admin/hooks/{id}/{place}/{do}", manage, s.hookReplay},
	}
}

// HookOwner is whose secret the secret of a hook is, to a vault.
func HookOwner(id string) string { return "hook " + id }

// mostDead is how many events that were put aside are listed.
const mostDead = 200

type hooksView struct {
	What     string
	List     []hook.Hook
	Dead     []hook.Delivery
	Hosts    []string // that may be called
	Agencies []dossier.Agency
	Secret   string // on its one way to its owner
	Given    map[string]string
	N        names
	Problem  *problem
}

func (s *server) hooksShow(v *visit) error { return s.hooksPage(v, "", nil) }

func (s *server) hooksPage(v *visit, secret string, wrong error) error {
	view, status := hooksView{What: "hooks", Secret: secret, Hosts: s.Calls.Hosts, Given: map[string]string{}}, http.StatusOK
	if wrong != nil {
		if v.json() || !errors.Is(wrong, dossier.ErrInvalid) {
			return wrong
		}
		p := problemOf(v.lang, wrong)
		view.Problem, status = &p, p.Status
		for name, values := range v.r.PostForm {
			view.Given[name] = values[0]
		}
	}
	var err error
	if view.List, err = s.Hooks.Hooks(v.ctx()); err != nil {
		return err
	}
	if view.Dead, err = s.Hooks.DeadHooks(v.ctx(), mostDead); err != nil {
		return err
	}
	if view.Agencies, err = s.Catalogue.Agencies(v.ctx()); err != nil {
		return err
	}
	slices.SortFunc(view.Agencies, func(a, b dossier.Agency) int { return strings.Compare(string(a.Code), string(b.Code)) })
	if view.N, err = s.names(v.ctx()); err != nil {
		return err
	}
	return s.show(v, status, "admin_hooks", "admin.hooks", view)
}

// hookAdd enters an address, whose secret is in the answer and nowhere else, ever.
func (s *server) hookAdd(v *visit) error {
	h := hook.Hook{ID: "h-" + strings.ToLower(rand.Text()[:12]), URL: strings.TrimSpace(v.r.PostFormValue("url")), Agency: dossier.AgencyCode(v.r.PostFormValue("agency")), Why: clean(v.r.PostFormValue("why"))}
	n, err := s.names(v.ctx())
	if err != nil {
		return err
	}
	switch {
	case s.Calls.Check(h.URL) != nil:
		return s.hooksPage(v, "", told("hook-url", dossier.ErrInvalid))
	case n.agency[h.Agency] == "":
		return s.hooksPage(v, "", invalid("admin.agency"))
	case h.Why == "" || len(h.Why) > 1000:
		return s.hooksPage(v, "", invalid("word.why"))
	}
	secret := hook.NewSecret()
	if h.Secret, err = KeepSecret(s.Vault, HookOwner(h.ID), []byte(secret)); err != nil {
		return err
	}
	if h, err = s.Hooks.AddHook(v.ctx(), h, v.by()); err != nil {
		return err
	}
	s.Log.InfoContext(v.ctx(), "hook added", "who", v.self.ID, "hook", h.ID)
	if v.json() {
		return v.reply(struct {
			ID     string `json:"id"`
			Secret string `json:"secret"`
		}{h.ID, secret})
	}
	return s.hooksPage(v, secret, nil)
}

func (s *server) hookEnd(v *visit) error {
	if err := s.Hooks.EndHook(v.ctx(), v.r.PathValue("id"), v.by()); err != nil {
		return err
	}
	return v.to("/admin/hooks")
}

// hookReplay tells an event that was put aside again, or leaves it out.
func (s *server) hookReplay(v *visit) error {
	place, err := strconv.ParseInt(v.r.PathValue("place"), 10, 64)
	do := v.r.PathValue("do")
	if err != nil || do != "replay" && do != "drop" {
		return dossier.ErrNotFound
	}
	if err := s.Hooks.ReplayHook(v.ctx(), v.r.PathValue("id"), place, do == "drop", v.by()); err != nil {
		return err
	}
	return v.to("/admin/hooks")
}
