package web

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"path"
	"strconv"
	"strings"
	"sync"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/account"
	"sohoa/dossier/figures"
)

//go:embed pages/*.html static/*
var files embed.FS

// pages are the templates by language, then by name.
type pages map[string]map[string]*template.Template

// parsePages parses every page once for each language, within the layout.
func parsePages() (pages, error) {
	names, err := fs.Glob(files, "pages/*.html")
	if err != nil {
		return nil, err
	}
	all := pages{}
	for _, lang := range languages {
		all[lang] = map[string]*template.Template{}
		shared, err := template.New("layout").Funcs(functions(lang)).ParseFS(files, "pages/layout.html", "pages/pieces.html", "pages/charts.html", "pages/judgement.html")
		if err != nil {
			return nil, err
		}
		for _, file := range names {
			name := strings.TrimSuffix(path.Base(file), ".html")
			if name == "layout" || name == "pieces" || name == "charts" || name == "judgement" {
				continue
			}
			t, err := shared.Clone()
			if err != nil {
				return nil, err
			}
			if all[lang][name], err = t.ParseFS(files, file); err != nil {
				return nil, err
			}
			settled(all[lang][name], lang)
		}
	}
	return all, nil
}

// functions are what the templates may call. An unknown word is an error, not
// an empty place.
func functions(lang string) template.FuncMap {
	return template.FuncMap{
		"t": func(key string, args ...any) (string, error) {
			if !has(key) {
				return "", fmt.Errorf("no word %q", key)
			}
			if len(args) == 0 {
				return say(lang, key), nil
			}
			return fmt.Sprintf(say(lang, key), args...), nil
		},
		"when":    func(t time.Time) string { return when(lang, t) },
		"day":     func(t time.Time) string { return day(lang, t) },
		"isoDay":  func(s string) string { return isoDay(lang, s) },
		"slashed": slashed,
		"iso":     func(t time.Time) string { return t.In(dossier.VietNam).Format(time.RFC3339) },
		"rate":    func(r figures.Rate) string { return decimals(lang, r.String()) },
		"decimal": func(s string) string { return decimals(lang, s) },
		"mask":    dossier.MaskNumber,
		"numbers": func(to string, f figures.Figures) template.HTML { return numberCells(lang, to, f) },
		"browser": func(kind string) string { return browserWords(lang, kind) },
		"size":    func(n int64) string { return size(lang, n) },
		"part":    func(p dossier.Part) string { return partWords(lang, p) },
		"machine": func(text string) string { return machineWords(lang, text) },
		"law": func(source string) string {
			if lang == "vi" {
				return figures.VietnameseLaw(source)
			}
			return source
		},
		"lang":   func() string { return lang },
		"add":    func(a, b int) int { return a + b },
		"list":   func(v ...any) []any { return v },
		"style":  func() string { return "/static/" + versioned("app.css") },
		"script": func() string { return "/static/" + versioned("app.js") },
		"door":   doorStyle,
		"static": func(name string) string { return "/static/" + versioned(name) },
		"viewer": viewerAddress,
		"mark":   func() template.HTML { return inPage() },
	}
}

func when(lang string, t time.Time) string {
	if t.IsZero() {
		return "–"
	}
	if lang == "en" {
		return t.In(dossier.VietNam).Format("2 Jan 2006 15:04")
	}
	return t.In(dossier.VietNam).Format("15:04 02/01/2006")
}

func day(lang string, t time.Time) string {
	if t.IsZero() {
		return "–"
	}
	if lang == "en" {
		return t.In(dossier.VietNam).Format("2 Jan 2006")
	}
	return t.In(dossier.VietNam).Format("02/01/2006")
}

// isoDay shows a YYYY-MM-DD as people write it; anything else as it is.
func isoDay(lang, s string) string {
	t, err := time.ParseInLocation(time.DateOnly, s, dossier.VietNam)
	if err != nil {
		return s
	}
	return day(lang, t)
}

