package specimen

import (
	"fmt"
	"math/rand/v2"
)

// A Condition is one way in which papers come to us: what is on them, how worn
// they are, and the file they come in. It is data with a name.
type Condition struct {
	Name string
	Hard bool   // not an ordinary office page of today
	Font string // name of a [Family]; empty is the seed's choice
	Adds Adds
	From string  // the wear it starts from: clean, office, old or copier
	Over Wear    // what it has besides: every field that is not zero counts
	Lean float64 // the skew in degrees is this at most, to either side; 0 is that of From
	DPI  float64 // the only resolution it comes in; 0 is any
	As   Format  // empty is JPEG
}

// Conditions returns all conditions, the ordinary ones first.
func Conditions() []Condition {
	return []Condition{
		{Name: "clean", From: "clean"},
		{Name: "office", From: "office"},
		{Name: "office-png", From: "office", Over: Wear{Grey: true}, As: PNG},
		{Name: "copier-g4", From: "copier", As: TIFFG4},
		{Name: "skew-3", From: "office", Lean: 3},
		{Name: "old-paper", From: "old"},
		{Name: "fold", From: "office", Over: Wear{Folds: 3}},
		{Name: "noise", From: "office", Over: Wear{Noise: 14}},
		{Name: "jpeg-50", From: "office", Over: Wear{Quality: 50}},
		{Name: "border-holes", From: "office", Over: Wear{Border: 22, Holes: 2}},
		{Name: "turned-90", From: "office", Over: Wear{Turn: 1}},
		{Name: "turned-180", From: "office", Over: Wear{Turn: 2}},
		{Name: "turned-270", From: "copier", Over: Wear{Turn: 3}, As: TIFFG4},
		{Name: "seal-over-text", From: "office", Adds: Adds{Stamped: true}},
		{Name: "small-print", From: "office", Adds: Adds{Small: true}},
		{Name: "tables", From: "office", Adds: Adds{Tables: true}},
		{Name: "mixed-english", From: "office", Adds: Adds{English: true}},
		{Name: "codes", From: "office", Adds: Adds{Codes: true}},
		{Name: "sans", Font: "Arimo", From: "office"},
		{Name: "noto-serif", Font: "Noto Serif", From: "office"},
		{Name: "schola", Font: "TeX Gyre Schola", From: "copier", As: TIFFG4},
		{Name: "typewriter", Font: Typewriter, From: "office", Over: Wear{Typed: true}},
		{Name: "typewriter-old", Hard: true, Font: Typewriter, From: "old", Over: Wear{Typed: true}},
		{Name: "dot-matrix", Hard: true, Font: "Cousine", From: "office", Over: Wear{Dots: true}},
		{Name: "hand", Hard: true, From: "office", Adds: Adds{Hand: true}},
		{Name: "low-toner", Hard: true, From: "office", Over: Wear{Toner: 0.8}},
		{Name: "bleed-through", Hard: true, From: "old", Over: Wear{Bleed: 0.25}},
		{Name: "jpeg-30", Hard: true, From: "office", Over: Wear{Quality: 30}},
		{Name: "150-dpi", Hard: true, From: "office", DPI: 150},
		{Name: "400-dpi", From: "office", DPI: 400},
		{Name: "fax-fine", Hard: true, From: "copier", Over: Wear{FaxLines: 196}, DPI: 204, As: TIFFG4},
		{Name: "fax-standard", Hard: true, From: "copier", Over: Wear{FaxLines: 98}, DPI: 204, As: TIFFG4},
		{Name: "photograph", Hard: true, From: "office", Over: Wear{Photo: 0.6}},
	}
}

// Wear returns the condition's wear as one seed has it.
func (c Condition) Wear(seed uint64) Wear {
	w := map[string]func(uint64) Wear{"clean": func(uint64) Wear { return Clean() }, "office": Office, "old": Old, "copier": BlackWhite}[c.From](seed)
	o := c.Over
	for _, f := range []struct{ to, from *float64 }{{&w.Skew, &o.Skew}, {&w.Noise, &o.Noise}, {&w.Blur, &o.Blur}, {&w.Shade, &o.Shade}, {&w.Bleed, &o.Bleed},
		{&w.Faded, &o.Faded}, {&w.Toner, &o.Toner}, {&w.Border, &o.Border}, {&w.Photo, &o.Photo}, {&w.FaxLines, &o.FaxLines}} {
		if *f.from != 0 {
			*f.to = *f.from
		}
	}
	for _, f := range []struct{ to, from *int }{{&w.Speckle, &o.Speckle}, {&w.Folds, &o.Folds}, {&w.Holes, &o.Holes}, {&w.Turn, &o.Turn}, {&w.Quality, &o.Quality}} {
		if *f.from != 0 {
			*f.to = *f.from
		}
	}
	for _, f := range []struct{ to, from *bool }{{&w.Grey, &o.Grey}, {&w.Bilevel, &o.Bilevel}, {&w.Fax, &o.Fax}, {&w.Typed, &o.Typed}, {&w.Dots, &o.Dots}} {
		*f.to = *f.to || *f.from
	}
	if o.Tint.A != 0 {
		w.Tint = o.Tint
	}
	if c.Lean > 0 {
		rng := rand.New(rand.NewPCG(seed, 0x1ea4))
		w.Skew = c.Lean * (0.5 + 0.5*rng.Float64())
		if rng.IntN(2) == 0 {
			w.Skew = -w.Skew
		}
	}
	return w
}

// A Sample is the first page of a paper in some condition.
type Sample struct {
	Name string // condition, kind, seed and resolution
	Page *Page  // its words, their places on the upright page and their regions
	File        // its Truth has one page
}

// Sample makes the page that a condition, a kind and a seed give at a
// resolution; the condition's own resolution comes before dpi.
func (p *Press) Sample(c Condition, kind Kind, seed uint64, dpi float64) (Sample, error) {
	if c.DPI != 0 {
		dpi = c.DPI
	}
	format := c.As
	if format == "" {
		format = JPEG
	}
	sheet := p.Paper(kind, seed, About{Font: c.Font, Adds: c.Adds}).Only(0)
	if c.Font != "" && sheet.family.Name != c.Font {
		return Sample{}, fmt.Errorf("condition %s: typeface %s is not installed", c.Name, c.Font)
	}
	file, err := sheet.File(format, dpi, c.Wear(seed), seed)
	if err != nil {
		return Sample{}, fmt.Errorf("condition %s: %w", c.Name, err)
	}
	name := fmt.Sprintf("%s_%s_%d_%.0f", c.Name, kind, seed, dpi)
	return Sample{Name: name, Page: &sheet.Pages[0], File: file}, nil
}
