package extract

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
)

// A profile says where the fields of a kind of paper stand, beyond the layout
// that all share. It is data with the day it holds from: forms change.
type profile struct {
	Code   string   `json:"code"`
	From   string   `json:"from"`  // YYYY-MM-DD: a paper of before is not read by it
	Basis  string   `json:"basis"` // where the form comes from
	Titles []string `json:"titles"`
	Signer string   `json:"signer"` // which of several signatories is the paper's: left or right
	Labels []label  `json:"labels"`
}

// A label is what stands in front of a value.
type label struct {
	Field string   `json:"field"`
	Form  string   `json:"form"` // number12, day, span (of time since the day of issue) or text
	After []string `json:"after"`

	folded []string
}

// A kindCode is tên loại with its abbreviation (NĐ 30/2020 Phụ lục III.I).
type kindCode struct {
	Title string `json:"title"`
	Code  string `json:"code"`
}

type catalogue struct {
	Profiles []profile  `json:"profiles"` // the first is every paper's
	Kinds    []kindCode `json:"kinds"`
	Names    []string   `json:"names"`    // papers that have a fixed one, in capitals
	Phrases  []string   `json:"phrases"`  // that names of agencies are made of, in capitals
	Surnames []string   `json:"surnames"` // of people
}

//go:embed profiles.json
var profileData []byte

// known is read when a paper is first asked about: most starts of this program read none.
var known = sync.OnceValue(func() *catalogue { return mustRead(profileData) })

func mustRead(b []byte) *catalogue {
	c, err := readCatalogue(b)
	if err != nil {
		panic(err) // built in, and read by the first test
	}
	return c
}

func readCatalogue(b []byte) (*catalogue, error) {
	var c catalogue
	if err := json.Unmarshal(b, &c); err != nil {
		return nil, fmt.Errorf("profiles: %w", err)
	}
	if len(c.Profiles) == 0 || len(c.Profiles[0].Titles) > 0 {
		return nil, fmt.Errorf("profiles: the first must be every paper's")
	}
	for i := range c.Profiles {
		p := &c.Profiles[i]
		if len(p.From) != len("2006-01-02") || p.Basis == "" || p.Signer != "left" && p.Signer != "right" {
			return nil, fmt.Errorf("profile %s: its day, basis or signatory is not told", p.Code)
		}
		for j := range p.Labels {
			l := &p.Labels[j]
			if _, ok := forms[l.Form]; !ok || len(l.After) == 0 {
				return nil, fmt.Errorf("profile %s: no label for %s has the form %q", p.Code, l.Field, l.Form)
			}
			for _, a := range l.After {
				l.folded = append(l.folded, fold(a))
			}
		}
	}
	return &c, nil
}

// profiles returns those for a paper by its title and day of issue, its own kind's
// first; a day that is not known is taken for today's.
func (c *catalogue) profiles(title, issued string) (all []*profile) {
	for i := len(c.Profiles) - 1; i >= 0; i-- {
		p := &c.Profiles[i]
		if issued != "" && issued < p.From && i > 0 {
			continue
		}
		if i == 0 {
			all = append(all, p)
		}
		for _, t := range p.Titles {
			if strings.HasPrefix(title, t) {
				all = append(all, p)
				break
			}
		}
	}
	return all
}

// kind returns the abbreviation of tên loại, empty if the decree has none.
func (c *catalogue) kind(title string) string {
	for _, k := range c.Kinds {
		if title == k.Title || strings.HasPrefix(title, k.Title+" ") {
			return k.Code
		}
	}
	return ""
}
