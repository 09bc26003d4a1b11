package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sync/errgroup"

	"sohoa/cmd/internal/demo"
	"sohoa/cmd/internal/wire"
	"sohoa/dossier"
	"sohoa/dossier/figures"
	"sohoa/specimen"
	"sohoa/web"
)

// demoCases is how many dossiers the demonstration opens, before holders come
// back for more.
const demoCases = 30

// serve runs the house until ctx ends.
func serve(ctx context.Context, args []string, getenv func(string) string, stdout, stderr io.Writer) error {
	s := wire.Read(getenv)
	set := flag.NewFlagSet("serve", flag.ContinueOnError)
	set.SetOutput(stderr)
	set.StringVar(&s.Data, "data", s.Data, "directory of everything that lasts")
	set.StringVar(&s.Addr, "addr", s.Addr, "host:port of the pages")
	words := set.String("log", cmp.Or(getenv("SOHOA_LOG"), "text"), "how the log is written: text or json")
	roles := set.String("role", getenv("SOHOA_ROLE"), "all, or some of web,worker,sweeper")
	withDemo := set.Bool("demo", false, "fill an empty directory with a demonstration and work through it")
	cases := set.Int("demo-cases", demoCases, "dossiers of the demonstration")
	if err := set.Parse(args); errors.Is(err, flag.ErrHelp) {
		return err
	} else if err != nil || set.NArg() > 0 {
		return usage("sohoa serve [--role all|web,worker,sweeper] [--demo] [--data DIR] [--addr HOST:PORT] [--log text|json]")
	}
	var err error
	if s.Roles, err = wire.ReadRoles(*roles); err != nil {
		return usage("%v", err)
	}
	if *withDemo && len(s.Roles) > 0 {
		return usage("a demonstration is one process: --demo goes with --role all")
	}
	if s.Data, err = filepath.Abs(s.Data); err != nil {
		return err
	}
	log, err := logging(*words, stderr)
	if err != nil {
		return err
	}
	house, err := wire.Build(ctx, s, log)
	if err != nil {
		return err
	}
	if s.Has(wire.Web) || s.Has(wire.Worker) {
		defer web.HeapRoom()()
	}
	err = live(ctx, house, *withDemo, *cases, stdout)
	return errors.Join(err, house.Close())
}

// logging is the service's log: lines for people, or an object a line for programs.
func logging(how string, w io.Writer) (*slog.Logger, error) {
	switch how {
	case "text":
		return slog.New(slog.NewTextHandler(w, nil)), nil
	case "json":
		return slog.New(slog.NewJSONHandler(w, nil)), nil
	}
	return nil, usage("the log is written as text or json, not as %q", how)
}

// live makes a first start's people and agencies, says where everything is,
// and runs.
func live(ctx context.Context, house *wire.House, withDemo bool, cases int, stdout io.Writer) error {
	if !house.Settings.Has(wire.Web) {
		figuresAt(stdout, house)
		return house.Run(ctx)
	}
	var at dossier.AgencyCode
	var logins []wire.FirstLogin
	if err := house.Settings.Alone(ctx, func() (err error) {
		if at, err = settle(ctx, house, withDemo); err == nil {
			logins, err = wire.FirstLogins(ctx, house.DB, house.Settings.SharedDir(), at, at == demo.Root)
		}
		return err
	}); err != nil {
		return err
	}
	if at == demo.Root {
		if err := wire.DemoOffice(ctx, house.DB, at, time.Now()); err != nil {
			return err
		}
	}
	welcome(stdout, house, logins)
	if !withDemo {
		if err := offer(ctx, house, stdout); err != nil {
			return err
		}
	}
	g, gctx := errgroup.WithContext(ctx)
	g.Go(func() error { return house.Run(gctx) })
	if withDemo {
		g.Go(func() error {
			if err := play(gctx, house, logins, cases, stdout); err != nil && gctx.Err() == nil {
				return fmt.Errorf("demonstration: %w", err)
			}
			return nil
		})
	}
	return g.Wait()
}

