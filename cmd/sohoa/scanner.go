package main

import (
	"context"
	"encoding/json"
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
	"sohoa/dossier/account"
	"sohoa/dossier/digest"
	"sohoa/dossier/drop"
)

const scannerUsage = `sohoa scanner list [--json] [--data DIR]
       sohoa scanner add LOGIN --agency CODE --why TEXT --until DAY [--key FILE.pub] --who LOGIN [--json]
       sohoa scanner remove LOGIN --who LOGIN`

// scannerCommand makes, lists and ends the accounts of scanners.
func scannerCommand(ctx context.Context, args []string, getenv func(string) string, stdout, stderr io.Writer) error {
	s := wire.Read(getenv)
	set := flag.NewFlagSet("scanner", flag.ContinueOnError)
	set.SetOutput(stderr)
	var c drop.Scanner
	set.StringVar((*string)(&c.Agency), "agency", "", "whose tray it fills")
	set.StringVar(&c.Why, "why", "", "which machine, and where it stands")
	until := set.String("until", "", "the last day, within three years")
	key := set.String("key", "", "file of its SSH public key")
	login := set.String("who", "", "login of who does it")
	asJSON := set.Bool("json", false, "print JSON")
	set.StringVar(&s.Data, "data", s.Data, "directory of everything that lasts")
	words, err := parseMixed(set, args)
	if err != nil {
		return err
	}
	if len(words) == 0 || !slices.Contains([]string{"list", "add", "remove"}, words[0]) || (words[0] == "list") != (len(words) == 1) || len(words) > 2 || words[0] != "list" && *login == "" {
		return usage("%s", scannerUsage)
	}
	if s.Data, err = filepath.Abs(s.Data); err != nil {
		return err
	}
	if *key != "" {
		b, err := os.ReadFile(*key)
		if err != nil {
			return err
		}
		c.Key = strings.TrimSpace(string(b))
	}
	return wire.WithRetention(ctx, s, stderr, func(r wire.Retention) error {
		if words[0] == "list" {
			return listScanners(ctx, r, *asJSON, stdout)
		}
		who, err := r.Someone(ctx, *login)
		if err != nil {
			return err
		}
		if who.Role != dossier.Admin {
			return usage("--who: accounts of scanners are an administrator's work")
		}
		by := account.By{Who: who.ID, Role: who.Role, Demo: who.Demo}
		c.Login = words[1]
		if words[0] == "remove" {
			return removeScanner(ctx, r, c.Login, by, stdout)
		}
		day, err := time.ParseInLocation(time.DateOnly, *until, dossier.VietNam)
		if err != nil {
			return usage("--until is a day, YYYY-MM-DD")
		}
		c.Until = day.AddDate(0, 0, 1)
		secret := drop.NewSecret()
		if c, err = r.AddScanner(ctx, c, digest.Of([]byte(secret)), by); err != nil {
			return err
		}
		if *asJSON {
			return json.NewEncoder(stdout).Encode(map[string]string{"id": c.ID, "login": c.Login, "secret": secret})
		}
		_, err = fmt.Fprintf(stdout, "%s\nMật khẩu, chỉ hiện lần này / password, shown this once: %s\n", c.Login, secret)
		return err
	})
}

func listScanners(ctx context.Context, r wire.Retention, asJSON bool, stdout io.Writer) error {
	list, err := r.Scanners(ctx)
	if err != nil {
		return err
	}
	if asJSON {
		return json.NewEncoder(stdout).Encode(list)
	}
	for _, s := range list {
		state := "đến hết / until " + s.Until.Add(-1).Format(time.DateOnly)
		if !s.Ended.IsZero() {
			state = "đã thu hồi / revoked " + s.Ended.Format(time.DateOnly)
		}
		fmt.Fprintf(stdout, "%s\t%s\t%s\t%s\n", s.Login, s.Agency, state, s.Why)
	}
	return nil
}

func removeScanner(ctx context.Context, r wire.Retention, login string, by account.By, stdout io.Writer) error {
	list, err := r.Scanners(ctx)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(list, func(s drop.Scanner) bool { return s.Login == login && s.Ended.IsZero() })
	if i < 0 {
		return fmt.Errorf("%w: no scanner %s opens any door", dossier.ErrNotFound, login)
	}
	if err := r.EndScanner(ctx, list[i].ID, by); err != nil {
		return err
	}
	_, err = fmt.Fprintf(stdout, "%s: đã thu hồi / revoked\n", login)
	return err
}
