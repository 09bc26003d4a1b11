// Command figures measures the pages of figures over a made-up country on
// PostgreSQL: each page through the handler that serves it, logged in as an
// administrator, one after the other. country.sql makes the rows and their cells. Beside
// the time that a request took stands the processor time of this process and of
// the server's (which must run here): what it would take on a quiet machine.
//
//	createdb country
//	go run ./bench/figures -database postgres://…/country -dossiers 10000000   # makes them, then measures
//	go run ./bench/figures -database postgres://…/country                      # measures
package main

import (
	"context"
	_ "embed"
	"flag"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"runtime"
	"runtime/pprof"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/account"
	"sohoa/dossier/digest"
	"sohoa/dossier/figures/closing"
	"sohoa/storage/blob/mem"
	"sohoa/storage/sqldb"
	"sohoa/web"
)

//go:embed country.sql
var country string

// today is the day on which the made-up country stands.
var today = time.Date(2026, 11, 26, 12, 0, 0, 0, dossier.VietNam)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	address := flag.String("database", "", "URL of a PostgreSQL database")
	dossiers := flag.Int("dossiers", 0, "make so many first; the database must be empty")
	rows := flag.Int("rows", 60, "of so many months, to the last, dossiers are rows; of those before, counts only")
	asked := flag.Int("asked", 40, "requests for each page")
	only := flag.String("only", "", "measure the pages whose names match this regular expression")
	profile := flag.String("profile", "", "write a profile of this process's processor time to a file")
	flag.Parse()
	if err := run(ctx, *address, *dossiers, *rows, *asked, *only, *profile); err != nil {
		fmt.Fprintln(os.Stderr, "bench/figures:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, address string, dossiers, rows, asked int, only, profile string) error {
	db, err := sqldb.OpenPostgres(ctx, address, sqldb.Options{Now: func() time.Time { return today }})
	if err != nil {
		return err
	}
	defer db.Close()
	defer web.HeapRoom()() // as the service does
	if dossiers > 0 {
		cmd := exec.CommandContext(ctx, "psql", "-q", address, "-v", "dossiers="+strconv.Itoa(dossiers), "-v", "rows="+strconv.Itoa(rows), "-v", "seed=0.5")
		cmd.Stdin, cmd.Stderr = strings.NewReader(country), os.Stderr
		if err := cmd.Run(); err != nil {
			return fmt.Errorf("country.sql: %w", err)
		}
	}
	pages, err := handler(ctx, db)
	if err != nil {
		return err
	}
	at, err := url.Parse(address)
	if err != nil {
		return err
	}
	server := " " + strings.Trim(at.Path, "/") + " "
	fmt.Printf("%-44s %8s %8s %8s %8s %8s\n", "page", "bytes", "MB made", "CPU ms", "p50 ms", "p95 ms")
	if profile != "" {
		f, err := os.Create(profile)
		if err != nil {
			return err
		}
		defer f.Close()
		if err := pprof.StartCPUProfile(f); err != nil {
			return err
		}
		defer pprof.StopCPUProfile()
	}
	wanted, err := regexp.Compile(only)
	if err != nil {
		return err
	}
	for _, page := range addresses() {
		if !wanted.MatchString(page[0]) {
			continue
		}
		if err := measure(ctx, pages, server, page, asked); err != nil {
			return err
		}
	}
	return nil
}

const token = "bench"

// handler is the house's pages as far as figures need them, with an
// administrator logged in.
func handler(ctx context.Context, db *sqldb.DB) (http.Handler, error) {
	who := dossier.Person{ID: "admin", Login: "admin", Name: "Admin", Role: dossier.Admin}
	if err := db.PutPerson(ctx, who, ""); err != nil {
		return nil, err
	}
	if err := db.EndSession(ctx, digest.Of([]byte(token))); err != nil { // of an earlier run
		return nil, err
	}
	if err := db.AddSession(ctx, digest.Of([]byte(token)), account.Session{Person: who.ID, Browser: "program", Began: today, Proved: today,
		Until: today.AddDate(1, 0, 0), Idle: 366 * 24 * time.Hour}); err != nil {
		return nil, err
	}
	return web.New(web.Deps{Documents: db, Moves: db, Dossiers: db, Holders: db, Record: db, Catalogue: db, Office: db, People: db, Accounts: db, Settings: db, Restrictions: db,
		Figures: db, Seals: db, Closings: &closing.Books{Rows: db, Files: &mem.Store{}, Now: func() time.Time { return today }},
		Now: func() time.Time { return today }, Log: slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError})), DevCA: true, MaxBytes: 1 << 20})
}

