package web

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/account"
	"sohoa/dossier/batch"
	"sohoa/dossier/digest"
	"sohoa/dossier/drop"
	"sohoa/jail"
)

// Drops are the files that scanners and shared folders brought, and the accounts of
// scanners.
type Drops interface {
	Tray(ctx context.Context, agencies []dossier.AgencyCode, after string, limit int) ([]drop.Drop, error) // newest first
	Drop(ctx context.Context, id string, agencies []dossier.AgencyCode) (drop.Drop, error)
	DropLaid(ctx context.Context, id string, code dossier.Code, slot dossier.SlotCode, by account.By) error
	DiscardDrop(ctx context.Context, id string, by account.By) error
	RestoreDrop(ctx context.Context, id string, by account.By) error

	AddScanner(ctx context.Context, s drop.Scanner, secret digest.Digest, by account.By) (drop.Scanner, error)
	EndScanner(ctx context.Context, id string, by account.By) error
	Scanners(ctx context.Context) ([]drop.Scanner, error)
}

func (s *server) trayRoutes() []route {
	return []route{
		{"GET /tray", receive, s.trayShow},
		{"POST /tray/batch", receive, s.trayBatch},
		{"POST /tray/results", receive, s.trayResults},
		{"POST /tray/{drop}/lay", receive, s.trayLay},
		{"POST /dossiers/{code}/slots/{slot}/tray", receive, s.slotTray},
		{"POST /tray/{drop}/discard", receive, s.trayDiscard},
		{"POST /tray/{drop}/restore", receive, s.trayRestore},
		{"GET /admin/scanners", manage, s.scannersShow},
		{"POST /admin/scanners", manage, s.scannerAdd},
		{"POST /admin/scanners/{scanner}/end", manage, s.scannerEnd},
	}
}

// RefusalWords are what is wrong with a file and what to do, in Vietnamese and English.
func RefusalWords(r *jail.Refusal) (vi, en string) {
	both := func(lang string) string {
		p := problemOf(lang, r)
		return strings.TrimSpace(strings.TrimRight(p.Title, ".") + ". " + p.Detail)
	}
	return both("vi"), both("en")
}

// perTray is how many drops a page shows.
const perTray = 50

// A trayLine is a drop as its page shows it.
type trayLine struct {
	drop.Drop
	Reason string
	Names  dossier.Code // the dossier that the file's name names
	Folder bool         // it is no file: something is in the way of a whole folder
}

type trayView struct {
	List    []trayLine
	After   string // of the next page; "": none
	Chosen  dossier.Code
	Of      dossier.ProcedureCode // of the chosen dossier
	Places  []place               // of the chosen dossier that are empty
	Batch   bool                  // something can go into a batch
	Results bool                  // names of files name dossiers
	N       names
	Problem *problem
	Gone    *drop.Drop // that was just discarded, and can be taken back
}

func (s *server) trayShow(v *visit) error { return s.trayPage(v, nil) }

func (s *server) trayPage(v *visit, wrong error) error {
	view, status := trayView{}, http.StatusOK
	chosen := strings.TrimSpace(v.r.FormValue("dossier"))
	if wrong == nil && chosen != "" {
		v.r.SetPathValue("code", chosen)
		d, err := s.dossier(v, receive)
		if errors.Is(err, dossier.ErrNotFound) {
			wrong = invalid("tray.dossier")
		} else if err != nil {
			return err
		} else if view.Places, err = s.places(v, d); err != nil {
			return err
		}
		view.Chosen, view.Of = d.Code, d.Procedure
		view.Places = slices.DeleteFunc(view.Places, func(p place) bool { return !p.Empty() })
	}
	if wrong != nil {
		if v.json() {
			return wrong
		}
		p := problemOf(v.lang, wrong)
		view.Problem, status = &p, p.Status
	}
	found, err := s.Drops.Tray(v.ctx(), v.sight.agencies(), v.r.FormValue("after"), perTray+1)
	if errors.Is(err, dossier.ErrNotFound) { // what was shown last is gone
		found, err = s.Drops.Tray(v.ctx(), v.sight.agencies(), "", perTray+1)
	}
	if err != nil {
		return err
	}
	if len(found) > perTray {
		found = found[:perTray]
		view.After = found[perTray-1].ID
	}
	for _, d := range found {
		if open, err := s.dropOpen(v, d); err != nil {
			return err
		} else if !open {
			continue
		}
		line := trayLine{Drop: d, Reason: reasonOf(v.lang, d), Folder: d.State == drop.Waiting && (d.Code == drop.Silent || d.Code == drop.Away)}
		if d.State == drop.Taken {
			line.Names = drop.Names(d.Name)
		}
		view.List, view.Results = append(view.List, line), view.Results || line.Names != ""
		view.Batch = view.Batch || d.State == drop.Taken
	}
	if id := v.r.FormValue("gone"); id != "" {
		if d, err := s.Drops.Drop(v.ctx(), id, v.sight.agencies()); err == nil && d.Undoable(s.Now()) {
			view.Gone = &d
		}
	}
	if view.N, err = s.names(v.ctx()); err != nil {
		return err
	}
	return s.show(v, status, "tray", "tray.title", view)
}

