package web

import (
	"slices"

	"sohoa/dossier"
	"sohoa/dossier/drop"
)

// traysAtHand is how many files of the tray a place of a dossier offers.
const traysAtHand = 20

// atCounter adds what whoever brings papers has at hand: files of the tray, those first
// whose names name the dossier, and at each place what they discarded there last.
func (s *server) atCounter(v *visit, view *dossierView) error {
	brings := false
	for i := range view.Places {
		p := &view.Places[i]
		if !p.Bring {
			continue
		}
		brings = true
		var err error
		if p.Away, err = s.Drafts.Discarded(v.ctx(), DraftPlace{Who: v.who.ID, Dossier: view.Dossier.Code, Slot: p.Slot}); err != nil {
			return err
		}
	}
	if !brings {
		return nil
	}
	found, err := s.Drops.Tray(v.ctx(), v.sight.agencies(), "", 5*traysAtHand)
	if err != nil {
		return err
	}
	found = slices.DeleteFunc(found, func(d drop.Drop) bool {
		if d.State != drop.Taken || d.Dossier != "" || err != nil {
			return true
		}
		var open bool
		open, err = s.dropOpen(v, d)
		return !open
	})
	if err != nil {
		return err
	}
	mine := func(d drop.Drop) int {
		if drop.Names(d.Name) == view.Dossier.Code {
			return 0
		}
		return 1
	}
	slices.SortStableFunc(found, func(a, b drop.Drop) int { return mine(a) - mine(b) })
	view.Tray = found[:min(len(found), traysAtHand)]
	return nil
}

// slotTray lays a file of the tray out at a place of a dossier, from the dossier's own page.
func (s *server) slotTray(v *visit) error {
	v.r.SetPathValue("drop", v.r.PostFormValue("drop"))
	return s.layDrop(v, dossier.Code(v.r.PathValue("code")), dossier.SlotCode(v.r.PathValue("slot")))
}
