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
	"strings"
	"time"

	"sohoa/cmd/internal/wire"
	"sohoa/dossier"
	"sohoa/dossier/retention"
	"sohoa/storage/sqldb"
	"sohoa/web"
)

const personUsage = `sohoa person export (--holder-of DOSSIER | --holder ID) --purpose checking|holder|handling|audit --reason REQUEST --who LOGIN -o FILE.zip
       sohoa person erase (--holder-of DOSSIER | --holder ID) --reason REQUEST --who LOGIN`

type personArgs struct {
	what, who, reason, out string
	holder                 dossier.HolderID
	of                     dossier.Code
	purpose                dossier.Purpose
	settings               wire.Settings
}

func parsePerson(args []string, getenv func(string) string, stderr io.Writer) (a personArgs, err error) {
	a.settings = wire.Read(getenv)
	set := flag.NewFlagSet("person", flag.ContinueOnError)
	set.SetOutput(stderr)
	set.StringVar((*string)(&a.of), "holder-of", "", "the holder of this dossier")
	set.StringVar((*string)(&a.holder), "holder", "", "the holder with this id; a number is never on a command line")
	set.StringVar((*string)(&a.purpose), "purpose", "", "what it is given out for")
	set.StringVar(&a.reason, "reason", "", "number and day of the request")
	set.StringVar(&a.who, "who", "", "login of who does it")
	set.StringVar(&a.out, "o", "", "the ZIP")
	set.StringVar(&a.settings.Data, "data", a.settings.Data, "directory of everything that lasts")
	words, err := parseMixed(set, args)
	if err != nil {
		return a, err
	}
	if len(words) != 1 || (a.of == "") == (a.holder == "") || a.who == "" || strings.TrimSpace(a.reason) == "" ||
		words[0] == "export" && (a.out == "" || !slices.Contains(dossier.Purposes[:], a.purpose)) || words[0] != "export" && words[0] != "erase" {
		return a, usage("%s", personUsage)
	}
	a.what = words[0]
	a.settings.Data, err = filepath.Abs(a.settings.Data)
	return a, err
}

// personCommand answers what somebody may ask of their own data (Luật 91/2025/QH15
// Điều 4).
func personCommand(ctx context.Context, args []string, getenv func(string) string, stdout, stderr io.Writer) error {
	a, err := parsePerson(args, getenv, stderr)
	if err != nil {
		return err
	}
	err = wire.Person(ctx, a.settings, a.holder, a.of, func(ctx context.Context, db *sqldb.DB, h dossier.Holder, write func(io.Writer, web.PersonAsked) error) error {
		who, _, err := db.PersonByLogin(ctx, a.who)
		if err != nil {
			return fmt.Errorf("--who: %w: nobody has this login", err)
		}
		if !slices.Contains([]dossier.Role{dossier.Clerk, dossier.Admin}, who.Role) {
			return fmt.Errorf("%w: a clerk or the administrator answers for it", dossier.ErrForbidden)
		}
		if a.what == "erase" {
			return a.erase(ctx, db, h, who, stdout)
		}
		return a.export(ctx, db, h, who, write)
	})
	if errors.Is(err, os.ErrNotExist) || errors.Is(err, dossier.ErrNotFound) {
		return usage("%v", err)
	}
	return err
}

// export writes the ZIP so that it appears whole or not at all, and notes that it is
// given out. A clerk has what is of their agencies.
func (a personArgs) export(ctx context.Context, db *sqldb.DB, h dossier.Holder, who dossier.Person, write func(io.Writer, web.PersonAsked) error) error {
	out, err := os.CreateTemp(filepath.Dir(a.out), ".sohoa-*.zip")
	if err != nil {
		return usage("cannot write %s: %v", a.out, err)
	}
	defer os.Remove(out.Name())
	defer out.Close()
	asked := web.PersonAsked{Holder: h, Who: who.ID, By: who.Role, Purpose: a.purpose, Why: a.reason, At: time.Now()}
	asked.Noted = func(ctx context.Context, sum string) error {
		return db.Note(ctx, dossier.Reading{Act: dossier.ReadPerson, Who: who.ID, By: who.Role, At: asked.At, Holder: h.ID, Purpose: a.purpose, Sum: sum, Demo: h.Demo})
	}
	if who.Role != dossier.Admin {
		below, err := db.Below(ctx, who.Agency)
		if err != nil {
			return err
		}
		asked.Within = &dossier.Within{Agencies: append(below, who.Agency)}
	}
	if err := write(out, asked); err != nil {
		return err
	}
	if err := out.Sync(); err != nil {
		return err
	}
	return os.Rename(out.Name(), a.out)
}

// erase answers for each paper of the record: refused with its reason, or proposed.
func (a personArgs) erase(ctx context.Context, db *sqldb.DB, h dossier.Holder, who dossier.Person, stdout io.Writer) error {
	all, err := db.Entries(ctx, h.ID, time.Time{})
	if err != nil {
		return err
	}
	p := &printer{w: stdout}
	for _, e := range all {
		_, err := db.Propose(ctx, retention.Deed{Document: e.Document, Who: who.ID, By: who.Role, Why: a.reason})
		var no *retention.Refusal
		switch {
		case err == nil:
			p.line("%s  đã đề nghị hủy, chờ người khác duyệt / proposed, another approves", e.Document)
		case errors.As(err, &no):
			p.line("%s  %s / %s", e.Document, no.VI, no.EN)
		case errors.Is(err, dossier.ErrConflict):
			p.line("%s  đang chờ duyệt / waits for an answer", e.Document)
		default:
			return err
		}
	}
	if len(all) == 0 {
		p.line("Kho không có giấy tờ nào / the record is empty")
	}
	return p.err
}
