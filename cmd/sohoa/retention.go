package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"sohoa/cmd/internal/wire"
	"sohoa/dossier"
	"sohoa/dossier/retention"
)

const retentionUsage = `sohoa retention rules [--json] [--data DIR]
       sohoa retention rule --kind CODE|all (--years N | --ever) --from DAY --law LAW [--article A] --grade P|S|T|I [--note TEXT] --who LOGIN
       sohoa retention due [--at DAY] [--limit N] [--json]
       sohoa retention show DOCUMENT [--json]
       sohoa retention holds | proposals [--all]
       sohoa retention hold (--document ID | --dossier CODE | --holder-of CODE) --reason TEXT --who LOGIN
       sohoa retention lift HOLD --reason TEXT --who LOGIN
       sohoa retention propose DOCUMENT… --who LOGIN [--reason TEXT]
       sohoa retention approve | refuse PROPOSAL… --who LOGIN [--reason TEXT]
       sohoa retention sweep`

type retentionArgs struct {
	what     string
	ids      []string
	rule     retention.Rule
	ever     bool
	from, at string
	deed     retention.Deed
	holderOf string
	who      string
	limit    int
	all      bool
	json     bool
	settings wire.Settings
}

func parseRetention(args []string, getenv func(string) string, stderr io.Writer) (a retentionArgs, err error) {
	a.settings = wire.Read(getenv)
	set := flag.NewFlagSet("retention", flag.ContinueOnError)
	set.SetOutput(stderr)
	kind := set.String("kind", "", "code of a kind of paper, or all: every kind without a rule of its own")
	set.IntVar(&a.rule.Years, "years", 0, "how long papers are kept, counted from the end of the year in which the work ended")
	set.BoolVar(&a.ever, "ever", false, "for ever (vĩnh viễn)")
	set.StringVar(&a.from, "from", "", "the day from which the rule holds, YYYY-MM-DD")
	set.StringVar(&a.rule.Law, "law", "", "number of the law")
	set.StringVar(&a.rule.Article, "article", "", "its article")
	set.StringVar((*string)(&a.rule.Grade), "grade", "", "how well it is proven: P wording read, S told of, T note of practitioners, I our own")
	set.StringVar(&a.rule.Note, "note", "", "a remark")
	set.StringVar(&a.at, "at", "", "as seen on a day, YYYY-MM-DD; today if not given")
	set.StringVar((*string)(&a.deed.Document), "document", "", "which document")
	set.StringVar((*string)(&a.deed.Dossier), "dossier", "", "which dossier")
	set.StringVar(&a.holderOf, "holder-of", "", "all papers of the holder of this dossier")
	set.StringVar(&a.deed.Why, "reason", "", "why")
	set.StringVar(&a.who, "who", "", "login of who does it")
	set.IntVar(&a.limit, "limit", 1000, "list so many at most")
	set.BoolVar(&a.all, "all", false, "also those that were answered or lifted")
	set.BoolVar(&a.json, "json", false, "print JSON")
	set.StringVar(&a.settings.Data, "data", a.settings.Data, "directory of everything that lasts")
	words, err := parseMixed(set, args)
	if err != nil {
		return a, err
	}
	if len(words) == 0 {
		return a, usage("%s", retentionUsage)
	}
	a.what, a.ids = words[0], words[1:]
	listing := slices.Contains([]string{"rules", "due", "show", "holds", "proposals", "sweep"}, a.what)
	many := slices.Contains([]string{"propose", "approve", "refuse"}, a.what)
	single := a.what == "lift" || a.what == "show"
	switch {
	case !listing && !many && !single && a.what != "rule" && a.what != "hold",
		many && len(a.ids) == 0, single && len(a.ids) != 1, !many && !single && len(a.ids) > 0, a.limit < 1,
		!listing && a.who == "",
		a.what == "rule" && (*kind == "" || a.ever == (a.rule.Years > 0) || a.from == ""):
		return a, usage("%s", retentionUsage)
	}
	if a.rule.Kind = dossier.KindCode(*kind); *kind == "all" {
		a.rule.Kind = ""
	}
	a.settings.Data, err = filepath.Abs(a.settings.Data)
	return a, err
}

// dayOf reads a day in Viet Nam; now if none is given.
func dayOf(text string) (time.Time, error) {
	if text == "" {
		return time.Now(), nil
	}
	t, err := time.ParseInLocation(time.DateOnly, text, dossier.VietNam)
	if err != nil {
		return t, usage("%q is no day of the form YYYY-MM-DD", text)
	}
	return t, nil
}

