package main

import (
	"context"
	"crypto/x509"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"sohoa/cmd/internal/wire"
	"sohoa/outbound"
	"sohoa/signing"
	"sohoa/signing/keys"
	"sohoa/signing/mark"
	"sohoa/signing/revinfo"
	"sohoa/signing/taster"
	"sohoa/signing/tsa"
	"sohoa/signing/verify"
	"sohoa/workers"
)

type signArgs struct {
	keyArgs
	manyArgs
	splitArgs
	markArgs
	in, out string
	tsa     string
	trust   [][]byte
	request signing.Request
}

func parseSign(args []string, stderr io.Writer) (signArgs, error) {
	var a signArgs
	var profile, level string
	set := flag.NewFlagSet("sign", flag.ContinueOnError)
	set.SetOutput(stderr)
	set.StringVar(&a.out, "o", "", "the signed PDF to write")
	a.keyArgs.flags(set)
	a.manyArgs.flags(set)
	a.splitArgs.flags(set)
	a.markArgs.flags(set, &a.request)
	a.told = stderr
	set.StringVar(&profile, "profile", "", "copy-officer (mark top left), copy-agency (top right), result (signature above the name, seal over it) or attachment (top right)")
	set.StringVar(&a.request.Name, "name", "", "of the person or agency, as the mark shows it")
	set.StringVar(&a.request.Form, "form", "", "form of copy in an agency's mark; SAO Y if not given")
	set.StringVar(&level, "level", string(signing.LevelT), "B-B, B-T, B-LT or B-LTA")
	set.StringVar(&a.tsa, "tsa", "", "address of the time-stamp authority (RFC 3161), for all levels but B-B")
	set.Func("trust", "PEM file of the roots of signer and time-stamp authority; may be given again", func(path string) error {
		ders, err := readDER(path, "CERTIFICATE")
		a.trust = append(a.trust, ders...)
		return err
	})
	files, err := parseMixed(set, args)
	if err != nil {
		return a, err
	}
	if a.finish != "" && len(files) == 1 { // the rest was said when it was prepared
		a.in = files[0]
		return a, nil
	}
	if !a.complete(files) || profile == "" || a.request.Name == "" {
		return a, usage(signUsage)
	}
	a.in, a.request.Subject = files[0], filepath.Base(files[0])
	return a, a.settle(profile, level)
}

const signUsage = `sohoa sign IN -o OUT --key K --profile copy-officer|copy-agency|result|attachment --name NAME [--level B-B|B-T|B-LT|B-LTA] [--tsa URL] [--trust PEM]…
  sohoa sign --out-dir DIR … IN…                       many files, one PIN
  sohoa sign IN --prepare P --certificate PEM …        the hash out
  sohoa sign IN --finish P --signature S -o OUT …      the signature back`

// settle turns words into what they name.
func (a *signArgs) settle(profile, level string) error {
	var ok bool
	if a.request.Profile, ok = profiles[profile]; !ok {
		return usage("there is no profile %q", profile)
	}
	if err := a.markArgs.settle(&a.request); err != nil {
		return err
	}
	switch a.request.Level = signing.Level(level); a.request.Level {
	case signing.LevelB:
		return nil
	case signing.LevelT, signing.LevelLT, signing.LevelLTA:
	default:
		return usage("there is no level %q", level)
	}
	if a.tsa == "" || a.trust == nil {
		return usage("level %s needs --tsa and --trust", level)
	}
	return nil
}

// sign puts one signature on a PDF. The output appears whole and of the level
// that was ordered, or not at all.
func sign(ctx context.Context, args []string, getenv func(string) string, stdout, stderr io.Writer) error {
	a, err := parseSign(args, stderr)
	switch {
	case err != nil:
		return err
	case a.prepare != "":
		return a.hashOut(ctx, getenv, stdout)
	case a.finish != "":
		return a.signatureBack(ctx, getenv, stdout)
	case a.outDir != "":
		return a.many(ctx, getenv, stdout, stderr)
	}
	had, err := a.look(ctx)
	if err != nil {
		return err
	}
	held, err := a.open(ctx, getenv)
	if err != nil {
		return err
	}
	defer held.Close()
	a.request.Key = held.Key
	sealer, err := a.sealer(ctx, getenv)
	if err != nil {
		return err
	}
	report, err := a.write(ctx, sealer, had)
	if err != nil {
		return err
	}
	newest := report.Signatures[len(report.Signatures)-1]
	_, err = fmt.Fprintf(stdout, "%s: %s, PAdES %s, %s\n", a.out, a.request.Key.Chain[0].Subject.CommonName, a.request.Level, newest.Verdict)
	return err
}

