package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"sohoa/cmd/internal/wire"
	"sohoa/dossier"
	"sohoa/dossier/fixity"
)

const fixityUsage = `sohoa fixity [--now] [--json] [--data DIR]
       sohoa fixity --orphans [--store main|second] [--data DIR]
       sohoa fixity --prune COUNT --who NAME [--store main|second] [--data DIR]`

type fixityArgs struct {
	now, json, orphans bool
	store, who         string
	prune              int
	settings           wire.Settings
}

func parseFixity(args []string, getenv func(string) string, stderr io.Writer) (a fixityArgs, err error) {
	a.settings = wire.Read(getenv)
	set := flag.NewFlagSet("fixity", flag.ContinueOnError)
	set.SetOutput(stderr)
	set.BoolVar(&a.now, "now", false, "look at every file now, and mend what can be; a service may be running")
	set.BoolVar(&a.json, "json", false, "print the report as JSON")
	set.BoolVar(&a.orphans, "orphans", false, "list the files that no row names")
	set.IntVar(&a.prune, "prune", 0, "remove the files that no row has named for 30 days, if they are so many")
	set.StringVar(&a.who, "who", "", "who prunes: it stays in the findings")
	set.StringVar(&a.store, "store", string(fixity.Main), "main or second")
	set.StringVar(&a.settings.Data, "data", a.settings.Data, "directory of everything that lasts")
	files, err := parseMixed(set, args)
	if err != nil {
		return a, err
	}
	store := fixity.Store(a.store)
	if len(files) > 0 || a.prune < 0 || a.prune > 0 && (a.now || a.orphans || a.json || a.who == "") || a.orphans && (a.now || a.json) ||
		store != fixity.Main && store != fixity.Second {
		return a, usage("%s", fixityUsage)
	}
	a.settings.Data, err = filepath.Abs(a.settings.Data)
	return a, err
}

// errUnsound: what was examined is not as it should be; what exactly is printed.
var errUnsound = errors.New("not everything is as it should be")

// fixityCommand says how the files of the archive are, looks at all of them now,
// or prunes what no row names.
func fixityCommand(ctx context.Context, args []string, getenv func(string) string, stdout, stderr io.Writer) error {
	a, err := parseFixity(args, getenv, stderr)
	if err != nil {
		return err
	}
	err = a.run(ctx, stdout, stderr)
	if errors.Is(err, os.ErrNotExist) {
		return usage("there is no house in %s", a.settings.Data)
	}
	return err
}

func (a fixityArgs) run(ctx context.Context, stdout, stderr io.Writer) error {
	store := fixity.Store(a.store)
	switch {
	case a.prune > 0:
		n, bytes, err := wire.PruneOrphans(ctx, a.settings, store, a.prune, a.who)
		fmt.Fprintf(stdout, "Đã dọn / pruned: %d, %d bytes\n", n, bytes)
		return err
	case a.orphans:
		list, err := wire.ListOrphans(ctx, a.settings, store)
		for _, o := range list {
			fmt.Fprintf(stdout, "%s  %12d  %s  %s\n", o.Digest, o.Size, o.First.Format(time.DateOnly), o.Last.Format(time.DateOnly))
		}
		return err
	}
	var r fixity.Report
	var err error
	if a.now {
		r, err = wire.FixityNow(ctx, a.settings, slog.New(slog.NewTextHandler(stderr, nil)), func(s fixity.Store, n int) {
			fmt.Fprintf(stderr, "%s: %d\n", s, n)
		})
	} else {
		r, err = wire.FixityReport(ctx, a.settings)
	}
	if err != nil {
		return err
	}
	if err := printFixity(stdout, r, a.json); err != nil {
		return err
	}
	if r.CountBad() > 0 || r.Overdue() {
		return errUnsound
	}
	return nil
}

func printFixity(w io.Writer, r fixity.Report, asJSON bool) error {
	if asJSON {
		enc := json.NewEncoder(w)
		enc.SetIndent("", "  ")
		return enc.Encode(r.Plain())
	}
	p := &printer{w: w}
	for _, t := range r.Stores {
		p.line("%s: %d tệp / files, %d bytes", t.Store, t.All(), t.Bytes)
		for _, s := range fixity.States {
			if n := t.Counts[s]; n > 0 {
				p.line("  %s: %d", s, n)
			}
		}
		if !t.Oldest.IsZero() {
			p.line("  lần kiểm tra xa nhất / oldest look: %s (trong / within %d ngày / days)", t.Oldest.Format(time.RFC3339), r.Policy.Days())
		}
		if !t.Waiting.IsZero() {
			p.line("  chờ chép từ / to be copied since: %s", t.Waiting.Format(time.RFC3339))
		}
		if t.Walk.Ended.IsZero() {
			p.line("  chưa rà tệp thừa / orphans not looked for yet")
		} else {
			p.line("  không hồ sơ nào nhắc tới / named by no row: %d, %d bytes; dọn được / may be pruned: %d (%s)", t.Orphans, t.OrphanBytes, t.Prunable, t.Walk.Ended.Format(time.RFC3339))
		}
	}
	if len(r.Stores) == 1 {
		p.line("chưa có kho thứ hai, tệp hỏng không khôi phục được / no second store, what is damaged cannot be mended: SOHOA_SECOND_DIR, SOHOA_SECOND_S3_ENDPOINT")
	}
	for _, h := range r.Bad {
		p.line("%s  %s  %s  %s", h.State, h.Store, h.Digest, h.Seen.Format(time.RFC3339))
	}
	for _, f := range r.Findings[:min(len(r.Findings), 20)] {
		p.line("%s  %s  %s  %s  %s", f.At.In(dossier.VietNam).Format(time.RFC3339), f.What, f.Store, f.Digest, f.Who)
	}
	return p.err
}