// retentionCommand lists and adds rules, holds papers, and takes those whose time
// is over through the review by two people.
func retentionCommand(ctx context.Context, args []string, getenv func(string) string, stdout, stderr io.Writer) error {
	a, err := parseRetention(args, getenv, stderr)
	if err != nil {
		return err
	}
	return withRetention(ctx, a.settings, stderr, func(r wire.Retention) error { return a.do(ctx, r, stdout) })
}

// withRetention does something in the house's rules, holds and grants: what they
// refuse is told as it stands.
func withRetention(ctx context.Context, s wire.Settings, stderr io.Writer, do func(wire.Retention) error) error {
	err := wire.WithRetention(ctx, s, stderr, do)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return usage("there is no house in %s", s.Data)
	case errors.Is(err, dossier.ErrForbidden), errors.Is(err, dossier.ErrConflict), errors.Is(err, dossier.ErrInvalid), errors.Is(err, dossier.ErrNotFound):
		return usage("%v", err)
	}
	return err
}

func (a retentionArgs) do(ctx context.Context, r wire.Retention, stdout io.Writer) error {
	switch a.what {
	case "rules":
		rules, err := r.Rules(ctx)
		if err != nil {
			return err
		}
		return printed(stdout, a.json, rules, func(p *printer) {
			for _, x := range rules {
				p.line("%s", ruleLine(x))
			}
		})
	case "due":
		return a.due(ctx, r, stdout)
	case "show":
		return a.show(ctx, r, stdout)
	case "holds":
		holds, err := r.Holds(ctx, !a.all, a.limit)
		if err != nil {
			return err
		}
		return printed(stdout, a.json, holds, func(p *printer) {
			for _, h := range holds {
				p.line("%s  %s", deedLine(h.Deed), endOf(h.Lifted))
			}
		})
	case "proposals":
		list, err := r.Proposals(ctx, !a.all, nil, nil, a.limit)
		if err != nil {
			return err
		}
		return printed(stdout, a.json, list, func(p *printer) {
			for _, x := range list {
				p.line("%s  %s", deedLine(x.Deed), endOf(x.Answer))
			}
		})
	case "sweep":
		return a.sweep(ctx, r, stdout)
	}
	return a.act(ctx, r, stdout)
}

// act does what is done in somebody's name.
func (a retentionArgs) act(ctx context.Context, r wire.Retention, stdout io.Writer) error {
	p, err := r.Someone(ctx, a.who)
	if err != nil {
		return err
	}
	a.deed.Who, a.deed.By = p.ID, p.Role
	switch a.what {
	case "rule":
		a.rule.Who = p.ID
		if a.rule.From, err = dayOf(a.from); err != nil {
			return err
		}
		x, err := r.AddRule(ctx, a.rule, p.Role)
		if err == nil {
			fmt.Fprintln(stdout, ruleLine(x))
		}
		return err
	case "hold":
		if a.holderOf != "" {
			d, err := r.Dossier(ctx, dossier.Code(a.holderOf))
			if err != nil {
				return err
			}
			a.deed.Holder = d.Holder
		}
		return a.told(stdout)(r.HoldPapers(ctx, a.deed))
	case "lift":
		a.deed.Refers = a.ids[0]
		return a.told(stdout)(r.LiftHold(ctx, a.deed))
	}
	for _, id := range a.ids {
		d := a.deed
		if a.what == "propose" {
			d.Document = dossier.DocumentID(id)
			err = a.told(stdout)(r.Propose(ctx, d))
		} else {
			d.Act, d.Refers = retention.Act(a.what), id
			err = a.told(stdout)(r.Decide(ctx, d))
		}
		if err != nil {
			return fmt.Errorf("%s: %w", id, err)
		}
	}
	if a.what != "approve" {
		return nil
	}
	if wire.Serving(a.settings) {
		fmt.Fprintln(stdout, "Dịch vụ đang chạy sẽ xóa các tệp trong vài giây / the running service removes the bytes within seconds")
		return nil
	}
	return a.sweep(ctx, r, stdout)
}

// told prints what was done.
func (a retentionArgs) told(stdout io.Writer) func(retention.Deed, error) error {
	return func(d retention.Deed, err error) error {
		if err == nil {
			_, err = fmt.Fprintln(stdout, deedLine(d))
		}
		return err
	}
}