// reasonOf words why a drop was refused, or waits.
func reasonOf(lang string, d drop.Drop) string {
	switch {
	case d.State == drop.Waiting:
		return say(lang, "tray.wait."+d.Code)
	case d.State == drop.Refused:
		vi, en := RefusalWords(&jail.Refusal{Code: d.Code, Text: d.Why})
		if lang == "vi" {
			return vi
		}
		return en
	}
	return ""
}

// dropOf is the drop that a request is about, of the visitor's agencies.
func (s *server) dropOf(v *visit) (drop.Drop, error) { return s.dropBy(v, v.r.PathValue("drop")) }

// dropBy is a drop of the visitor's agencies that is not closed to them.
func (s *server) dropBy(v *visit, id string) (drop.Drop, error) {
	d, err := s.Drops.Drop(v.ctx(), id, v.sight.agencies())
	if err != nil {
		return d, err
	}
	open, err := s.dropOpen(v, d)
	if err == nil && !open {
		err = dossier.ErrNotFound
	}
	return d, err
}

// trayLay lays a taken file out in the draft of a place, beside what lies there.
func (s *server) trayLay(v *visit) error {
	return s.layDrop(v, dossier.Code(strings.TrimSpace(v.r.PostFormValue("dossier"))), dossier.SlotCode(v.r.PostFormValue("slot")))
}

func (s *server) layDrop(v *visit, code dossier.Code, slot dossier.SlotCode) error {
	d, err := s.dropOf(v)
	if err != nil {
		return err
	}
	if d.State != drop.Taken || d.Batch != "" {
		return dossier.ErrNotFound
	}
	v.r.SetPathValue("code", string(code))
	v.r.SetPathValue("slot", string(slot))
	of, at, _, err := s.draftAt(v)
	if err != nil {
		return err
	}
	if err := s.notSecret(v, at.Dossier, at.Slot); err != nil {
		return err
	}
	body, err := s.Blobs.Open(v.ctx(), d.Sum)
	if err != nil {
		return err
	}
	defer body.Close()
	if err := s.Drafts.Add(v.ctx(), at, "drop "+d.ID, d.Name, body); err != nil {
		return s.trayPage(v, err)
	}
	if err := s.Drops.DropLaid(v.ctx(), d.ID, at.Dossier, at.Slot, v.by()); err != nil {
		return err
	}
	return v.to(draftView{Dossier: of, Slot: at.Slot}.Base())
}

// trayBatch makes a batch of taken files of one agency, in the order of the page,
// oldest first: as they came.
func (s *server) trayBatch(v *visit) error {
	b, err := s.batchOfTray(v)
	if errors.Is(err, dossier.ErrInvalid) || errors.Is(err, dossier.ErrConflict) {
		return s.trayPage(v, err)
	} else if err != nil {
		return err
	}
	return v.to("/batches/" + string(b.ID))
}

func (s *server) batchOfTray(v *visit) (none batch.Batch, err error) {
	if err := v.r.ParseForm(); err != nil {
		return none, badForm(err)
	}
	ids, feed := v.r.PostForm["drop"], batch.Feed(v.r.PostFormValue("feed"))
	switch {
	case len(ids) == 0:
		return none, told("no-file", dossier.ErrInvalid)
	case len(ids) > batchFiles:
		return none, told("room", dossier.ErrInvalid)
	case !slices.Contains(batch.Feeds[:], feed):
		return none, invalid("batches.feed")
	}
	var files []batch.File
	var agency dossier.AgencyCode
	for _, id := range slices.Backward(ids) {
		d, err := s.dropBy(v, id)
		if err != nil {
			return none, err
		}
		if d.State != drop.Taken || d.Batch != "" {
			return none, told("tray-gone", dossier.ErrConflict)
		}
		if agency != "" && agency != d.Agency {
			return none, told("tray-agencies", dossier.ErrInvalid)
		}
		agency = d.Agency
		files = append(files, batch.File{Sum: d.Sum, Size: d.Size, Name: shortName(d.Name), Drop: d.ID})
	}
	parting, err := partingOf(v.r)
	if err != nil {
		return none, err
	}
	b, err := s.PaperBatches.Take(v.ctx(), agency, feed, parting, files, v.by())
	if errors.Is(err, dossier.ErrConflict) {
		err = told("tray-gone", err)
	}
	return b, err
}

// shortName is the end of a name, which a batch has room for.
func shortName(name string) string {
	if i := len(name) - 200; i > 0 {
		name = strings.ToValidUTF8(name[i:], "")
	}
	return name
}

// trayDiscard takes a drop out of the tray.
func (s *server) trayDiscard(v *visit) error {
	d, err := s.dropOf(v)
	if err != nil {
		return err
	}
	if err := s.Drops.DiscardDrop(v.ctx(), d.ID, v.by()); err != nil {
		return err
	}
	if d.State != drop.Taken {
		return v.to("/tray")
	}
	return v.to("/tray?gone=" + url.QueryEscape(d.ID))
}