// slashed shows a YYYY-MM-DD as a form asks for it, DD/MM/YYYY in both
// languages: the browser's own field would show it as its maker's country does.
func slashed(s string) string {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return s
	}
	return t.Format("02/01/2006")
}

// decimals writes a number, which is as Vietnamese print it, as lang's readers do.
func decimals(lang, number string) string {
	if lang == "en" {
		return strings.NewReplacer(",", ".", " %", "%").Replace(number)
	}
	return number
}

func size(lang string, n int64) string {
	s := fmt.Sprintf("%d kB", (n+1023)>>10)
	if n >= 1<<20 {
		s = fmt.Sprintf("%.1f MB", float64(n)/(1<<20))
	}
	if lang == "vi" {
		s = strings.Replace(s, ".", ",", 1)
	}
	return s
}

// page is what the layout shows around a view.
type page struct {
	Title  string // a key of words
	Who    dossier.Person
	Other  string // address of this page in the other language
	Here   string // the first part of the path, for the menu
	DevCA  bool
	Demo   bool
	Door   bool  // the page brings its style with it: see [doorStyle]
	Again  bool  // it changes yet: a browser without scripts asks for it again
	Max    int64 // bytes of an upload
	View   any
	Live   string    // address that tells when this page has changed; empty: none does
	Agency string    // of Who, in words
	Room   *roomView // of an auditor: what they may read; nil for others

	Deputy *account.Delegation // under which Who acts
	For    string              // the name of whom they stand in for
	Glass  *account.Glass      // that Who broke, while it is open
	Broken int                 // what is open out of turn now, for who watches over the house
}

// show renders a page. Nothing is sent before all of it is rendered.
func (s *server) show(v *visit, status int, name, title string, view any) error {
	p := page{Title: title, Who: v.who, DevCA: s.DevCA, Max: s.MaxBytes, View: view, Other: otherLanguage(v)}
	_, rest, _ := strings.Cut(v.r.URL.Path, "/")
	p.Here, _, _ = strings.Cut(rest, "/")
	if b, ok := view.(deskBatchView); ok {
		p.Again = b.Busy
	}
	if p.Door = name == "login"; p.Door {
		v.w.Header().Set("Content-Security-Policy", doorPolicy())
	}
	if of, ok := v.watched(name); ok && s.Live != nil && v.r.Method == http.MethodGet && status == http.StatusOK {
		p.Live = fmt.Sprintf("/live?since=%d%s", v.place, of)
	}
	if v.who.ID != "" {
		err := s.around(v.ctx(), &p)
		if err == nil {
			p.Room, err = s.roomAround(v)
		}
		if err == nil {
			err = s.standingIn(v, &p)
		}
		if err != nil && name != "error" {
			return err
		}
	}
	return s.render(v, status, name, "layout", p)
}

// standingIn says for whom the visitor stands in, and what is open out of turn.
func (s *server) standingIn(v *visit, p *page) (err error) {
	p.Glass = v.sight.glass
	if p.Broken, err = s.openNow(v); err != nil || v.deputy == nil {
		return err
	}
	giver, err := s.People.Person(v.ctx(), v.deputy.Giver)
	p.Deputy, p.For = v.deputy, giver.Name
	return err
}

// piece renders one part of a page alone, for a page that refreshes itself.
func (s *server) piece(v *visit, name, part string, view any) error {
	return s.render(v, http.StatusOK, name, part, view)
}

func (s *server) render(v *visit, status int, name, part string, view any) error {
	b, err := s.rendered(v.lang, name, part, view)
	if err != nil {
		return err
	}
	v.wrote = true
	v.w.Header().Set("Content-Type", "text/html; charset=utf-8")
	v.w.WriteHeader(status)
	_, _ = v.w.Write(b) // whoever does not read it has gone
	return nil
}

// rendered is a part of a page.
func (s *server) rendered(lang, name, part string, view any) ([]byte, error) {
	t, ok := s.pages[lang][name]
	if !ok {
		return nil, fmt.Errorf("no page %q", name)
	}
	var b bytes.Buffer
	if err := t.ExecuteTemplate(&b, part, view); err != nil {
		return nil, fmt.Errorf("render %s: %w", name, err)
	}
	return b.Bytes(), nil
}

