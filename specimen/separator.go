package specimen

// Separator is a sheet of codes as package pdf/slip prints them: a QR code, a row of
// bars below it, and one up the left side. Its text must be short enough for both.
func (p *Press) Separator(text string) *Sheet {
	family := p.family("", 0)
	rows, bars := qrRows(text), code128(text)
	const side, module, high = 190.0, 1.0, 62.0
	step := side / float64(len(rows)+8)
	thin := min(module, (PageWidth-86)/float64(len(bars)+20))
	long := float64(len(bars)) * thin
	var upright []string
	for i := len(bars) - 1; i >= 0; i-- {
		upright = append(upright, bars[i:i+1])
	}
	page := Page{codes: []placedCode{
		{rows: rows, x: (PageWidth-side)/2 + 4*step, y: 57 + 4*step, width: step, height: step},
		{rows: []string{bars}, x: (PageWidth - long) / 2, y: 57 + side + 16, width: thin, height: high},
		{rows: upright, x: 14, y: (PageHeight - long) / 2, width: high * 0.6, height: thin},
	}}
	return &Sheet{Pages: []Page{page}, family: family, Truth: Truth{Codes: []Code{{Kind: "qr", Text: text}, {Kind: "code128", Text: text}}, Pages: []string{""}}}
}
