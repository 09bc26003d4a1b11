package child

import (
	"encoding/json"
	"maps"
	"testing"
	"time"
)

// TestPartsNamed holds the names of parts against those that JSON gives them.
func TestPartsNamed(t *testing.T) {
	var p Parts
	for i, d := range p.list() {
		*d = time.Duration(i + 1)
	}
	b, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	var want map[string]time.Duration
	if err := json.Unmarshal(b, &want); err != nil {
		t.Fatal(err)
	}
	delete(want, "pages")
	if got := p.Named(); len(got) == 0 || !maps.Equal(got, want) {
		t.Errorf("Named = %v, JSON says %v", got, want)
	}
}