// around finds what the layout says of the house.
func (s *server) around(ctx context.Context, p *page) error {
	n, err := s.names(ctx)
	p.Demo, p.Agency = n.demo, n.agency[p.Who.Agency]
	return err
}

// names are the words for codes. A code without a word is its own word.
type names struct {
	agency    map[dossier.AgencyCode]string
	kind      map[dossier.KindCode]string
	procedure map[dossier.ProcedureCode]dossier.Procedure
	former    map[dossier.ProcedureCode]map[dossier.SlotCode]string // places that the versions in force have not
	people    map[dossier.PersonID]dossier.Person
	demo      bool // an agency is of the demonstration
}

// namesKept are the names of the catalogue as it was at its stamps; nobody changes them.
type namesKept struct {
	sync.Mutex
	at dossier.Stamps
	of names
}

// names returns the words for codes, to which a page may add people. They are made anew
// when the catalogue has changed, whichever process changed it.
func (s *server) names(ctx context.Context) (n names, err error) {
	at, err := s.Catalogue.Stamps(ctx)
	if err != nil {
		return n, err
	}
	at.Restrictions = 0 // no name is of them
	s.named.Lock()
	defer s.named.Unlock()
	if s.named.of.agency == nil || s.named.at != at {
		made, err := s.namesNow(ctx)
		if err != nil {
			return n, err
		}
		s.named.at, s.named.of = at, made
	}
	n = s.named.of
	n.people = map[dossier.PersonID]dossier.Person{}
	return n, nil
}

func (s *server) namesNow(ctx context.Context) (names, error) {
	n := names{agency: map[dossier.AgencyCode]string{}, kind: map[dossier.KindCode]string{}, procedure: map[dossier.ProcedureCode]dossier.Procedure{}}
	agencies, err := s.Catalogue.Agencies(ctx)
	if err != nil {
		return n, err
	}
	for _, a := range agencies {
		n.agency[a.Code] = a.Name
		n.demo = n.demo || a.Demo
	}
	kinds, err := s.Catalogue.Kinds(ctx)
	if err != nil {
		return n, err
	}
	for _, k := range kinds {
		n.kind[k.Code] = k.Name
	}
	procedures, err := s.Catalogue.Procedures(ctx)
	if err != nil {
		return n, err
	}
	for _, p := range procedures {
		n.procedure[p.Code] = p
	}
	n.former, err = s.Catalogue.FormerSlots(ctx)
	return n, err
}

// withPeople adds the people, for a page that says who did what.
func (s *server) withPeople(ctx context.Context, n names) error {
	people, err := s.People.People(ctx)
	for _, p := range people {
		n.people[p.ID] = p
	}
	return err
}

// withSome is withPeople for a few: those who are not known any more keep their
// ids for names.
func (s *server) withSome(ctx context.Context, n names, ids ...dossier.PersonID) error {
	for _, id := range ids {
		if _, there := n.people[id]; there || id == "" {
			continue
		}
		p, err := s.People.Person(ctx, id)
		if err != nil && !errors.Is(err, dossier.ErrNotFound) {
			return err
		}
		n.people[id] = p
	}
	return nil
}

// Agency, Kind, Procedure and Who are called by templates.
func (n names) Agency(c dossier.AgencyCode) string { return or(n.agency[c], string(c)) }

// Kind returns the name of a kind of paper.
func (n names) Kind(c dossier.KindCode) string { return or(n.kind[c], string(c)) }

// Procedure returns the name of a procedure.
func (n names) Procedure(c dossier.ProcedureCode) string { return or(n.procedure[c].Name, string(c)) }

// Who returns a person's login, or the name of the worker.
func (n names) Who(id dossier.PersonID) string { return or(n.people[id].Login, string(id)) }

// ByID is [names.Who] of an id that stands as text.
func (n names) ByID(id string) string { return n.Who(dossier.PersonID(id)) }

