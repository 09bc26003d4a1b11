package web

import (
	"context"
	"crypto/rand"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/account"
	"sohoa/dossier/digest"
)

// ProgramKeys are what programs come in with, each of a service account. A secret is known
// by its digest only.
type ProgramKeys interface {
	MakeKey(ctx context.Context, k account.Key, secret digest.Digest, by account.By) (account.Key, error)
	EndKey(ctx context.Context, of dossier.PersonID, id string, by account.By) error
	Keys(ctx context.Context, of dossier.PersonID) ([]account.Key, error)
	KeyBySecret(ctx context.Context, secret digest.Digest) (dossier.Person, account.Key, error)
	KeySeen(ctx context.Context, id string, at time.Time) error
}

func (s *server) keyRoutes() []route {
	return []route{
		{"GET /admin/keys", manage, s.keysShow},
		{"POST /admin/keys", manage, s.keysAccount},
		{"GET /admin/keys/{id}", manage, s.keysOf},
		{"POST /admin/keys/{id}", manage, s.keyMake},
		{"POST /admin/keys/{id}/{key}/end", manage, s.keyEnd},
	}
}

// recogniseKey finds out which program visits. What it may is less than its account
// may, by the same function as people's rights: [allowed].
func (s *server) recogniseKey(v *visit) error {
	scheme, secret, _ := strings.Cut(v.r.Header.Get("Authorization"), " ")
	secret = strings.TrimSpace(secret)
	if !strings.EqualFold(scheme, "Bearer") || !account.LooksLikeKey(secret) {
		return told("key", dossier.ErrForbidden)
	}
	p, k, err := s.Accounts.KeyBySecret(v.ctx(), digest.Of([]byte(secret)))
	if errors.Is(err, dossier.ErrNotFound) {
		return told("key", dossier.ErrForbidden)
	} else if err != nil {
		return err
	}
	if s.Now().Sub(k.Seen) >= time.Minute {
		if err := s.Accounts.KeySeen(v.ctx(), k.ID, s.Now()); err != nil {
			return err
		}
	}
	v.who, v.self, v.key = p, p, &k
	v.r = v.r.WithContext(account.WithKey(v.ctx(), k.ID)) // what it does is the key's, in the ledger
	if v.sight, err = s.scopeOf(v.ctx(), v.who); err != nil {
		return err
	}
	v.sight.key = &k
	if p.Role == dossier.Auditor { // what the grant says
		return s.close(v)
	}
	below, err := s.Catalogue.Below(v.ctx(), k.Agency)
	if err != nil && !errors.Is(err, dossier.ErrNotFound) {
		return err
	}
	below = append(below, k.Agency)
	v.sight.below = slices.DeleteFunc(v.sight.below, func(a dossier.AgencyCode) bool { return !slices.Contains(below, a) })
	if len(v.sight.below) == 0 { // the account has moved elsewhere since
		v.sight.below = []dossier.AgencyCode{nowhere}
	}
	return s.close(v)
}

type keysView struct {
	What     string
	Accounts []dossier.Person
	Of       *dossier.Person // whose keys are shown
	List     []account.Key
	Rights   []right // that a key of theirs can have
	Roles    []dossier.Role
	Agencies []dossier.Agency
	Secret   string // on its one way to its owner
	Given    map[string]string
	Picked   []string
	Now      time.Time
	N        names
	Problem  *problem
}

func (s *server) keysShow(v *visit) error { return s.keysPage(v, keysView{}, nil) }

// keysOf shows the keys of one account.
func (s *server) keysOf(v *visit) error {
	p, err := s.program(v)
	if err != nil {
		return err
	}
	return s.keysPage(v, keysView{Of: &p}, nil)
}

// program is the service account that a request is about.
func (s *server) program(v *visit) (dossier.Person, error) {
	p, err := s.person(v)
	if err == nil && !p.Service {
		err = dossier.ErrNotFound
	}
	return p, err
}

func (s *server) keysPage(v *visit, view keysView, wrong error) error {
	if v.json() && wrong != nil {
		return wrong
	}
	status := http.StatusOK
	view.What, view.Roles, view.Now, view.Given = "keys", account.Serves, s.Now(), map[string]string{}
	if wrong != nil {
		if !errors.Is(wrong, dossier.ErrInvalid) && !errors.Is(wrong, dossier.ErrConflict) {
			return wrong
		}
		p := problemOf(v.lang, wrong)
		view.Problem, status, view.Picked = &p, p.Status, v.r.PostForm["act"]
		for name, values := range v.r.PostForm {
			view.Given[name] = values[0]
		}
	}
	all, err := s.People.People(v.ctx())
	if err != nil {
		return err
	}
	view.Accounts = slices.DeleteFunc(all, func(p dossier.Person) bool { return !p.Service })
	if view.Agencies, err = s.Catalogue.Agencies(v.ctx()); err != nil {
		return err
	}
	slices.SortFunc(view.Agencies, func(a, b dossier.Agency) int { return strings.Compare(string(a.Code), string(b.Code)) })
	if view.Of != nil {
		if view.List, err = s.Accounts.Keys(v.ctx(), view.Of.ID); err != nil {
			return err
		}
		view.Rights = keyable(view.Of.Role)
		below, err := s.scopeOf(v.ctx(), *view.Of)
		if err != nil {
			return err
		}
		view.Agencies = slices.DeleteFunc(view.Agencies, func(a dossier.Agency) bool { return a.Code != view.Of.Agency && !below.has(a.Code) })
	}
	if view.N, err = s.names(v.ctx()); err != nil {
		return err
	}
	return s.show(v, status, "admin_keys", "admin.keys", view)
}

