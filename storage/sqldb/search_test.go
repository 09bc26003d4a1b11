package sqldb

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"sohoa/dossier"
	"sohoa/dossier/search"
)

// A filed paper is archived by rows alone, and what its text says.
type filed struct {
	id        string
	agency    dossier.AgencyCode
	kind      dossier.KindCode
	holder    string // name
	number    string // of the paper
	title     string
	issued    string
	text      string
	competent dossier.AgencyCode
}

// file archives a paper without the line.
func (h *house) file(f filed) {
	h.t.Helper()
	if f.agency == "" {
		f.agency = "H60.12"
	}
	if f.competent == "" {
		f.competent = f.agency
	}
	if f.kind == "" {
		f.kind = "GKS"
	}
	holder, err := h.PutHolder(h.ctx, dossier.Holder{Number: "H-" + f.id, Name: or(f.holder, "Nguyễn Văn A")})
	h.must(err)
	fields, err := asJSON([]dossier.Field{{Name: dossier.FieldTitle, Value: f.title}, {Name: dossier.FieldNumber, Value: f.number}, {Name: dossier.FieldIssued, Value: f.issued}})
	h.must(err)
	code := "H60.12-261121-" + f.id
	_, err = h.write.ExecContext(h.ctx, `INSERT INTO dossiers (code, procedure, receiving, competent, holder, channel, received, demo)
		VALUES ($1, $2, $3, $4, $5, '', $6, 0)`, code, string(procedure), string(f.agency), string(f.competent), string(holder.ID), noon.UnixMilli())
	h.must(err)
	_, err = h.write.ExecContext(h.ctx, `INSERT INTO documents (id, dossier, slot, kind, state, version, media, size, pages, received, changed, parts, fields, why, demo)
		VALUES ($1, $2, 'T1', $3, 'archived', 9, '', 1, 1, $4, $4, '{}', $5, '', 0)`, f.id, code, string(f.kind), h.clock.now().UnixMilli(), fields)
	h.must(err)
	if h.texts == nil {
		h.texts = map[dossier.DocumentID]string{}
	}
	h.texts[dossier.DocumentID(f.id)] = f.text
}

func or(a, b string) string {
	if a == "" {
		return b
	}
	return a
}

// index does what is owed, with the texts of the filed papers.
func (h *house) index() {
	h.t.Helper()
	for {
		owed, err := h.SearchOwed(h.ctx, 50)
		h.must(err)
		if len(owed) == 0 {
			return
		}
		var papers []IndexedPaper
		for _, o := range owed {
			o.Text = search.Normal(h.texts[o.Document])
			papers = append(papers, IndexedPaper{OwedPaper: o, Lexemes: search.Lexemes(o.Paper)})
		}
		h.must(h.PutSearch(h.ctx, papers))
	}
}

// find returns the ids of what a query finds, page by page.
func (h *house) find(q search.Query) (found []string) {
	h.t.Helper()
	for range 1000 {
		a, err := h.Search(h.ctx, q)
		if err != nil {
			h.t.Fatalf("%q: %v", q.Text, err)
		}
		for _, hit := range a.Hits {
			found = append(found, string(hit.Document))
		}
		if a.Next == (search.Cursor{}) {
			return found
		}
		q.After = a.Next
	}
	h.t.Fatalf("%q: no end", q.Text)
	return nil
}

func (h *house) finds(q search.Query, want ...string) {
	h.t.Helper()
	if got := h.find(q); !slices.Equal(got, want) {
		h.t.Errorf("%+v: %v, want %v", q, got, want)
	}
}

func asked(s string) search.Query { return search.Query{Text: s, People: true} }

func newLibrary(t testing.TB) *house {
	h := newHouse(t)
	h.file(filed{id: "a", number: "123/QĐ-UBND", title: "Quyết định giao đất", issued: "2021-03-05", text: "ỦY BAN NHÂN DÂN\nQuyết định về đất đai tại Đà Nẵng. Tờ trình số 45/TTr-STNMT"})
	h.file(filed{id: "b", kind: "DON", number: "05/2024/TB-UBND", title: "Thông báo", issued: "2024-01-31", text: "Thông báo thu hồi đất, căn cứ Quyết định số 123 / QĐ - UBND. tò trình"})
	h.file(filed{id: "c", agency: "H60.13", holder: "Trần Thị Hạnh", title: "Giấy khai sinh", issued: "2022-06-30", text: "GIẤY KHAI SINH. Họ và tên: <b>Đỗ</b> & tờ, trình"})
	h.file(filed{id: "d", title: "Đơn", holder: "Đặng Văn Đà", text: "123 con bò. QĐ của UBND"})
	h.index()
	return h
}

