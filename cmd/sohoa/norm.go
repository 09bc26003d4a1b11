package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"path/filepath"
	"time"

	"sohoa/cmd/internal/wire"
	"sohoa/dossier"
	"sohoa/dossier/norm"
)

const normUsage = `sohoa norm list [--json] [--data DIR]
       sohoa norm add --sort ground|code|form [--name KIND|NUMBER|electronic] --from DAY --says TEXT --law LAW [--article A] --grade P|S|T|I [--note TEXT] --who LOGIN`

// normCommand lists the rules of law that are rows, and adds one from a day on.
func normCommand(ctx context.Context, args []string, getenv func(string) string, stdout, stderr io.Writer) error {
	s := wire.Read(getenv)
	var n norm.Norm
	var from, who string
	set := flag.NewFlagSet("norm", flag.ContinueOnError)
	set.SetOutput(stderr)
	set.StringVar((*string)(&n.Sort), "sort", "", "what it is about")
	set.StringVar(&n.Name, "name", "", "kind of paper, number of a form, or electronic; all, if not given")
	set.StringVar(&from, "from", "", "the day from which it holds")
	set.StringVar(&n.Said, "says", "", "the ground, the template of a code, or the form")
	set.StringVar(&n.Law, "law", "", "by which law")
	set.StringVar(&n.Article, "article", "", "and article")
	set.StringVar((*string)(&n.Grade), "grade", "", "how well it is proven: P wording read, S told of, T note of practitioners, I our own")
	set.StringVar(&n.Note, "note", "", "a remark")
	set.StringVar(&who, "who", "", "login of who does it")
	asJSON := set.Bool("json", false, "print JSON")
	set.StringVar(&s.Data, "data", s.Data, "directory of everything that lasts")
	words, err := parseMixed(set, args)
	if err != nil {
		return err
	}
	if len(words) != 1 || words[0] != "list" && (words[0] != "add" || from == "" || who == "") {
		return usage("%s", normUsage)
	}
	if s.Data, err = filepath.Abs(s.Data); err != nil {
		return err
	}
	return withRetention(ctx, s, stderr, func(r wire.Retention) error {
		if words[0] == "add" {
			p, err := r.Someone(ctx, who)
			if err != nil {
				return err
			}
			if n.From, err = dayOf(from); err != nil {
				return err
			}
			n.Who = p.ID
			if n, err = r.AddNorm(ctx, n, p.Role); err != nil {
				return err
			}
			_, err = fmt.Fprintln(stdout, normLine(n))
			return err
		}
		all, err := r.Norms(ctx)
		if err != nil {
			return err
		}
		return printed(stdout, *asJSON, all, func(p *printer) {
			for _, n := range all {
				p.line("%s", normLine(n))
			}
		})
	})
}

func normLine(n norm.Norm) string {
	return fmt.Sprintf("%s  %s %s  từ %s  %s [%s]  %s", n.ID, n.Sort, n.Name, n.From.In(dossier.VietNam).Format(time.DateOnly), visible(n.Cites()), n.Grade, visible(n.Said))
}
