package main

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"sohoa/cmd/internal/wire"
	"sohoa/ingest"
	"sohoa/signing"
	"sohoa/signing/keys"
	"sohoa/signing/mark"
	"sohoa/signing/revinfo"
	"sohoa/signing/tsa"
	"sohoa/signing/verify"
	"sohoa/workers"
)

type signArgs struct {
	in, out           string
	key, passwordFile string
	journal           string
	tsa               string
	trust             [][]byte
	request           signing.Request
}

func parseSign(args []string, stderr io.Writer) (signArgs, error) {
	var a signArgs
	var profile, level string
	set := flag.NewFlagSet("sign", flag.ContinueOnError)
	set.SetOutput(stderr)
	set.StringVar(&a.out, "o", "", "the signed PDF to write")
	set.StringVar(&a.key, "key", "", "PKCS#12 file of the key")
	set.StringVar(&a.passwordFile, "password-file", "", "file with its password, which nobody else may read")
	set.StringVar(&profile, "profile", "", "copy-officer (mark top left) or copy-agency (top right)")
	set.StringVar(&a.request.Name, "name", "", "of the person or agency, as the mark shows it")
	set.StringVar(&a.request.Form, "form", "", "form of copy in an agency's mark; SAO Y if not given")
	set.StringVar(&level, "level", string(signing.LevelT), "B-B, B-T, B-LT or B-LTA")
	set.StringVar(&a.tsa, "tsa", "", "address of the time-stamp authority (RFC 3161), for all levels but B-B")
	set.StringVar(&a.journal, "journal", "", "note what is about to be signed here; OUT.journal if not given")
	set.Func("trust", "PEM file of the roots of signer and time-stamp authority; may be given again", func(path string) error {
		ders, err := readDER(path, "CERTIFICATE")
		a.trust = append(a.trust, ders...)
		return err
	})
	files, err := parseMixed(set, args)
	if err != nil {
		return a, err
	}
	if len(files) != 1 || a.out == "" || a.key == "" || a.passwordFile == "" || profile == "" || a.request.Name == "" {
		return a, usage("sohoa sign IN -o OUT --key K.p12 --password-file F --profile copy-officer|copy-agency --name NAME [--level B-B|B-T|B-LT|B-LTA] [--tsa URL] [--trust PEM]…")
	}
	a.in, a.request.Subject = files[0], filepath.Base(files[0])
	if a.journal == "" {
		a.journal = a.out + ".journal"
	}
	return a, a.settle(profile, level)
}

// settle turns words into what they name.
func (a *signArgs) settle(profile, level string) error {
	kinds := map[string]mark.Kind{"copy-officer": signing.CopyOfficer, "copy-agency": signing.CopyAgency}
	var ok bool
	if a.request.Profile, ok = kinds[profile]; !ok {
		return usage("there is no profile %q", profile)
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
	if err != nil {
		return err
	}
	info, err := os.Stat(a.in)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return usage("there is no file %s", a.in)
	case err != nil:
		return err
	case info.IsDir():
		return usage("%s is a directory; give a file", a.in)
	case info.Size() > wire.Limits.Bytes:
		return &inputError{a.in, ingest.TooLarge(wire.Limits.Bytes)}
	}
	// A limited child reads the file before this process does: what is damaged,
	// or signed and broken, ends here.
	before, err := verify.File(ctx, a.in, verify.Options{Roots: a.trust, At: time.Now()})
	if err != nil {
		return &inputError{a.in, err}
	}
	if before.Verdict == verify.Invalid {
		return &verdictError{a.in, before.Verdict}
	}
	if a.request.Key, err = keys.Load(a.key, a.passwordFile); err != nil {
		return usage("%v", err)
	}
	sealer, err := a.sealer(getenv)
	if err != nil {
		return err
	}
	report, err := a.write(ctx, sealer, len(before.Signatures))
	if err != nil {
		return err
	}
	newest := report.Signatures[len(report.Signatures)-1]
	_, err = fmt.Fprintf(stdout, "%s: %s, PAdES %s, %s\n", a.out, a.request.Key.Chain[0].Subject.CommonName, a.request.Level, newest.Verdict)
	return err
}

// sealer builds what signs.
func (a *signArgs) sealer(getenv func(string) string) (*signing.Sealer, error) {
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
	s := &signing.Sealer{Journal: notes(a.journal), Font: font, Now: time.Now, Roots: roots, Evidence: &revinfo.Client{Now: time.Now}}
	if a.request.Level != signing.LevelB {
		s.TSA = &tsa.Client{URL: a.tsa, Roots: roots, Now: time.Now}
	}
	return s, nil
}

// write signs into a file beside the output, looks at it as a stranger would,
// and puts it in place.
func (a *signArgs) write(ctx context.Context, s *signing.Sealer, had int) (verify.Report, error) {
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
	if err := s.Sign(ctx, a.request, in, info.Size(), out); err != nil {
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

// notes is a journal in a file: one line of JSON for each intent, on the disk
// before the key is asked.
type notes string

// Record appends i.
func (n notes) Record(_ context.Context, i signing.Intent) error {
	cert, err := x509.ParseCertificate(i.Certificate)
	if err != nil {
		return err
	}
	line, err := json.Marshal(map[string]string{"subject": i.Subject, "sha256": fmt.Sprintf("%x", i.ToSign),
		"certificate": cert.SerialNumber.Text(16), "at": i.At.UTC().Format(time.RFC3339)})
	if err != nil {
		return err
	}
	f, err := os.OpenFile(string(n), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(append(line, '\n'))
	return errors.Join(err, f.Sync(), f.Close())
}