func TestSearch(t *testing.T) {
	h := newLibrary(t)
	for q, want := range map[string]string{
		"to trinh": "cba", "tờ trình": "cba", `"to trinh"`: "cba", "TO TRINH": "cba", "to\u031b\u0300 tri\u0300nh": "cba",
		"da nang": "a", "ĐÀ NẴNG": "a", "dat": "ab", "đất đai": "a",
		"123/QĐ-UBND": "ab", "123 QD UBND": "ab", "123 qđ ubnd": "ab", "123/qd-ubnd": "ab", "số 123 / QĐ-UBND": "ab", "0123/QĐ-UBND": "ab", "123QĐ-UBND": "ab", "123qdubnd": "ab",
		"5/TB-UBND": "b", "05/2024/TB-UBND": "b", "05 2024 TB UBND": "b", "05/2024/QĐ-UBND": "", "45/ttr-stnmt": "a", "123/QĐ": "ab",
		"123 ubnd qd": "adb", `"qd ubnd"`: "ab", `"ubnd qd"`: "", `"thu hoi dat"`: "b", "“thu hồi”": "b", "thu-hoi": "b", "hoi-thu": "",
		"hanh": "c", "tran thi hanh": "c", "khai sinh": "c", "do": "c", "H60.12-261121-d": "d", "h60.12-261121-D": "d",
	} {
		var list []string
		for _, id := range strings.Split(want, "") {
			list = append(list, id)
		}
		h.finds(asked(q), list...)
	}
	// tones as they are written
	for q, want := range map[string][]string{"tờ trình": {"c", "a"}, "tò trình": {"b"}, "to trinh": nil, "123 QD UBND": {"a", "b"}, "đất đai": {"a"}, "đât": nil, `"tờ trình"`: {"c", "a"}} {
		h.finds(search.Query{Text: q, Exact: true, People: true}, want...)
	}
	for _, q := range []struct {
		q    search.Query
		want []string
	}{
		{search.Query{Kind: "DON"}, []string{"b"}},
		{search.Query{Text: "dat", Agencies: []dossier.AgencyCode{"H60.13"}}, nil},
		{search.Query{Agencies: []dossier.AgencyCode{"H60.13"}}, []string{"c"}},
		{search.Query{Holder: "đặng đà", People: true}, []string{"d"}},
		{search.Query{Number: "123"}, []string{"a"}},
		{search.Query{Number: "123 QD ubnd"}, []string{"a"}},
		{search.Query{Number: "5/TB-UBND"}, []string{"b"}},
		{search.Query{From: "2022-06-30"}, []string{"c", "b"}},
		{search.Query{To: "2022-06-30"}, []string{"c", "a"}},
		{search.Query{Text: "thong bao", From: "2024-01-31", To: "2024-01-31"}, []string{"b"}},
		{search.Query{From: "2024-02-01", To: "2024-01-31"}, nil},
	} {
		h.finds(q.q, q.want...)
	}
}

