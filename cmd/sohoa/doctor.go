package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"sohoa/cmd/internal/wire"
)

// doctor names everything that is wrong with a configuration in one go.
func doctor(ctx context.Context, args []string, getenv func(string) string, stdout, stderr io.Writer) error {
	s := wire.Read(getenv)
	set := flag.NewFlagSet("doctor", flag.ContinueOnError)
	set.SetOutput(stderr)
	asJSON := set.Bool("json", false, "print the findings as JSON")
	set.StringVar(&s.Data, "data", s.Data, "directory of everything that lasts")
	health := set.Bool("health", false, "only whether the service at SOHOA_ADDR answers, for whoever watches it")
	files, err := parseMixed(set, args)
	if err != nil {
		return err
	}
	if len(files) > 0 {
		return usage("sohoa doctor [--json] [--data DIR] | --health")
	}
	if *health {
		return answers(ctx, s.Addr)
	}
	if s.Data, err = filepath.Abs(s.Data); err != nil {
		return err
	}
	found := wire.Doctor(ctx, s, wire.Environment(getenv, os.Environ())...)
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

// answerTime is how long a service may take to say that it lives.
const answerTime = 5 * time.Second

// answers asks the service on this machine whether it lives: what a container's
// health check needs, which has no other program to ask with.
func answers(ctx context.Context, addr string) error {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return usage("SOHOA_ADDR: %v", err)
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+net.JoinHostPort(host, port)+"/healthz", nil)
	if err != nil {
		return err
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("the service answers %d", res.StatusCode)
	}
	return nil
}
