package main

import (
	"fmt"
	"image"
	"math"
	"os"

	"sohoa/ocr/prepare"
	"sohoa/scan"
)

// A manner is a way to make a page ready.
type manner struct {
	name    string
	extra   bool // measured only if asked for
	prepare func(t trial) (*image.Gray, int)
}

func manners() []manner {
	return []manner{
		{"as it is", true, asItIs},
		{"before", false, before},
		{"ready", false, func(t trial) (*image.Gray, int) {
			s := ready(t)
			return s.Image, int(s.DPI)
		}},
		{"red", true, func(t trial) (*image.Gray, int) {
			x, _, _ := t.resolution()
			g, _ := prepare.Ink(t.image, x)
			return level(g, t)
		}},
	}
}

func asItIs(t trial) (*image.Gray, int) {
	x, _, _ := t.resolution()
	return prepare.Grey(t.image), int(x)
}

// before is what was done before this bench: red channel, 200 dpi, level, even.
func before(t trial) (*image.Gray, int) {
	return level(prepare.Grey(t.image), t)
}

func level(g *image.Gray, t trial) (*image.Gray, int) {
	x, y, _ := t.resolution()
	d := math.Max(x, y)
	if d > 240 {
		d = 200
	}
	g = prepare.Resize(g, int(float64(g.Rect.Dx())*d/x+0.5), int(float64(g.Rect.Dy())*d/y+0.5))
	skew, sideways := prepare.Skew(g, d)
	if sideways {
		g = prepare.Turn(g, 1)
	}
	return prepare.Normalise(prepare.Rotate(g, skew), d), int(d)
}

func ready(t trial) prepare.Sheet {
	x, y, from := t.resolution()
	s := prepare.Ready(t.image, prepare.Given{X: x, Y: y, Sure: from != scan.Assumed, DPI: 200, Most: 32 << 20})
	if os.Getenv("TELL") != "" {
		fmt.Fprintf(os.Stderr, "%s: %.0f×%.0f %s at %.0f, turn %d (sure %v), skew %.2f, photo %v, blank %v, letter %.2f %v\n", t.name, s.X, s.Y, s.From, s.DPI, s.Turn, s.Sure, s.Skew, s.Photo, s.Blank, s.Letter, s.Image.Rect.Max)
	}
	return s
}
