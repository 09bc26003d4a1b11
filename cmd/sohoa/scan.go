package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"sohoa/cmd/internal/wire"
	"sohoa/dossier"
	"sohoa/dossier/drop"
	"sohoa/ingest/drop/doors"
	"sohoa/ingest/drop/escl"
	"sohoa/ingest/drop/sane"
)

const scanUsage = `sohoa scan ADDRESS --as LOGIN [--source feeder|feeder-both|glass] [--dpi 300] [--colour colour|gray|black] [--data DIR]
       sohoa scan ADDRESS --look
       sohoa scan --sane DEVICE --as LOGIN [--source TEXT] [--dpi 300] [--mode TEXT] [--sheets N] [--data DIR]`

// modes are the colours of eSCL, by the words of --colour.
var modes = map[string]string{"colour": "RGB24", "gray": "Grayscale8", "black": "BlackAndWhite1"}

// A scanning is what one run of `sohoa scan` was asked for.
type scanning struct {
	wire.Settings
	address, device, login, source, colour, mode string
	dpi, sheets                                  int
	look                                         bool
}

// scanCommand scans with a network scanner (eSCL), or one of SANE's, into the tray of
// the agency of a scanner's account.
func scanCommand(ctx context.Context, args []string, getenv func(string) string, stdout, stderr io.Writer) error {
	s := scanning{Settings: wire.Read(getenv)}
	set := flag.NewFlagSet("scan", flag.ContinueOnError)
	set.SetOutput(stderr)
	set.StringVar(&s.login, "as", "", "login of the scanner's account (sohoa scanner add): whose tray it fills")
	set.StringVar(&s.device, "sane", "", "device of SANE's, as scanimage -L lists it")
	set.StringVar(&s.source, "source", "", "where the paper lies")
	set.StringVar(&s.colour, "colour", "colour", "colour, gray or black")
	set.StringVar(&s.mode, "mode", "", "likewise, in the words of a driver of SANE's")
	set.IntVar(&s.dpi, "dpi", 300, "resolution")
	set.IntVar(&s.sheets, "sheets", 0, "at most, of SANE's; 0: until the feeder is empty")
	set.BoolVar(&s.look, "look", false, "print what the scanner can do, and scan nothing")
	set.StringVar(&s.Data, "data", s.Data, "directory of everything that lasts")
	words, err := parseMixed(set, args)
	if err != nil {
		return err
	}
	if len(words) == 1 {
		s.address = words[0]
	}
	if len(words) > 1 || (s.address == "") == (s.device == "") || s.look == (s.login != "") || s.look && s.device != "" || modes[s.colour] == "" || s.dpi < 50 || s.dpi > 1200 {
		return usage("%s", scanUsage)
	}
	if s.look {
		return spoken(lookAt(ctx, s.address, stdout), stdout)
	}
	if s.Data, err = filepath.Abs(s.Data); err != nil {
		return err
	}
	var account drop.Scanner
	if err := wire.WithRetention(ctx, s.Settings, stderr, func(r wire.Retention) (err error) {
		account, _, err = r.ScannerByLogin(ctx, s.login)
		return err
	}); errors.Is(err, dossier.ErrNotFound) {
		return usage("--as: no scanner %s opens any door; sohoa scanner list", s.login)
	} else if err != nil {
		return err
	}
	return s.run(ctx, account, stdout)
}

// run scans into the box of the account.
func (s scanning) run(ctx context.Context, account drop.Scanner, stdout io.Writer) error {
	box, err := wire.ScanBox(s.Settings, account.ID)
	if err != nil {
		return err
	}
	defer box.Close()
	began, n := time.Now(), 0
	each := func(format string, body io.Reader) error {
		n++
		return layScan(box, fmt.Sprintf("scan-%s-%03d%s", began.In(dossier.VietNam).Format("20060102-150405"), n, suffixOf(format)), body)
	}
	came := 0
	if s.device != "" {
		dir, err := wire.ScanTemp(s.Settings)
		if err != nil {
			return err
		}
		came, err = sane.Scan(ctx, sane.Settings{Device: s.device, Source: s.source, Mode: s.mode, DPI: s.dpi, Sheets: s.sheets}, dir, wire.Limits.Bytes, each)
		return said(came, err, stdout)
	}
	scanner, err := escl.Open(s.address, wire.Limits.Bytes)
	if err != nil {
		return usage("%v", err)
	}
	can, err := scanner.Capabilities(ctx)
	if err != nil {
		return spoken(err, stdout)
	}
	fit, err := can.Fit(escl.Settings{Source: escl.Source(s.source), DPI: s.dpi, Mode: modes[s.colour]})
	if err == nil {
		came, err = scanner.Scan(ctx, can, fit, each)
	}
	return said(came, err, stdout)
}

// layScan lays a file into the box; one that does not come whole is none.
func layScan(box *doors.Box, name string, body io.Reader) error {
	u, err := box.Create(name, false)
	if err != nil {
		return err
	}
	_, err = io.Copy(u, body)
	u.Break(err)
	if err1 := u.Close(); err == nil {
		err = err1
	}
	return err
}

func suffixOf(format string) string {
	switch format {
	case "application/pdf":
		return ".pdf"
	case "image/jpeg":
		return ".jpg"
	case "image/png":
		return ".png"
	case "image/tiff":
		return ".tif"
	}
	return ""
}

// said tells how many files are in the tray, whatever ended it.
func said(n int, err error, stdout io.Writer) error {
	fmt.Fprintf(stdout, "%d tệp vào khay quét / %d files for the tray\n", n, n)
	return spoken(err, stdout)
}

// spoken tells what a scanner stands in the way with, in two languages.
func spoken(err error, stdout io.Writer) error {
	var t *escl.Trouble
	if errors.As(err, &t) {
		fmt.Fprintf(stdout, "Máy quét: %s\nScanner: %s\n", t.VI, t.EN)
	}
	return err
}

func lookAt(ctx context.Context, address string, stdout io.Writer) error {
	s, err := escl.Open(address, 1)
	if err != nil {
		return usage("%v", err)
	}
	c, err := s.Capabilities(ctx)
	if err != nil {
		return err
	}
	fmt.Fprintf(stdout, "%s (eSCL %s)\n", oneLine(c.Model), oneLine(c.Version))
	for _, at := range []escl.Source{escl.Glass, escl.Feeder, escl.Both} {
		if can, ok := c.Sources[at]; ok {
			slices.Sort(can.Modes)
			fmt.Fprintf(stdout, "%s: %v dpi; %s; %s; %d×%d mm\n", at, can.Resolutions, oneLine(strings.Join(can.Modes, " ")), oneLine(strings.Join(can.Formats, " ")), can.Width*254/3000, can.Height*254/3000)
		}
	}
	return nil
}