// What a reader may not see is neither found nor counted, and holders' names are
// not looked for by those who may not.
func TestSearchRights(t *testing.T) {
	h := newLibrary(t)
	scope := []dossier.AgencyCode{"H60.13"}
	for _, q := range []search.Query{{Text: "dat"}, {Text: "123/QĐ-UBND"}, {Text: "quyet dinh"}, {Kind: "DON"}, {From: "2023-01-01"}, {Agencies: []dossier.AgencyCode{"H60.12"}}} {
		q.Scope = scope
		if a, err := h.Search(h.ctx, q); err != nil || len(a.Hits) > 0 || a.Count > 0 {
			t.Errorf("%+v: %d found, %d counted, %v", q, len(a.Hits), a.Count, err)
		}
	}
	h.finds(search.Query{Text: "khai sinh", Scope: scope}, "c")
	// lexemes that lie about whose paper it is open nothing
	_, err := h.write.ExecContext(h.ctx, "DELETE FROM search_owed")
	h.must(err)
	owed := h.owedAgain("a")
	owed.Receiving, owed.Competent = "H60.13", "H60.13"
	h.must(h.PutSearch(h.ctx, []IndexedPaper{{OwedPaper: owed, Lexemes: search.Lexemes(owed.Paper)}}))
	if a, err := h.Search(h.ctx, search.Query{Text: "quyet dinh", Scope: scope}); err != nil || len(a.Hits) > 0 || a.Count > 0 {
		t.Errorf("a wrong index shows %d, counts %d, %v", len(a.Hits), a.Count, err)
	}
	h.finds(search.Query{Text: "hanh"})
	h.finds(search.Query{Text: "Trần Thị Hạnh", Exact: true})
	h.finds(search.Query{Text: "H-c", People: true}, "c")
	h.finds(search.Query{Text: "H-c"})
	if _, err := h.Search(h.ctx, search.Query{Holder: "hanh"}); !errors.Is(err, dossier.ErrForbidden) {
		t.Errorf("a holder is looked for: %v", err)
	}
	a, err := h.Search(h.ctx, search.Query{Text: "khai sinh"})
	h.must(err)
	if a.Hits[0].Name != nil {
		t.Errorf("the name is shown: %v", a.Hits[0].Name)
	}
	// nor does what is archived no more come out, before anything is swept
	_, err = h.write.ExecContext(h.ctx, "UPDATE documents SET state = 'refused' WHERE id = 'c'")
	h.must(err)
	h.finds(search.Query{Text: "khai sinh"})
	if n, err := one(h.ctx, h.read, single[int], "SELECT COUNT(*) FROM search_texts"); err != nil || n != 3 {
		t.Errorf("%d texts are kept, %v", n, err)
	}
	owed = h.owedAgain("c") // nor if the index has it all the same
	h.must(h.PutSearch(h.ctx, []IndexedPaper{{OwedPaper: owed, Lexemes: search.Lexemes(owed.Paper)}}))
	h.finds(search.Query{Text: "khai sinh"})
}

// owedAgain notes a paper as owed and returns it.
func (h *house) owedAgain(id string) OwedPaper {
	h.t.Helper()
	_, err := h.write.ExecContext(h.ctx, "INSERT INTO search_owed (document, at, stamp, due) VALUES ($1, 0, 1, 0)", id)
	h.must(err)
	owed, err := h.SearchOwed(h.ctx, 1)
	h.must(err)
	owed[0].Text = h.texts[owed[0].Document]
	return owed[0]
}

// A paper whose rows change while its lexemes are made is still owed; a name
// that changes is found soon after, the old one no more.
func TestSearchFollowsRows(t *testing.T) {
	h := newLibrary(t)
	owed := h.owedAgain("c")
	_, err := h.PutHolder(h.ctx, dossier.Holder{Number: "H-c", Name: "Trần Thị Hoà"})
	h.must(err)
	h.file(filed{id: "e", holder: "Lê Thị Lan", text: "giấy"})
	h.index()
	h.finds(asked("lan"), "e")
	// the entries of papers filed by rows alone are not there: put one
	_, err = h.write.ExecContext(h.ctx, `INSERT INTO entries (id, holder, kind, document, dossier, added, expires, number, title, issuer, issued)
		SELECT 'e', o.holder, d.kind, d.id, o.code, 1, '', '', '', '', '' FROM documents d JOIN dossiers o ON o.code = d.dossier WHERE d.id = 'e'`)
	h.must(err)
	_, err = h.PutHolder(h.ctx, dossier.Holder{Number: "H-e", Name: "Lê Thị Huệ"})
	h.must(err)
	stale, err := h.SearchOwed(h.ctx, 5)
	h.must(err)
	if len(stale) != 1 || stale[0].Name != "Lê Thị Huệ" {
		t.Fatalf("owed after a new name: %v", stale)
	}
	_, err = h.PutHolder(h.ctx, dossier.Holder{Number: "H-e", Name: "Lê Thị Mai"})
	h.must(err)
	h.must(h.PutSearch(h.ctx, []IndexedPaper{{OwedPaper: stale[0], Lexemes: search.Lexemes(stale[0].Paper)}}))
	if n, _ := h.SearchWaiting(h.ctx); n != 1 {
		t.Errorf("%d are owed after a change in between", n)
	}
	a, err := h.Search(h.ctx, asked("mai"))
	h.must(err)
	if !a.Behind {
		t.Error("nobody is told that the index is behind")
	}
	h.index()
	h.finds(asked("mai"), "e")
	h.finds(asked("hue"))
	h.finds(asked("lan"))
	h.must(h.PutSearch(h.ctx, []IndexedPaper{{OwedPaper: owed}})) // long done: an echo
	h.finds(asked("khai sinh"), "c")
	if a, err := h.Search(h.ctx, asked("mai")); err != nil || a.Behind || a.Count != 1 {
		t.Errorf("%+v, %v", a, err)
	}
}

