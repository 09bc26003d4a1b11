package web

import (
	"net/http"
	"strconv"

	"sohoa/dossier"
	"sohoa/dossier/account"
)

// A policyRow is what the policy says of one role.
type policyRow struct {
	Role   dossier.Role
	Idle   int
	Factor string // day, YYYY-MM-DD; empty: never
}

type policyView struct {
	What    string
	Policy  account.Policy
	Rows    []policyRow
	Problem *problem
}

func (s *server) policyShow(v *visit) error {
	p, err := s.policy(v.ctx())
	if err != nil {
		return err
	}
	return s.policyPage(v, p, nil)
}

func (s *server) policyPage(v *visit, p account.Policy, wrong error) error {
	view, status := policyView{What: "accounts", Policy: p}, http.StatusOK
	if wrong != nil {
		problem := problemOf(v.lang, wrong)
		view.Problem, status = &problem, problem.Status
	}
	for _, r := range dossier.Roles {
		view.Rows = append(view.Rows, policyRow{r, p.Idle[r], p.Factor[r]})
	}
	return s.show(v, status, "admin_accounts", "admin.accounts", view)
}

// policyPut sets the policy. Sessions that are there keep their times; who needs a
// second factor is asked for it at once.
func (s *server) policyPut(v *visit) error {
	p, err := policyGiven(v)
	if err == nil {
		err = p.Check()
	}
	if err != nil {
		if v.json() {
			return err
		}
		return s.policyPage(v, p, err)
	}
	if err := s.Settings.PutSetting(v.ctx(), account.PolicySetting, p.Text(), v.self.ID); err != nil {
		return err
	}
	return v.to("/admin/accounts")
}

func policyGiven(v *visit) (account.Policy, error) {
	p := account.DefaultPolicy()
	number := func(name string, into *int) error {
		n, err := strconv.Atoi(clean(v.r.PostFormValue(name)))
		if err != nil {
			return invalid("policy.minutes")
		}
		*into = n
		return nil
	}
	for name, into := range map[string]*int{"longest": &p.Longest, "sign": &p.Sign, "record": &p.Record} {
		if err := number(name, into); err != nil {
			return p, err
		}
	}
	for _, what := range []string{account.ForSign, account.ForRecord} {
		day, err := searchDay(clean(v.r.PostFormValue("since-"+what)), "policy.since")
		if err != nil {
			return p, err
		}
		if day != "" {
			p.Since[what] = day
		}
	}
	for _, r := range dossier.Roles {
		n := 0
		if err := number("idle-"+string(r), &n); err != nil {
			return p, err
		}
		p.Idle[r] = n
		day, err := searchDay(clean(v.r.PostFormValue("factor-"+string(r))), "policy.factor")
		if err != nil {
			return p, err
		}
		if day != "" {
			p.Factor[r] = day
		}
	}
	return p, nil
}
