package web_test

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"html"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"sohoa/dossier"
)

// Every number of the charts opens to its dossiers, in both languages, before a
// month is closed and after; a closed one keeps its number.
func TestCharts(t *testing.T) {
	h := newHouse(t)
	code := h.open("008199012345", "An")
	for i, slot := range []dossier.SlotCode{"TP01", "TP02"} {
		h.until(h.bring(code, slot, fmt.Sprint("giấy ", i)), dossier.Archived)
	}
	h.open("008199012345", "An")
	admin := h.as("p-admin")
	page := admin.get("/figures?period=2026-11&of=dossiers").body
	link := regexp.MustCompile(`href="(/figures/dossiers\?[^"]*)"`)
	for _, want := range []string{"<svg", "Xếp hạng cơ quan", "1/2", `class="h5"`, "đếm lúc này"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not have %q", want)
		}
	}
	opened := map[string]bool{}
	for _, m := range link.FindAllStringSubmatch(page[strings.Index(page, `id="charts"`):], -1) {
		at := html.UnescapeString(m[1])
		if opened[at] {
			continue
		}
		opened[at] = true
		if a := admin.get(at); a.status != 200 {
			t.Errorf("%s: %d", at, a.status)
		}
	}
	if len(opened) < 8 {
		t.Errorf("only %d numbers open", len(opened))
	}
	if strings.Contains(page, "style=") || strings.Contains(page, "<script>") {
		t.Error("the charts need what the policy forbids")
	}
	h.clock.add(15 * 24 * time.Hour)
	admin = h.as("p-admin")
	admin.post("/figures/closed", url.Values{"month": {"2026-11"}})
	after := h.open("008199012345", "An")
	_ = after
	en := admin.get("/figures?period=2026-11&of=dossiers&lang=en").body
	if !strings.Contains(en, "closed · Version 1") || !strings.Contains(en, "50.0%") {
		t.Error("the closed month is not shown as closed")
	}
	if a := admin.get("/figures?period=2026-11&of=nothing"); a.status != 200 {
		t.Errorf("an unknown figure: %d", a.status)
	}
}

// What the page shows can be taken away as lines and as a workbook, within the
// visitor's scope.
func TestFigureExport(t *testing.T) {
	h := newHouse(t)
	h.open("008199012345", "An")
	admin := h.as("p-admin")
	var lines []map[string]any
	if err := json.Unmarshal([]byte(admin.get("/figures/export?period=2026-11&format=json").body), &lines); err != nil || len(lines) < 15 {
		t.Errorf("%d lines, %v", len(lines), err)
	}
	for _, l := range lines { // with what stands outside, and the rules in force
		if l["rulesSince"] != "2026-07-01" || l["key"] == "on-time" && fmt.Sprint(l["outside"]) != "map[not-resolved:1]" || l["key"] == "online" && l["outside"] != nil {
			t.Errorf("%v", l)
		}
	}
	if page := admin.get("/figures?period=2026-11").body; !strings.Contains(page, "01/07/2026") || !strings.Contains(page, "Đứng ngoài mẫu số: Chưa giải quyết: 1") {
		t.Error("the page does not say what stands outside, or by which rules it counts")
	}
	for _, l := range lines { // any number of it can be opened
		to, _ := l["dossiers"].(string)
		if l["told"] == false && to == "" {
			continue
		}
		if a := admin.get(to); a.status != 200 || !strings.Contains(to, "period=2026-11") || !strings.Contains(to, fmt.Sprint("number=", l["key"])) {
			t.Errorf("%v opens %q: %d", l["key"], to, a.status)
		}
	}
	body := strings.TrimPrefix(admin.get("/figures/export?period=2026-11&format=csv").body, "\ufeff")
	rows, err := csv.NewReader(strings.NewReader(body)).ReadAll()
	if err != nil || len(rows) != len(lines)+1 {
		t.Errorf("%d rows, %v", len(rows), err)
	}
	if a := admin.get("/figures/export?period=2026-11&format=xlsx"); !strings.HasPrefix(a.body, "PK") || !strings.Contains(a.header.Get("Content-Disposition"), "sohoa-2026-11.xlsx") {
		t.Errorf("%d %v", a.status, a.header)
	}
	if a := admin.get("/figures/export?period=2026-11&format=exe"); a.status != 404 {
		t.Errorf("an unknown form: %d", a.status)
	}
	if a := admin.get("/figures/export?period=x"); a.status != 400 && a.status != 422 {
		t.Errorf("a period that is none: %d", a.status)
	}
	for _, personal := range []string{"008199012345", "An\""} {
		if strings.Contains(body, personal) {
			t.Errorf("the export tells %q", personal)
		}
	}
}
