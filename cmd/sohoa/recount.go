package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"sohoa/cmd/internal/wire"
	"sohoa/dossier"
	"sohoa/dossier/figures"
)

// aboutRecount reports whether the words after `sohoa figures` ask to count again.
func aboutRecount(args []string) bool {
	return slices.ContainsFunc(args, func(a string) bool { return a == "--recount" || a == "-recount" })
}

// recountFigures counts the dossiers one by one, and names every cell and every
// dossier that is counted as something else.
func recountFigures(ctx context.Context, args []string, getenv func(string) string, stdout, stderr io.Writer) error {
	s := wire.Read(getenv)
	var p figures.Period
	set := flag.NewFlagSet("figures", flag.ContinueOnError)
	set.SetOutput(stderr)
	day := func(t *time.Time, more int) func(string) error {
		return func(s string) error {
			at, err := time.ParseInLocation(time.DateOnly, s, dossier.VietNam)
			*t = at.AddDate(0, 0, more)
			return err
		}
	}
	set.Bool("recount", true, "hold the figures against the dossiers")
	set.Func("from", "first day, of a month", day(&p.From, 0))
	set.Func("to", "last day, of a month", day(&p.To, 1))
	mend := set.Bool("mend", false, "write anew what differs")
	asJSON := set.Bool("json", false, "print JSON")
	set.StringVar(&s.Data, "data", s.Data, "directory of everything that lasts")
	words, err := parseMixed(set, args)
	if err != nil {
		return err
	}
	if _, _, whole := p.Months(); len(words) > 0 || p.From.IsZero() != p.To.IsZero() || !p.From.IsZero() && (!whole || !p.From.Before(p.To)) {
		return usage("%s", figuresUsage)
	}
	if s.Data, err = filepath.Abs(s.Data); err != nil {
		return err
	}
	found, err := wire.RecountFigures(ctx, s, p, *mend)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return usage("there is no house in %s", s.Data)
	case err != nil:
		return err
	}
	if *asJSON {
		enc := json.NewEncoder(stdout)
		enc.SetIndent("", "  ")
		err = enc.Encode(found)
	} else {
		out := &printer{w: stdout}
		for _, d := range found.Differs {
			out.line("%s", d)
		}
		if found.More > 0 {
			out.line("and %d more", found.More)
		}
		out.line("%d dossiers and %d cells were held against each other, %d changes not in the cells yet: %d differences",
			found.Dossiers, found.Cells, found.Pending, len(found.Differs)+found.More)
		if len(found.Owed) > 0 {
			out.line("the dossiers of %d procedures are still to be counted by what is asked for now", len(found.Owed))
		}
		err = out.err
	}
	if err == nil && len(found.Differs) > 0 && !*mend {
		return fmt.Errorf("%w: figures are not what the dossiers say: %s", errUnsound, strings.TrimSpace(found.Differs[0].String()))
	}
	return err
}
