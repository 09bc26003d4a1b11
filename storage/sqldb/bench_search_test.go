package sqldb

import (
	"database/sql"
	cmdline "flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/search"
)

var (
	benchPapers = cmdline.String("papers", "6000", "sizes of the archive in BenchmarkSearch, growing: 10000,100000")
	benchAt     = cmdline.String("archive", "", "a directory in which BenchmarkSearch keeps its archive, and goes on with the one it finds")
	benchAsked  = cmdline.Int("asked", 40, "queries of each sort in BenchmarkSearch")
)

// wordsEach is how many words a paper of BenchmarkSearch has.
const wordsEach = 300

// A press makes up papers: syllables of Vietnamese by Zipf's law, as words of a
// language are.
type press struct {
	r         *rand.Rand
	syllables []string
	agencies  []dossier.AgencyCode
}

func newPress() *press {
	p := &press{r: rand.New(rand.NewPCG(30, 100))}
	for _, onset := range strings.Fields("b c ch d đ g gi h kh l m n ng nh ph q r s t th tr v x") {
		for _, rime := range strings.Fields("a à á ả ã ạ an àn án ang àng áng ay ày áy ăn ằn ắn ân ần ấn ậy e è é ê ề ế i ì í in inh ình ính o ò ó on ô ồ ố ông ồng ống ơ ờ ớ ời u ù ú ung ùng ư ừ ứ ưng ừng ược ường ương") {
			p.syllables = append(p.syllables, onset+rime)
		}
	}
	p.r.Shuffle(len(p.syllables), func(i, k int) { p.syllables[i], p.syllables[k] = p.syllables[k], p.syllables[i] })
	for i := range 100 {
		p.agencies = append(p.agencies, dossier.AgencyCode(fmt.Sprintf("H60.%d", 100+i)))
	}
	return p
}

// paper is the i-th, the same each time.
func (p *press) paper(i int) filed {
	r := rand.New(rand.NewPCG(30, uint64(i)))
	zipf := rand.NewZipf(r, 1.07, 5, uint64(len(p.syllables)-1))
	words := func(n int) string {
		list := make([]string, n)
		for i := range list {
			list[i] = p.syllables[zipf.Uint64()]
		}
		return strings.Join(list, " ")
	}
	return filed{id: fmt.Sprintf("b%08d", i), agency: p.agencies[r.IntN(len(p.agencies))], kind: []dossier.KindCode{"GKS", "DON", "QD"}[r.IntN(3)],
		holder: words(3), number: fmt.Sprintf("%d/%d/%s-UBND", 1+r.IntN(5000), 2005+r.IntN(20), []string{"QĐ", "TB", "GP"}[r.IntN(3)]),
		title: words(6), issued: fmt.Sprintf("%d-%02d-%02d", 2005+r.IntN(20), 1+r.IntN(12), 1+r.IntN(28)), text: words(wordsEach)}
}