// keyable are the rights that a key of a role's account can have.
func keyable(r dossier.Role) (list []right) {
	for _, x := range keyed {
		if slices.Contains(rights[x], r) {
			list = append(list, x)
		}
	}
	return list
}

// keysAccount adds a service account, which can do nothing until it has a key.
func (s *server) keysAccount(v *visit) error {
	p, err := s.putProgram(v)
	if err != nil {
		return s.keysPage(v, keysView{}, err)
	}
	return v.to("/admin/keys/" + string(p.ID))
}

func (s *server) putProgram(v *visit) (dossier.Person, error) {
	p := dossier.Person{ID: dossier.PersonID("s-" + strings.ToLower(rand.Text()[:12])), Login: strings.ToLower(clean(v.r.PostFormValue("login"))),
		Role: dossier.Role(v.r.PostFormValue("role")), Agency: dossier.AgencyCode(v.r.PostFormValue("agency")), Service: true}
	n, err := s.names(v.ctx())
	if err != nil {
		return p, err
	}
	var ok bool
	if p.Name, ok = name(v, "name"); !ok {
		return p, invalid("admin.name")
	}
	switch {
	case !loginName().MatchString(p.Login):
		return p, invalid("login.login")
	case !slices.Contains(account.Serves, p.Role):
		return p, invalid("admin.role")
	case n.agency[p.Agency] == "":
		return p, invalid("admin.agency")
	}
	if _, _, err := s.People.PersonByLogin(v.ctx(), p.Login); err == nil {
		return p, told("taken", dossier.ErrConflict)
	} else if !errors.Is(err, dossier.ErrNotFound) {
		return p, err
	}
	if err := s.set(v, dossier.PutPerson, string(p.ID)); err != nil {
		return p, err
	}
	return p, s.Office.PutPerson(v.ctx(), p, "")
}

// keyMake makes a key, whose secret is in the answer and nowhere else, ever.
func (s *server) keyMake(v *visit) error {
	p, err := s.program(v)
	if err != nil {
		return err
	}
	k, err := s.keyGiven(v, p)
	if err != nil {
		return s.keysPage(v, keysView{Of: &p}, err)
	}
	secret, head := account.NewKey()
	k.Head = head
	if k, err = s.Accounts.MakeKey(v.ctx(), k, digest.Of([]byte(secret)), v.by()); err != nil {
		return s.keysPage(v, keysView{Of: &p}, err)
	}
	s.Log.InfoContext(v.ctx(), "key made", "who", v.self.ID, "of", p.ID, "key", k.ID)
	if v.json() {
		return v.reply(struct {
			ID    string    `json:"id"`
			Key   string    `json:"key"`
			Until time.Time `json:"until"`
		}{k.ID, secret, k.Until})
	}
	return s.keysPage(v, keysView{Of: &p, Secret: secret}, nil)
}

func (s *server) keyGiven(v *visit, p dossier.Person) (k account.Key, err error) {
	_ = v.r.ParseForm() // a broken form has no acts
	k = account.Key{Account: p.ID, Agency: dossier.AgencyCode(v.r.PostFormValue("agency")), Why: clean(v.r.PostFormValue("why")), Head: "-",
		Acts: slices.Compact(slices.Sorted(slices.Values(v.r.PostForm["act"])))}
	if k.Agency == "" {
		k.Agency = p.Agency
	}
	sight, err := s.scopeOf(v.ctx(), p)
	if err != nil {
		return k, err
	}
	day, err := searchDay(clean(v.r.PostFormValue("until")), "keys.until")
	if err != nil {
		return k, err
	}
	until, err := time.ParseInLocation(time.DateOnly, day, dossier.VietNam)
	if err != nil {
		return k, invalid("keys.until")
	}
	k.Until = until.AddDate(0, 0, 1) // to the end of that day
	may := keyable(p.Role)
	switch {
	case len(k.Acts) == 0 || slices.ContainsFunc(k.Acts, func(a string) bool { return !slices.Contains(may, right(a)) }):
		return k, invalid("keys.acts")
	case k.Agency != p.Agency && !sight.has(k.Agency):
		return k, invalid("admin.agency")
	case k.Why == "" || len(k.Why) > 1000:
		return k, invalid("word.why")
	case k.Check(s.Now()) != nil:
		return k, invalid("keys.until")
	}
	return k, nil
}

// keyEnd ends a key: from then on it opens nothing.
func (s *server) keyEnd(v *visit) error {
	p, err := s.program(v)
	if err != nil {
		return err
	}
	if err := s.Accounts.EndKey(v.ctx(), p.ID, v.r.PathValue("key"), v.by()); err != nil && !errors.Is(err, dossier.ErrConflict) { // it has ended already
		return err
	}
	s.Log.InfoContext(v.ctx(), "key ended", "who", v.self.ID, "of", p.ID, "key", v.r.PathValue("key"))
	return v.to("/admin/keys/" + string(p.ID))
}

// Has reports whether the form had an act ticked.
func (k keysView) Has(r right) bool { return slices.Contains(k.Picked, string(r)) }
