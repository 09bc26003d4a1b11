package web_test

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"sohoa/dossier"
)

// probe would be an element and attributes of its own, if anything took it for markup:
// out of text, out of an attribute in either quotes, out of a script or a comment.
const probe = `"'><xss-probe xss=1></xss-probe><svg/onload=1><!--</script></title></textarea></style><a href="javascript:1">`

// stray returns an element or attribute that came out of the probe.
func stray(page string) string {
	for z := html.NewTokenizer(strings.NewReader(page)); ; {
		switch z.Next() {
		case html.ErrorToken:
			return ""
		case html.StartTagToken, html.SelfClosingTagToken:
			tag := z.Token()
			if tag.Data == "xss-probe" || slices.ContainsFunc(tag.Attr, func(a html.Attribute) bool {
				return a.Key == "xss" || strings.HasPrefix(a.Key, "on") || strings.HasPrefix(strings.ToLower(strings.TrimSpace(a.Val)), "javascript:")
			}) {
				return tag.String()
			}
		}
	}
}

// A pageForm is one that a page has, as somebody might fill it in.
type pageForm struct {
	to     string
	values url.Values
	texts  []string // names of the fields that take any text
}

// formsOf finds the forms of a page that change something.
func formsOf(page string) (all []pageForm) {
	doc, err := html.Parse(strings.NewReader(page))
	if err != nil {
		return nil
	}
	for n := range doc.Descendants() {
		if n.Type == html.ElementNode && n.Data == "form" && strings.EqualFold(attr(n, "method"), "post") && attr(n, "enctype") == "" {
			all = append(all, formOf(n))
		}
	}
	return all
}

func formOf(n *html.Node) pageForm {
	f := pageForm{to: attr(n, "action"), values: url.Values{}}
	for c := range n.Descendants() {
		name := attr(c, "name")
		if c.Type != html.ElementNode || name == "" {
			continue
		}
		switch kind := attr(c, "type"); {
		case c.Data == "textarea", c.Data == "input" && (kind == "" || kind == "text" || kind == "search"):
			f.values.Set(name, attr(c, "value"))
			f.texts = append(f.texts, name)
		case c.Data == "input" && kind == "password":
			f.values.Set(name, password)
		case c.Data == "input" && kind != "file":
			f.values.Set(name, attr(c, "value"))
		case c.Data == "button":
			f.values.Set(name, attr(c, "value"))
		case c.Data == "select":
			for o := range c.Descendants() {
				if o.Data == "option" && attr(o, "value") != "" && f.values.Get(name) == "" {
					f.values.Set(name, attr(o, "value"))
				}
			}
		}
	}
	return f
}

func attr(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

// TestStoredInEveryForm fills every form of every page that a counter, an officer, a
// clerk and an administrator see with what would be markup, field by field and all at
// once, and then looks at every page again, with an HTML parser. What is read off papers
// says the same.
func TestStoredInEveryForm(t *testing.T) {
	h := newHouse(t)
	h.says = "GIẤY " + probe
	must(t, h.db.PutAgency(t.Context(), dossier.Agency{Code: "H99.13", Parent: root, Name: probe, Tier: dossier.Commune}))
	must(t, h.db.PutPerson(t.Context(), dossier.Person{ID: "p-probe", Login: "probe", Name: probe, Role: dossier.Counter, Agency: here}, onceHashed()))
	code := h.open("008199012345", probe)
	d := h.until(h.bring(code, "TP01", "đơn"), dossier.Extracted)
	pages := func() (all []string) {
		routesOf(func(method, path string) {
			if method != http.MethodGet || strings.HasPrefix(path, "/api/v1") || strings.HasPrefix(path, "/static") || strings.HasPrefix(path, "/ledger") {
				return
			}
			to := strings.NewReplacer("/admin/people/{id}", "/admin/people/p-probe", "{code}", string(code), "{id}", string(d.ID), "{slot}", "TP02", "{what}", "people").Replace(path)
			if !strings.Contains(to, "{") {
				all = append(all, to)
			}
		})
		return append(all, "/admin/agencies", "/admin/kinds", "/admin/procedures", "/documents?state=refused")
	}()
	filledIn, stored := 0, 0
	done := map[string]bool{} // by whoever meets a form first
	for _, who := range []dossier.PersonID{"p-counter", "p-officer", "p-clerk", "p-admin"} {
		for _, page := range pages {
			for _, f := range formsOf(h.as(who).get(page).body) {
				if f.to == "/logout" || f.to == "/login" || len(f.texts) == 0 || done[f.to] {
					continue
				}
				done[f.to] = true
				for _, values := range filledWays(f) {
					a := h.as(who).post(f.to, values)
					filledIn++
					if a.status == http.StatusSeeOther {
						stored++
					}
					if s := stray(a.body); s != "" && strings.HasPrefix(a.header.Get("Content-Type"), "text/html") {
						t.Errorf("%s as %s answers with %s", f.to, who, s)
					}
					if a.status >= 500 {
						t.Errorf("%s as %s: %d", f.to, who, a.status)
					}
				}
			}
		}
	}
	if filledIn < 60 || stored < 10 {
		t.Errorf("%d forms were sent and %d taken: the pages have more", filledIn, stored)
	}
	shown := 0
	for _, page := range pages {
		for _, who := range []dossier.PersonID{"p-admin", "p-counter"} {
			sep := "?"
			if strings.Contains(page, "?") {
				sep = "&"
			}
			body := h.as(who).get(page + sep + "q=" + url.QueryEscape(probe)).body
			if s := stray(body); s != "" {
				t.Errorf("%s as %s carries %s", page, who, s)
			}
			if strings.Contains(body, "&lt;xss-probe") {
				shown++
			}
		}
	}
	if shown < 20 {
		t.Errorf("the probe is shown as text on %d pages only: the test looks at the wrong ones", shown)
	}
}

// likely is what fields take whose text has a form.
var likely = map[string]string{"until": "31/12/2026", "from": "02/01/2020", "issued": "2020-03-01", "day": "20/11/2026", "years": "5", "number": "008199012345", "holder_number": "008199012345",
	"month": "2026-09", "procedure": "9.1", "competent": string(here), "code": "H99.14", "url": "https://motcua.gov.vn/a", "days": "3", "dossier": "H99.11-261120-0001", "agency": string(here)}

// filledWays are a form with the probe in one field at a time, the others as they were
// or something plain, and in all of them.
func filledWays(f pageForm) (ways []url.Values) {
	plain := url.Values{}
	for name, v := range f.values {
		plain[name] = slices.Clone(v)
		if slices.Contains(f.texts, name) && plain.Get(name) == "" {
			plain.Set(name, cmp.Or(likely[name], "An"))
		}
	}
	all := url.Values{}
	for name, v := range plain {
		all[name] = slices.Clone(v)
	}
	for _, name := range f.texts {
		one := url.Values{}
		for k, v := range plain {
			one[k] = slices.Clone(v)
		}
		one.Set(name, probe)
		all.Set(name, probe)
		ways = append(ways, one)
	}
	return append(ways, all)
}
