package main

import (
	"bytes"
	"fmt"
	"html"
	"os"
	"path/filepath"
	"strings"

	"sohoa/scan"
	"sohoa/specimen"
)

func kinds() []kind {
	return []kind{
		{"chromium", scan.Keep, true, func(b *bench) (string, error) { return b.chromium("chromium", b.texts(), "") }},
		{"chromium styled", scan.Keep, true, func(b *bench) (string, error) { return b.chromium("chromium styled", b.texts(), styled) }},
		{"chromium english", scan.Keep, true, func(b *bench) (string, error) { return b.chromium("chromium english", b.englishTexts(), "") }},
		{"libreoffice", scan.Keep, true, (*bench).office},
		{"cairo", scan.Keep, true, (*bench).cairo},
		{"ours again", scan.Keep, true, (*bench).ours},
		{"turned and cropped", scan.Keep, true, (*bench).cropped},
		{"scan", "", false, func(b *bench) (string, error) { return b.scans("scan") }},
		{"scan by cairo", "", true, (*bench).cairoScan},
		{"scan with layer vie", scan.Keep, false, func(b *bench) (string, error) { return b.layer("scan with layer vie", "vie") }},
		{"scan with layer eng", scan.Redo, false, func(b *bench) (string, error) { return b.layer("scan with layer eng", "eng") }},
		{"scan with signature block", scan.Force, false, func(b *bench) (string, error) {
			return b.stamped("scan with signature block", "Ký bởi: Nguyễn Văn Thử<br>Cơ quan: UBND xã Vĩnh Thịnh<br>Ngày ký: 12/03/2026 08:15:22 +07:00")
		}},
		{"scan with Bates header", scan.Force, false, func(b *bench) (string, error) {
			return b.stamped("scan with Bates header", "HS-2026-000123 · Trang 1/1")
		}},
		{"TCVN3 letters", scan.Force, false, func(b *bench) (string, error) {
			return b.chromium("TCVN3 letters", each(b.texts(), tcvn3.Replace), "")
		}},
		{"codes shifted", scan.Force, false, func(b *bench) (string, error) {
			return b.chromium("codes shifted", each(b.texts(), shifted), "")
		}},
		{"no ToUnicode", scan.Force, false, (*bench).mute},
		{"outlines", "", true, (*bench).outlines},
	}
}

// shifted moves letters as fonts with codes of their own do.
func shifted(s string) string {
	return strings.Map(func(r rune) rune {
		if r > ' ' {
			return r + 29
		}
		return r
	}, s)
}

const styled = `h1{color:#a00;text-align:center} p:nth-child(odd){background:linear-gradient(90deg,#fff,#eef);opacity:.85}
table{border-collapse:collapse} td{border:1px solid #333;padding:2px} div{box-shadow:2px 2px 4px #888} p:nth-child(3n){font-family:'DejaVu Sans';font-style:italic}`

// chromium prints texts, one a page.
func (b *bench) chromium(name string, texts []string, style string) (string, error) {
	page := b.path(name, ".html")
	if err := os.WriteFile(page, []byte(document(texts, style)), 0o644); err != nil {
		return "", err
	}
	out := b.path(name, ".pdf")
	return out, b.tool("chromium", "--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer", "--print-to-pdf="+out, "file://"+absolute(page))
}

func document(texts []string, style string) string {
	var s strings.Builder
	s.WriteString(`<!DOCTYPE html><html lang="vi"><meta charset="utf-8"><style>@page{size:A4;margin:20mm} body{font:12pt 'Liberation Serif'} .page{page-break-after:always;overflow:hidden;max-height:250mm}` + style + `</style><body>`)
	for _, t := range texts {
		lines := strings.Split(t, "\n")
		s.WriteString(`<div class="page">`)
		for i, l := range lines[:min(len(lines), 42)] {
			if style != "" && i == 0 {
				fmt.Fprintf(&s, "<h1>%s</h1>", html.EscapeString(l))
			} else if style != "" && i%9 == 4 {
				fmt.Fprintf(&s, `<table><tr><td>%s<td><a href="https://example.org/">%d</a></table>`, html.EscapeString(l), i)
			} else {
				fmt.Fprintf(&s, "<p style='margin:2pt'>%s</p>", html.EscapeString(l))
			}
		}
		s.WriteString(`</div>`)
	}
	return s.String() + `</body></html>`
}

func absolute(path string) string {
	whole, err := filepath.Abs(path)
	if err != nil {
		return path
	}
	return whole
}

// office has LibreOffice print the same texts.
func (b *bench) office() (string, error) {
	page := b.path("libreoffice", ".html")
	if err := os.WriteFile(page, []byte(document(b.texts(), "")), 0o644); err != nil {
		return "", err
	}
	home := "-env:UserInstallation=file://" + absolute(filepath.Join(b.dir, "office"))
	err := b.tool("soffice", home, "--headless", "--infilter=HTML (StarWriter)", "--convert-to", "pdf:writer_web_pdf_Export", "--outdir", b.dir, page)
	return b.path("libreoffice", ".pdf"), err
}

// cairo prints what Chromium printed once more.
func (b *bench) cairo() (string, error) {
	from, err := b.once("chromium", nil)
	if err != nil {
		return "", err
	}
	out := b.path("cairo", ".pdf")
	return out, b.tool("pdftocairo", "-pdf", from, out)
}

