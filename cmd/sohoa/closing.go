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
	"sohoa/dossier/figures/closing"
)

const closingUsage = `sohoa figures close --month YYYY-MM [--json] [--data DIR]
       sohoa figures correct --month YYYY-MM --reason TEXT [--json] [--data DIR]
       sohoa figures closed [--month YYYY-MM] [--json] [--data DIR]
       sohoa figures statement --month YYYY-MM [--version N] [--data DIR]
       sohoa figures --recompute --month YYYY-MM [--version N] [--json] [--data DIR]`

type closingArgs struct {
	what     string
	month    closing.Month
	version  int
	reason   string
	json     bool
	settings wire.Settings
}

// aboutClosing reports whether the words after `sohoa figures` are about closed
// months.
func aboutClosing(args []string) bool {
	return len(args) > 0 && slices.Contains([]string{"close", "correct", "closed", "statement"}, args[0]) ||
		slices.ContainsFunc(args, func(a string) bool { return strings.TrimLeft(a, "-") == "recompute" && a != "recompute" })
}

func parseClosing(args []string, getenv func(string) string, stderr io.Writer) (a closingArgs, err error) {
	a.settings = wire.Read(getenv)
	set := flag.NewFlagSet("figures", flag.ContinueOnError)
	set.SetOutput(stderr)
	recompute := set.Bool("recompute", false, "count a closed month again and hold it against what was kept")
	set.Func("month", "the month, in Viet Nam", func(s string) (err error) {
		a.month, err = closing.ParseMonth(s)
		return err
	})
	set.IntVar(&a.version, "version", 0, "of the month; the newest if not given")
	set.StringVar(&a.reason, "reason", "", "why a closed month is corrected; it is published with the figures")
	set.BoolVar(&a.json, "json", false, "print JSON")
	set.StringVar(&a.settings.Data, "data", a.settings.Data, "directory of everything that lasts")
	words, err := parseMixed(set, args)
	if err != nil {
		return a, err
	}
	if *recompute {
		words = append(words, "recompute")
	}
	if len(words) != 1 || a.month == "" && words[0] != "closed" || (a.reason != "") != (words[0] == "correct") || a.version < 0 ||
		a.version > 0 && words[0] != "recompute" && words[0] != "statement" {
		return a, usage("%s", closingUsage)
	}
	a.what = words[0]
	a.settings.Data, err = filepath.Abs(a.settings.Data)
	return a, err
}

// operator is who acts by command.
const operator dossier.PersonID = "operator"

// closings closes a month, corrects one, lists them, or counts one again.
func closings(ctx context.Context, args []string, getenv func(string) string, stdout, stderr io.Writer) error {
	a, err := parseClosing(args, getenv, stderr)
	if err != nil {
		return err
	}
	err = wire.WithBooks(ctx, a.settings, func(b *closing.Books) error { return a.do(ctx, b, stdout) })
	switch {
	case errors.Is(err, os.ErrNotExist):
		return usage("there is no house in %s", a.settings.Data)
	case errors.Is(err, closing.ErrUnsound):
		return fmt.Errorf("%w: %w; `sohoa audit verify` says more", errUnsound, err)
	case errors.Is(err, dossier.ErrForbidden), errors.Is(err, dossier.ErrConflict), errors.Is(err, dossier.ErrInvalid), errors.Is(err, dossier.ErrNotFound):
		return usage("%v", err)
	}
	return err
}

func (a closingArgs) do(ctx context.Context, b *closing.Books, stdout io.Writer) error {
	var c closing.Closing
	var err error
	switch a.what {
	case "close":
		c, err = b.Close(ctx, a.month, operator)
	case "correct":
		c, err = b.Correct(ctx, a.month, a.reason, operator)
	case "statement":
		text, _, err := b.Statement(ctx, a.month, a.version)
		if err != nil {
			return err
		}
		_, err = stdout.Write(text)
		return err
	case "recompute":
		return a.recompute(ctx, b, stdout)
	default:
		all, err := b.Versions(ctx, a.month)
		if err != nil {
			return err
		}
		return a.print(stdout, all)
	}
	if err != nil {
		return err
	}
	return a.print(stdout, []closing.Closing{c})
}

// closingLine is a version of a closed month.
type closingLine struct {
	Month     closing.Month    `json:"month"`
	Version   int              `json:"version"`
	Statement string           `json:"statement"` // SHA-256
	Facts     string           `json:"facts"`     // SHA-256
	Counted   int64            `json:"events"`
	Who       dossier.PersonID `json:"who"`
	At        time.Time        `json:"at"`
	Demo      bool             `json:"demo,omitempty"`
}

func lineOfClosing(c closing.Closing) closingLine {
	return closingLine{c.Month, c.Version, c.Statement.String(), c.Facts.String(), c.Counted, c.Who, c.At, c.Demo}
}

func (closingLine) names() []string {
	return []string{"month", "version", "statement (SHA-256)", "events", "who", "at", ""}
}

func (l closingLine) cells() []string {
	demo := ""
	if l.Demo {
		demo = "demonstration"
	}
	return []string{string(l.Month), fmt.Sprint(l.Version), l.Statement, fmt.Sprint(l.Counted), string(l.Who), minute(l.At), demo}
}

func (a closingArgs) print(stdout io.Writer, all []closing.Closing) error {
	var lines []closingLine
	for _, c := range all {
		lines = append(lines, lineOfClosing(c))
	}
	format := "table"
	if a.json {
		format = "json"
	}
	return printLines(stdout, format, lines)
}

// recompute counts a month again, and fails if it is not the same or if rows say
// something else than the ledger.
func (a closingArgs) recompute(ctx context.Context, b *closing.Books, stdout io.Writer) error {
	v, err := b.Recompute(ctx, a.month, a.version)
	if err != nil {
		return err
	}
	if a.json {
		enc := json.NewEncoder(stdout)
		enc.SetIndent("", "  ")
		err = enc.Encode(struct {
			closingLine
			Same    bool                 `json:"same"`
			Differs []closing.Difference `json:"differs"`
		}{lineOfClosing(v.Closing), v.Same, append([]closing.Difference{}, v.Differs...)})
	} else {
		err = printVerdict(stdout, v)
	}
	if err == nil && (!v.Same || len(v.Differs) > 0) {
		err = errUnsound
	}
	return err
}

func printVerdict(stdout io.Writer, v closing.Verdict) error {
	p := &printer{w: stdout}
	for _, d := range v.Differs {
		p.line("%s", d)
	}
	c := v.Closing
	if v.Same {
		p.line("%s version %d, counted again from %d events: the same bytes, SHA-256 %s", c.Month, c.Version, c.Counted, c.Statement)
	} else {
		p.line("%s version %d, counted again from %d events: NOT the bytes that were kept, SHA-256 %s", c.Month, c.Version, c.Counted, c.Statement)
	}
	return p.err
}