// trayRestore takes a drop back that was discarded.
func (s *server) trayRestore(v *visit) error {
	d, err := s.dropOf(v)
	if err != nil {
		return err
	}
	if _, err := s.Blobs.Stat(v.ctx(), d.Sum); err != nil || !d.Undoable(s.Now()) {
		return told("tray-gone", dossier.ErrConflict)
	}
	if err := s.Drops.RestoreDrop(v.ctx(), d.ID, v.by()); errors.Is(err, dossier.ErrNotFound) {
		return told("tray-gone", dossier.ErrConflict)
	} else if err != nil {
		return err
	}
	return v.to("/tray")
}

type scannersView struct {
	What     string
	List     []drop.Scanner
	Agencies []dossier.Agency
	Doors    []string
	Login    string // of the new account
	Secret   string // on its one way to its owner
	Given    map[string]string
	N        names
	Now      time.Time
	Problem  *problem
}

func (s *server) scannersShow(v *visit) error { return s.scannersPage(v, scannersView{}, nil) }

func (s *server) scannersPage(v *visit, view scannersView, wrong error) error {
	status := http.StatusOK
	view.What, view.Doors, view.Now, view.Given = "scanners", s.DropDoors, s.Now(), map[string]string{}
	if wrong != nil {
		if v.json() || !errors.Is(wrong, dossier.ErrInvalid) && !errors.Is(wrong, dossier.ErrConflict) {
			return wrong
		}
		p := problemOf(v.lang, wrong)
		view.Problem, status = &p, p.Status
		for name, values := range v.r.PostForm {
			view.Given[name] = values[0]
		}
	}
	var err error
	if view.List, err = s.Drops.Scanners(v.ctx()); err != nil {
		return err
	}
	if view.Agencies, err = s.Catalogue.Agencies(v.ctx()); err != nil {
		return err
	}
	slices.SortFunc(view.Agencies, func(a, b dossier.Agency) int { return strings.Compare(string(a.Code), string(b.Code)) })
	if view.N, err = s.names(v.ctx()); err != nil {
		return err
	}
	return s.show(v, status, "admin_scanners", "admin.scanners", view)
}

// scannerAdd makes the account of a scanner, whose password is in the answer and
// nowhere else, ever.
func (s *server) scannerAdd(v *visit) error {
	c, err := s.scannerGiven(v)
	if err != nil {
		return s.scannersPage(v, scannersView{}, err)
	}
	secret := drop.NewSecret()
	if c, err = s.Drops.AddScanner(v.ctx(), c, digest.Of([]byte(secret)), v.by()); errors.Is(err, dossier.ErrConflict) {
		return s.scannersPage(v, scannersView{}, told("taken", err))
	} else if err != nil {
		return s.scannersPage(v, scannersView{}, err)
	}
	s.Log.InfoContext(v.ctx(), "scanner added", "who", v.self.ID, "scanner", c.ID)
	if v.json() {
		return v.reply(struct {
			ID     string `json:"id"`
			Login  string `json:"login"`
			Secret string `json:"secret"`
		}{c.ID, c.Login, secret})
	}
	return s.scannersPage(v, scannersView{Login: c.Login, Secret: secret}, nil)
}

func (s *server) scannerGiven(v *visit) (c drop.Scanner, err error) {
	c = drop.Scanner{Login: strings.ToLower(clean(v.r.PostFormValue("login"))), Agency: dossier.AgencyCode(v.r.PostFormValue("agency")),
		Why: clean(v.r.PostFormValue("why")), Key: clean(v.r.PostFormValue("key"))}
	n, err := s.names(v.ctx())
	if err != nil {
		return c, err
	}
	day, err := searchDay(clean(v.r.PostFormValue("until")), "scanners.until")
	if err != nil {
		return c, err
	}
	until, err := time.ParseInLocation(time.DateOnly, day, dossier.VietNam)
	if err != nil {
		return c, invalid("scanners.until")
	}
	c.Until = until.AddDate(0, 0, 1) // to the end of that day
	switch {
	case !drop.ValidLogin(c.Login):
		return c, invalid("scanners.login")
	case n.agency[c.Agency] == "":
		return c, invalid("admin.agency")
	case c.Why == "" || len(c.Why) > 1000:
		return c, invalid("word.why")
	case len(c.Key) > 2000 || c.Key != "" && !strings.HasPrefix(c.Key, "ssh-") && !strings.HasPrefix(c.Key, "ecdsa-"):
		return c, invalid("scanners.key")
	case c.Check(s.Now()) != nil:
		return c, invalid("scanners.until")
	}
	return c, nil
}

// scannerEnd ends an account: from then on it opens nothing.
func (s *server) scannerEnd(v *visit) error {
	if err := s.Drops.EndScanner(v.ctx(), v.r.PathValue("scanner"), v.by()); err != nil {
		return err
	}
	s.Log.InfoContext(v.ctx(), "scanner ended", "who", v.self.ID, "scanner", v.r.PathValue("scanner"))
	return v.to("/admin/scanners")
}