// stock archives and indexes papers, a block in a transaction, past what is
// fresh: as it will be when the keeper has made all blocks.
func (h *house) stock(p *press, from, to int) {
	h.t.Helper()
	type made struct {
		filed
		paper   search.Paper
		lexemes string
	}
	next := make(chan []made, 1)
	go func() {
		for from < to {
			var list []made
			for range min(int(h.blockOf), to-from) {
				f := p.paper(from)
				from++
				paper := f.paper()
				list = append(list, made{f, paper, strings.Join(search.Lexemes(paper), " ")})
			}
			next <- list
		}
		close(next)
	}()
	last, err := one(h.ctx, h.read, single[int64], "SELECT COALESCE(MAX(place), 0) FROM search_docs")
	h.must(err)
	var waiting []freshPaper // of a block that is not whole
	begun := &maker{db: h.DB, f: h.finder(), ctx: h.ctx, block: last / h.blockOf}
	h.must(begun.freshPapers(func(f freshPaper) error {
		waiting = append(waiting, f)
		return nil
	}))
	for list := range next {
		h.must(h.tx(h.ctx, func(tx *sql.Tx) error {
			do := h.preparing(tx)
			for _, f := range list {
				h.archive(do, f.filed)
				last++
				waiting = append(waiting, freshPaper{last, 1, f.lexemes})
				lexed := ""
				if h.finder().empty[0][0] == 'T' {
					lexed = ", lexemes"
				}
				for _, q := range [][]any{
					{"DELETE FROM search_owed WHERE document = $1", f.id},
					{"INSERT INTO search_docs (place, document, issued, fresh" + lexed + ") VALUES ($1, $2, $3, 1" + strings.Repeat(", ''", min(1, len(lexed))) + ")", last, f.id, f.issued},
					{"INSERT INTO search_texts (place, body) VALUES ($1, $2)", last, f.text},
					{"INSERT INTO findable (place, document) VALUES ($1, $2)", last, f.id},
				} {
					do(q[0].(string), q[1:]...)
				}
			}
			return nil
		}))
		for len(waiting) > 0 && waiting[0].place/h.blockOf < last/h.blockOf {
			block, n := waiting[0].place/h.blockOf, 0
			for n < len(waiting) && waiting[n].place/h.blockOf == block {
				n++
			}
			m := &maker{db: h.DB, f: h.finder(), ctx: h.ctx, block: block, name: h.newID(), papersAtOnce: n}
			m.f.tuned = nil // there is more memory, see BenchmarkSearch
			m.each = func(do func(freshPaper) error) error {
				for _, w := range waiting[:n] {
					if err := do(w); err != nil {
						return err
					}
				}
				return nil
			}
			h.must(m.make())
			waiting = slices.Clone(waiting[n:])
		}
	}
	for some := range slices.Chunk(waiting, 100) { // what is fresh
		h.must(h.tx(h.ctx, func(tx *sql.Tx) error {
			for _, w := range some {
				if err := putLexemes(h.ctx, tx, h.finder().freshPut, w.place, h.finder().list(strings.Fields(w.lexemes))); err != nil {
					return err
				}
			}
			return nil
		}))
	}
}

// keep archives papers and has them indexed as the keeper does, and returns how
// long that took.
func (h *house) keep(p *press, from, to int) (indexing time.Duration) {
	h.t.Helper()
	for from < to {
		var list []IndexedPaper
		h.must(h.tx(h.ctx, func(tx *sql.Tx) error {
			do := h.preparing(tx)
			for range 8 {
				f := p.paper(from)
				from++
				h.archive(do, f)
				list = append(list, IndexedPaper{OwedPaper: OwedPaper{Paper: f.paper(), Stamp: 1}})
			}
			return nil
		}))
		began := spent()
		for i, o := range list {
			list[i].Lexemes = search.Lexemes(o.Paper)
		}
		h.must(h.PutSearch(h.ctx, list))
		_, err := h.SealSearch(h.ctx, nil)
		h.must(err)
		indexing += spent() - began
	}
	return indexing
}

// preparing runs statements in a transaction, each of them read once.
func (h *house) preparing(tx *sql.Tx) func(query string, args ...any) {
	known := map[string]*sql.Stmt{}
	return func(query string, args ...any) {
		if known[query] == nil {
			var err error
			known[query], err = tx.PrepareContext(h.ctx, query)
			h.must(err)
		}
		_, err := known[query].ExecContext(h.ctx, args...)
		h.must(err)
	}
}

// archive writes the rows of an archived paper.
func (h *house) archive(do func(string, ...any), f filed) {
	h.t.Helper()
	code := "H60.12-261121-" + f.id
	fields, err := asJSON(f.fields())
	h.must(err)
	for _, q := range [][]any{
		{"INSERT INTO holders (id, number, name, demo) VALUES ($1, $2, $3, 0)", "h" + f.id, "8" + f.id, f.holder},
		{"INSERT INTO dossiers (code, procedure, receiving, competent, holder, channel, received, demo) VALUES ($1, $2, $3, $3, $4, '', $5, 0)", code, string(procedure), string(f.agency), "h" + f.id, noon.UnixMilli()},
		{`INSERT INTO documents (id, dossier, slot, kind, state, version, media, size, pages, received, changed, parts, fields, why, demo)
			VALUES ($1, $2, 'T1', $3, 'archived', 9, '', 1, 1, $4, $4, '{}', $5, '', 0)`, f.id, code, string(f.kind), noon.UnixMilli(), fields},
	} {
		do(q[0].(string), q[1:]...)
	}
}

func (f filed) fields() []dossier.Field {
	return []dossier.Field{{Name: dossier.FieldTitle, Value: f.title}, {Name: dossier.FieldNumber, Value: f.number}, {Name: dossier.FieldIssued, Value: f.issued}}
}