// addresses are the pages: an agency of the second level is a province, of the
// third a commune or, .00, a centre, which receives most.
func addresses() [][2]string {
	var out [][2]string
	for _, p := range []string{"2026-10", "2026-Q3", "2025"} {
		for _, a := range [][2]string{{"country", "A00"}, {"province", "A00.17"}, {"centre", "A00.17.00"}, {"commune", "A00.17.50"}} {
			at := "?period=" + p + "&agency=" + a[1]
			out = append(out, [2]string{a[0] + " " + p, "/figures" + at}, [2]string{a[0] + " " + p + " by procedure", "/figures/by" + at + "&by=procedure"},
				[2]string{a[0] + " " + p + " list: missing", "/figures/dossiers" + at + "&number=dossiers&why=missing"},
				[2]string{a[0] + " " + p + " list: late", "/figures/dossiers" + at + "&number=on-time&why=missing"})
			if len(a[1]) == 9 {
				out = append(out, [2]string{a[0] + " " + p + " by officer", "/figures/by" + at + "&by=officer"},
					[2]string{a[0] + " " + p + " one procedure's officers", "/figures/by" + at + "&by=officer&procedure=1.000010"})
			}
		}
	}
	return out
}

// spent is the processor time of this process and of the server's for a database.
func spent(server string) time.Duration {
	var r syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &r) // fails for no argument that is right
	sum := time.Duration(r.Utime.Nano() + r.Stime.Nano())
	found, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, name := range found {
		line, _ := os.ReadFile(name)
		if !strings.HasPrefix(string(line), "postgres: ") || !strings.Contains(string(line), server) {
			continue
		}
		stat, _ := os.ReadFile(filepath.Join(filepath.Dir(name), "stat"))
		_, after, _ := strings.Cut(string(stat), ") ")
		if fields := strings.Fields(after); len(fields) > 12 {
			user, _ := strconv.Atoi(fields[11])
			system, _ := strconv.Atoi(fields[12])
			sum += time.Duration(user+system) * 10 * time.Millisecond
		}
	}
	return sum
}

func measure(ctx context.Context, pages http.Handler, server string, page [2]string, asked int) error {
	name, path := page[0], page[1]
	var before time.Duration
	var took []time.Duration
	var made, all runtime.MemStats
	size := 0
	for i := range asked + 1 {
		if i == 1 { // the first warms
			took, before = nil, spent(server)
			runtime.ReadMemStats(&made)
		}
		r := httptest.NewRequestWithContext(ctx, "GET", path, nil)
		r.AddCookie(&http.Cookie{Name: "sohoa", Value: token})
		w := httptest.NewRecorder()
		began := time.Now()
		pages.ServeHTTP(w, r)
		took = append(took, time.Since(began))
		if size = w.Body.Len(); w.Code != http.StatusOK {
			return fmt.Errorf("%s: %d: %.300s", path, w.Code, w.Body)
		}
	}
	runtime.ReadMemStats(&all)
	slices.Sort(took)
	at := func(share float64) float64 {
		return float64(took[int(share*float64(len(took)-1))].Microseconds()) / 1000
	}
	cpu := float64((spent(server) - before).Microseconds()) / 1000 / float64(asked)
	fmt.Printf("%-44s %8d %8.1f %8.1f %8.1f %8.1f\n", name, size, float64(all.TotalAlloc-made.TotalAlloc)/1e6/float64(asked), cpu, at(0.5), at(0.95))
	return nil
}
