package web_test

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"sohoa/dossier"
	"sohoa/dossier/account"
	"sohoa/web"
)

var rewrite = flag.Bool("rewrite", false, "write docs/rights.md anew")

// docs/rights.md is what the tables in the code say: go test ./web -run
// TestRightsAreDocumented -rewrite
func TestRightsAreDocumented(t *testing.T) {
	const path = "../docs/rights.md"
	want := rightsTable()
	if *rewrite {
		must(t, os.WriteFile(path, []byte(want), 0o644))
	}
	got, err := os.ReadFile(path)
	must(t, err)
	if string(got) != want {
		t.Error("docs/rights.md is not what the code says: go test ./web -run TestRightsAreDocumented -rewrite")
	}
}

var (
	states = []dossier.State{dossier.Received, dossier.Recognised, dossier.Normalised, dossier.Attested, dossier.CopySigned, dossier.Extracted, dossier.Confirmed,
		dossier.Approved, dossier.Sealed, dossier.Archived, dossier.Presented, dossier.Doubtful, dossier.Vouched, dossier.Described, dossier.Adopted}
	peopleActs = []dossier.Act{dossier.Attest, dossier.Confirm, dossier.Approve, dossier.Adopt, dossier.Refuse, dossier.Return, dossier.TakeBack}
)

func rightsTable() string {
	var b strings.Builder
	row := func(cells ...string) { fmt.Fprintf(&b, "| %s |\n", strings.Join(cells, " | ")) }
	head := func(first string) {
		cells, line := []string{first}, []string{"---"}
		for _, r := range dossier.Roles {
			cells, line = append(cells, string(r)), append(line, ":-:")
		}
		row(cells...)
		row(line...)
	}
	marks := func(name string, may func(dossier.Role) bool) {
		cells := []string{name}
		for _, r := range dossier.Roles {
			mark := ""
			if may(r) {
				mark = "✓"
			}
			cells = append(cells, mark)
		}
		row(cells...)
	}
	b.WriteString("# Who may what\n\nWritten by `go test ./web -run TestRightsAreDocumented -rewrite` from the tables in the code, and held against them by the same test. `web/rights_test.go` walks every route as every role and as nobody.\n\n")
	b.WriteString("## Rights\n\nA right is had by a role, within the part of the organisation that the person sees: their agency and those below it; an administrator all; an auditor what a grant of the reading room or a broken glass says, and nothing without one. What a person does not see is not there (404).\n\n")
	head("right")
	for _, r := range web.Rights() {
		marks("`"+r.Name+"`: "+r.Words, func(role dossier.Role) bool { return slices.Contains(r.Roles, role) })
	}
	b.WriteString("\n## Acts on a document\n\nBy the state table (`dossier/state.go`), in the states named; what is the machine's is left out.\n\n")
	head("act, in state")
	for _, state := range states {
		for _, act := range peopleActs {
			may := func(role dossier.Role) bool { return slices.Contains(dossier.Acts(state, role), act) }
			if slices.ContainsFunc(dossier.Roles[:], may) {
				marks(fmt.Sprintf("`%s`, `%s`", act, state), may)
			}
		}
	}
	b.WriteString("\n## Classes of paper\n\nAn administrator closes classes to an account, or to a role, an agency with all below it, or both: kinds of paper, whose papers are then not there, and fields of procedures, whose dossiers are then not there; or all but these. " +
		"It is a part of what somebody sees, of every role and of keys of programs, and goes into the same queries (`dossier.Within`): lists, search, records, counts, due papers, batches of paper, streams of events, the API; by name it is 404. " +
		"Who has a class closed gets no figures of whole agencies, no receipt, form or package of a dossier that asks for such a paper (403), and cannot bring or decide one (404). Who stands in for somebody has closed what is closed to either; broken glass does not open it. " +
		"A rule acts with the next request. It is kept for ever; its end is asked for by one administrator and done by another.\n")
	b.WriteString("\n## Four eyes\n\n| what | who cannot be the second | where |\n| --- | --- | --- |\n" +
		"| the agency's signature (`approve`) | who signed the copy (`attest`) or confirmed the fields (`confirm`) | `dossier.FourEyes`, in the pages and again where the move is made |\n" +
		"| disposal of a paper | who proposed it | `dossier/retention`, in the rows' transaction |\n" +
		"| opening a class of paper that a rule closes | who asked that the rule ends; whom it is for | `storage/sqldb`, in the rows' transaction, and a trigger of the tables |\n" +
		"| one's own account: lock, role, agency, first password, second factor | oneself, as administrator | `web/accounts.go` |\n")
	b.WriteString("\nFour eyes are people, not roles: a deputy is held by what they did under their own id, in whatever role.\n\n")
	fmt.Fprintf(&b, "## Standing in\n\n| | |\n| --- | --- |\n| gives | %s |\n| takes | %s, of the giver's part of the organisation |\n| longest | %d days; a reason; ends at once when giver or taker ends it, or the giver is locked, or has another role or agency |\n| what passes | the giver's role and agency; not the key, not the right to give it on |\n",
		joined(account.Gives), joined(account.Takes), int(account.LongestStand.Hours()/24))
	fmt.Fprintf(&b, "\n## Broken glass\n\nAn auditor opens one dossier beyond what they were given, for %d minutes, with a reason of ten characters or more. It does not give a list, a search or a figure. Auditors and administrators see it on `/glass` and on top of every page while it is open; each reading names it in the ledger.\n", int(account.GlassTime.Minutes()))
	fmt.Fprintf(&b, "\n## Keys of programs\n\n| | |\n| --- | --- |\n| who | a service account: %s; no password, no session, no signature, no delegation |\n| rights | those that the key names, of those of its account's role, and of these only: %s |\n| where | the agency that the key names and those below it, within its account's part; of an auditor's account what a grant says |\n| longest | %d days; ends at once when an administrator ends it or locks the account |\n| what it opens | `/api/v1`, and no page |\n",
		joined(account.Serves), strings.Join(web.Keyed(), ", "), int(account.LongestKey.Hours()/24))
	return b.String()
}

func joined(roles []dossier.Role) string {
	var s []string
	for _, r := range roles {
		s = append(s, string(r))
	}
	return strings.Join(s, ", ")
}