// Slot returns the name of a place in a dossier of a procedure, of an earlier version too.
func (n names) Slot(p dossier.ProcedureCode, slot dossier.SlotCode) string {
	for _, c := range n.procedure[p].Slots() {
		if c.Slot == slot {
			return c.Name
		}
	}
	return or(n.former[p][slot], string(slot))
}

func or(a, b string) string {
	if a == "" {
		return b
	}
	return a
}

// staticFile is a file as it is served: under a name with its digest, for ever.
type staticFile struct {
	media string
	bytes []byte
	tag   string // the entity tag; empty if its name says all

	packed []byte // by gzip (RFC 1952); nil: it is sent as it is
}

// staticBytes is a static file as it is served. The style and the script of every page begin
// with those of the door: see [doorStyle].
func staticBytes(name string) ([]byte, error) {
	b, err := files.ReadFile("static/" + name)
	if base, ext, _ := strings.Cut(name, "."); err == nil && base == "app" {
		door, err := files.ReadFile("static/door." + ext)
		return append(door, b...), err
	}
	return b, err
}

// versioned puts the digest of a static file into its name, so that a browser
// may keep it and still sees the next one.
func versioned(name string) string {
	b, err := staticBytes(name)
	if err != nil {
		return name
	}
	return digested(name, b)
}

// digested is the name of a file with its digest.
func digested(name string, b []byte) string {
	ext := path.Ext(name)
	return strings.TrimSuffix(name, ext) + "." + digestOf(b) + ext
}

func digestOf(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:6])
}

func staticFiles() (map[string]staticFile, error) {
	media := map[string]string{".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}
	entries, err := files.ReadDir("static")
	if err != nil {
		return nil, err
	}
	all := map[string]staticFile{}
	for _, e := range entries {
		b, err := staticBytes(e.Name())
		if err != nil {
			return nil, err
		}
		packed, err := gzipped(b)
		if err != nil {
			return nil, err
		}
		f := staticFile{media: media[path.Ext(e.Name())], bytes: b, packed: packed}
		all[e.Name()], all[versioned(e.Name())] = f, f
	}
	return all, nil
}

// inPage is the house's mark as part of a page: asking for it would cost each page a
// request.
var inPage = sync.OnceValue(func() template.HTML {
	b, err := files.ReadFile("static/mark.svg")
	if err != nil {
		panic(err) // it is built in
	}
	return template.HTML(strings.Replace(string(b), "<svg ", `<svg width="28" height="28" aria-hidden="true" `, 1))
})

func (s *server) file(v *visit) error {
	name := v.r.PathValue("file")
	f, ok := s.static[name]
	if !ok {
		return dossier.ErrNotFound
	}
	v.w.Header().Set("Content-Type", f.media)
	if strings.Count(name, ".") > 1 {
		v.w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	} else {
		v.w.Header().Set("Cache-Control", "no-cache")
	}
	v.w.Header().Set("Vary", "Accept-Encoding")
	b := f.bytes
	if takesGzip(v.r) {
		v.w.Header().Set("Content-Encoding", "gzip")
		b = f.packed
	}
	_, err := v.w.Write(b)
	return err
}

// gzipped packs what is the same for everybody. Pages are not: who could put words into
// one would learn from its length what else is on it (BREACH).
func gzipped(b []byte) ([]byte, error) {
	var out bytes.Buffer
	z, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err = z.Write(b); err == nil {
		err = z.Close()
	}
	return out.Bytes(), err
}

// takesGzip reports whether a browser takes what is packed by gzip (RFC 9110, 12.5.3).
func takesGzip(r *http.Request) bool {
	for one := range strings.SplitSeq(r.Header.Get("Accept-Encoding"), ",") {
		name, weight, _ := strings.Cut(strings.TrimSpace(one), ";")
		if strings.EqualFold(strings.TrimSpace(name), "gzip") {
			q, err := strconv.ParseFloat(strings.TrimPrefix(strings.ReplaceAll(weight, " ", ""), "q="), 64)
			return err != nil || q > 0
		}
	}
	return false
}