func (b *bench) outlines() (string, error) {
	from, err := b.once("chromium", nil)
	if err != nil {
		return "", err
	}
	svg, out := b.path("outlines", ".svg"), b.path("outlines", ".pdf")
	if err := b.tool("pdftocairo", "-svg", "-f", "1", "-l", "1", from, svg); err != nil {
		return "", err
	}
	return out, b.tool("chromium", "--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer", "--print-to-pdf="+out, "file://"+absolute(svg))
}

// cropped turns and crops pages, and gives them notes, as qpdf can.
func (b *bench) cropped() (string, error) {
	from, err := b.once("chromium", nil)
	if err != nil {
		return "", err
	}
	plain, out := b.path("uncompressed", ".pdf"), b.path("turned and cropped", ".pdf")
	if err := b.tool("qpdf", "--qdf", "--object-streams=disable", "--rotate=+90:1-z:even", from, plain); err != nil {
		return "", err
	}
	file, err := os.ReadFile(plain)
	if err != nil {
		return "", err
	}
	file = bytes.ReplaceAll(file, []byte("/MediaBox ["), []byte("/CropBox [ 30 40 560 790 ] /MediaBox ["))
	if err := os.WriteFile(plain+".cut", file, 0o644); err != nil {
		return "", err
	}
	fixed := b.tool("qpdf", plain+".cut", out) // says with a warning that it mended the offsets
	if _, err := os.Stat(out); err != nil {
		return "", fixed
	}
	return out, nil
}

// mute takes the map to characters from fonts.
func (b *bench) mute() (string, error) {
	from, err := b.once("chromium", nil)
	if err != nil {
		return "", err
	}
	plain, out := b.path("mute", ".qdf"), b.path("no ToUnicode", ".pdf")
	if err := b.tool("qpdf", "--qdf", "--object-streams=disable", from, plain); err != nil {
		return "", err
	}
	file, err := os.ReadFile(plain)
	if err != nil {
		return "", err
	}
	return out, os.WriteFile(out, bytes.ReplaceAll(file, []byte("/ToUnicode"), []byte("/NoUnicode")), 0o644)
}

// scans are papers as scanners send them.
func (b *bench) scans(name string) (string, error) {
	var parts []string
	for i := range b.pages {
		seed := b.seed + uint64(i)
		ks := specimen.Kinds()
		sheet := b.press.Paper(ks[seed%uint64(len(ks))], seed, specimen.About{}).Only(0)
		f, err := sheet.File(specimen.PDF, 200, specimen.Office(seed), seed)
		if err != nil {
			return "", err
		}
		part := b.path(fmt.Sprintf("%s-%d", name, i), ".part")
		if err := os.WriteFile(part, f.Bytes, 0o644); err != nil {
			return "", err
		}
		parts = append(parts, part)
	}
	out := b.path(name, ".pdf")
	return out, b.tool("qpdf", append(append([]string{"--empty", "--pages"}, parts...), "--", out)...)
}

// layer has OCRmyPDF lay text under scans, with its own idea of the language.
func (b *bench) layer(name, language string) (string, error) {
	from, err := b.once("scan", func(b *bench) (string, error) { return b.scans("scan") })
	if err != nil {
		return "", err
	}
	out := b.path(name, ".pdf")
	return out, b.tool("ocrmypdf", "-q", "-l", language, "--jobs", "2", "--output-type", "pdf", "--optimize", "0", from, out)
}

// cairoScan packs scans as other programs do.
func (b *bench) cairoScan() (string, error) {
	from, err := b.once("scan", func(b *bench) (string, error) { return b.scans("scan") })
	if err != nil {
		return "", err
	}
	out := b.path("scan by cairo", ".pdf")
	return out, b.tool("pdftocairo", "-pdf", from, out)
}

// stamped sets a few words over scans.
func (b *bench) stamped(name, words string) (string, error) {
	from, err := b.once("scan", func(b *bench) (string, error) { return b.scans("scan") })
	if err != nil {
		return "", err
	}
	page, stamp, out := b.path(name+" stamp", ".html"), b.path(name+" stamp", ".pdf"), b.path(name, ".pdf")
	text := `<!DOCTYPE html><meta charset="utf-8"><style>@page{size:A4;margin:0}div{position:absolute;left:120mm;top:15mm;font:8pt 'Liberation Sans';color:#c00}</style><div>` + words + `</div>`
	if err := os.WriteFile(page, []byte(text), 0o644); err != nil {
		return "", err
	}
	if err := b.tool("chromium", "--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer", "--print-to-pdf="+stamp, "file://"+absolute(page)); err != nil {
		return "", err
	}
	return out, b.tool("qpdf", from, "--overlay", stamp, "--repeat=1", "--", out)
}

// ours is what the house made of Chromium's pages, sent in again.
func (b *bench) ours() (string, error) {
	from, err := b.once("chromium", nil)
	if err != nil {
		return "", err
	}
	file, err := os.ReadFile(strings.TrimSuffix(from, ".pdf") + "-archived.pdf")
	if err != nil {
		return "", err
	}
	out := b.path("ours again", ".pdf")
	return out, os.WriteFile(out, file, 0o644)
}