func (f filed) paper() search.Paper {
	return search.Paper{Document: dossier.DocumentID(f.id), Dossier: dossier.Code("H60.12-261121-" + f.id), Kind: f.kind, Receiving: f.agency, Competent: f.agency, Over: []dossier.AgencyCode{"H60"},
		Name: f.holder, Number: "8" + f.id, Fields: f.fields(), Text: f.text}
}

// sorts are what is asked, by name.
func (p *press) sorts() []struct {
	name string
	ask  func() search.Query
} {
	word := func(from, to int) string { return p.syllables[from+p.r.IntN(to-from)] }
	commune := func() []dossier.AgencyCode { return p.agencies[p.r.IntN(100):][:1] }
	return []struct {
		name string
		ask  func() search.Query
	}{
		{"frequent", func() search.Query { return search.Query{Text: word(0, 20)} }},
		{"rare", func() search.Query { return search.Query{Text: word(600, 1200)} }},
		{"three", func() search.Query { return search.Query{Text: word(0, 60) + " " + word(0, 300) + " " + word(0, 900)} }},
		{"phrase", func() search.Query { return search.Query{Text: `"` + word(0, 100) + " " + word(0, 100) + `"`} }},
		{"phrase3", func() search.Query {
			return search.Query{Text: `"` + word(0, 30) + " " + word(0, 30) + " " + word(0, 30) + `"`}
		}},
		{"number", func() search.Query { return search.Query{Text: fmt.Sprintf("%d QD UBND", 1+p.r.IntN(5000))} }},
		{"holder", func() search.Query { return search.Query{Holder: word(0, 100) + " " + word(0, 100), People: true} }},
		{"exact", func() search.Query { return search.Query{Text: word(0, 200) + " " + word(0, 200), Exact: true} }},
		{"commune", func() search.Query { return search.Query{Text: word(0, 200) + " " + word(0, 200), Scope: commune()} }},
		{"commune3", func() search.Query {
			return search.Query{Text: word(0, 900) + " " + word(0, 900) + " " + word(0, 900), Scope: commune(), People: true}
		}},
		{"filters", func() search.Query { return search.Query{Kind: "QD", From: "2012-03-01", To: "2014-02-01"} }},
	}
}

// BenchmarkSearch is the first page of queries of several sorts, at each size of
// the archive: the processor time that half of them, and that 95 in 100 take at
// most, in milliseconds.
// bench/search runs it and prints a table.
func BenchmarkSearch(b *testing.B) {
	h, p := newHouse(b), newPress()
	if *benchAt != "" {
		h.must(h.Close())
		h.path = filepath.Join(*benchAt, "archive.db")
		h.open()
		h.must(h.PutAgency(h.ctx, dossier.Agency{Code: "H60", Name: "Tỉnh", Tier: dossier.Province}))
		h.must(h.PutProcedure(h.ctx, dossier.Procedure{Code: procedure, Name: "Khai sinh", Field: "Hộ tịch", Level: dossier.Full}))
		for _, k := range []dossier.KindCode{"GKS", "DON", "QD"} {
			h.must(h.PutKind(h.ctx, dossier.Kind{Code: k, Name: string(k)}))
		}
	}
	for _, a := range p.agencies {
		h.must(h.PutAgency(h.ctx, dossier.Agency{Code: a, Parent: "H60", Name: string(a), Tier: dossier.Commune}))
	}
	if h.address == "" { // SQLite: an archive for measuring need not survive, nor be made with 2 MB of memory
		for _, pragma := range []string{"PRAGMA synchronous = OFF", "PRAGMA cache_size = -262144", "INSERT INTO search_lexemes (search_lexemes, rank) VALUES ('hashsize', 67108864)",
			"INSERT INTO search_lexemes (search_lexemes, rank) VALUES ('automerge', 16)"} {
			_, err := h.write.ExecContext(h.ctx, pragma)
			h.must(err)
		}
	}
	took := 0.0
	from, err := one(h.ctx, h.read, single[int], "SELECT COUNT(*) FROM search_docs")
	h.must(err)
	const first = 5000 // more than a block
	if from == 0 {
		took, from = float64(h.keep(p, 0, first).Microseconds())/first, first
	}
	for _, s := range strings.Split(*benchPapers, ",") {
		var size int
		_, err := fmt.Sscan(s, &size)
		h.must(err)
		if size < from {
			b.Fatalf("there are %d papers already", from)
		}
		h.stock(p, from, size)
		from = size
		for more := true; more; { // what the keeper would have bound by now
			more, err = h.SealSearch(h.ctx, nil)
			h.must(err)
		}
		b.Run(fmt.Sprint("papers=", size), func(b *testing.B) {
			b.ReportMetric(took, "index-us")
			b.ReportMetric(float64(h.bytes())/float64(size), "bytes")
			for range b.N {
				for _, sort := range p.sorts() {
					var times []time.Duration
					for range *benchAsked {
						q := sort.ask()
						began := spent()
						_, err := h.Search(h.ctx, q)
						times = append(times, spent()-began)
						h.must(err)
					}
					slices.Sort(times)
					b.ReportMetric(float64(times[len(times)/2].Microseconds())/1000, sort.name+"-p50")
					b.ReportMetric(float64(times[len(times)*95/100].Microseconds())/1000, sort.name+"-p95")
				}
			}
		})
	}
}

