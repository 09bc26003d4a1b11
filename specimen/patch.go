package specimen

import "strings"

// patchBars are the bars of patch codes, W wide and N narrow (Kodak, "Patch Code
// Information", A-61599, 2006).
var patchBars = map[string]string{"1": "WWNN", "2": "WNNW", "3": "WNWN", "4": "NWWN", "T": "NWNW", "6": "NNWW"}

// PatchKinds lists the patch codes.
func PatchKinds() []string { return []string{"1", "2", "3", "4", "T", "6"} }

// A Patched is how patch codes stand on a sheet, which nobody prescribes.
type Patched struct {
	Long    float64 // of the bars in points: 54 to 180
	Edges   int     // how many of the edges have one, from the top clockwise, each read from its left outside: 2 to 4
	Abreast bool    // two beside each other at the top instead
	Written bool    // its name and some words on how it is used
}

// PatchSheet is a sheet that parts papers by its patch codes. Its truth has no code: a
// patch says nothing.
func (p *Press) PatchSheet(kind string, how Patched) *Sheet {
	const unit = 0.04 * 72 // half a narrow bar
	var across strings.Builder
	for i, b := range patchBars[kind] {
		if i > 0 {
			across.WriteString("00")
		}
		across.WriteString(strings.Repeat("1", map[rune]int{'W': 5, 'N': 2}[b]))
	}
	bars := across.String()
	const broad, edge = 20 * unit, 0.4 * 72
	down := strings.Split(bars, "")
	up := make([]string, len(down))
	for i, b := range down {
		up[len(down)-1-i] = b
	}
	back := strings.Join(up, "")
	page := Page{codes: []placedCode{ // bars lie along their edge
		{rows: down, x: (PageWidth - how.Long) / 2, y: edge, width: how.Long, height: unit},
		{rows: up, x: (PageWidth - how.Long) / 2, y: PageHeight - edge - broad, width: how.Long, height: unit},
		{rows: []string{bars}, x: edge, y: (PageHeight - how.Long) / 2, width: unit, height: how.Long},
		{rows: []string{back}, x: PageWidth - edge - broad, y: (PageHeight - how.Long) / 2, width: unit, height: how.Long},
	}[:how.Edges]}
	if how.Abreast {
		page.codes = []placedCode{{rows: down, x: PageWidth/2 - how.Long - 30, y: edge, width: how.Long, height: unit}, {rows: down, x: PageWidth/2 + 30, y: edge, width: how.Long, height: unit}}
	}
	family := p.family("", 0)
	if how.Written {
		page.Lines = []Line{{{Text: "PATCH " + kind, X: 230, Y: 380, Width: 130, Size: 28}},
			{{Text: "Đặt tờ này trước mỗi giấy tờ, đầu có vạch vào trước.", X: 150, Y: 420, Width: 280, Size: 12}},
			{{Text: "Put this sheet before each paper, bars first.", X: 150, Y: 440, Width: 240, Size: 12}}}
	}
	return &Sheet{Pages: []Page{page}, family: family, Truth: Truth{Pages: []string{page.Text()}}}
}
