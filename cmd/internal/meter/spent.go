package meter

import (
	"time"

	"sohoa/dossier"
	"sohoa/dossier/fixity"
)

// Times is how often something was done and how long it took in all.
type Times struct {
	N    int64
	Took time.Duration
}

// Spent sums what was counted so far: stages that ended well, by act, pages that
// were read, and bytes put into the main store.
func (m *Meter) Spent() (stages map[dossier.Act]Times, pages Times, stored int64, err error) {
	all, err := m.registry.Gather()
	if err != nil {
		return nil, pages, 0, err
	}
	stages = map[dossier.Act]Times{}
	for _, f := range all {
		for _, one := range f.GetMetric() {
			label := map[string]string{}
			for _, l := range one.GetLabel() {
				label[l.GetName()] = l.GetValue()
			}
			h := one.GetHistogram()
			t := Times{int64(h.GetSampleCount()), time.Duration(h.GetSampleSum() * float64(time.Second))}
			switch {
			case f.GetName() == "sohoa_stage_seconds" && label["outcome"] == Done:
				stages[dossier.Act(label["act"])] = t
			case f.GetName() == "sohoa_page_seconds" && label["outcome"] == Done:
				pages = t
			case f.GetName() == "sohoa_store_bytes_total" && label["store"] == string(fixity.Main) && label["operation"] == "put":
				stored = int64(one.GetCounter().GetValue())
			}
		}
	}
	return stages, pages, stored, nil
}
