package dossier

// An Offer is a paper of a holder's record for an open place of a dossier.
type Offer struct {
	Slot  SlotCode
	Entry EntryID
}

// Offers tells which open places of a dossier papers of the holder's record fit, in
// one look and before anybody scans: for each the newest of its kind that is
// offered on a day, YYYY-MM-DD, each paper once. Places that were decided
// otherwise, and that of the result, are left out.
func Offers(d Dossier, fillings []Filling, decided map[SlotCode]Decided, held []Entry, day string) (out []Offer) {
	used := map[EntryID]bool{}
	for _, f := range fillings {
		if f.Reused != nil {
			used[f.Reused.ID] = true
		}
	}
	for _, f := range fillings {
		open := f.Reused == nil && (f.Document == nil || f.Document.State == Refused)
		if !open || f.Slot == ResultSlot || decided[f.Slot].Decision.Exempts() {
			continue
		}
		for _, e := range held {
			if e.Kind == f.Kind && e.Dossier != d.Code && !used[e.ID] && e.Offered(day) {
				used[e.ID] = true
				out = append(out, Offer{f.Slot, e.ID})
				break
			}
		}
	}
	return out
}
