package main

import (
	"io"
	"slices"
	"strings"
	"time"

	"sohoa/cmd/internal/wire"
	"sohoa/dossier"
	"sohoa/dossier/figures"
	"sohoa/web"
)

// plainNumbers are the numbers that are no rate, by how a dossier stands to them.
var plainNumbers = map[string]func(figures.Fact, figures.Period) figures.Why{
	"received": figures.IsReceived, "resolved": figures.IsResolved, "reused": figures.UsesAgain,
}

// opens returns the command that lists the dossiers behind a number of what a asks
// for, but for the directory of the house, which whoever reads it knows.
func (a figuresArgs) opens() func(number string) string {
	words := []string{"sohoa", "figures", "--from", a.from.Format(time.DateOnly), "--to", a.to.Format(time.DateOnly)}
	for _, x := range [][2]string{{"--agency", a.agency}, {"--procedure", a.procedure}, {"--officer", a.officer}, {"--map", a.mapped}} {
		if x[1] != "" {
			words = append(words, x[0], quoted(x[1]))
		}
	}
	if a.own {
		words = append(words, "--own")
	}
	return func(number string) string { return strings.Join(append(slices.Clip(words), "--dossiers", number), " ") }
}

// opensOf is opens for what one agency received itself, or by a map those that went
// into it.
func (a figuresArgs) opensOf(agency dossier.AgencyCode) func(number string) string {
	a.agency, a.own = string(agency), a.mapped == ""
	return a.opens()
}

// opensWith is opens for an agency, or with "" for all that is asked for.
func (a figuresArgs) opensWith(agency dossier.AgencyCode, number string) string {
	if agency == "" {
		a.mapped = "" // sums are equal, and no agency of the map is named
		return a.opens()(number)
	}
	return a.opensOf(agency)(number)
}

// lists says where the pages of the house list what a counts: of an agency what it
// received itself, and by a map nothing, since pages do not know it.
func (a figuresArgs) lists(p figures.Period) wire.Lists {
	return func(agency dossier.AgencyCode, number string, why figures.Why) string {
		q := a.query(p)
		if q.Own = agency != ""; q.Own {
			if a.mapped != "" {
				return ""
			}
			q.Agencies = []dossier.AgencyCode{agency}
		}
		return web.ListAddress(q, number, why)
	}
}

// quoted is a word as a shell takes it for one (POSIX, 2.2.2).
func quoted(s string) string {
	if strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-/:") == "" {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

type procedureLine struct {
	Procedure dossier.ProcedureCode `json:"procedure"`
	Stands    figures.Why           `json:"stands"`
}

func (procedureLine) names() []string { return []string{"procedure", "stands"} }

func (l procedureLine) cells() []string { return []string{string(l.Procedure), string(l.Stands)} }

// printProcedures lists what is behind a figure that counts procedures.
func printProcedures(stdout io.Writer, a figuresArgs, i figures.Indicator, in figures.Input) error {
	by := map[dossier.ProcedureCode][]figures.Fact{}
	for _, f := range in.Facts {
		by[f.Procedure] = append(by[f.Procedure], f)
	}
	var lines []procedureLine
	for _, p := range in.Procedures {
		lines = append(lines, procedureLine{p.Code, i.Procedure(p, by[p.Code], in.Period)})
	}
	return printLines(stdout, a.format, lines)
}