// settle gives an empty house an agency to belong to: the demonstration's
// province, or one to be named. It returns the agency of the first people.
func settle(ctx context.Context, house *wire.House, withDemo bool) (dossier.AgencyCode, error) {
	any, err := house.DB.HasAny(ctx)
	if err != nil {
		return "", err
	}
	_, err = house.DB.Agency(ctx, demo.Root)
	isDemo := err == nil
	switch {
	case withDemo && any && !isDemo:
		return "", usage("%s has data of its own; give the demonstration an empty directory with --data", house.Settings.Data)
	case withDemo:
		return demo.Root, demo.Seed(ctx, house.DB)
	case isDemo:
		return demo.Root, nil
	case any:
		return wire.OwnAgency.Code, nil
	}
	return wire.OwnAgency.Code, house.DB.PutAgency(ctx, wire.OwnAgency)
}

func welcome(stdout io.Writer, house *wire.House, logins []wire.FirstLogin) {
	fmt.Fprintf(stdout, "\nSohoa: http://%s\n", house.Addr())
	figuresAt(stdout, house)
	fmt.Fprintf(stdout, "Khóa ký và dấu thời gian / keys and time stamps: DEV – KHÔNG CÓ GIÁ TRỊ PHÁP LÝ\n")
	if len(logins) > 0 {
		fmt.Fprintf(stdout, "\nĐăng nhập lần đầu / first logins:\n")
		for _, l := range logins {
			fmt.Fprintf(stdout, "  %-8s  %-8s  %s\n", l.Role, l.Login, l.Password)
		}
	}
	fmt.Fprintln(stdout)
}

// figuresAt says where the figures of this process are, if there are such.
func figuresAt(stdout io.Writer, house *wire.House) {
	if at := house.MetricsAddr(); at != "" {
		fmt.Fprintf(stdout, "Số liệu cho Prometheus / figures for Prometheus: http://%s/metrics\n", at)
	}
}

// offer tells whoever looks at an empty house how to see it at work.
func offer(ctx context.Context, house *wire.House, stdout io.Writer) error {
	begun, err := house.DB.Dossiers(ctx, dossier.DossierQuery{Limit: 1})
	if err == nil && len(begun) == 0 {
		fmt.Fprintf(stdout, "Chưa có hồ sơ nào. Xem trình diễn / no dossiers yet. To see a demonstration: sohoa serve --demo --data %s\n\n",
			filepath.Join(filepath.Dir(house.Settings.Data), "demo"))
	}
	return err
}

// play takes the demonstration through the house, or on from where it broke
// off, as people who click.
func play(ctx context.Context, house *wire.House, logins []wire.FirstLogin, n int, stdout io.Writer) error {
	j := &demo.Journey{Base: "http://" + house.Addr()}
	for _, l := range logins {
		j.Logins = append(j.Logins, demo.Login(l))
	}
	begun, err := house.DB.Dossiers(ctx, dossier.DossierQuery{Limit: 1})
	if err != nil {
		return err
	}
	if len(begun) == 0 {
		press, err := specimen.NewPress()
		if err != nil {
			return err
		}
		j.Cases = demo.Cases(press, n, 2026, time.Now())
		fmt.Fprintf(stdout, "Trình diễn / demonstration: %d hồ sơ (dossiers)…\n", len(j.Cases))
	}
	if j.Unfinished, err = unfinished(ctx, house); err != nil {
		return err
	}
	began := time.Now()
	out, err := j.Run(ctx)
	if err != nil {
		return err
	}
	if err := report(ctx, house, out, time.Since(began), stdout); err != nil {
		return err
	}
	if err := playBacklog(ctx, house, j.Logins, stdout); err != nil {
		return fmt.Errorf("backlog project: %w", err)
	}
	fmt.Fprintf(stdout, "Xem / look: http://%s/figures\n", house.Addr())
	return nil
}

