package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"time"

	"sohoa/cmd/internal/wire"
	"sohoa/dossier"
	"sohoa/dossier/room"
)

const roomUsage = `sohoa room list [--auditor LOGIN] [--json] [--data DIR]
       sohoa room grant --auditor LOGIN (--agency CODE | --dossier CODE) [--kind CODE]… [--from DAY] [--to DAY] --purpose TEXT --until DAY --who LOGIN
       sohoa room end GRANT --reason TEXT --who LOGIN
       sohoa room lookers --dossier CODE --who LOGIN [--json]`

type roomArgs struct {
	what, id        string
	grant           room.Grant
	from, to, until string
	auditor, who    string
	reason          string
	json            bool
	settings        wire.Settings
}

func parseRoom(args []string, getenv func(string) string, stderr io.Writer) (a roomArgs, err error) {
	a.settings = wire.Read(getenv)
	set := flag.NewFlagSet("room", flag.ContinueOnError)
	set.SetOutput(stderr)
	set.StringVar(&a.auditor, "auditor", "", "login of the auditor")
	set.StringVar((*string)(&a.grant.Agency), "agency", "", "this agency and all below it")
	set.StringVar((*string)(&a.grant.Dossier), "dossier", "", "this dossier alone; of lookers: whose holder")
	set.Func("kind", "only papers of this kind; may be given again", func(s string) error {
		a.grant.Kinds = append(a.grant.Kinds, dossier.KindCode(s))
		return nil
	})
	set.StringVar(&a.from, "from", "", "only dossiers received from this day")
	set.StringVar(&a.to, "to", "", "to this day")
	set.StringVar(&a.grant.Purpose, "purpose", "", "what it is read for")
	set.StringVar(&a.until, "until", "", "the last day, within a year")
	set.StringVar(&a.reason, "reason", "", "why it ends early")
	set.StringVar(&a.who, "who", "", "login of who does it")
	set.BoolVar(&a.json, "json", false, "print JSON")
	set.StringVar(&a.settings.Data, "data", a.settings.Data, "directory of everything that lasts")
	words, err := parseMixed(set, args)
	if err != nil {
		return a, err
	}
	if len(words) == 0 || !slices.Contains([]string{"list", "grant", "end", "lookers"}, words[0]) || (words[0] == "end") != (len(words) == 2) ||
		words[0] != "list" && a.who == "" || words[0] == "grant" && (a.auditor == "" || a.until == "") || words[0] == "lookers" && a.grant.Dossier == "" {
		return a, usage("%s", roomUsage)
	}
	if a.what = words[0]; a.what == "end" {
		a.id = words[1]
	}
	a.settings.Data, err = filepath.Abs(a.settings.Data)
	return a, err
}

// roomCommand gives auditors what they may read, ends it, and tells who looked at
// a holder's papers.
func roomCommand(ctx context.Context, args []string, getenv func(string) string, stdout, stderr io.Writer) error {
	a, err := parseRoom(args, getenv, stderr)
	if err != nil {
		return err
	}
	return withRetention(ctx, a.settings, stderr, func(r wire.Retention) error { return a.do(ctx, r, stdout) })
}

func (a roomArgs) do(ctx context.Context, r wire.Retention, stdout io.Writer) (err error) {
	var auditor, who dossier.Person
	if a.auditor != "" {
		if auditor, err = r.Someone(ctx, a.auditor); err != nil {
			return err
		}
	}
	if a.what != "list" {
		if who, err = r.Someone(ctx, a.who); err != nil {
			return err
		}
	}
	switch a.what {
	case "list":
		grants, err := r.Grants(ctx, auditor.ID, 0)
		if err != nil {
			return err
		}
		return printed(stdout, a.json, grants, func(p *printer) {
			for _, g := range grants {
				p.line("%s", grantLine(g, time.Now()))
			}
		})
	case "end":
		return r.EndGrant(ctx, a.id, who.ID, who.Role, a.reason)
	case "lookers":
		return a.lookers(ctx, r, who, stdout)
	}
	for _, x := range []struct {
		text string
		into *time.Time
	}{{a.from, &a.grant.From}, {a.to, &a.grant.To}, {a.until, &a.grant.Until}} {
		if x.text == "" {
			continue
		}
		if *x.into, err = dayOf(x.text); err != nil {
			return err
		}
	}
	a.grant.Until = a.grant.Until.AddDate(0, 0, 1) // to the end of that day
	a.grant.Person, a.grant.Who, a.grant.By = auditor.ID, who.ID, who.Role
	g, err := r.AddGrant(ctx, a.grant)
	if err == nil {
		fmt.Fprintln(stdout, grantLine(g, time.Now()))
	}
	return err
}

// mostLookers is how many readings are listed.
const mostLookers = 500

func (a roomArgs) lookers(ctx context.Context, r wire.Retention, who dossier.Person, stdout io.Writer) error {
	if !slices.Contains([]dossier.Role{dossier.Counter, dossier.Admin}, who.Role) {
		return fmt.Errorf("%w: the counter or the administrator asks who looked; auditors have the page", dossier.ErrForbidden)
	}
	list, purposes, err := r.LookersOf(ctx, a.grant.Dossier, who, time.Now(), mostLookers)
	if err != nil {
		return err
	}
	return printed(stdout, a.json, list, func(p *printer) {
		for _, x := range list {
			p.line("%s  %s  %s  %s  %s  %s %s", x.At.In(dossier.VietNam).Format(time.RFC3339), x.Who, x.Act, x.Dossier, x.Document, x.Purpose, visible(purposes[x.Subject]))
		}
	})
}

func printed(w io.Writer, asJSON bool, v any, lines func(*printer)) error {
	if asJSON {
		enc := json.NewEncoder(w)
		enc.SetIndent("", "  ")
		return enc.Encode(v)
	}
	p := &printer{w: w}
	lines(p)
	return p.err
}

func grantLine(g room.Grant, now time.Time) string {
	scope := string(g.Agency)
	if g.Dossier != "" {
		scope = string(g.Dossier)
	}
	for _, k := range g.Kinds {
		scope += " " + string(k)
	}
	state := "đang hiệu lực / runs"
	if !g.Active(now) {
		state = "đã hết / over"
	}
	return fmt.Sprintf("%s  %s  %s  %s  %s  %s", g.ID, g.Person, scope, g.Until.In(dossier.VietNam).Format(time.RFC3339), state, visible(g.Purpose))
}
