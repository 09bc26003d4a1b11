package sqldb

import (
	"errors"
	"strings"
	"testing"

	"sohoa/dossier"
)

// Steps are taken back and forth; not where there is no way back, not where it
// would lose what somebody put there, not under a service, and never by halves.
func TestStepsBackAndForth(t *testing.T) {
	h := newHouse(t)
	h.add(h.newDossier().Code, "T1")
	h.must(h.PutShare(h.ctx, dossier.Share{Agency: "H60.12", Weight: 30}))
	refused := func(version int64, why string) {
		t.Helper()
		if err := h.at().DownTo(h.ctx, version); !errors.Is(err, ErrStep) || !strings.Contains(err.Error(), why) {
			t.Errorf("back to %d: %v", version, err)
		}
		list, err := h.at().Steps(h.ctx)
		h.must(err)
		for _, s := range list {
			if !s.Applied {
				t.Errorf("step %d is gone after a refusal", s.Version)
			}
		}
	}
	refused(61, "settings of agencies")
	h.must(h.PutShare(h.ctx, dossier.Share{Agency: "H60.12", Weight: dossier.UsualWeight}))
	refused(60, "no way back")
	refused(1000, "is asked for")
	if h.address != "" {
		h.must(h.MoveIn(h.ctx))
		refused(61, "a service is working")
	}
	h.must(h.Close())
	h.must(h.at().DownTo(h.ctx, 61))
	list, err := h.at().Steps(h.ctx)
	h.must(err)
	for _, s := range list {
		if s.Applied != (s.Version <= 61) {
			t.Errorf("after the way back: %+v", s)
		}
	}
	h.must(h.at().Up(h.ctx))
	h.open()
	if jobs := h.leased(5); len(jobs) != 1 {
		t.Errorf("the paper came back as %v", jobs)
	}
}
