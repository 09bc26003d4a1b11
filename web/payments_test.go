package web_test

import (
	"io"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/catalogue"
	"sohoa/web"
)

// A receipt asks for what the procedure costs on the day the dossier came in, to the
// account of who received it, or of who is above; without a fee or an account for nothing.
func TestReceiptFee(t *testing.T) {
	var got web.Receipt
	h := newHouseWith(t, func(d *web.Deps, _ string) {
		d.Receipt = func(_ io.Writer, r web.Receipt) error { got = r; return nil }
	})
	code := h.open("008199012345", "An")
	admin, counter := h.as("p-admin"), h.as("p-counter")
	pay := func() *web.Pay {
		t.Helper()
		if a := counter.get("/dossiers/" + string(code) + "/receipt"); a.status != 200 {
			t.Fatalf("%d %s", a.status, a.body)
		}
		return got.Pay
	}
	put := func(path string, form url.Values, want int) {
		t.Helper()
		if a := admin.post("/admin/payments/"+path, form); a.status != want {
			t.Errorf("%s %v: %d, want %d", path, form, a.status, want)
		}
	}
	if pay() != nil {
		t.Error("without anything")
	}
	fee := url.Values{"procedure": {"9.1"}, "amount": {"15.000"}, "law": {"NQ 1"}, "since": {"2026-11-01"}}
	put("fees", fee, 303)
	if pay() != nil {
		t.Error("without an account")
	}
	account := url.Values{"agency": {string(root)}, "bin": {"970403"}, "number": {"0011012345678"}, "name": {"UBND tỉnh"}, "since": {"2026-11-01"}}
	put("accounts", account, 303)
	if p := pay(); p == nil || p.Fee.Amount != 15000 || p.Account.Name != "UBND tỉnh" || !strings.Contains(p.QR, "A000000727") || !strings.Contains(p.QR, "540515000") {
		t.Errorf("%+v", p)
	}
	put("accounts", with(with(account, "agency", string(here)), "number", "999"), 303)
	if p := pay(); p == nil || p.Account.Number != "999" {
		t.Errorf("%+v", p)
	}
	put("accounts", with(with(account, "number", "1"), "since", "2027-01-01"), 303)
	put("fees", with(with(fee, "amount", "0"), "since", "2026-11-02"), 303)
	if p := pay(); p != nil {
		t.Errorf("free: %+v", p)
	}
	for name, value := range map[string]string{"bin": "97", "number": "đ", "name": "", "since": "x", "agency": "H0"} {
		put("accounts", with(account, name, value), 422)
	}
	for name, value := range map[string]string{"amount": "x", "law": "", "since": "", "procedure": "0"} {
		put("fees", with(fee, name, value), 422)
	}
}

// Nobody is told to bring papers for a procedure that has ended, or has not begun: neither
// by a poster, nor by the page that an old one leads to, nor at the counter.
func TestPostersTellWhatIsServed(t *testing.T) {
	h := newHouse(t)
	b := h.as("p-counter")
	day := func(n int) string { return h.clock.now().In(dossier.VietNam).AddDate(0, 0, n).Format(time.DateOnly) }
	for code, x := range map[dossier.ProcedureCode]struct {
		spans  []dossier.Span
		served bool
	}{
		"8.1": {[]dossier.Span{{Since: "2020-01-01"}}, true},
		"8.2": {[]dossier.Span{{Since: day(0)}}, true},
		"8.3": {[]dossier.Span{{Since: day(1)}}, false},
		"8.4": {[]dossier.Span{{Until: day(0)}}, false},
		"8.5": {[]dossier.Span{{Until: day(1)}}, true},
		"8.6": {[]dossier.Span{{Until: day(-9)}, {Since: day(9)}}, false}, // between two times
		"8.7": {[]dossier.Span{{Until: day(-9)}, {Since: day(-1)}}, true}, // served again
	} {
		p := catalogue.ProcedureOrder{Procedure: dossier.Procedure{Code: code, Name: "Thủ tục " + string(code), Level: dossier.Full, Days: 3,
			Components: []dossier.Component{{Slot: "TP01", Kind: "DDN", Name: "Đơn", Required: true}}}}
		for _, s := range x.spans {
			p.Spans = append(p.Spans, dossier.ProcedureSpan{Procedure: code, Span: s, Level: dossier.Full})
		}
		must(t, h.db.ImportCatalogue(t.Context(), catalogue.Orders{Procedures: []catalogue.ProcedureOrder{p}}, "p-admin"))
		public := h.nobody().get("/public/procedures/" + string(code))
		if told := strings.Contains(public.body, "hiện không được tiếp nhận"); x.served != (public.status == 200) || x.served == told || strings.Contains(public.body, "Đơn") != x.served || strings.Contains(public.body, "Việc đang chờ") {
			t.Errorf("%s: its page answers %d", code, public.status)
		}
		one := b.get("/posters/file?size=a4&agency=" + string(here) + "&procedure=" + string(code)).status
		opened := b.post("/dossiers", url.Values{"procedure": {string(code)}, "receiving": {string(here)}, "competent": {string(here)}, "channel": {"direct"}, "holder_number": {"008199012345"}, "holder_name": {"An"}}).status
		got := []bool{one == 200, opened == 303}
		for _, page := range []string{"/posters", "/dossiers/new"} {
			got = append(got, strings.Contains(b.get(page).body, `value="`+string(code)+`"`))
		}
		if slices.Contains(got, !x.served) {
			t.Errorf("%s: poster, dossier, list of posters, form: %v, want %v", code, got, x.served)
		}
	}
	if all := b.get("/posters/file?size=a4&agency=" + string(here)).body; !strings.HasPrefix(all, "%PDF a4 5 ") {
		t.Errorf("all of them: %.20s", all)
	}
}

// Posters lead to a page that everybody may see, and which says the same.
func TestPosterLeads(t *testing.T) {
	h := newHouse(t)
	b := h.as("p-counter")
	if page := b.get("/posters").body; !strings.Contains(page, "UBND xã Vĩnh Nghĩa") || strings.Contains(page, "UBND xã Tân Phúc") {
		t.Error("the agencies are not one's own")
	}
	a := b.get("/posters/file?size=a3&agency=" + string(here))
	if a.status != 200 || !strings.HasPrefix(a.body, "%PDF a3 1 "+origin+"/public/procedures/9.1") {
		t.Fatalf("%d %s", a.status, a.body)
	}
	for _, query := range []string{"size=a3&agency=" + string(there), "size=a3&agency=" + string(here) + "&procedure=0"} {
		if a := b.get("/posters/file?" + query); a.status != 404 {
			t.Errorf("%s: %d", query, a.status)
		}
	}
	if a := b.get("/posters/file?size=a0&agency=" + string(here)); a.status != 422 {
		t.Errorf("a0: %d", a.status)
	}
	for lang, want := range map[string]string{"vi": "Đơn đề nghị xác nhận", "en": "3 working days"} {
		if a := h.nobody().get("/public/procedures/9.1?lang=" + lang); a.status != 200 || !strings.Contains(a.body, want) || a.header.Get("Set-Cookie") != "" {
			t.Errorf("%s: %d", lang, a.status)
		}
	}
	if a := h.nobody().get("/public/procedures/0"); a.status != 404 {
		t.Errorf("no such procedure: %d", a.status)
	}
}
