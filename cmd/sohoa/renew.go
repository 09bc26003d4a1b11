package main

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"sohoa/cmd/internal/verdict"
	"sohoa/cmd/internal/wire"
	"sohoa/dossier"
	"sohoa/outbound"
	"sohoa/signing"
	"sohoa/signing/revinfo"
	"sohoa/signing/tsa"
	"sohoa/signing/verify"
	"sohoa/workers"
)

const renewUsage = `sohoa renew --list [--at DATE] [--json] [--data DIR]
       sohoa renew --now [--at DATE] [--data DIR]
       sohoa renew FILE -o OUT --tsa URL --trust PEM… [--crl FILE]…`

type renewArgs struct {
	list, now, json bool
	at              time.Time
	data            string
	file, out, tsa  string
	trust, crls     [][]byte
}

func parseRenew(args []string, getenv func(string) string, stderr io.Writer) (renewArgs, error) {
	var a renewArgs
	set := flag.NewFlagSet("renew", flag.ContinueOnError)
	set.SetOutput(stderr)
	set.BoolVar(&a.list, "list", false, "print what would be due by --at; a service may be running")
	set.BoolVar(&a.now, "now", false, "renew what is due by --at; the service must not be running, it does so by itself")
	set.BoolVar(&a.json, "json", false, "print the list as JSON")
	set.StringVar(&a.data, "data", wire.Read(getenv).Data, "directory of everything that lasts")
	set.StringVar(&a.out, "o", "", "the renewed file to write")
	set.StringVar(&a.tsa, "tsa", "", "address of the time-stamp authority (RFC 3161)")
	set.Func("at", "day (2031-05-01) or time (RFC 3339); now if not given", func(s string) (err error) {
		a.at, err = dayOrTime(s)
		return err
	})
	set.Func("trust", "PEM file of roots to believe; may be given again", func(path string) error {
		ders, err := readDER(path, "CERTIFICATE")
		a.trust = append(a.trust, ders...)
		return err
	})
	set.Func("crl", "revocation list, PEM or DER; may be given again", func(path string) error {
		ders, err := readDER(path, "X509 CRL")
		a.crls = append(a.crls, ders...)
		return err
	})
	files, err := parseMixed(set, args)
	if err != nil {
		return a, err
	}
	if plain := len(files) == 1; plain == (a.list || a.now) || a.list && a.now || len(files) > 1 ||
		plain && (a.out == "" || a.tsa == "" || a.trust == nil || !a.at.IsZero()) {
		return a, usage("%s", renewUsage)
	} else if plain {
		a.file = files[0]
	}
	if a.at.IsZero() {
		a.at = time.Now()
	}
	return a, nil
}

// dayOrTime reads a day in Viet Nam, of which it returns the last moment, or a
// time.
func dayOrTime(s string) (time.Time, error) {
	if t, err := time.ParseInLocation(time.DateOnly, s, dossier.VietNam); err == nil {
		return t.AddDate(0, 0, 1).Add(-time.Millisecond), nil
	}
	return time.Parse(time.RFC3339, s)
}

// renew lists or does what is due for renewal, or renews a file that is in no
// house.
func renew(ctx context.Context, args []string, getenv func(string) string, stdout, stderr io.Writer) error {
	a, err := parseRenew(args, getenv, stderr)
	if err != nil {
		return err
	}
	if a.file != "" {
		return a.plain(ctx, stdout)
	}
	s := wire.Read(getenv)
	if s.Data, err = filepath.Abs(a.data); err != nil {
		return err
	}
	if a.list {
		list, err := wire.ListRenewals(ctx, s, a.at)
		if errors.Is(err, os.ErrNotExist) {
			return usage("there is no house in %s", s.Data)
		} else if err != nil {
			return err
		}
		return printRenewals(stdout, list, a.json)
	}
	n, waiting, err := wire.RenewNow(ctx, s, a.at, slog.New(slog.NewTextHandler(stderr, nil)))
	if errors.Is(err, os.ErrNotExist) {
		return usage("there is no house in %s", s.Data)
	} else if err != nil {
		return err
	}
	fmt.Fprintf(stdout, "Đã gia hạn / renewed: %d\n", n)
	if len(waiting) == 0 {
		return nil
	}
	fmt.Fprintf(stdout, "Còn chờ / still waiting: %d\n", len(waiting))
	if err := printRenewals(stdout, waiting, false); err != nil {
		return err
	}
	return fmt.Errorf("%d documents that are due were not renewed", len(waiting))
}