// playBacklog takes the demonstration's backlog project to where it is left to those
// who watch. One that has lots, or was ended, is theirs already.
func playBacklog(ctx context.Context, house *wire.House, logins []demo.Login, stdout io.Writer) error {
	b := &demo.Backlog{Base: "http://" + house.Addr(), Logins: logins, People: map[dossier.Role]dossier.PersonID{}, Now: time.Now().In(dossier.VietNam),
		Temp: filepath.Join(house.Settings.Data, "tmp")}
	known, err := house.DB.Projects(ctx, []dossier.AgencyCode{demo.Root}, "", 0)
	if err != nil {
		return err
	}
	if len(known) > 0 {
		p := known[len(known)-1] // the oldest
		b.Project = p.ID
		if lots, err := house.DB.Lots(ctx, p.ID); err != nil || len(lots) > 0 || !p.Ended.IsZero() {
			return err
		}
	}
	for _, l := range logins {
		p, _, err := house.DB.PersonByLogin(ctx, l.Login)
		if err != nil {
			return err
		}
		b.People[l.Role] = p.ID
	}
	b.Import = func(ctx context.Context, dir, index string, who dossier.PersonID) (string, []dossier.DocumentID, error) {
		id, report, err := house.TakeArchive(ctx, wire.Archive{Dir: dir, Index: index, Agency: demo.Root, Resume: true, Readers: 1}, who)
		if err != nil && (id == "" || !errors.Is(err, wire.ErrArchive)) { // one that is done already is well
			return "", nil, err
		}
		if report.Counts.Bad > 0 {
			return "", nil, fmt.Errorf("%d bad rows: %v", report.Counts.Bad, report.Problems)
		}
		papers, err := unfinished(ctx, house)
		return id, papers, err
	}
	if err := b.Run(ctx); err != nil {
		return err
	}
	done, err := house.DB.ProjectProgress(ctx, b.Project)
	fmt.Fprintf(stdout, "Dự án hồ sơ tồn / backlog project: %d giấy tờ (papers), http://%s/projects/%s\n", done.Papers, house.Addr(), b.Project)
	return err
}

// unfinished lists documents that an earlier life left on their way.
func unfinished(ctx context.Context, house *wire.House) (ids []dossier.DocumentID, err error) {
	states := dossier.States()
	docs, err := house.DB.Documents(ctx, dossier.DocumentQuery{States: states[:len(states)-2], Limit: 10_000})
	for _, d := range docs {
		ids = append(ids, d.ID)
	}
	return ids, err
}

// report counts what the demonstration left, from the database.
func report(ctx context.Context, house *wire.House, out demo.Outcome, took time.Duration, stdout io.Writer) error {
	counts, err := house.DB.Counts(ctx, nil, nil)
	if err != nil {
		return err
	}
	year := figures.Year(time.Now().In(dossier.VietNam).Year())
	facts, err := house.DB.Facts(ctx, year, nil)
	if err != nil {
		return err
	}
	f := figures.Of(facts, year)
	fmt.Fprintf(stdout, "Xong / done in %.0f s: %d giấy tờ lưu trữ (archived), %d không đạt (refused), %d tệp bị từ chối (files not taken), %d tái sử dụng (used again)\n",
		took.Seconds(), counts[dossier.Archived], counts[dossier.Refused], len(out.Refused), f.Reused)
	fmt.Fprintf(stdout, "Số hóa hồ sơ / dossiers digitised: %d / %d = %s\n", f.Dossiers.Numerator, f.Dossiers.Denominator, f.Dossiers)
	fmt.Fprintf(stdout, "Số hóa kết quả / results digitised: %d / %d = %s\n", f.Results.Numerator, f.Results.Denominator, f.Results)
	return nil
}

// removeDemo takes the demonstration away, rows and files, and leaves a trace.
func removeDemo(ctx context.Context, args []string, stdout io.Writer) error {
	s := wire.Read(os.Getenv)
	set := flag.NewFlagSet("demo remove", flag.ContinueOnError)
	set.SetOutput(io.Discard)
	set.StringVar(&s.Data, "data", s.Data, "")
	if len(args) == 0 || args[0] != "remove" || set.Parse(args[1:]) != nil || set.NArg() > 0 {
		return usage("sohoa demo remove [--data DIR]")
	}
	rows, files, err := wire.RemoveDemo(ctx, s)
	if err != nil {
		return err
	}
	fmt.Fprintf(stdout, "removed %d things of the demonstration and %d files\n", rows, files)
	return nil
}
