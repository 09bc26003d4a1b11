package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"sohoa/cmd/internal/wire"
	"sohoa/dossier/digest"
	"sohoa/storage/archive"
)

const storeUsage = `sohoa store copy FROM TO [--dry-run] [--pace MiB/s] [--journal FILE] [--json] [--data DIR]
       sohoa store ring FILE --key KEY [--pin-from P]
       sohoa store rekey FILE --key KEY [--pin-from P] [--new-key KEY] [--new-pin-from P] [--fresh]
       sohoa store seal STORE [--pace MiB/s] [--data DIR]
       KEY: file:PATH, or a pkcs11: URI of an RSA key, with its PIN from file:PATH or credential:NAME
       STORE, FROM and TO: main, second, dir:PATH, or env:NAME for SOHOA_NAME_DIR or SOHOA_NAME_S3_ENDPOINT and the rest`

// store does what an operator does to whole stores.
func store(ctx context.Context, args []string, getenv func(string) string, stdout, stderr io.Writer) error {
	if len(args) == 0 {
		return usage("%s", storeUsage)
	}
	switch args[0] {
	case "copy":
		return storeCopy(ctx, args[1:], getenv, stdout, stderr)
	case "ring", "rekey":
		return storeRing(ctx, args[0] == "ring", args[1:], getenv, stdout, stderr)
	case "seal":
		return storeSeal(ctx, args[1:], getenv, stdout, stderr)
	}
	return usage("%s", storeUsage)
}

// copyReport is what `sohoa store copy --json` prints.
type copyReport struct {
	From    string  `json:"from"`
	To      string  `json:"to"`
	Dry     bool    `json:"dryRun,omitempty"`
	Seconds float64 `json:"seconds"`
	archive.Copied
}

func storeCopy(ctx context.Context, args []string, getenv func(string) string, stdout, stderr io.Writer) error {
	s := wire.Read(getenv)
	o := archive.CopyOptions{Now: time.Now}
	set := flag.NewFlagSet("store copy", flag.ContinueOnError)
	set.SetOutput(stderr)
	set.BoolVar(&o.Dry, "dry-run", false, "say what would be copied, and copy nothing")
	pace := set.Int64("pace", 0, "most mebibytes in a second; 0: no limit")
	asJSON := set.Bool("json", false, "print the report as JSON")
	set.StringVar(&o.Journal, "journal", "", "file that names what is copied, to go on from; of its own in the data directory if not given")
	set.StringVar(&s.Data, "data", s.Data, "directory of everything that lasts")
	names, err := parseMixed(set, args)
	if err != nil {
		return err
	}
	if len(names) != 2 || *pace < 0 || names[0] == names[1] {
		return usage("%s", storeUsage)
	}
	if s.Data, err = filepath.Abs(s.Data); err != nil {
		return err
	}
	var places [2]wire.Place
	for i, name := range names {
		if places[i], err = wire.PlaceOf(name, s, getenv); err != nil {
			return usage("%v", err)
		}
	}
	if places[0] == places[1] {
		return usage("%s and %s are the same store", names[0], names[1])
	}
	if o.Journal == "" {
		if o.Journal, err = journalOf(s.Data, places); err != nil {
			return err
		}
	}
	o.Pace = *pace << 20
	o.Failed = func(d digest.Digest, err error) { fmt.Fprintf(stderr, "%s: %v\n", d, err) }
	began := time.Now()
	out, err := wire.CopyPlace(ctx, s, places[0], places[1], o)
	if out.Found > 0 || err == nil {
		r := copyReport{From: names[0], To: names[1], Dry: o.Dry, Seconds: time.Since(began).Seconds(), Copied: out}
		if perr := printCopy(stdout, r, *asJSON); perr != nil {
			return perr
		}
	}
	return err
}

// journalOf names the journal of a pair of places.
func journalOf(data string, places [2]wire.Place) (string, error) {
	dir := filepath.Join(data, "copies")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	return filepath.Join(dir, digest.Of(fmt.Appendf(nil, "%+v", places)).String()[:32]), nil
}

