package jail

import (
	"strings"
	"testing"
	"time"
)

// Each child is counted once when it starts and once, by how, when it ends.
func TestTallies(t *testing.T) {
	before := Tallies()
	_ = Run(t.Context(), "echo", Limits{}, strings.NewReader("x"), nil)
	_ = Run(t.Context(), "refuse", Limits{}, nil, nil)
	_ = Run(t.Context(), "sleep", Limits{Wall: 100 * time.Millisecond}, nil, nil)
	_ = Run(t.Context(), "segv", Limits{}, nil, nil)
	_ = Tool(t.Context(), Limits{}, nil, nil, "true")
	p, err := Start(t.Context(), "sleep", Limits{})
	if err != nil {
		t.Fatal(err)
	}
	p.Kill()
	_ = p.Wait() // a second time is not a second end
	after := Tallies()
	for name, want := range map[string]map[Ending]int64{"echo": {EndDone: 1}, "refuse": {EndRefused: 1}, "sleep": {EndTime: 1, EndCalled: 1}, "segv": {EndCrash: 1}, "exec": {EndDone: 1}} {
		started := int64(0)
		for _, how := range Endings {
			started += want[how]
			if n := after[name].Ended[how] - before[name].Ended[how]; n != want[how] {
				t.Errorf("%s ended %d times by %s, want %d", name, n, how, want[how])
			}
		}
		if n := after[name].Started - before[name].Started; n != started {
			t.Errorf("%s started %d times, want %d", name, n, started)
		}
	}
}
