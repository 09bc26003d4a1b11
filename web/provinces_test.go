package web_test

import (
	"context"
	"encoding/json"
	"fmt"
	"html"
	"regexp"
	"strings"
	"testing"

	"sohoa/dossier"
	"sohoa/dossier/catalogue"
	"sohoa/dossier/digest"
	"sohoa/dossier/figures"
	"sohoa/web"
)

// published is what provinces published, by two maps.
func published(_ context.Context, merged bool) (web.Provinces, error) {
	if merged {
		return web.Provinces{Merger: true, Places: []web.ProvincePlace{{Period: "2024-Q2", Place: 1, Of: 1, Code: "H60", Name: "Tuyên Quang", Percent: 7000,
			Rate: figures.Rate{Numerator: 140, Denominator: 200}, Source: "a; b"}}, Missing: []string{"2024-Q2 H05"}}, nil
	}
	return web.Provinces{Merger: true, Places: []web.ProvincePlace{
		{Period: "2024-Q1", Place: 1, Of: 1, Code: "H60", Name: "Tuyên Quang", Percent: 9540, Rate: figures.Rate{Numerator: 954, Denominator: 1000}, Source: "cổng Tuyên Quang"},
		{Period: "2024-Q2", Place: 1, Of: 2, Code: "H30", Name: "Hà Giang", Percent: 9000, Source: "báo <b>"},
		{Period: "2024-Q2", Place: 2, Of: 2, Moved: -1, Code: "H60", Name: "Tuyên Quang", Percent: 5000, Source: "cổng Tuyên Quang"}}}, nil
}

// Who answers for an agency sees the provinces in their places, over periods and by
// both maps, each value with its source.
func TestProvinces(t *testing.T) {
	h := newHouse(t)
	clerk := h.as("p-clerk")
	page := clerk.get("/figures/provinces").body
	for _, want := range []string{"Quý 2/2024", "cổng Tuyên Quang", "báo &lt;b&gt;", "90,00", "giảm 1 bậc", `class="h9"`, `class="none"`, "Trước sáp nhập"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not have %q", want)
		}
	}
	if strings.Index(page, "Hà Giang") > strings.Index(page, "Tuyên Quang") {
		t.Error("the lower rate stands first")
	}
	if first := clerk.get("/figures/provinces?period=2024-Q1").body; !strings.Contains(first, "954/1000") || strings.Contains(first, "giảm 1 bậc") {
		t.Error("another period is not shown")
	}
	if after := clerk.get("/figures/provinces?map=new&lang=en").body; !strings.Contains(after, "140/200") || !strings.Contains(after, "2024-Q2 H05") {
		t.Error("the merged provinces are not shown, or who is missing is not told")
	}
	if a := h.as("p-counter").get("/figures/provinces"); a.status != 403 {
		t.Errorf("the counter: %d", a.status)
	}
}

// An agency that took another over tells its figures by both maps, with equal sums.
func TestBothMaps(t *testing.T) {
	h := newHouse(t)
	ctx := t.Context()
	var code dossier.Code
	for i := range 3 {
		code = h.open("008199012345", "An")
		h.until(h.bring(code, "TP01", fmt.Sprint("giấy ", i)), dossier.Archived)
	}
	first, err := h.db.Dossier(ctx, code)
	must(t, err)
	procedure := dossier.Procedure{Code: "9.2", Name: "Khác", Level: dossier.Full, Components: []dossier.Component{{Slot: "TP01", Kind: "DDN", Name: "Đơn", Required: true, Digitise: true}}}
	must(t, h.db.PutProcedure(ctx, procedure))
	for range 2 {
		d, err := h.db.AddDossier(ctx, dossier.Dossier{Procedure: "9.2", Receiving: there, Competent: here, Holder: first.Holder}, "p-counter")
		must(t, err)
		doc, err := h.db.Add(ctx, dossier.Document{Dossier: d.Code, Slot: "TP01", Media: "image/jpeg", Size: 1, Pages: 1, Received: h.clock.now(),
			Parts: map[dossier.Part]digest.Digest{dossier.PartScan: h.keep([]byte(d.Code))}}, "p-counter")
		must(t, err)
		h.until(doc, dossier.Archived)
	}
	admin := h.as("p-admin")
	if body := admin.get("/figures?period=2026-11&agency=H99.11").body; strings.Contains(body, "bản đồ cũ") {
		t.Error("an agency that took nobody over tells two maps")
	}
	agency := dossier.Agency{Code: there, Parent: root, Name: "UBND xã Tân Phúc", Tier: dossier.Commune}
	must(t, h.db.ImportCatalogue(ctx, catalogue.Orders{Agencies: []catalogue.AgencyOrder{{Agency: agency,
		Spans: []dossier.AgencySpan{{Agency: there, Span: dossier.Span{Until: "2026-07-01"}, Parent: root, Name: agency.Name, Tier: dossier.Commune, Successor: here}}}}}, "p-admin"))
	body := admin.get("/figures?period=2026-11&agency=H99.11&of=dossiers").body
	row := regexp.MustCompile(`(?s)Cộng các tháng</th>(.*?)</tr>`).FindString(body)
	for _, want := range []string{"0/3", "2/2", "2/5", "bằng tổng theo bản đồ cũ"} {
		if !strings.Contains(row, want) {
			t.Errorf("not told %s: %s", want, row)
		}
	}
	table := regexp.MustCompile(`(?s)Theo bản đồ cơ quan cũ và mới</h2>.*?</table>`).FindString(body)
	holdsItsDossiers(t, admin, table, 6) // of one month and of all: two agencies of before, and the one of today
	facts, err := h.db.Facts(ctx, figures.Year(2026), []dossier.AgencyCode{here, there})
	must(t, err)
	if sum := (figures.Input{Facts: facts, Period: figures.Year(2026)}).Figures().Dossiers; sum != (figures.Rate{Numerator: 2, Denominator: 5}) {
		t.Errorf("the dossiers themselves: %+v", sum)
	}
}

