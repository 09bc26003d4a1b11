package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"sohoa/cmd/internal/wire"
	"sohoa/dossier"
	book "sohoa/storage/ledger"
)

const auditUsage = `sohoa audit verify [--data DIR] [--checkpoint FILE]… [--key KEY|FILE]… [--json]
       sohoa audit checkpoint [-o FILE] [--data DIR]
       sohoa audit prove EVENT -o PROOF [--checkpoint FILE] [--data DIR]
       sohoa audit check PROOF --key KEY|FILE… [--checkpoint FILE] [--json]
       sohoa audit key [--data DIR] | sohoa audit rotate [--data DIR]`

// exitLedger: the ledger, or a proof of it, does not hold.
const exitLedger = 16

// A ledgerError says that it does not.
type ledgerError struct{ text string }

func (e *ledgerError) Error() string { return e.text }

type auditArgs struct {
	settings    wire.Settings
	what        string
	words       []string
	out         string
	json        bool
	keys        []string
	checkpoints []wire.Signed
}

// audit proves the ledger of a house, or checks a proof without one.
func audit(ctx context.Context, args []string, getenv func(string) string, stdout, stderr io.Writer) error {
	a, err := parseAudit(args, getenv, stderr)
	if err != nil {
		return err
	}
	log := slog.New(slog.NewTextHandler(stderr, nil))
	switch {
	case a.what == "verify" && len(a.words) == 0:
		err = a.verify(ctx, log, stdout)
	case a.what == "prove" && len(a.words) == 1 && a.out != "" && len(a.checkpoints) < 2:
		err = a.prove(ctx, stdout)
	case a.what == "check" && len(a.words) == 1 && len(a.keys) > 0 && len(a.checkpoints) < 2:
		err = a.check(stdout)
	case a.what == "checkpoint" && len(a.words) == 0, a.what == "rotate" && len(a.words) == 0:
		err = a.checkpoint(ctx, log, stdout)
	case a.what == "key" && len(a.words) == 0:
		err = a.printKeys(stdout)
	default:
		return usage("%s", auditUsage)
	}
	switch {
	case errors.Is(err, os.ErrNotExist):
		return usage("%v", err)
	case errors.Is(err, book.ErrProof), errors.Is(err, book.ErrCheckpoint), errors.Is(err, book.ErrUnsigned), errors.Is(err, wire.ErrForked):
		return &ledgerError{err.Error()}
	}
	return err
}

func parseAudit(args []string, getenv func(string) string, stderr io.Writer) (a auditArgs, err error) {
	a.settings = wire.Read(getenv)
	set := flag.NewFlagSet("audit", flag.ContinueOnError)
	set.SetOutput(stderr)
	set.StringVar(&a.settings.Data, "data", a.settings.Data, "directory of everything that lasts")
	set.StringVar(&a.out, "o", "", "file to write")
	set.BoolVar(&a.json, "json", false, "print JSON")
	set.Func("key", "public key of a ledger, or a file of them; may be given again", func(s string) error {
		keys, err := ledgerKeys(s)
		a.keys = append(a.keys, keys...)
		return err
	})
	set.Func("checkpoint", "signed checkpoint that was kept outside; may be given again with verify", func(path string) error {
		b, err := readSmall(path)
		a.checkpoints = append(a.checkpoints, wire.Signed{Name: path, Note: b})
		return err
	})
	words, err := parseMixed(set, args)
	if err != nil {
		return a, err
	}
	if len(words) == 0 {
		return a, usage("%s", auditUsage)
	}
	a.what, a.words = words[0], words[1:]
	a.settings.Data, err = filepath.Abs(a.settings.Data)
	return a, err
}

// ledgerKeys reads a public key, or a file of them.
func ledgerKeys(s string) ([]string, error) {
	b, err := readSmall(s)
	if errors.Is(err, os.ErrNotExist) && strings.Count(s, "+") >= 2 {
		return []string{s}, nil
	}
	return strings.Fields(string(b)), err
}

// readSmall reads a file that nobody expects to be large.
func readSmall(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	const most = 1 << 20
	b, err := io.ReadAll(io.LimitReader(f, most+1))
	if err == nil && len(b) > most {
		err = fmt.Errorf("%s has more than %d bytes: it is no key, checkpoint or proof", path, most)
	}
	return b, err
}

func (a auditArgs) verify(ctx context.Context, log *slog.Logger, stdout io.Writer) error {
	began := time.Now()
	r, err := wire.Audit(ctx, a.settings, a.checkpoints, a.keys, log)
	if err != nil {
		return err
	}
	if a.json {
		enc := json.NewEncoder(stdout)
		enc.SetIndent("", "  ")
		err = enc.Encode(r)
	} else {
		err = printAudit(stdout, r, time.Since(began))
	}
	if err == nil && len(r.Findings) > 0 {
		err = &ledgerError{fmt.Sprintf("the ledger does not hold: %d findings", len(r.Findings))}
	}
	return err
}

