package closing

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/figures"
)

// frozen is what a statement was counted from, as it is kept beside it: the facts
// of each dossier, and of the catalogue what facts depend on. The ledger says
// neither what a procedure asked for then, nor an agency, a channel or an
// appointment.
type frozen struct {
	Facts      []fact      `json:"facts"` // by code
	Month      Month       `json:"month"`
	Procedures []procedure `json:"procedures"` // by code
	V          int         `json:"v"`          // of this form: 1
}

// fact is [figures.Fact]. Times are milliseconds since 1970 UTC, 0 is none.
type fact struct {
	Attached   int                   `json:"attached"`
	Channel    dossier.Channel       `json:"channel"`
	Competent  dossier.AgencyCode    `json:"competent"`
	Demo       bool                  `json:"demo,omitempty"`
	Digitised  int                   `json:"digitised"`
	Dossier    dossier.Code          `json:"dossier"`
	Due        int64                 `json:"due"`
	Exempt     int                   `json:"exempt,omitempty"` // by decisions
	Procedure  dossier.ProcedureCode `json:"procedure"`
	Received   int64                 `json:"received"`
	Receiving  dossier.AgencyCode    `json:"receiving"`
	Resolved   int64                 `json:"resolved"`
	Result     bool                  `json:"result"`     // is a paper
	ResultDone bool                  `json:"resultDone"` // is archived
	Reused     int                   `json:"reused"`
	ToDigitise int                   `json:"toDigitise"`
}

type procedure struct {
	Code   dossier.ProcedureCode `json:"code"`
	Level  dossier.Level         `json:"level"`
	Result bool                  `json:"result"`
	Slots  []slot                `json:"slots"`

	Version int `json:"version,omitempty"` // in force then; dossiers of another ask for what the rows say of it
}

type slot struct {
	Digitise bool             `json:"digitise"`
	Required bool             `json:"required"`
	Slot     dossier.SlotCode `json:"slot"`
}

func ms(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

func at(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).In(dossier.VietNam)
}

func frozenOf(m Month, facts []figures.Fact, catalog []dossier.Procedure) frozen {
	f := frozen{Facts: []fact{}, Month: m, Procedures: []procedure{}, V: 1}
	for _, x := range facts {
		f.Facts = append(f.Facts, fact{Attached: x.Attached, Channel: x.Channel, Competent: x.Competent, Demo: x.Demo, Digitised: x.Digitised,
			Dossier: x.Dossier, Due: ms(x.Due), Exempt: x.Exempt, Procedure: x.Procedure, Received: ms(x.Received), Receiving: x.Receiving, Resolved: ms(x.Resolved),
			Result: x.ResultIsDocument, ResultDone: x.ResultDigitised, Reused: x.Reused, ToDigitise: x.ToDigitise})
	}
	for _, p := range catalog {
		out := procedure{Code: p.Code, Level: p.Level, Result: p.ResultKind != "", Slots: []slot{}, Version: p.Version}
		for _, c := range p.Components {
			out.Slots = append(out.Slots, slot{Digitise: c.Digitise, Required: c.Required, Slot: c.Slot})
		}
		f.Procedures = append(f.Procedures, out)
	}
	slices.SortFunc(f.Facts, func(a, b fact) int { return strings.Compare(string(a.Dossier), string(b.Dossier)) })
	slices.SortFunc(f.Procedures, func(a, b procedure) int { return strings.Compare(string(a.Code), string(b.Code)) })
	return f
}

// unpack returns what the formulas count.
func (f frozen) unpack() (facts []figures.Fact, procedures []figures.Procedure) {
	for _, x := range f.Facts {
		facts = append(facts, figures.Fact{Dossier: x.Dossier, Procedure: x.Procedure, Receiving: x.Receiving, Competent: x.Competent,
			Received: at(x.Received), Due: at(x.Due), Resolved: at(x.Resolved), Channel: x.Channel, Attached: x.Attached, ToDigitise: x.ToDigitise, Exempt: x.Exempt,
			Digitised: x.Digitised, Reused: x.Reused, ResultIsDocument: x.Result, ResultDigitised: x.ResultDone, Demo: x.Demo})
	}
	for _, p := range f.Procedures {
		procedures = append(procedures, figures.Procedure{Code: p.Code, Level: p.Level})
	}
	return facts, procedures
}

// anyKind stands for a result's kind where only that there is one was kept.
const anyKind dossier.KindCode = "-"

// catalog returns the catalogue as far as facts depend on it.
func (f frozen) catalog() (out []dossier.Procedure) {
	for _, p := range f.Procedures {
		x := dossier.Procedure{Code: p.Code, Level: p.Level, Version: p.Version}
		if p.Result {
			x.ResultKind = anyKind
		}
		for _, s := range p.Slots {
			x.Components = append(x.Components, dossier.Component{Slot: s.Slot, Required: s.Required, Digitise: s.Digitise})
		}
		out = append(out, x)
	}
	return out
}

func (f frozen) codes() (out []dossier.Code) {
	for _, x := range f.Facts {
		out = append(out, x.Dossier)
	}
	return out
}

func thaw(b []byte) (f frozen, err error) {
	err = json.Unmarshal(b, &f)
	return f, err
}
