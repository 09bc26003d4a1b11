package main

import (
	"context"
	"encoding/json"
	"flag"
	"io"
	"path/filepath"

	"sohoa/cmd/internal/wire"
)

// doctor names everything that is wrong with a configuration in one go.
func doctor(ctx context.Context, args []string, getenv func(string) string, stdout, stderr io.Writer) error {
	s := wire.Read(getenv)
	set := flag.NewFlagSet("doctor", flag.ContinueOnError)
	set.SetOutput(stderr)
	asJSON := set.Bool("json", false, "print the findings as JSON")
	set.StringVar(&s.Data, "data", s.Data, "directory of everything that lasts")
	files, err := parseMixed(set, args)
	if err != nil {
		return err
	}
	if len(files) > 0 {
		return usage("sohoa doctor [--json] [--data DIR]")
	}
	if s.Data, err = filepath.Abs(s.Data); err != nil {
		return err
	}
	found := wire.Doctor(ctx, s)
	if err := printDoctor(stdout, found, *asJSON); err != nil {
		return err
	}
	for _, f := range found {
		if f.State == wire.Broken {
			return errUnsound
		}
	}
	return nil
}

func printDoctor(w io.Writer, found []wire.Finding, asJSON bool) error {
	if asJSON {
		enc := json.NewEncoder(w)
		enc.SetIndent("", "  ")
		return enc.Encode(found)
	}
	p := &printer{w: w}
	for _, f := range found {
		p.line("%-6s  %s: %s", f.State, f.What, f.VI)
		if f.EN != f.VI {
			p.line("        %s", f.EN)
		}
		if f.DoVI != "" {
			p.line("        → %s", f.DoVI)
			p.line("        → %s", f.DoEN)
		}
	}
	return p.err
}
