package web

import (
	"fmt"
	"strings"

	"sohoa/dossier/figures"
	"sohoa/dossier/figures/closing"
)

// plot is a line over months, in the units of its view box.
type plot struct {
	Width, Height int
	Left, Right   int
	Line          string // path, broken where nothing is told
	Grid          []gridLine
	Points        []plotPoint
	TargetY       string // empty: none
	Letters       int    // their size
}

type gridLine struct {
	Y     string
	Label string
	TextY string
}

type plotPoint struct {
	X, Y, ValueY string
	Key          closing.Month
	Label        string // of the month; empty where there is no room
	Value        string // empty likewise
	Rate         figures.Rate
	Told, Closed bool
	LabelY       string
}

// draw lays the months out. Every so many months have their label and value:
// on a narrow screen there is no room for more; the last one always has.
func (c *chartsView) draw(width, height, letters, every int) plot {
	p := plot{Width: width, Height: height, Left: 3 * letters, Right: width - letters, Letters: letters}
	top, low := float64(2*letters), float64(height-2*letters)
	at := func(percent float64) string { return fmt.Sprintf("%.1f", low-(low-top)*percent/100) }
	for _, n := range []int{0, 25, 50, 75, 100} {
		p.Grid = append(p.Grid, gridLine{Y: at(float64(n)), Label: fmt.Sprint(n), TextY: fmt.Sprintf("%.1f", low-(low-top)*float64(n)/100+float64(letters)/3)})
	}
	if c.Target > 0 {
		p.TargetY = at(float64(c.Target))
	}
	step := float64(p.Right-p.Left-2*letters) / float64(max(len(c.Months)-1, 1))
	var line strings.Builder
	on := false
	for i, m := range c.Months {
		x := float64(p.Left+letters) + step*float64(i)
		n, ok := inTenThousands(m.Rate)
		ok = ok && m.Told
		point := plotPoint{X: fmt.Sprintf("%.1f", x), Key: m.Key, Rate: m.Rate, Told: ok, Closed: m.Closed > 0, LabelY: fmt.Sprintf("%.1f", low+float64(letters)*1.5)}
		if (len(c.Months)-1-i)%every == 0 {
			point.Label = c.Short(m.Key)
			if ok {
				point.Value = strings.TrimSuffix(strings.TrimSuffix(c.Percent(m.Rate), "%"), " ")
			}
		}
		if ok {
			y := low - (low-top)*float64(n)/10000
			point.Y, point.ValueY = fmt.Sprintf("%.1f", y), fmt.Sprintf("%.1f", y-float64(letters)*0.8)
			line.WriteString(map[bool]string{true: "L", false: "M"}[on] + point.X + " " + point.Y)
		}
		on = ok
		p.Points = append(p.Points, point)
	}
	p.Line = line.String()
	return p
}
