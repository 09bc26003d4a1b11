package dossier

import (
	"slices"
	"time"
)

// A Within is a part of the archive that somebody may see, and nothing outside
// of it: it goes into the queries themselves. A nil Within is everything; what is
// empty in one restricts nothing.
type Within struct {
	Agencies []AgencyCode // dossiers that one of them received or decides
	Dossier  Code         // this one alone
	Kinds    []KindCode   // papers of these kinds, and the dossiers that have such
	From, To time.Time    // dossiers received from, and before
}

// HasDossier reports whether d may be seen, whatever papers are in it.
func (w *Within) HasDossier(d Dossier) bool {
	switch {
	case w == nil:
		return true
	case w.Dossier != "" && d.Code != w.Dossier,
		len(w.Agencies) > 0 && !slices.Contains(w.Agencies, d.Receiving) && !slices.Contains(w.Agencies, d.Competent),
		!w.From.IsZero() && d.Received.Before(w.From),
		!w.To.IsZero() && !d.Received.Before(w.To):
		return false
	}
	return true
}

// HasKind reports whether papers of a kind may be seen.
func (w *Within) HasKind(k KindCode) bool {
	return w == nil || len(w.Kinds) == 0 || slices.Contains(w.Kinds, k)
}
