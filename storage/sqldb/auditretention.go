package sqldb

import (
	"database/sql/driver"
	"strconv"
	"strings"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/norm"
	"sohoa/dossier/retention"
	"sohoa/storage/ledger"
)

// seeded enters the rules and norms that come with the program: no event says them.
func (a *audit) seeded() {
	for _, r := range retention.Seed() {
		a.says(laneRules, -1, &ledger.Event{Act: string(retention.PutRule), Who: string(r.Who), At: r.At.UnixMilli()}, 1, r.ID, r.Sum().String())
	}
	for _, n := range norm.Seed() {
		a.says(laneNorms, -1, &ledger.Event{Act: PutNorm, Who: string(n.Who), At: n.At.UnixMilli()}, 1, n.ID, n.Sum().String())
	}
}

// kept takes an event about keeping into account.
func (a *audit) kept(place int64, e *ledger.Event) {
	at := strconv.FormatInt(e.At, 10)
	switch retention.Act(e.Act) {
	case retention.PutRule:
		a.says(laneRules, place, e, 1, e.Subject, e.Sum)
	case retention.Destroyed:
		a.says(laneDisposals, place, e, 2, "certified", e.Document, e.ID, e.Subject, e.Proposer, e.Who, at, strconv.FormatInt(e.Amount, 10))
		for _, m := range e.Made {
			a.says(laneDisposals, place, e, 3, "gone", e.Document, m.Part, m.Sum)
		}
	default:
		a.says(laneDeeds, place, e, 1, e.ID, e.Act, e.Document, e.Dossier, e.Holder, e.Subject, e.Who, e.Role, at, e.Text)
		if retention.Act(e.Act) == retention.Approve {
			a.says(laneDisposals, place, e, 2, "disposed", e.Document, at, e.Who)
		}
	}
}

// keptRows compares rules and deeds, whose words the log binds by digests.
func (a *audit) keptRows() error {
	err := a.scan("SELECT "+ruleColumns+" FROM retention_rules", 11, func(v []driver.Value) error {
		years, _ := strconv.Atoi(said(v[2]))
		from, _ := time.ParseInLocation(time.DateOnly, said(v[3]), dossier.VietNam)
		at, _ := strconv.ParseInt(said(v[9]), 10, 64)
		r := retention.Rule{ID: said(v[0]), Kind: dossier.KindCode(said(v[1])), Years: years, From: from, Law: said(v[4]), Article: said(v[5]),
			Grade: retention.Grade(said(v[6])), Note: said(v[7]), Who: dossier.PersonID(said(v[8])), At: moment(at)}
		a.has(laneRules, 1, r.ID+unit+r.Sum().String())
		return nil
	})
	if err != nil {
		return err
	}
	return a.scan("SELECT id, act, document, dossier, holder, refers, who, role, at, why, salt FROM retention_acts", 11, func(v []driver.Value) error {
		row, why := make([]string, 9, 10), said(v[9])
		for i := range row {
			row[i] = said(v[i])
		}
		text := ""
		if why != "" {
			text = ledger.Commit(said(v[10]), why, "")
		}
		a.has(laneDeeds, 1, strings.Join(append(row, text), unit))
		return nil
	})
}
