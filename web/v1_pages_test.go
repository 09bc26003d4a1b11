package web

import (
	"slices"
	"strings"
	"testing"
)

// Every address of pages has an operation that does the same, or a reason why there is
// none; and no other address is named.
func TestPagesAndOperations(t *testing.T) {
	ops, _ := described()
	ids := []string{reasonScreen, reasonPerson, reasonHouse, reasonPublic}
	for _, op := range ops {
		ids = append(ids, op.ID)
	}
	seen := map[string]bool{}
	for _, r := range (&server{}).routes() {
		if strings.Contains(r.pattern, v1Root) {
			continue
		}
		seen[r.pattern] = true
		does, ok := pageOps[r.pattern]
		if !ok || !slices.Contains(ids, does) {
			t.Errorf("%s: no operation and no reason, but %q", r.pattern, does)
		}
	}
	for pattern := range pageOps {
		if !seen[pattern] {
			t.Errorf("%s is no address", pattern)
		}
	}
}