// A renewalLine is what `sohoa renew --list --json` prints of a document.
type renewalLine struct {
	Document string     `json:"document"`
	Report   string     `json:"report,omitempty"` // of a closed month, as YYYY-MM/version, which is no document
	Dossier  string     `json:"dossier"`
	Part     string     `json:"part"`   // which of its files is archived now
	SHA256   string     `json:"sha256"` // of that file
	Until    time.Time  `json:"until"`  // the last time-stamp's certificate ends
	TSA      string     `json:"tsa"`    // name in that certificate
	Due      time.Time  `json:"due"`    // from when on the machine renews it
	Trouble  string     `json:"trouble,omitempty"`
	Since    *time.Time `json:"troubleSince,omitempty"`
	NextTry  *time.Time `json:"nextTry,omitempty"`
}

func printRenewals(w io.Writer, list []dossier.Renewal, asJSON bool) error {
	lines := []renewalLine{}
	for _, r := range list {
		l := renewalLine{string(r.Document), r.Report, string(r.Dossier), string(r.Part), r.Sum, r.Until, r.By, r.Due, r.Trouble, nil, nil}
		if r.Trouble != "" {
			l.Since, l.NextTry = &r.Since, &r.NextTry
		}
		lines = append(lines, l)
	}
	if asJSON {
		enc := json.NewEncoder(w)
		enc.SetIndent("", "  ")
		return enc.Encode(lines)
	}
	p := &printer{w: w}
	for _, l := range lines {
		what := l.Document + "  " + l.Dossier
		if l.Report != "" {
			what = "báo cáo số liệu đã chốt / report of a closed month  " + l.Report
		}
		p.line("%s  %s  SHA-256 %s", what, l.Part, l.SHA256)
		p.line("  dấu thời gian hết hạn / time-stamp ends: %s (%s); gia hạn từ / due from: %s",
			l.Until.In(dossier.VietNam).Format(time.DateOnly), l.TSA, l.Due.In(dossier.VietNam).Format(time.DateOnly))
		if l.Trouble != "" {
			p.line("  vướng mắc / trouble: %s; từ / since %s, thử lại / next try %s", l.Trouble,
				l.Since.In(dossier.VietNam).Format(time.RFC3339), l.NextTry.In(dossier.VietNam).Format(time.RFC3339))
		}
	}
	p.line("%d giấy tờ, báo cáo / documents, reports", len(lines))
	return p.err
}

// plain renews a file: the output appears whole, judged as a stranger would, or
// not at all.
func (a renewArgs) plain(ctx context.Context, stdout io.Writer) error {
	if err := given(a.file); err != nil {
		return err
	}
	roots := x509.NewCertPool()
	for _, der := range a.trust {
		cert, err := x509.ParseCertificate(der)
		if err != nil {
			return usage("--trust: %v", err)
		}
		roots.AddCert(cert)
	}
	asked := &revinfo.Client{Now: time.Now, HTTP: outbound.Client(wire.Read(os.Getenv).Private.Has, 0, nil)}
	found := 0
	judge := func(ctx context.Context, path string) (workers.Judgement, error) {
		report, away, err := wire.Asking(ctx, path, verify.Options{Roots: a.trust, CRLs: a.crls, At: time.Now()}, asked)
		if err = errors.Join(err, away); err != nil {
			return workers.Judgement{}, err
		}
		found = len(report.Signatures)
		return wire.Judged(report)
	}
	out, err := os.CreateTemp(filepath.Dir(a.out), ".sohoa-*.pdf")
	if err != nil {
		return usage("cannot write %s: %v", a.out, err)
	}
	defer os.Remove(out.Name())
	defer out.Close()
	sealer := &signing.Sealer{Now: time.Now, Roots: roots, Evidence: asked, TSA: &tsa.Client{URL: a.tsa, Roots: roots, Now: time.Now}}
	after, err := workers.Renew(ctx, sealer, judge, a.file, out)
	switch {
	case errors.Is(err, workers.ErrLapsed) && found == 0:
		return &verdictError{a.file, verdict.Unsigned}
	case errors.Is(err, workers.ErrLapsed):
		fmt.Fprintln(stdout, after.Why)
		return &verdictError{a.file, verify.Verdict(after.Verdict)}
	case err != nil:
		return &inputError{a.file, err}
	}
	if err := errors.Join(out.Chmod(0o644), out.Sync()); err != nil {
		return err
	}
	if err := os.Rename(out.Name(), a.out); err != nil {
		return err
	}
	_, err = fmt.Fprintf(stdout, "%s: %s, đến / until %s (%s)\n", a.out, after.Verdict,
		after.Proof.Until.In(dossier.VietNam).Format(time.DateOnly), after.Proof.By)
	return err
}
