package export

import (
	"bufio"
	"encoding/xml"
	"fmt"
	"io"
	"math"
	"strings"

	"sohoa/ocr"
)

// HOCR writes d as hOCR 1.2: XHTML whose elements carry places in their titles.
func HOCR(w io.Writer, d Document) error {
	h := hocr{w: bufio.NewWriter(w)}
	h.head(d)
	for i, p := range d.Pages {
		h.page(i+1, p)
	}
	h.put("</body>\n</html>\n")
	if err := h.w.Flush(); err != nil {
		return fmt.Errorf("write hOCR: %w", err)
	}
	return nil
}

// hocr writes; the first error stays in w until the end.
type hocr struct {
	w                      *bufio.Writer
	blocks, pars, lines, n int
}

func (h *hocr) put(format string, values ...any) { fmt.Fprintf(h.w, format, values...) }

// escaped is s for an attribute in double quotes or for text.
func escaped(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(plain(s))) // a Builder takes everything
	return b.String()
}

func (h *hocr) head(d Document) {
	system := ""
	if len(d.Pages) > 0 {
		system = d.Pages[0].Engine
	}
	h.put(`<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" "http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd">
<html xmlns="http://www.w3.org/1999/xhtml" xml:lang="%[1]s" lang="%[1]s">
<head>
<title>%[2]s</title>
<meta http-equiv="Content-Type" content="text/html; charset=utf-8"/>
<meta name="ocr-system" content="%[3]s"/>
<meta name="ocr-capabilities" content="ocr_page ocr_carea ocr_par ocr_line ocrx_word ocrp_wconf"/>
<meta name="ocr-number-of-pages" content="%[4]d"/>
<meta name="ocr-langs" content="%[1]s"/>
</head>
<body>
`, escaped(d.language()), escaped(d.Title), escaped(system), len(d.Pages))
}

func (h *hocr) page(n int, p ocr.Page) {
	h.put(`<div class="ocr_page" id="page_%d" title="bbox 0 0 %d %d; ppageno %d; scan_res %.0f %.0f; x_turn %d; x_skew %g; x_data &quot;%s&quot;; x_settings &quot;%s&quot;">`+"\n",
		n, p.Width, p.Height, n-1, p.DPIX, p.DPIY, p.Turn, p.Skew, quoted(p.Data), quoted(p.Settings))
	for _, b := range blocks(p) {
		h.blocks++
		h.put(`<div class="ocr_carea" id="block_%d" title="%s">`+"\n", h.blocks, bbox(b.box))
		for _, q := range b.pars {
			h.pars++
			h.put(`<p class="ocr_par" id="par_%d" title="%s">`+"\n", h.pars, bbox(q.box))
			for _, l := range q.lines {
				h.line(l)
			}
			h.put("</p>\n")
		}
		h.put("</div>\n")
	}
	h.put("</div>\n")
}

// quoted is s for a string property: hOCR has no way to write a quote in one.
func quoted(s string) string { return escaped(strings.ReplaceAll(s, `"`, "'")) }

func bbox(b ocr.Box) string { return fmt.Sprintf("bbox %d %d %d %d", b.X0, b.Y0, b.X1, b.Y1) }

func (h *hocr) line(l ocr.Line) {
	h.lines++
	slope := 0.0
	if l.Box.X1 > l.Box.X0 {
		slope = (l.Baseline[1] - l.Baseline[0]) / float64(l.Box.X1-l.Box.X0)
	}
	h.put(`<span class="ocr_line" id="line_%d" title="%s; baseline %.4f %.1f">`, h.lines, bbox(l.Box), slope, l.Baseline[0]-float64(l.Box.Y1))
	for i, w := range l.Words {
		h.n++
		if i > 0 {
			h.put(" ")
		}
		h.put(`<span class="ocrx_word" id="word_%d" title="%s; x_wconf %d">%s</span>`, h.n, bbox(w.Box), int(math.Round(w.Confidence)), escaped(w.Text))
	}
	h.put("</span>\n")
}