// holdsItsDossiers opens every number of a table of rates and counts what is listed.
func holdsItsDossiers(t *testing.T, b *browser, table string, least int) {
	t.Helper()
	seen := 0
	for _, td := range regexp.MustCompile(`(?s)<td[^>]*>(.*?)</td>`).FindAllStringSubmatch(table, -1) {
		share := regexp.MustCompile(`(\d+)/(\d+)`).FindStringSubmatch(td[1])
		if share == nil {
			continue
		}
		seen++
		link := regexp.MustCompile(`href="(/figures/dossiers\?[^"]*)"`).FindStringSubmatch(td[1])
		if link == nil {
			t.Errorf("%s cannot be opened", td[1])
			continue
		}
		to := html.UnescapeString(link[1])
		for i, why := range []string{"counts", "missing"} {
			want := share[1]
			if i == 1 {
				n, d := 0, 0
				_, err := fmt.Sscan(share[1], &n)
				must(t, err)
				_, err = fmt.Sscan(share[2], &d)
				must(t, err)
				want = fmt.Sprint(d - n)
			}
			if got := strings.Count(b.get(to+"&why="+why).body, `href="/dossiers/H`); fmt.Sprint(got) != want {
				t.Errorf("%s %s lists %d dossiers, not %s", to, why, got, want)
			}
		}
	}
	if seen < least {
		t.Errorf("the table shows %d rates: %s", seen, table)
	}
}

// A procedure, or what an agency received itself, narrows the whole page, and all
// that it leads to.
func TestFiguresNarrowed(t *testing.T) {
	h := newHouse(t)
	ctx := t.Context()
	first, err := h.db.Dossier(ctx, h.open("008199012345", "An"))
	must(t, err)
	must(t, h.db.PutProcedure(ctx, dossier.Procedure{Code: "9.2", Name: "Khác", Level: dossier.Partial, Components: []dossier.Component{{Slot: "TP01", Kind: "DDN", Name: "Đơn", Required: true, Digitise: true}}}))
	for _, at := range []dossier.AgencyCode{here, there, there, root} {
		_, err := h.db.AddDossier(ctx, dossier.Dossier{Procedure: "9.2", Receiving: at, Competent: here, Holder: first.Holder}, "p-counter")
		must(t, err)
	}
	admin := h.as("p-admin")
	received := regexp.MustCompile(`<a href="([^"]*)"><b>(\d+)</b><span>Hồ sơ tiếp nhận`)
	for _, c := range []struct{ narrow, want, shown, hidden string }{
		{"", "5", "UBND xã Tân Phúc", "Xem tất cả"},
		{"&procedure=9.2", "4", "Xem tất cả", "\x00"},
		{"&procedure=9.1&agency=H99", "1", "Xem tất cả", "\x00"},
		{"&own=1&agency=H99", "1", "tự tiếp nhận", "Tân Phúc</a>"},
		{"&own=1&agency=H99&procedure=9.1", "0", "tự tiếp nhận", "Tân Phúc</a>"},
	} {
		page := admin.get("/figures?period=2026-11" + c.narrow).body
		got := received.FindStringSubmatch(page)
		if got == nil || got[2] != c.want || !strings.Contains(page, c.shown) || strings.Contains(page, c.hidden) {
			t.Errorf("%q: %q, want %s; %q is shown: %v; %q: %v", c.narrow, got, c.want, c.shown, strings.Contains(page, c.shown), c.hidden, strings.Contains(page, c.hidden))
			continue
		}
		if n := strings.Count(admin.get(html.UnescapeString(got[1])).body, `href="/dossiers/H`); fmt.Sprint(n) != c.want {
			t.Errorf("%q leads to %d dossiers, not %s", c.narrow, n, c.want)
		}
		sum := 0
		var lines []struct {
			Agency, Key string
			Denominator int
		}
		must(t, json.Unmarshal([]byte(admin.get("/figures/export?format=json&period=2026-11"+c.narrow).body), &lines))
		for _, l := range lines {
			if l.Agency != "" && l.Key == "online" {
				sum += l.Denominator
			}
		}
		if fmt.Sprint(sum) != c.want {
			t.Errorf("%q: %d dossiers are exported, not %s", c.narrow, sum, c.want)
		}
	}
	if a := admin.get("/figures?period=2025-12..2026-11"); a.status != 200 || !strings.Contains(a.body, "– Tháng 11") {
		t.Errorf("months one after the other: %d", a.status)
	}
	for _, wrong := range []string{"2026-11..2026-10", "2020-01..2026-11", "2026..2026-11", "2026-11.."} {
		if a := admin.get("/figures?period=" + wrong); a.status == 200 {
			t.Errorf("%s is a period", wrong)
		}
	}
}
