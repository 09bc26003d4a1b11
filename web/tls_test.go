package web_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"sohoa/web"
)

// Behind a proxy that ends TLS browsers are told to come no other way; else they are not,
// for they could not come at all.
func TestBehindTLS(t *testing.T) {
	for tls, want := range map[bool]string{true: "max-age=31536000", false: ""} {
		w := httptest.NewRecorder()
		web.Secured(http.NotFoundHandler(), tls).ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
		if got := w.Header().Get("Strict-Transport-Security"); got != want {
			t.Errorf("TLS %v: %q", tls, got)
		}
		if got := web.CookieName(tls); (got == "__Host-sohoa") != tls {
			t.Errorf("TLS %v: the cookie is %s", tls, got)
		}
	}
}
