package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"

	"sohoa/cmd/internal/wire"
	"sohoa/dossier"
	"sohoa/dossier/figures"
	"sohoa/report/feed"
	"sohoa/report/provinces"
)

const feedUsage = `sohoa figures feed --month YYYY-MM [--version N] [-o FILE] [--data DIR]
       sohoa figures provinces FILE.csv [--map FILE] [--format table|json|csv]`

// feedOf writes a closed month for the ministry's measurement.
func feedOf(ctx context.Context, args []string, getenv func(string) string, stdout, stderr io.Writer) error {
	a, err := parseMonthFile(args, getenv, stderr)
	if err != nil {
		return err
	}
	m, err := wire.ReportMonth(ctx, a.settings, a.month, a.version)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return usage("there is no house in %s", a.settings.Data)
	case errors.Is(err, dossier.ErrNotFound), errors.Is(err, wire.ErrIssuer):
		return usage("%v", err)
	case err != nil:
		return err
	}
	b, err := feed.Of(m).Bytes()
	if err != nil {
		return err
	}
	if a.out != "" {
		return os.WriteFile(a.out, b, 0o644)
	}
	_, err = stdout.Write(b)
	return err
}

// provincesOf prints what provinces published, ranked.
func provincesOf(args []string, stdout, stderr io.Writer) error {
	set := flag.NewFlagSet("figures provinces", flag.ContinueOnError)
	set.SetOutput(stderr)
	format := set.String("format", "table", "table, json or csv")
	var merged figures.Map
	set.Func("map", "file with lines OLD,NEW: the provinces of before a merger are told as those of today", func(path string) (err error) {
		merged, err = readMap(path)
		return err
	})
	words, err := parseMixed(set, args)
	if err != nil {
		return err
	}
	if len(words) != 2 || !strings.Contains(" table json csv ", " "+*format+" ") {
		return usage("%s", feedUsage)
	}
	f, err := os.Open(words[1])
	if err != nil {
		return usage("%v", err)
	}
	defer f.Close()
	all, err := provinces.Read(f)
	if err != nil {
		return usage("%s: %v", words[1], err)
	}
	places, missing := provinces.Ranking(all, merged)
	var lines []placeLine
	for _, p := range places {
		lines = append(lines, placeLine{p.Period, p.Place, p.Of, p.Moved, p.Value.Province, p.Value.Name, p.Value.Rate.Numerator, p.Value.Rate.Denominator,
			fmt.Sprintf("%d,%02d", p.Value.Percent/100, p.Value.Percent%100), p.Value.Source})
	}
	for _, m := range missing {
		fmt.Fprintf(stderr, "not ranked, since a part of it published no numerator: %s\n", m)
	}
	return printLines(stdout, *format, lines)
}

// placeLine is a province in its place.
type placeLine struct {
	Period      string             `json:"period"`
	Place       int                `json:"place"`
	Of          int                `json:"of"`
	Moved       int                `json:"moved"`
	Code        dossier.AgencyCode `json:"code"`
	Province    string             `json:"province"`
	Numerator   int                `json:"numerator,omitempty"`
	Denominator int                `json:"denominator,omitempty"`
	Percent     string             `json:"percent"`
	Source      string             `json:"source"`
}

func (placeLine) names() []string {
	return []string{"period", "place", "of", "moved", "code", "province", "numerator", "denominator", "%", "source"}
}

func (l placeLine) cells() []string {
	n, d := "–", "–"
	if l.Denominator > 0 {
		n, d = fmt.Sprint(l.Numerator), fmt.Sprint(l.Denominator)
	}
	return []string{l.Period, fmt.Sprint(l.Place), fmt.Sprint(l.Of), fmt.Sprintf("%+d", l.Moved), string(l.Code), l.Province, n, d, l.Percent, l.Source}
}
