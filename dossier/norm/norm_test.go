package norm

import (
	"slices"
	"testing"
	"time"
)

func TestSeed(t *testing.T) {
	ids := map[string]bool{}
	for _, n := range Seed() {
		if err := n.Check(); err != nil || ids[n.ID] {
			t.Errorf("%s: %v", n.ID, err)
		}
		ids[n.ID] = true
	}
	ns := Norms(Seed())
	if n, ok := ns.On(Ground, "GKS", day(2026, 11, 26)); !ok || n.ID != "norm-ground-0" {
		t.Errorf("ground: %+v, %v", n, ok)
	}
	if _, ok := ns.On(Ground, "GKS", day(2025, 12, 31)); ok {
		t.Error("a law holds before its day")
	}
	later := ns[0]
	later.ID, later.Name, later.From = "x", "GKS", day(2027, 1, 1)
	ns = append(ns, later)
	for at, want := range map[time.Time]string{day(2026, 12, 31): "norm-ground-0", day(2027, 1, 1): "x"} {
		if n, _ := ns.On(Ground, "GKS", at); n.ID != want {
			t.Errorf("on %v: %s", at, n.ID)
		}
	}
}

func TestTemplates(t *testing.T) {
	c := Coded{Holder: "008199012345", Kind: "GKS", Dossier: "H60.12-261120-0001", Slot: "KQ", Issued: "2026-11-20", N: 2}
	for template, want := range map[string]string{"{holder}.{kind}.{dossier}.{slot}": "008199012345.GKS.H60.12-261120-0001.KQ",
		"{dossier}-KQ({n})": "H60.12-261120-0001-KQ(2)", "{kind}/{issued}/{n}": "GKS/20261120/2"} {
		if err := checkTemplate(template); err != nil || Make(template, c) != want {
			t.Errorf("%s: %q, %v", template, Make(template, c), err)
		}
	}
	for _, bad := range []string{"{holder}.{kind}", "{dossier}.{slot", "{dossier}{slot}{name}", "GKS", "{n}\n"} {
		if checkTemplate(bad) == nil {
			t.Errorf("%q passes", bad)
		}
	}
}

func TestFilled(t *testing.T) {
	got := Filled("TÊN\nKính gửi: {a}\nLý do: {b}\n*- {row}\nHết", map[string]string{"a": "Bà {b}"}, []string{"một", "hai"})
	if want := []string{"TÊN", "Kính gửi: Bà {b}", "- một", "- hai", "Hết"}; !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}