func (a retentionArgs) due(ctx context.Context, r wire.Retention, stdout io.Writer) error {
	at, err := dayOf(a.at)
	if err != nil {
		return err
	}
	due, more, err := r.Due(ctx, at, nil, nil, a.limit)
	if err != nil {
		return err
	}
	return printed(stdout, a.json, due, func(p *printer) {
		for _, s := range due {
			note := ""
			if s.Held {
				note = "  có lệnh giữ / held"
			} else if s.Proposed != "" {
				note = "  đã đề nghị / proposed: " + s.Proposed
			}
			p.line("%s  %s  %s  %s  %s%s", s.Document, s.Dossier, s.Kind, s.Until().AddDate(0, 0, -1).Format(time.DateOnly), s.Rule.Cites(), note)
		}
		p.line("%d giấy tờ hết thời hạn / documents whose time is over, %s%s", len(due), at.In(dossier.VietNam).Format(time.DateOnly), map[bool]string{true: ", và còn nữa / and more"}[more])
	})
}

// show says how a document stands to the rules, or how it was disposed of.
func (a retentionArgs) show(ctx context.Context, r wire.Retention, stdout io.Writer) error {
	at, err := dayOf(a.at)
	if err != nil {
		return err
	}
	s, err := r.Standing(ctx, dossier.DocumentID(a.ids[0]), at)
	if err != nil {
		return err
	}
	x, err := r.Disposal(ctx, s.Document)
	if errors.Is(err, dossier.ErrNotFound) {
		return printed(stdout, a.json, s, func(p *printer) {
			if no := s.Refuse(at); no != nil {
				p.line("%s\n%s", no.VI, no.EN)
			} else {
				p.line("đã hết thời hạn lưu trữ / its time is over: %s", s.Rule.Cites())
			}
		})
	} else if err != nil {
		return err
	}
	return printed(stdout, a.json, x, func(p *printer) {
		p.line("đã xét hủy / disposed of: %s; đề nghị / proposed by %s, duyệt / approved by %s", x.At.In(dossier.VietNam).Format(time.RFC3339), x.Proposer, x.Approver)
		p.line("  %s", ruleLine(x.Rule))
		if x.Certificate == "" {
			p.line("chưa có giấy chứng nhận hủy / no certificate yet")
		} else {
			p.line("giấy chứng nhận hủy / certificate: %s, %s", x.Certificate, x.Certified.In(dossier.VietNam).Format(time.RFC3339))
		}
		for _, f := range x.Files {
			p.line("  %-12s %s  %s", f.Part, f.Sum, f.Fate)
		}
		for _, l := range x.Waits {
			p.line("  còn ở kho / still in %s: %s  %s", l.Store, l.Digest, l.Said)
		}
	})
}

// sweep removes the bytes of what was decided.
func (a retentionArgs) sweep(ctx context.Context, r wire.Retention, stdout io.Writer) error {
	d, err := r.Keeper.Dispose(ctx)
	fmt.Fprintf(stdout, "Đã xóa / removed: %d tệp; còn bị khóa ở kho / locked by a store: %d; kho không trả lời / stores away: %d; giấy chứng nhận / certificates: %d\n",
		d.Removed, d.Locked, d.Away, d.Certified)
	return err
}

func ruleLine(r retention.Rule) string {
	kind, years := string(r.Kind), fmt.Sprintf("%d năm / years", r.Years)
	if kind == "" {
		kind = "mọi loại khác / all others"
	}
	if r.Years == 0 {
		years = "vĩnh viễn / for ever"
	}
	return fmt.Sprintf("%s  %s  từ / from %s  %s [%s]  %s", kind, years, r.From.In(dossier.VietNam).Format(time.DateOnly), r.Cites(), r.Grade, r.Who)
}

func deedLine(d retention.Deed) string {
	about := string(d.Document)
	switch {
	case about != "":
	case d.Dossier != "":
		about = string(d.Dossier)
	default:
		about = "chủ hồ sơ / holder " + string(d.Holder)
	}
	return fmt.Sprintf("%s  %s  %s  %s  %s", d.ID, d.Act, about, d.Who, visible(d.Why))
}

func endOf(d *retention.Deed) string {
	if d == nil {
		return ""
	}
	return fmt.Sprintf("→ %s %s %s", d.Act, d.Who, visible(d.Why))
}
