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
	benchPapers = cmdline.String("papers", "2000", "sizes of the archive in BenchmarkSearch, growing: 10000,100000")
	benchAsked  = cmdline.Int("asked", 40, "queries of each sort in BenchmarkSearch")
)

// wordsEach is how many words a paper of BenchmarkSearch has.
const wordsEach = 300

// A press makes up papers: syllables of Vietnamese by Zipf's law, as words of a
// language are.
type press struct {
	r         *rand.Rand
	zipf      *rand.Zipf
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
	p.zipf = rand.NewZipf(p.r, 1.07, 5, uint64(len(p.syllables)-1))
	for i := range 100 {
		p.agencies = append(p.agencies, dossier.AgencyCode(fmt.Sprintf("H60.%d", 100+i)))
	}
	return p
}

func (p *press) words(n int) string {
	list := make([]string, n)
	for i := range list {
		list[i] = p.syllables[p.zipf.Uint64()]
	}
	return strings.Join(list, " ")
}

func (p *press) paper(i int) filed {
	return filed{id: fmt.Sprintf("b%08d", i), agency: p.agencies[p.r.IntN(len(p.agencies))], kind: []dossier.KindCode{"GKS", "DON", "QD"}[p.r.IntN(3)],
		holder: p.words(3), number: fmt.Sprintf("%d/%d/%s-UBND", 1+p.r.IntN(5000), 2005+p.r.IntN(20), []string{"QĐ", "TB", "GP"}[p.r.IntN(3)]),
		title: p.words(6), issued: fmt.Sprintf("%d-%02d-%02d", 2005+p.r.IntN(20), 1+p.r.IntN(12), 1+p.r.IntN(28)), text: p.words(wordsEach)}
}

// stock archives and indexes papers, many in a transaction, and returns how long
// their lexemes and rows of the search took.
func (h *house) stock(p *press, from, to int) (indexing time.Duration) {
	h.t.Helper()
	for from < to {
		h.must(h.tx(h.ctx, func(tx *sql.Tx) error {
			for range min(500, to-from) {
				f := p.paper(from)
				from++
				code := "H60.12-261121-" + f.id
				fields, err := asJSON([]dossier.Field{{Name: dossier.FieldTitle, Value: f.title}, {Name: dossier.FieldNumber, Value: f.number}, {Name: dossier.FieldIssued, Value: f.issued}})
				h.must(err)
				for _, q := range [][]any{
					{"INSERT INTO holders (id, number, name, demo) VALUES ($1, $2, $3, 0)", "h" + f.id, "8" + f.id, f.holder},
					{"INSERT INTO dossiers (code, procedure, receiving, competent, holder, channel, received, demo) VALUES ($1, $2, $3, $3, $4, '', $5, 0)", code, string(procedure), string(f.agency), "h" + f.id, noon.UnixMilli()},
					{`INSERT INTO documents (id, dossier, slot, kind, state, version, media, size, pages, received, changed, parts, fields, why, demo)
						VALUES ($1, $2, 'T1', $3, 'archived', 9, '', 1, 1, $4, $4, '{}', $5, '', 0)`, f.id, code, string(f.kind), noon.UnixMilli(), fields},
				} {
					if _, err := tx.ExecContext(h.ctx, q[0].(string), q[1:]...); err != nil {
						return err
					}
				}
				began := spent()
				kept, err := fieldsFrom(fields)
				h.must(err)
				paper := search.Paper{Document: dossier.DocumentID(f.id), Dossier: dossier.Code(code), Kind: f.kind, Receiving: f.agency, Competent: f.agency,
					Name: f.holder, Number: "8" + f.id, Fields: kept, Text: f.text}
				if err := h.putPaper(h.ctx, tx, IndexedPaper{OwedPaper: OwedPaper{Paper: paper, Stamp: 1}, Lexemes: search.Lexemes(paper)}); err != nil {
					return err
				}
				indexing += spent() - began
			}
			return nil
		}))
	}
	return indexing
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
	for _, a := range p.agencies {
		h.must(h.PutAgency(h.ctx, dossier.Agency{Code: a, Parent: "H60", Name: string(a), Tier: dossier.Commune}))
	}
	if h.finder().takeAway != "" { // SQLite: an archive for measuring need not survive, nor be made with 2 MB of memory
		for _, pragma := range []string{"PRAGMA synchronous = OFF", "PRAGMA cache_size = -65536"} {
			_, err := h.write.ExecContext(h.ctx, pragma)
			h.must(err)
		}
	}
	from := 0
	for _, s := range strings.Split(*benchPapers, ",") {
		var size int
		_, err := fmt.Sscan(s, &size)
		h.must(err)
		took := h.stock(p, from, size)
		b.Run(fmt.Sprint("papers=", size), func(b *testing.B) {
			b.ReportMetric(float64(took.Microseconds())/float64(max(1, size-from)), "index-us")
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
		from = size
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
