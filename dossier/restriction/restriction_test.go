package restriction

import (
	"slices"
	"testing"

	"sohoa/dossier"
)

// TestFor is the table of whom a rule is for.
func TestFor(t *testing.T) {
	under := []dossier.AgencyCode{"H60.12", "H60"} // the agency of who visits, and those it is under
	for name, x := range map[string]struct {
		rule Rule
		want bool
	}{
		"their account":                   {Rule{Person: "p"}, true},
		"whom they stand in for":          {Rule{Person: "giver"}, true},
		"another account":                 {Rule{Person: "q"}, false},
		"an account, whatever its role":   {Rule{Person: "q", Role: dossier.Clerk}, false},
		"their role":                      {Rule{Role: dossier.Clerk}, true},
		"another role":                    {Rule{Role: dossier.Counter}, false},
		"their agency":                    {Rule{Agency: "H60.12"}, true},
		"an agency above":                 {Rule{Agency: "H60"}, true},
		"an agency beside":                {Rule{Agency: "H60.13"}, false},
		"their role at an agency above":   {Rule{Role: dossier.Clerk, Agency: "H60"}, true},
		"their role at an agency beside":  {Rule{Role: dossier.Clerk, Agency: "H60.13"}, false},
		"another role at an agency above": {Rule{Role: dossier.Admin, Agency: "H60"}, false},
	} {
		if got := x.rule.For(dossier.Clerk, under, "p", "giver"); got != x.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// TestClosed is the table of what rules close.
func TestClosed(t *testing.T) {
	kinds := []dossier.Kind{{Code: "A"}, {Code: "B"}, {Code: "C"}}
	procedures := []dossier.Procedure{{Code: "1", Field: "x"}, {Code: "2", Field: "y"}, {Code: "3", Field: "y"}}
	type codes = []dossier.KindCode
	for name, x := range map[string]struct {
		rules      []Rule
		kinds      codes
		procedures []dossier.ProcedureCode
	}{
		"none":                  {},
		"not a kind":            {[]Rule{{Kinds: codes{"B"}}}, codes{"B"}, nil},
		"only a kind":           {[]Rule{{Only: true, Kinds: codes{"B"}}}, codes{"A", "C"}, nil},
		"not a field":           {[]Rule{{Fields: []string{"y"}}}, nil, []dossier.ProcedureCode{"2", "3"}},
		"only a field":          {[]Rule{{Only: true, Fields: []string{"y"}}}, nil, []dossier.ProcedureCode{"1"}},
		"only, of both":         {[]Rule{{Only: true, Kinds: codes{"A"}, Fields: []string{"x"}}}, codes{"B", "C"}, []dossier.ProcedureCode{"2", "3"}},
		"two rules close both":  {[]Rule{{Kinds: codes{"A"}}, {Kinds: codes{"A", "C"}}}, codes{"A", "C"}, nil},
		"only this, and not it": {[]Rule{{Only: true, Kinds: codes{"A"}}, {Kinds: codes{"A"}}}, codes{"A", "B", "C"}, nil},
	} {
		if got := Closed(x.rules, kinds, procedures); !slices.Equal(got.Kinds, x.kinds) || !slices.Equal(got.Procedures, x.procedures) {
			t.Errorf("%s: %v", name, got)
		}
	}
}