// Whatever is asked, it is an answer or a plain refusal that repeats nothing.
func TestSearchHostile(t *testing.T) {
	h := newLibrary(t)
	for _, q := range []string{`"`, `""`, `" OR "`, `*`, `a*`, `NEAR(a b)`, `lexemes: x`, `wto AND pto_trinh`, `') | ('`, `x' & !'y`, `\`, `a\'b`, "to\x00trinh", "\xff\xfe", "%_", "$1", "-- x", "; DROP TABLE documents", "!!!", "…", "^", "{a}", "(((((", "đ\u0300\u0301\u0302", strings.Repeat("(", 250), strings.Repeat("a", 250), "㐀中文", "cut", "wto", "pto_trinh", "\u202e", "NOT", "OR", "AND"} {
		_, err := h.Search(h.ctx, asked(q))
		if err != nil && !errors.Is(err, dossier.ErrInvalid) {
			t.Errorf("%q: %v", q, err)
		}
	}
	for _, q := range []search.Query{asked("!!! …"), asked(""), asked("\x00"), asked(strings.Repeat("a ", 200)), asked(strings.Repeat("ab ", 60)), {From: "2020-1-1"}, {Text: "a", Limit: -1}, {Text: "a", Limit: 51}} {
		if _, err := h.Search(h.ctx, q); !errors.Is(err, dossier.ErrInvalid) {
			t.Errorf("%.20q: %v", q.Text, err)
		}
	}
	h.finds(asked("to\x00trinh"), "c", "b", "a")
	many := search.Query{Text: "dat"}
	for i := range 1000 {
		many.Scope = append(many.Scope, dossier.AgencyCode(fmt.Sprint("H61.", i)))
	}
	h.finds(many)
	many.Scope[500] = "H60.12"
	h.finds(many, "a", "b")
	var max []string
	for i := range search.MostWords {
		max = append(max, fmt.Sprint("q", i))
	}
	h.finds(asked(strings.Join(max, " ")))
	h.finds(asked(`"` + strings.Join(max, " ") + `"`))
}

// A page goes on where the last one ended, whatever is archived meanwhile.
func TestSearchPages(t *testing.T) {
	h := newHouse(t)
	for i := range 60 {
		h.file(filed{id: fmt.Sprintf("p%03d", i), title: []string{"Tờ trình", "Công văn"}[i%2], text: "tờ trình về đất đai"})
	}
	h.index()
	q := search.Query{Text: "to trinh", Limit: 7}
	var found []string
	for page := 0; ; page++ {
		a, err := h.Search(h.ctx, q)
		h.must(err)
		for _, hit := range a.Hits {
			found = append(found, string(hit.Document))
		}
		if a.Next == (search.Cursor{}) {
			break
		}
		c, err := search.ParseCursor(a.Next.String())
		h.must(err)
		q.After = c
		h.file(filed{id: fmt.Sprintf("z%03d", page), title: "Tờ trình", text: "tờ trình mới"})
		h.index()
	}
	var want []string
	for _, odd := range []int{0, 1} {
		for i := 58 + odd; i >= 0; i -= 2 {
			want = append(want, fmt.Sprintf("p%03d", i))
		}
	}
	// of what came meanwhile, what belongs behind the place where a page ended is
	// shown: the tier of the text began after some had come, and they are of the
	// first tier
	if !slices.Equal(found, want) {
		t.Errorf("found %v, want %v", found, want)
	}
}

