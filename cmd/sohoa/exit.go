package main

import (
	"context"
	"errors"
	"flag"
	"fmt"

	"sohoa/jail"
	"sohoa/workers"
)

// The exit codes are a promise to scripts: they do not change.
const (
	exitDone        = 0
	exitOurs        = 1
	exitUsage       = 2
	exitDamaged     = 3
	exitEncrypted   = 4
	exitSigned      = 5
	exitKind        = 6
	exitLimit       = 7
	exitOwnCheck    = 8
	exitInterrupted = 130
)

var refusals = map[string]int{
	"empty": exitDamaged, "damaged": exitDamaged, "nopages": exitDamaged, "unreadable": exitDamaged, "blank": exitDamaged,
	"encrypted": exitEncrypted, "signed": exitSigned, "kind": exitKind, "active": exitKind,
	"pages": exitLimit, "pixels": exitLimit, "bytes": exitLimit, "time": exitLimit, "memory": exitLimit,
}

var (
	errUsage = errors.New("usage")
	errHelp  = flag.ErrHelp
)

func usage(format string, args ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{errUsage}, args...)...)
}

// An inputError is an error with the file it is about.
type inputError struct {
	file string
	err  error
}

func (e *inputError) Error() string { return e.file + ": " + e.err.Error() }
func (e *inputError) Unwrap() error { return e.err }

func exitCode(ctx context.Context, err error) int {
	var r *jail.Refusal
	var v *verdictError
	switch {
	case err == nil || errors.Is(err, errHelp):
		return exitDone
	case ctx.Err() != nil:
		return exitInterrupted
	case errors.Is(err, errUsage):
		return exitUsage
	case errors.Is(err, workers.ErrOwnCheck):
		return exitOwnCheck
	case errors.As(err, &v):
		return verdictCodes[v.verdict]
	case errors.As(err, &r):
		if code, ok := refusals[r.Code]; ok {
			return code
		}
	}
	return exitOurs
}

// advice says what a person can do about a refusal.
var advice = map[string]string{
	"empty":      "scan or export the file again",
	"damaged":    "scan or export the file again; the original may be cut short",
	"nopages":    "the document has nothing to archive; export it again",
	"unreadable": "scan the page again, straight and at 200 or 300 dpi",
	"blank":      "look whether the right side was scanned",
	"encrypted":  "save it without a password and send it again",
	"signed":     "a signed file is never rewritten: archive it as it is",
	"kind":       "give a JPEG, PNG, TIFF or PDF",
	"active":     "print it to a plain PDF, or scan the paper",
	"pages":      "split the file",
	"pixels":     "scan at 200 or 300 dpi",
	"bytes":      "split the file, or scan at 200 or 300 dpi",
	"time":       "split the file, or scan at 200 or 300 dpi",
	"memory":     "split the file, or scan at 200 or 300 dpi",
}

func explain(err error) string {
	var r *jail.Refusal
	if errors.As(err, &r) && advice[r.Code] != "" {
		return fmt.Sprintf("%v\n  [%s] what to do: %s", err, r.Code, advice[r.Code])
	}
	return err.Error()
}
