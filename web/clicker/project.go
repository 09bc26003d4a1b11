package clicker

import (
	"context"
	"fmt"
	"net/url"
	"path"
	"regexp"
	"strconv"

	"sohoa/dossier"
	"sohoa/dossier/project"
)

// BeginProject begins a backlog project that is judged by samples.
func (p *Person) BeginProject(ctx context.Context, plan project.Plan) (project.ID, error) {
	v := url.Values{"name": {plan.Name}, "agency": {string(plan.Agency)}, "from": {plan.From}, "to": {plan.To},
		"shelves": {strconv.Itoa(plan.Shelves)}, "metres": {fmt.Sprintf("%.1f", float64(plan.Decimetres)/10)}, "dossiers": {strconv.Itoa(plan.Dossiers)},
		"method": {string(plan.Method)}, "level": {plan.Level}, "aql": {plan.AQL}}
	for _, k := range plan.Kinds {
		v.Add("kind", string(k))
	}
	to, err := p.form(ctx, "/projects", v)
	return project.ID(path.Base(to)), err
}

// PutMember gives somebody a duty in a project.
func (p *Person) PutMember(ctx context.Context, id project.ID, person dossier.PersonID, duty project.Duty) error {
	return p.Fill(ctx, "/projects/"+string(id)+"/team", url.Values{"person": {string(person)}, "duty": {string(duty)}})
}

// Tie ties a batch or an import to a project.
func (p *Person) Tie(ctx context.Context, id project.ID, t project.Tie) error {
	return p.Fill(ctx, "/projects/"+string(id)+"/ties", url.Values{"source": {string(t.Source)}, "ref": {t.Ref}, "shelf": {t.Shelf}, "scanner": {t.Scanner}})
}

// CloseLot makes a lot of a project's next papers, at most so many.
func (p *Person) CloseLot(ctx context.Context, id project.ID, most int) error {
	return p.Fill(ctx, "/projects/"+string(id)+"/lots", url.Values{"most": {strconv.Itoa(most)}})
}

var pick = regexp.MustCompile(`name="paper" value="([^"]+)"`)

// Sample lists the papers of a lot's sample that this person may check.
func (p *Person) Sample(ctx context.Context, id project.ID, lot int) (list []dossier.DocumentID, err error) {
	page, err := p.Read(ctx, fmt.Sprintf("/projects/%s/sample?lot=%d", id, lot))
	for _, m := range pick.FindAllSubmatch(page, -1) {
		list = append(list, dossier.DocumentID(m[1]))
	}
	return list, err
}

// Check opens a paper of a lot's sample, and says what is wrong with it; no flaws:
// nothing is.
func (p *Person) Check(ctx context.Context, id project.ID, lot int, document dossier.DocumentID, flaws ...project.Flaw) error {
	if err := p.Visit(ctx, "/documents/"+string(document)); err != nil {
		return err
	}
	v := url.Values{"lot": {strconv.Itoa(lot)}, "paper": {string(document)}}
	for _, f := range flaws {
		v.Add("flaw", string(f))
	}
	return p.Fill(ctx, "/projects/"+string(id)+"/sample", v)
}
