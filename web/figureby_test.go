package web_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"sohoa/dossier"
	"sohoa/web"
)

// From an agency down to its procedures, whoever received the dossiers and the
// very dossiers; who that was is told to those who answer for it, and to nobody
// else.
func TestFiguresDownToTheOfficer(t *testing.T) {
	h := newHouse(t)
	var code dossier.Code
	for range 2 {
		code = h.open("008199012345", "An")
	}
	auditor, counter := h.as("p-auditor"), h.as("p-counter")
	page := auditor.get("/figures?period=2026-11&agency=H99").body
	if !strings.Contains(page, `/figures?period=2026-11&amp;agency=H99.11`) || !strings.Contains(page, "by=procedure") {
		t.Error("a province does not open to its agencies, or to its procedures")
	}
	procedures := auditor.get("/figures/by?by=procedure&period=2026-11&agency=H99.11").body
	down := "/figures/by?agency=H99.11&amp;by=officer&amp;period=2026-11&amp;procedure="
	if !strings.Contains(procedures, down) {
		t.Fatal("a procedure does not open to its officers")
	}
	officers := auditor.get("/figures/by?by=officer&period=2026-11&agency=H99.11").body
	list := "/figures/dossiers?period=2026-11&amp;agency=H99.11&amp;officer=p-counter&amp;number=received"
	if !strings.Contains(officers, list+`">2</a>`) {
		t.Error("the officer's dossiers are not opened")
	}
	list = strings.ReplaceAll(list, "&amp;", "&")
	if body := auditor.get(list).body; strings.Count(body, "/dossiers/"+string(code)) != 1 || !strings.Contains(body, "Cán bộ tiếp nhận") {
		t.Error("the list does not show the dossiers and who received them")
	}
	if body := auditor.get(strings.Replace(list, "p-counter", "p-officer", 1)).body; strings.Contains(body, "/dossiers/H99") {
		t.Error("another's dossiers are listed")
	}
	if body := counter.get("/figures/dossiers?number=received&period=2026-11").body; strings.Contains(body, "Cán bộ tiếp nhận") || !strings.Contains(body, string(code)) {
		t.Error("the counter is told who received a dossier, or sees none")
	}
	if body := counter.get("/figures?period=2026-11").body; strings.Contains(body, "by=officer") {
		t.Error("the counter is offered the figures of officers")
	}
	if a := counter.get(strings.Replace(list, "p-counter", "p-officer", 1)); a.status != 403 {
		t.Errorf("a colleague's dossiers: %d", a.status)
	}
	if a := counter.get(list); a.status != 200 {
		t.Errorf("one's own dossiers: %d", a.status)
	}
	if body := h.as("p-clerk").get("/figures/by?by=officer&period=2026-11&agency=H98").body; strings.Contains(body, "officer=") {
		t.Error("officers of an agency out of sight are shown")
	}
}

// Every number in the tables of the figures opens to its dossiers.
func TestFiguresOpen(t *testing.T) {
	h := newHouse(t)
	h.open("008199012345", "An")
	admin := h.as("p-admin")
	cell := regexp.MustCompile(`(?s)<td[^>]*>(.*?)</td>`)
	for _, path := range []string{"/figures?period=2026-11", "/figures?period=2026-11&agency=H99", "/figures?period=2026-Q4&agency=H99.11", "/figures/by?by=procedure&period=2026-11&agency=H99.11"} {
		body := admin.get(path).body
		numbers := 0
		for _, at := range regexp.MustCompile(`(?s)<table class="rows numbers">.*?</table>`).FindAllString(body, -1) {
			for _, c := range cell.FindAllStringSubmatch(at, -1) {
				said := regexp.MustCompile(`<[^>]*>`).ReplaceAllString(c[1], "")
				if !regexp.MustCompile(`^\s*[0-9][0-9,.]*( %)?(\s*[0-9]+/[0-9]+)?\s*$`).MatchString(said) && !regexp.MustCompile(`^\s*[0-9]+/[0-9]+\s*$`).MatchString(said) {
					continue // no figure
				}
				numbers++
				if !strings.Contains(c[1], `<a href="/figures/dossiers?period=`) {
					t.Errorf("%s: %q cannot be opened: %s", path, said, c[1])
				}
			}
		}
		if numbers < 4 {
			t.Errorf("%s shows %d numbers", path, numbers)
		}
	}
}

// A blank sheet, and one that was brought twice, do not count; behind the figure they
// stand beside the dossier that misses a paper, with why.
func TestAttemptShows(t *testing.T) {
	h := newHouse(t)
	twice, blank := h.open("008199012345", "An"), h.open("008199012346", "Bình")
	h.until(h.bring(twice, "TP01", "một"), dossier.Archived)
	again := h.until(h.bring(twice, "TP02", "một"), dossier.Archived)
	nothing := h.bring(blank, "TP01", "trắng")
	_, err := h.db.Advance(t.Context(), nothing, dossier.Change{Act: dossier.Refuse, By: dossier.Machine, Who: "machine", Why: "blank: there is nothing on the paper ‖ không có gì trên giấy"})
	must(t, err)
	page := h.as("p-admin").get("/figures/dossiers?period=2026-11&number=dossiers&why=missing").body
	for id, why := range map[dossier.DocumentID]string{again.ID: web.Word("vi", "flaw.twice"), nothing.ID: web.Word("vi", "slot.refused")} {
		_, row, ok := strings.Cut(page, `href="/documents/`+string(id)+`"`)
		if row, _, _ = strings.Cut(row, "</td>"); !ok || !strings.Contains(row, why) {
			t.Errorf("%s is not shown as an attempt (%s): %s", id, why, row)
		}
	}
	if page := h.as("p-admin").get("/figures?period=2026-11").body; !strings.Contains(page, "0 / 2") {
		t.Error("a blank sheet, or one that was brought twice, counts")
	}
}

// Months long before the one that is shown are read apart, and stand in its chart as
// in their own; the sums over the period have none of them.
func TestEarlierMonths(t *testing.T) {
	h := newHouse(t)
	code := h.open("008199012345", "An")
	h.until(h.bring(code, "TP01", "một"), dossier.Archived)
	h.until(h.bring(code, "TP02", "hai"), dossier.Archived)
	h.open("008199012346", "Bình")
	h.clock.add(240 * 24 * time.Hour)
	h.open("008199012347", "Chi")
	now := h.clock.now().In(dossier.VietNam).Format("2006-01")
	page := h.as("p-admin").get("/figures?period=" + now).body
	if !strings.Contains(page, `number=dossiers" aria-label="Tháng 11/2026: 50,0 %, 1/2"`) || !strings.Contains(page, "0 / 1") {
		at := strings.Index(page, "period=2026-11")
		t.Errorf("November is not in the chart of %s, or in its sum: %.300s", now, page[max(0, at):])
	}
}
