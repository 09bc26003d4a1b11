package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"

	"sohoa/cmd/internal/wire"
	"sohoa/dossier"
)

// nationalCommand prints what the national portal would be told of a dossier, and how
// it was told: nothing is sent.
func nationalCommand(ctx context.Context, args []string, getenv func(string) string, stdout, stderr io.Writer) error {
	s := wire.Read(getenv)
	set := flag.NewFlagSet("national", flag.ContinueOnError)
	set.SetOutput(stderr)
	code := set.String("dossier", "", "which dossier")
	set.StringVar(&s.Data, "data", s.Data, "directory of everything that lasts")
	words, err := parseMixed(set, args)
	if err != nil {
		return err
	}
	if len(words) != 1 || words[0] != "payload" && words[0] != "status" || *code == "" {
		return usage("sohoa national payload|status --dossier CODE [--data DIR]")
	}
	if s.Data, err = filepath.Abs(s.Data); err != nil {
		return err
	}
	p, d, err := wire.NationalOf(ctx, s, dossier.Code(*code))
	if errors.Is(err, os.ErrNotExist) || errors.Is(err, dossier.ErrNotFound) {
		return usage("%v", err)
	} else if err != nil {
		return err
	}
	enc := json.NewEncoder(stdout)
	enc.SetIndent("", "  ")
	if words[0] == "status" {
		return enc.Encode(d)
	}
	return enc.Encode(p)
}
