package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"sohoa/specimen"
)

// report prints the tables in Markdown.
func report(pages []page, readers []reader) {
	for _, r := range readers {
		fmt.Printf("- %s: %s, %d of %d pages\n", r.name, r.how, r.read(), len(pages))
	}
	fmt.Println()
	generated := pages[0].truth != nil
	if generated {
		overall(pages, readers)
		byRegion(pages, readers)
	}
	byGroup(pages, readers)
}

func (r reader) read() (n int) {
	for _, s := range r.scores {
		if s != nil {
			n++
		}
	}
	return n
}

// sum adds the scores of the pages that pass; all is false if some were not
// read.
func (r reader) sum(pages []page, pass func(page) bool) (s score, all bool) {
	all = true
	for i, p := range pages {
		if !pass(p) {
			continue
		}
		if r.scores[i] == nil {
			all = false
			continue
		}
		s.add(*r.scores[i])
	}
	return s, all
}

func percent(part, whole int) string {
	if whole == 0 {
		return "–"
	}
	return fmt.Sprintf("%.2f", 100*float64(part)/float64(whole))
}

// overall prints one line a reader for office pages and for all, by resolution.
func overall(pages []page, readers []reader) {
	for _, class := range []struct {
		name string
		pass func(page) bool
	}{
		{"office pages, 200 dpi", func(p page) bool { return !p.hard && p.dpi == 200 }},
		{"office pages, 300 dpi", func(p page) bool { return !p.hard && p.dpi == 300 }},
		{"office pages, every resolution", func(p page) bool { return !p.hard }},
		{"hard pages", func(p page) bool { return p.hard }},
		{"all pages", func(page) bool { return true }},
	} {
		n := 0
		for _, p := range pages {
			if class.pass(p) {
				n++
			}
		}
		if n == 0 {
			continue
		}
		fmt.Printf("**%s** (%d)\n\n| %% | CER | words missed | CER in order | WER in order | marks wrong | digits wrong | fields not legible | fields not proposed |\n|---|---|---|---|---|---|---|---|---|\n", class.name, n)
		for _, r := range readers {
			s, all := r.sum(pages, class.pass)
			if !all {
				continue
			}
			fmt.Printf("| %s | %s | %s | %s | %s | %s | %s | %s | %s |\n", r.name, percent(s.wrong, s.letters), percent(s.missed, s.words), percent(s.astray, s.chars),
				percent(s.strayed, s.inOrder), percent(s.unmarked, s.marked), percent(s.misread, s.digits), percent(s.illegible, s.fields), percent(s.untold, s.told))
		}
		fmt.Println()
	}
}

// byRegion prints the CER of each part of the papers on office pages.
func byRegion(pages []page, readers []reader) {
	regions := []specimen.Region{specimen.Header, specimen.Title, specimen.Body, specimen.Table, specimen.Small, specimen.English, specimen.Recipient, specimen.Signature}
	for _, dpi := range []int{200, 300} {
		fmt.Printf("**CER by part of the paper, office pages, %d dpi**\n\n| %% |", dpi)
		for _, r := range regions {
			fmt.Printf(" %s |", r)
		}
		fmt.Printf("\n|---|%s\n", strings.Repeat("---|", len(regions)))
		for _, r := range readers {
			s, all := r.sum(pages, func(p page) bool { return !p.hard && p.dpi == dpi })
			if !all {
				continue
			}
			fmt.Printf("| %s |", r.name)
			for _, region := range regions {
				t := s.regions[region]
				fmt.Printf(" %s |", percent(t.wrong, t.letters))
			}
			fmt.Println()
		}
		fmt.Println()
	}
}

// byGroup prints the CER of each condition, and marks where a peer has no more
// errors than we.
func byGroup(pages []page, readers []reader) {
	var groups []string
	for _, p := range pages {
		if !slices.Contains(groups, p.group) {
			groups = append(groups, p.group)
		}
	}
	fmt.Print("**CER by condition** (in order in brackets; ! where a peer has no more errors than sohoa)\n\n| condition | pages |")
	for _, r := range readers {
		fmt.Printf(" %s |", r.name)
	}
	fmt.Printf("\n|---|---|%s\n", strings.Repeat("---|", len(readers)))
	for _, g := range groups {
		pass := func(p page) bool { return p.group == g }
		var cells []string
		ours, _ := readers[0].sum(pages, pass)
		n := 0
		for _, p := range pages {
			if pass(p) {
				n++
			}
		}
		for i, r := range readers {
			s, all := r.sum(pages, pass)
			cell := "not run"
			if all {
				cell = fmt.Sprintf("%s (%s)", percent(s.wrong, s.letters), percent(s.astray, s.chars))
				if i > 0 && cmp.Compare(s.wrong, ours.wrong) <= 0 {
					cell += " !"
				}
			}
			cells = append(cells, cell)
		}
		fmt.Printf("| %s | %d | %s |\n", g, n, strings.Join(cells, " | "))
	}
	fmt.Println()
}
