package pdfatest

import (
	"bytes"
	"fmt"
	"regexp"
	"strconv"
	"testing"

	"sohoa/pdf/pdfa"
)

// A Spoilt is a file of level A that is broken in one way, and the rule that
// this breaks.
type Spoilt struct {
	Name string
	Rule pdfa.Rule
	File []byte
}

// SpoiltTags breaks the structure, outline and labels of a file in every way that
// the checker knows. It returns also what the pages of the file must give back.
func SpoiltTags(t testing.TB) ([]Spoilt, []pdfa.Content) {
	t.Helper()
	good, want := inParts(t)
	cases := []struct {
		name     string
		rule     pdfa.Rule
		old, new string // an expression of which the first place is replaced
	}{
		{"not marked", pdfa.RuleTags, `/Marked true`, `/Marked false`},
		{"no mark information", pdfa.RuleTags, `/MarkInfo<</Marked true>>`, ``},
		{"suspect", pdfa.RuleTags, `/Marked true`, `/Marked true/Suspects true`},
		{"no structure", pdfa.RuleMetadata, `/MarkInfo<</Marked true>>/StructTreeRoot \d+ 0 R`, ``},
		{"structure not claimed", pdfa.RuleMetadata, `conformance>A<`, `conformance>U<`},
		{"a root of another kind", pdfa.RuleTags, `<</S/Document/`, `<</S/Story/`},
		{"a private kind", pdfa.RuleTags, `<</S/P/`, `<</S/Chu/`},
		{"a role map", pdfa.RuleTags, `/Type/StructTreeRoot`, `/Type/StructTreeRoot/RoleMap<</P/P>>`},
		{"a paragraph as a table", pdfa.RuleTags, `<</S/P/`, `<</S/Table/`},
		{"a row in a section", pdfa.RuleTags, `<</S/Table/`, `<</S/TR/`},
		{"another parent", pdfa.RuleTags, `(<</S/P/P )\d+`, `${1}7`},
		{"a circle", pdfa.RuleTags, `(\n(\d+) 0 obj\n<</S/TR/P \d+ 0 R/K\[)\d+`, `${1}${2}`},
		{"one in two places", pdfa.RuleTags, `(<</S/TR/P \d+ 0 R/K\[)(\d+) 0 R \d+`, `${1}${2} 0 R ${2}`},
		{"a mark twice", pdfa.RuleTags, `(<</S/P/P \d+ 0 R/Pg \d+ 0 R/K )1>>`, `${1}0>>`},
		{"a mark that is not there", pdfa.RuleTags, `(<</S/P/P \d+ 0 R/Pg \d+ 0 R/K )1>>`, `${1}77>>`},
		{"another page's mark", pdfa.RuleTags, `(<</S/P/P \d+ 0 R/Pg )\d+`, `${1}1`},
		{"a paragraph without content", pdfa.RuleTags, `(<</S/P/P \d+ 0 R)/Pg \d+ 0 R/K 1>>`, `${1}>>`},
		{"a figure without words", pdfa.RuleTags, `(?s)/Alt\(.*?\)/A`, `/Alt()/A`},
		{"a figure not described", pdfa.RuleTags, `(?s)/Alt\(.*?\)/A`, `/A`},
		{"another description", pdfa.RuleTags, `(?s)(/Alt\(..).`, `${1}X`},
		{"a figure nowhere", pdfa.RuleTags, `/BBox\[[^]]*\]`, `/BBox[]`},
		{"a field too wide", pdfa.RuleTags, `/ColSpan 2`, `/ColSpan 3`},
		{"a field too high", pdfa.RuleTags, `/RowSpan 2`, `/RowSpan 9`},
		{"a field of no width", pdfa.RuleTags, `/ColSpan 2`, `/ColSpan 0`},
		{"a monstrous field", pdfa.RuleTags, `/ColSpan 2`, `/ColSpan 2000000000`},
		{"a field less", pdfa.RuleTags, `(<</S/TR/P \d+ 0 R/K\[\d+ 0 R )\d+ 0 R \d+ 0 R\]`, `${1}]`},
		{"words in another order", pdfa.RuleTags, `(<</S/Sect/P \d+ 0 R/K\[)(\d+ 0 R) (\d+ 0 R)`, `${1}${3} ${2}`},
		{"a paragraph described", pdfa.RuleTags, `(<</S/P/P \d+ 0 R)/Pg`, "${1}/Alt(\xfe\xff\x00x)/Pg"},
		{"a size of one place", pdfa.RuleTags, `(<</S/TD/P \d+ 0 R)/Pg`, `${1}/A<</O/Table/RowSpan 1>>/Pg`},
		{"lists of parents out of order", pdfa.RuleTags, `/Nums\[0 (\d+ 0 R) 1 `, `/Nums[1 ${1} 0 `},
		{"a page's section given away", pdfa.RuleTags, `(<</S/Part/P \d+ 0 R/T\S+/K\[)\d+ 0 R\]`, `${1}]`},
		{"no way back", pdfa.RuleTags, `/StructParents 0`, ``},
		{"the way of another page", pdfa.RuleTags, `/StructParents 0`, `/StructParents 1`},
		{"a way to another element", pdfa.RuleTags, `(\n\d+ 0 obj\n\[)(\d+) 0 R (\d+) 0 R`, `${1}${3} 0 R ${2} 0 R`},
		{"a list of parents less", pdfa.RuleTags, `(/Nums\[0 \d+ 0 R 1 \d+ 0 R) 2 \d+ 0 R`, `${1}`},
		{"a key that is taken", pdfa.RuleTags, `/ParentTreeNextKey 3`, `/ParentTreeNextKey 0`},
		{"another order of tabs", pdfa.RuleTags, `/Tabs/S`, `/Tabs/R`},
		{"pages in another order", pdfa.RuleTags, `(<</S/Document/P \d+ 0 R/K\[)(\d+ 0 R) (\d+ 0 R)`, `${1}${3} ${2}`},
		{"a part less", pdfa.RuleTags, `(<</S/Document/P \d+ 0 R/K\[\d+ 0 R) \d+ 0 R`, `${1}`},
		{"another part's name", pdfa.RuleTags, `(<</S/Part/P \d+ 0 R/T<FEFF)....`, `${1}0058`},
		{"no outline", pdfa.RuleOutline, `/Outlines \d+ 0 R`, ``},
		{"an outline not shown", pdfa.RuleOutline, `/PageMode/UseOutlines`, ``},
		{"an entry without a title", pdfa.RuleOutline, `/Title<[0-9A-F]+>/Parent`, `/Title<FEFF>/Parent`},
		{"an entry that leads nowhere", pdfa.RuleOutline, `/Dest\[\d+ 0 R`, `/Dest[1 0 R`},
		{"an entry with an action", pdfa.RuleActive, `/Dest\[(\d+ 0 R)/Fit\]`, `/Dest[${1}/Fit]/A<</S/GoTo/D[${1}/Fit]>>`},
		{"entries in a circle", pdfa.RuleOutline, `(\n(\d+) 0 obj\n<</Title<[0-9A-F]+>/Parent \d+ 0 R/Next )\d+`, `${1}${2}`},
		{"another count", pdfa.RuleOutline, `/Count 3>>\nendobj`, "/Count 9>>\nendobj"},
		{"another last entry", pdfa.RuleOutline, `/Last \d+`, `/Last 1`},
		{"another parent entry", pdfa.RuleOutline, `(/Title<[0-9A-F]+>/Parent )\d+`, `${1}1`},
		{"labels of one part", pdfa.RuleLabels, `/Nums\[0<<.*?>>\]>>`, `/Nums[0<</S/D>>]>>`},
		{"labels in Roman numbers", pdfa.RuleLabels, `/S/D/P\(1\.\)`, `/S/r/P(1.)`},
		{"labels from another page", pdfa.RuleLabels, `2<</S/D/P\(2\.\)`, `1<</S/D/P(2.)`},
	}
	var all []Spoilt
	for _, c := range cases {
		re := regexp.MustCompile(c.old)
		m := re.FindSubmatchIndex(good)
		if m == nil {
			t.Fatalf("%s: nothing to spoil", c.name)
		}
		b := append(re.Expand(bytes.Clone(good[:m[0]]), []byte(c.new), good, m), good[m[1]:]...)
		all = append(all, Spoilt{c.name, c.rule, Tabled(b)})
	}
	return all, want
}

// Tabled gives a file whose objects were moved a right cross-reference table
// again, so that only what was spoilt is wrong with it.
func Tabled(b []byte) []byte {
	start := bytes.LastIndex(b, []byte("\nxref\n")) + 1
	trailer := b[bytes.LastIndex(b, []byte("trailer\n")):]
	trailer = trailer[:bytes.Index(trailer, []byte("startxref\n"))]
	at := map[int]int{}
	for _, m := range regexp.MustCompile(`(?m)^(\d+) 0 obj$`).FindAllSubmatchIndex(b[:start], -1) {
		n, _ := strconv.Atoi(string(b[m[2]:m[3]]))
		at[n] = m[0]
	}
	var out bytes.Buffer
	out.Write(b[:start])
	fmt.Fprintf(&out, "xref\n0 %d\n0000000000 65535 f \n", len(at)+1)
	for n := range len(at) {
		fmt.Fprintf(&out, "%010d 00000 n \n", at[n+1])
	}
	size := regexp.MustCompile(`/Size \d+`).ReplaceAllString(string(trailer), fmt.Sprintf("/Size %d", len(at)+1))
	fmt.Fprintf(&out, "%sstartxref\n%d\n%%%%EOF\n", size, start)
	return out.Bytes()
}