func printCopy(w io.Writer, r copyReport, asJSON bool) error {
	if asJSON {
		enc := json.NewEncoder(w)
		enc.SetIndent("", "  ")
		return enc.Encode(r)
	}
	p := &printer{w: w}
	p.line("%s → %s", r.From, r.To)
	p.line("  tệp nguồn / in the source: %d", r.Found)
	if r.Dry {
		p.line("  sẽ chép / would be copied: %d, %d bytes", r.Copied.Copied, r.Bytes)
		p.line("  đã có / there already: %d", r.There+r.Skipped)
		return p.err
	}
	p.line("  đã chép và đọc lại / copied and read back: %d, %d bytes, %.1f s", r.Copied.Copied, r.Bytes, r.Seconds)
	p.line("  đã có, đọc lại đúng / were there and are right: %d", r.There)
	p.line("  xong từ lần trước / done before: %d", r.Skipped)
	p.line("  không chép được / could not be copied: %d", r.Failed)
	return p.err
}

// storeRing makes a ring of keys, or wraps one anew.
func storeRing(ctx context.Context, fresh bool, args []string, getenv func(string) string, stdout, stderr io.Writer) error {
	var o, by wire.Seal
	set := flag.NewFlagSet("store ring", flag.ContinueOnError)
	set.SetOutput(stderr)
	set.StringVar(&o.Key, "key", "", "what wraps the ring: file:PATH or a pkcs11: URI")
	set.StringVar(&o.PIN, "pin-from", "", "PIN of the token: file:PATH or credential:NAME")
	more := new(bool)
	if !fresh {
		set.StringVar(&by.Key, "new-key", "", "what is to wrap it from now on; the same if not given")
		set.StringVar(&by.PIN, "new-pin-from", "", "PIN of that token")
		more = set.Bool("fresh", false, "add a key, for what is sealed from the next start on")
	}
	files, err := parseMixed(set, args)
	if err != nil {
		return err
	}
	if len(files) != 1 || o.Key == "" || !fresh && by.Key == "" && !*more {
		return usage("%s", storeUsage)
	}
	s := wire.Read(getenv)
	o.Ring, o.Environment, by.Environment = files[0], s.Seal.Environment, s.Seal.Environment
	if fresh {
		if err := wire.NewRing(ctx, s, o); err != nil {
			return err
		}
		_, err = fmt.Fprintf(stdout, "%s: vòng khóa mới; sao lưu cùng với khóa / a new ring: back it up, and the key with it\n", o.Ring)
		return err
	}
	if by.Key == "" {
		by = o
	}
	n, err := wire.Rekey(ctx, s, o, by, *more)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(stdout, "%s: %d khóa, bọc lại; sao lưu lại / keys, wrapped anew: back it up again\n", o.Ring, n)
	return err
}

// storeSeal seals what lies in a store unsealed.
func storeSeal(ctx context.Context, args []string, getenv func(string) string, stdout, stderr io.Writer) error {
	s := wire.Read(getenv)
	set := flag.NewFlagSet("store seal", flag.ContinueOnError)
	set.SetOutput(stderr)
	pace := set.Int64("pace", 0, "most mebibytes in a second; 0: no limit")
	set.StringVar(&s.Data, "data", s.Data, "directory of everything that lasts")
	names, err := parseMixed(set, args)
	if err != nil {
		return err
	}
	if len(names) != 1 || *pace < 0 {
		return usage("%s", storeUsage)
	}
	if s.Data, err = filepath.Abs(s.Data); err != nil {
		return err
	}
	place, err := wire.PlaceOf(names[0], s, getenv)
	if err != nil {
		return usage("%v", err)
	}
	out, err := wire.SealPlace(ctx, s, place, *pace<<20, func(d digest.Digest, err error) { fmt.Fprintf(stderr, "%s: %v\n", d, err) })
	fmt.Fprintf(stdout, "Đã mã hóa và đọc lại / sealed and read back: %d, %d bytes; không được / failed: %d\n", out.Sealed, out.Bytes, out.Failed)
	if err == nil && out.Failed > 0 {
		return errUnsound
	}
	return err
}
