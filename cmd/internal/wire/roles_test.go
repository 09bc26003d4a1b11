package wire

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
)

// A house on embedded parts is one process: another role is refused with what is
// missing.
func TestRolesNeedEngines(t *testing.T) {
	for list, want := range map[string][]Role{"": nil, "all": nil, "web": {Web}, "worker, sweeper": {Worker, Sweeper}} {
		if got, err := ReadRoles(list); err != nil || !slices.Equal(got, want) {
			t.Errorf("%q is %v, %v", list, got, err)
		}
	}
	if _, err := ReadRoles("web,judge"); err == nil {
		t.Error("a role that is none was taken")
	}
	s := Settings{Roles: []Role{Worker}, Database: "postgres://x", S3: S3{Endpoint: "http://x"}}
	err := s.checkRoles()
	if err == nil || !strings.Contains(err.Error(), "not set: SOHOA_REDIS_URL, SOHOA_SHARED") {
		t.Errorf("%v", err)
	}
	s.RedisURL, s.Shared = "redis://x", "/x"
	if err := s.checkRoles(); err != nil {
		t.Error(err)
	}
	if err := (Settings{Roles: allRoles}).checkRoles(); err != nil {
		t.Errorf("all roles one by one: %v", err)
	}
}

// A process that goes down says so, and still answers.
func TestReadiness(t *testing.T) {
	var r readiness
	pages := r.probes(nil)
	ask := func(path string) int {
		w := httptest.NewRecorder()
		pages.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
		return w.Code
	}
	if a, b, c := ask("/readyz"), ask("/healthz"), ask("/login"); a != 200 || b != 200 || c != http.StatusNotFound {
		t.Errorf("at work: %d %d %d", a, b, c)
	}
	r.down.Store(true)
	if a, b := ask("/readyz"), ask("/healthz"); a != 503 || b != 200 {
		t.Errorf("going down: %d %d", a, b)
	}
}