func printAudit(stdout io.Writer, r *wire.Audited, took time.Duration) error {
	p := &printer{w: stdout}
	for _, f := range r.Findings {
		p.line("- %s / %s", f.Viet, f.String())
	}
	verdict := "KHỚP / HOLDS"
	if len(r.Findings) > 0 {
		verdict = "KHÔNG KHỚP / DOES NOT HOLD"
	}
	p.line("%s: %d sự kiện / events (+%d chưa đánh số / not numbered yet), %d giấy tờ / documents, %.1f s", verdict, r.Events, r.Waiting, r.Documents, took.Seconds())
	p.line("Điểm kiểm tra / checkpoints: %d, có dấu thời gian / time-stamped: %d, mang từ ngoài / brought: %d", r.Claims, r.Stamped, r.Brought)
	p.line("Gốc / root: %s", r.Root)
	if r.Claims == 0 {
		p.line("Chưa có điểm kiểm tra nào: ai ghi được mọi hàng và mọi băm thì có thể viết lại sổ / there is no checkpoint yet: whoever can write every row and hash could rewrite the ledger")
	}
	return p.err
}

func (a auditArgs) checkpoint(ctx context.Context, log *slog.Logger, stdout io.Writer) error {
	k, err := wire.CheckpointNow(ctx, a.settings, a.what == "rotate", log)
	if errors.Is(err, dossier.ErrNotFound) {
		return usage("the ledger in %s is empty", a.settings.Data)
	} else if err != nil {
		return err
	}
	if a.out == "" {
		_, err = stdout.Write(k.Note)
		return err
	}
	return os.WriteFile(a.out, k.Note, 0o644)
}

func (a auditArgs) printKeys(stdout io.Writer) error {
	keys, err := wire.LedgerKeys(a.settings)
	if err == nil && len(keys) == 0 {
		err = usage("there is no key of a ledger in %s", a.settings.Data)
	}
	for _, k := range keys {
		fmt.Fprintln(stdout, k)
	}
	return err
}

// eventName reads a place, an id, or DOCUMENT:VERSION.
func eventName(s string) wire.EventName {
	if place, err := strconv.ParseInt(s, 10, 64); err == nil && place >= 0 {
		return wire.EventName{Place: place}
	}
	document, version, ok := strings.Cut(s, ":")
	if v, err := strconv.ParseInt(version, 10, 64); ok && err == nil {
		return wire.EventName{Place: -1, Document: dossier.DocumentID(document), Version: v}
	}
	return wire.EventName{Place: -1, ID: s}
}

func (a auditArgs) prove(ctx context.Context, stdout io.Writer) error {
	var under []byte
	if len(a.checkpoints) == 1 {
		under = a.checkpoints[0].Note
	}
	p, err := wire.ProveEvent(ctx, a.settings, eventName(a.words[0]), under)
	if errors.Is(err, dossier.ErrNotFound) {
		return usage("there is no such event under a checkpoint: EVENT is a place, an id or DOCUMENT:VERSION; sohoa audit checkpoint makes a checkpoint over what is new")
	} else if err != nil {
		return err
	}
	if err := os.WriteFile(a.out, p.Bytes(), 0o644); err != nil {
		return usage("cannot write %s: %v", a.out, err)
	}
	_, err = fmt.Fprintf(stdout, "%s: sự kiện / event %d\n", a.out, p.Place)
	return err
}

// check needs nothing but files.
func (a auditArgs) check(stdout io.Writer) error {
	b, err := readSmall(a.words[0])
	if err != nil {
		return err
	}
	p, err := book.ParseProof(b)
	if err != nil {
		return err
	}
	event, c, err := p.Check(a.keys)
	if err != nil {
		return err
	}
	if len(a.checkpoints) == 1 {
		kept, _, err := book.Open(a.checkpoints[0].Note, a.keys)
		switch {
		case err != nil:
			return err
		case kept.Size != c.Size:
			return usage("the proof is under the checkpoint of %d events, %s is of %d: ask for a proof under yours (sohoa audit prove --checkpoint)", c.Size, a.checkpoints[0].Name, kept.Size)
		case kept != c:
			return fmt.Errorf("%w: its checkpoint is not the one that was kept", book.ErrProof)
		}
	}
	if a.json {
		return json.NewEncoder(stdout).Encode(map[string]any{"holds": true, "place": p.Place, "size": c.Size, "origin": c.Origin, "event": json.RawMessage(p.Event)})
	}
	_, err = fmt.Fprintf(stdout, "ĐÚNG / HOLDS: sự kiện / event %d / %d (%s)\n%s, %s, %s %s\n%s\n", p.Place, c.Size, c.Origin,
		time.UnixMilli(event.At).In(dossier.VietNam).Format(time.RFC3339), event.Act, event.Who, event.Document, p.Event)
	return err
}
