package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"sohoa/cmd/internal/wire"
	"sohoa/dossier"
	"sohoa/dossier/search"
)

const searchUsage = `sohoa search QUERY… [--exact] [--kind CODE] [--agency CODE] [--holder WORDS] [--number NUMBER] [--from DAY] [--to DAY] [--limit N] [--after CURSOR] [--who LOGIN] [--json] [--data DIR]
       sohoa search rebuild [--fresh] [--data DIR]`

type searchArgs struct {
	settings             wire.Settings
	query                search.Query
	agency, after, who   string
	kind                 string
	words                []string
	json, fresh, rebuild bool
}

func parseSearch(args []string, getenv func(string) string, stderr io.Writer) (a searchArgs, err error) {
	a.settings = wire.Read(getenv)
	if a.rebuild = len(args) > 0 && args[0] == "rebuild"; a.rebuild {
		args = args[1:]
	}
	set := flag.NewFlagSet("search", flag.ContinueOnError)
	set.SetOutput(stderr)
	set.StringVar(&a.settings.Data, "data", a.settings.Data, "directory of everything that lasts")
	if a.rebuild {
		set.BoolVar(&a.fresh, "fresh", false, "empty the index first; until the end only what is done is found")
	} else {
		set.BoolVar(&a.query.Exact, "exact", false, "tone marks count, as they are written")
		set.BoolVar(&a.json, "json", false, "print the answer as JSON")
		set.StringVar(&a.kind, "kind", "", "code of the kind of paper")
		set.StringVar(&a.agency, "agency", "", "code of an agency, with those below it")
		set.StringVar(&a.query.Holder, "holder", "", "words of the holder's name, or the number")
		set.StringVar(&a.query.Number, "number", "", "the paper's own official number, or its beginning")
		set.StringVar(&a.query.From, "from", "", "issued on or after, YYYY-MM-DD")
		set.StringVar(&a.query.To, "to", "", "issued on or before, YYYY-MM-DD")
		set.IntVar(&a.query.Limit, "limit", 0, "answers on a page, at most 50")
		set.StringVar(&a.after, "after", "", "where the page before ended")
		set.StringVar(&a.who, "who", "", "login of who looks: it stands in the ledger; without it, the account on this machine")
	}
	if a.words, err = parseMixed(set, args); err != nil {
		return a, err
	}
	if a.rebuild && len(a.words) > 0 {
		return a, usage("%s", searchUsage)
	}
	a.query.Kind = dossier.KindCode(a.kind)
	if a.query.After, err = search.ParseCursor(a.after); err != nil {
		return a, usage("--after is where a page ended, as it was printed")
	}
	a.settings.Data, err = filepath.Abs(a.settings.Data)
	return a, err
}

// searchCommand finds archived papers, or makes the index anew.
func searchCommand(ctx context.Context, args []string, getenv func(string) string, stdin io.Reader, stdout, stderr io.Writer) error {
	a, err := parseSearch(args, getenv, stderr)
	if err != nil {
		return err
	}
	if a.rebuild {
		err = a.runRebuild(ctx, stdout, stderr)
	} else {
		err = a.run(ctx, getenv, stdin, stdout)
	}
	switch {
	case errors.Is(err, os.ErrNotExist):
		return usage("there is no house in %s", a.settings.Data)
	case errors.Is(err, dossier.ErrNotFound):
		return usage("there is no agency %s", a.agency)
	case errors.Is(err, dossier.ErrInvalid):
		return usage("%v", err)
	}
	return err
}

func (a searchArgs) runRebuild(ctx context.Context, stdout, stderr io.Writer) error {
	told := 0
	n, err := wire.RebuildSearch(ctx, a.settings, slog.New(slog.NewTextHandler(stderr, nil)), a.fresh, func(done int) {
		if done-told >= 1000 {
			told = done
			fmt.Fprintln(stderr, done)
		}
	})
	fmt.Fprintf(stdout, "Đã lập chỉ mục / indexed: %d\n", n)
	return err
}

func (a searchArgs) run(ctx context.Context, getenv func(string) string, stdin io.Reader, stdout io.Writer) error {
	a.query.Text = strings.Join(a.words, " ")
	if a.query.Text == "-" {
		b, err := io.ReadAll(io.LimitReader(stdin, 64<<10))
		if err != nil {
			return err
		}
		a.query.Text = strings.TrimSpace(string(b))
	}
	who := dossier.PersonID(cmp.Or(a.who, getenv("SUDO_USER"), getenv("USER"), "command"))
	found, err := wire.Search(ctx, a.settings, a.query, dossier.AgencyCode(a.agency), who)
	if err != nil {
		return err
	}
	if a.json {
		enc := json.NewEncoder(stdout)
		enc.SetIndent("", "  ")
		return enc.Encode(plainAnswer(found))
	}
	return printAnswer(stdout, found)
}

// foundLine is a hit as it is printed.
type foundLine struct {
	Document dossier.DocumentID `json:"document"`
	Dossier  dossier.Code       `json:"dossier"`
	Kind     dossier.KindCode   `json:"kind"`
	Number   string             `json:"number,omitempty"`
	Issued   string             `json:"issued,omitempty"`
	Title    string             `json:"title,omitempty"`
	Holder   string             `json:"holder,omitempty"`
	Snippet  []search.Piece     `json:"snippet"`
}

type foundPage struct {
	Papers  []foundLine `json:"papers"`
	Count   int         `json:"count"`           // up to 1000
	Rough   bool        `json:"rough,omitempty"` // the count is of what may answer
	After   string      `json:"after,omitempty"`
	Waiting int         `json:"waiting,omitempty"` // not in the index yet
}

func plainAnswer(a wire.Searched) foundPage {
	p := foundPage{Papers: []foundLine{}, Count: a.Count, Rough: a.Rough, After: a.Next.String(), Waiting: a.Waiting}
	for _, h := range a.Hits {
		p.Papers = append(p.Papers, foundLine{h.Document, h.Dossier, h.Kind, flat(h.Number, ""), h.Issued, flat(h.Title, ""), flat(h.Name, ""), h.Snippet})
	}
	return p
}

// flat writes pieces as one text; what was looked for stands between marks.
func flat(pieces []search.Piece, mark string) string {
	var b strings.Builder
	for _, p := range pieces {
		if p.Hit {
			b.WriteString(mark + p.Text + mark)
		} else {
			b.WriteString(p.Text)
		}
	}
	return b.String()
}

// visible leaves out what would move a terminal's cursor.
func visible(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r >= 0x7f && r < 0xa0 || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 {
			return -1
		}
		return r
	}, s)
}

func printAnswer(w io.Writer, a wire.Searched) error {
	p := &printer{w: w}
	for _, h := range a.Hits {
		p.line("%s  %s  %s  %s  %s", h.Document, h.Dossier, visible(flat(h.Number, "")), h.Issued, visible(flat(h.Title, "")))
		p.line("    %s", visible(flat(h.Snippet, "*")))
	}
	p.line("%d giấy tờ / papers%s", a.Count, map[bool]string{true: " (nhiều nhất / at most)"}[a.Rough])
	if a.Waiting > 0 {
		p.line("%d chưa vào chỉ mục / not in the index yet", a.Waiting)
	}
	if next := a.Next.String(); next != "" {
		p.line("tiếp / next: --after %s", next)
	}
	return p.err
}