// A rebuild gives the same answers, whatever became of the index.
func TestSearchRebuild(t *testing.T) {
	h := newLibrary(t)
	queries := []search.Query{asked("to trinh"), asked("123/QĐ-UBND"), asked("dat"), {Kind: "DON"}, {From: "2000-01-01"}, {Text: "tờ trình", Exact: true}}
	var before [][]string
	for _, q := range queries {
		before = append(before, h.find(q))
	}
	for _, damage := range []string{"", "DELETE FROM search_docs", "UPDATE search_texts SET body = 'x'", "DELETE FROM search_docs WHERE document = 'b'"} {
		if damage != "" {
			_, err := h.write.ExecContext(h.ctx, damage)
			h.must(err)
		}
		for rounds, all := 0, false; !all; rounds++ {
			var err error
			all, err = h.OweSearch(h.ctx, 1, rounds == 0)
			h.must(err)
			if rounds > 10 {
				t.Fatal("marking has no end")
			}
		}
		if n, _ := h.SearchWaiting(h.ctx); n != 4 {
			t.Fatalf("%d are owed", n)
		}
		h.index()
		if all, err := h.OweSearch(h.ctx, 1, false); err != nil || !all {
			t.Errorf("a rebuild that was not ended began anew, %v", err)
		}
		if n, _ := h.SearchWaiting(h.ctx); n != 0 {
			t.Errorf("%d are owed by a rebuild that goes on", n)
		}
		h.must(h.RebuiltSearch(h.ctx))
		for i, q := range queries {
			if got := h.find(q); !slices.Equal(got, before[i]) {
				t.Errorf("after %q %+v finds %v, not %v", damage, q, got, before[i])
			}
		}
	}
}

var vocabulary = strings.Fields("tờ trình quyết định đất đai Đà Nẵng ủy ban nhân dân thu hồi giấy khai sinh Nguyễn Văn Dũng to tỏ đà da năng 123 QĐ-UBND 45/TB-UBND xã số")

// random is a made-up archive, the same for a seed.
func random(r *rand.Rand, n int) (papers []filed) {
	words := func(n int) string {
		var list []string
		for range n {
			list = append(list, vocabulary[r.IntN(len(vocabulary))])
		}
		return strings.Join(list, " ")
	}
	for i := range n {
		papers = append(papers, filed{id: fmt.Sprintf("r%04d", i), agency: []dossier.AgencyCode{"H60.12", "H60.13"}[r.IntN(2)], kind: []dossier.KindCode{"GKS", "DON"}[r.IntN(2)],
			holder: words(3), number: fmt.Sprintf("%d/%s-UBND", r.IntN(150), []string{"QĐ", "TB"}[r.IntN(2)]), title: words(3), issued: fmt.Sprintf("20%02d-05-%02d", r.IntN(25), 1+r.IntN(28)), text: words(5 + r.IntN(60))})
	}
	return papers
}

// Both engines give the answers that the definition gives, paper by paper: on
// PostgreSQL the same as SQLite's.
func TestSearchRandom(t *testing.T) {
	r := rand.New(rand.NewPCG(30, 6))
	papers := random(r, 300)
	h := newHouse(t)
	var other *house
	if os.Getenv("SOHOA_TEST_POSTGRES") != "" {
		other = newHouseAt(t, "")
	}
	for _, p := range papers {
		h.file(p)
		if other != nil {
			other.file(p)
		}
	}
	h.index()
	if other != nil {
		other.index()
	}
	found, defined := 0, 0
	for range 200 {
		var list []string
		for range 1 + r.IntN(4) {
			list = append(list, vocabulary[r.IntN(len(vocabulary))])
		}
		q := search.Query{Text: strings.Join(list, " "), Exact: r.IntN(3) == 0, People: r.IntN(2) == 0, Limit: 20 + r.IntN(31)}
		if r.IntN(3) == 0 {
			q.Text = `"` + q.Text + `"`
		}
		if r.IntN(3) == 0 {
			q.Scope = []dossier.AgencyCode{"H60.12"}
		}
		if r.IntN(4) == 0 {
			q.From, q.To = "2005-05-10", "2015-05-20"
		}
		got := h.find(q)
		if !strings.ContainsAny(q.Text, "0123456789") {
			defined++
			if want := byDefinition(papers, q); !slices.Equal(got, want) {
				t.Errorf("%+v: %v, want %v", q, got, want)
			}
		}
		if other != nil {
			if same := other.find(q); !slices.Equal(got, same) {
				t.Errorf("%+v: PostgreSQL %v, SQLite %v", q, got, same)
			}
		}
		found += len(got)
	}
	if found < 1000 || defined < 100 {
		t.Errorf("only %d found, %d held against the definition: the queries say little", found, defined)
	}
}
