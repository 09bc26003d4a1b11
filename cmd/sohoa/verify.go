package main

import (
	"context"
	"encoding/json"
	"encoding/pem"
	"flag"
	"fmt"
	"io"
	"os"
	"time"

	"sohoa/cmd/internal/verdict"
	"sohoa/signing/verify"
)

// The verdicts of `sohoa verify` as exit codes: a promise to scripts as well.
const (
	exitInvalid       = 10
	exitIndeterminate = 11
	exitUnsigned      = 12
)

var verdictCodes = map[verify.Verdict]int{
	verify.Valid: exitDone, verify.Invalid: exitInvalid, verify.Indeterminate: exitIndeterminate, verdict.Unsigned: exitUnsigned,
}

// A verdictError ends the program with the code of a verdict that is not VALID.
type verdictError struct {
	file    string
	verdict verify.Verdict
}

func (e *verdictError) Error() string { return fmt.Sprintf("%s: %s", e.file, e.verdict) }

type verifyArgs struct {
	file        string
	trust, crls [][]byte
	at          time.Time
	json        bool
}

func parseVerify(args []string, stderr io.Writer) (verifyArgs, error) {
	var a verifyArgs
	set := flag.NewFlagSet("verify", flag.ContinueOnError)
	set.SetOutput(stderr)
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
	set.Func("at", "judge as of this time (2026-11-21T08:00:00+07:00), not now", func(s string) (err error) {
		a.at, err = time.Parse(time.RFC3339, s)
		return err
	})
	set.BoolVar(&a.json, "json", false, "print the verdict as JSON")
	files, err := parseMixed(set, args)
	if err != nil {
		return a, err
	}
	if len(files) != 1 {
		return a, usage("sohoa verify FILE [--trust PEM]… [--crl FILE]… [--at TIME] [--json]")
	}
	a.file = files[0]
	return a, nil
}

// maxList is the most bytes of a list of roots or of revocations.
const maxList = 64 << 20

// readDER reads the blocks of a kind of a PEM file, or a file that is DER.
func readDER(path, kind string) (ders [][]byte, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxList+1))
	if err != nil {
		return nil, err
	}
	if len(b) > maxList {
		return nil, fmt.Errorf("%s: larger than %d bytes", path, maxList)
	}
	for rest := b; ; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		if block.Type == kind {
			ders = append(ders, block.Bytes)
		}
	}
	if ders == nil && len(b) > 0 && b[0] == 0x30 { // a SEQUENCE
		ders = [][]byte{b}
	}
	if ders == nil {
		return nil, fmt.Errorf("%s holds no %s", path, kind)
	}
	return ders, nil
}

// verifyFile says whether the signatures of a file can be believed. Nothing is
// fetched: what is believed is what was given and what the file brings.
func verifyFile(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	a, err := parseVerify(args, stderr)
	if err != nil {
		return err
	}
	if a.at.IsZero() {
		a.at = time.Now()
	}
	if err := given(a.file); err != nil {
		return err
	}
	report, err := verify.File(ctx, a.file, verify.Options{Roots: a.trust, CRLs: a.crls, At: a.at})
	if err != nil {
		return &inputError{a.file, err}
	}
	j := verdict.Of(report)
	if a.json {
		enc := json.NewEncoder(stdout)
		enc.SetIndent("", "  ")
		err = enc.Encode(j)
	} else {
		err = j.Print(stdout)
	}
	if err == nil && j.Verdict != verify.Valid {
		err = &verdictError{a.file, j.Verdict}
	}
	return err
}

// A printer keeps the first error.
type printer struct {
	w   io.Writer
	err error
}

func (p *printer) line(format string, a ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintf(p.w, format+"\n", a...)
	}
}