// spent is the processor time of this process, and of PostgreSQL's if
// SOHOA_TEST_POSTGRES_PID says which it is: on a machine that others use the
// clock says little. What it says is all there is of a PostgreSQL elsewhere.
func spent() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return time.Duration(time.Now().UnixNano())
	}
	own := time.Duration(u.Utime.Nano() + u.Stime.Nano())
	if os.Getenv("SOHOA_TEST_POSTGRES") == "" {
		return own
	}
	theirs, ok := childrenOf(os.Getenv("SOHOA_TEST_POSTGRES_PID"))
	if !ok {
		return time.Duration(time.Now().UnixNano())
	}
	return own + theirs
}

// childrenOf is the processor time that the children of a process have had, as
// the scheduler counts it.
func childrenOf(pid string) (sum time.Duration, ok bool) {
	list, err := os.ReadFile("/proc/" + pid + "/task/" + pid + "/children")
	if pid == "" || err != nil {
		return 0, false
	}
	for _, child := range strings.Fields(string(list)) {
		var ns int64
		b, err := os.ReadFile("/proc/" + child + "/schedstat")
		if _, bad := fmt.Sscan(string(b), &ns); err == nil && bad == nil {
			sum += time.Duration(ns)
		}
	}
	return sum, true
}

// bytes is how large the database's files are, 0 if they are elsewhere.
func (h *house) bytes() (n int64) {
	files, _ := filepath.Glob(filepath.Join(filepath.Dir(h.path), "*"))
	for _, f := range files {
		if info, err := os.Stat(f); err == nil {
			n += info.Size()
		}
	}
	return n
}

// BenchmarkSearchLists is the part of a search that grows with the archive by
// design: the lists of lexemes that nearly all papers have, some of them, or few,
// each read out of all blocks of a million papers and met with another.
func BenchmarkSearchLists(b *testing.B) {
	h := newHouse(b)
	const papers, lexemes = 1_000_000, 300
	h.must(h.tx(h.ctx, func(tx *sql.Tx) error {
		do := h.preparing(tx)
		lexed := ""
		if h.address != "" {
			lexed = ", lexemes"
		}
		do("INSERT INTO search_docs (place, document, issued"+lexed+") VALUES ($1, 'x', ''"+strings.Repeat(", ''", min(1, len(lexed)))+")", int64(papers))
		for block := range papers / h.blockOf {
			do("INSERT INTO search_blocks (block, maker) VALUES ($1, '')", block)
			for i := range lexemes {
				every := []int{1, 10, 100}[i%3]
				var list []uint16
				for p := i % every; p < int(h.blockOf); p += every {
					list = append(list, uint16(p))
				}
				do("INSERT INTO search_lists (block, lexeme, papers) VALUES ($1, $2, $3)", block, fmt.Sprintf("w%03d", i), packPlaces(list, h.blockOf))
			}
		}
		return nil
	}))
	r, i := (*searchReader)(nil), 0
	began := spent()
	for b.Loop() {
		tx, err := h.read.BeginTx(h.ctx, nil)
		h.must(err)
		r, err = h.searchReader(h.ctx, tx)
		h.must(err)
		one, two := search.Expr{Lexeme: fmt.Sprintf("w%03d", i%lexemes)}, search.Expr{Lexeme: fmt.Sprintf("w%03d", (i+1)%lexemes)}
		_, err = r.having(search.Expr{All: []search.Expr{one, two}})
		h.must(err)
		h.must(tx.Rollback())
		i++
	}
	b.ReportMetric(float64((spent()-began).Microseconds())/float64(b.N)/2, "cpu-µs/lexeme")
}
