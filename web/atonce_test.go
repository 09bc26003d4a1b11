package web_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"sohoa/dossier"
)

// TestEverybodyAtOnce has all roles open every page that needs no name, at the
// same time and over and over, while papers move: what pages share (caches,
// throttles, glances) is watched by the race detector here.
func TestEverybodyAtOnce(t *testing.T) {
	h := newHouse(t)
	_, err := h.books().Close(t.Context(), "2026-09", "p-admin")
	must(t, err)
	code := h.open("008199012345", "An")
	d := h.until(h.bring(code, "TP01", "đơn"), dossier.Archived)
	pages := []string{"/documents/" + string(d.ID), "/dossiers/" + string(code), "/figures?period=2026-09", "/figures?period=2026", "/search?q=don"}
	for _, row := range crawl {
		if row.method == "GET" && !strings.Contains(row.path, "{") {
			pages = append(pages, row.path)
		}
	}
	var all sync.WaitGroup
	said := make(chan string, len(crawlers)*len(pages)*2)
	for _, who := range crawlers[1:] {
		b := h.as(who)
		all.Go(func() {
			for i := range 2 * len(pages) {
				path := pages[(i*7+len(who))%len(pages)]
				res, err := b.c.Get(h.url + path)
				if err != nil {
					said <- err.Error()
					continue
				}
				if res.Body.Close(); res.StatusCode >= 500 {
					said <- fmt.Sprintf("%s as %s: %d", path, who, res.StatusCode)
				}
			}
		})
	}
	all.Go(func() {
		for i := range 3 {
			h.until(h.bring(h.open("008199012345", "An"), "TP01", fmt.Sprint("đơn ", i)), dossier.Normalised)
		}
	})
	all.Wait()
	close(said)
	for s := range said {
		t.Error(s)
	}
}