// look has a limited child read the file before this process does: what is
// damaged, or signed and broken, ends here. It returns how many signatures and
// time-stamps there are.
func (a *signArgs) look(ctx context.Context) (int, error) {
	if err := given(a.in); err != nil {
		return 0, err
	}
	before, err := verify.File(ctx, a.in, verify.Options{Roots: a.trust, At: time.Now()})
	if err != nil {
		return 0, &inputError{a.in, err}
	}
	if before.Verdict == verify.Invalid {
		return 0, &verdictError{a.in, before.Verdict}
	}
	return len(before.Signatures), nil
}

// sealer builds what signs. What authorities answer is read first by a child
// that lives as long as ctx.
func (a *signArgs) sealer(ctx context.Context, getenv func(string) string) (*signing.Sealer, error) {
	font, err := mark.Load(wire.Read(getenv).Font)
	if err != nil {
		return nil, fmt.Errorf("font of the mark (Debian package fonts-croscore): %w", err)
	}
	roots := x509.NewCertPool()
	for _, der := range a.trust {
		cert, err := x509.ParseCertificate(der)
		if err != nil {
			return nil, usage("--trust: %v", err)
		}
		roots.AddCert(cert)
	}
	asked := &revinfo.Client{Now: time.Now, HTTP: outbound.Client(wire.Read(os.Getenv).Private.Has, 0, nil)}
	s := &signing.Sealer{Font: font, Now: time.Now, Roots: roots, Evidence: asked}
	counted := &ledger{journal: notes(a.journal)}
	counted.gate = keys.Gate{Now: time.Now, Limits: a.limitsOf, Used: counted.used}
	if a.request.Level != signing.LevelB { // which asks nobody
		counted.gate.Evidence = s.Evidence
	}
	s.Journal, s.Gate = counted, counted
	a.dress(s, a.request)
	if a.request.Level != signing.LevelB {
		s.TSA = &tsa.Client{URL: a.tsa, Roots: roots, Now: time.Now}
	}
	wire.Taste(taster.New(ctx), s.TSA, asked)
	return s, nil
}

// write signs into a file beside the output, looks at it as a stranger would,
// and puts it in place.
func (a *signArgs) write(ctx context.Context, s *signing.Sealer, had int) (verify.Report, error) {
	return a.place(ctx, had, func(in *os.File, size int64, out io.Writer) error {
		return s.Sign(ctx, a.request, in, size, out)
	})
}

// place has sign write a file beside the output, and puts it there if it is good.
func (a *signArgs) place(ctx context.Context, had int, sign func(in *os.File, size int64, out io.Writer) error) (verify.Report, error) {
	in, err := os.Open(a.in)
	if err != nil {
		return verify.Report{}, err
	}
	defer in.Close()
	info, err := in.Stat()
	if err != nil {
		return verify.Report{}, err
	}
	out, err := os.CreateTemp(filepath.Dir(a.out), ".sohoa-*.pdf")
	if err != nil {
		return verify.Report{}, usage("cannot write %s: %v", a.out, err)
	}
	defer os.Remove(out.Name())
	defer out.Close()
	if err := sign(in, info.Size(), out); err != nil {
		return verify.Report{}, &inputError{a.in, err}
	}
	report, err := verify.File(ctx, out.Name(), verify.Options{Roots: a.trust, At: time.Now()})
	if err != nil {
		return report, err
	}
	if report.Verdict == verify.Invalid || len(report.Signatures) <= had {
		return report, fmt.Errorf("%w: the signed file is %s", workers.ErrOwnCheck, report.Verdict)
	}
	if err := errors.Join(out.Chmod(0o644), out.Sync()); err != nil {
		return report, err
	}
	return report, os.Rename(out.Name(), a.out)
}
