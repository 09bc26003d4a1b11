package inspect

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf16"

	"sohoa/scan"
)

// anyLetters is a font whose codes are UTF-16.
const anyLetters = "<</Type/Font/Subtype/Type0/BaseFont/%s/Encoding/Identity-H/ToUnicode 5 0 R/DescendantFonts[<</Type/Font/Subtype/CIDFontType2/BaseFont/Arial" +
	"/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>/DW 500/FontDescriptor<</Type/FontDescriptor/FontName/Arial/Flags 4/FontBBox[0 -200 1000 900]/ItalicAngle 0/Ascent 900/Descent -200/CapHeight 700/StemV 80>>>>]>>"

// overScan is a scan with a text of its own on A4: in so many lines of a size, seen or not.
func overScan(t *testing.T, text, font string, mode, size, width int) []byte {
	t.Helper()
	content := fmt.Sprintf("q 595 0 0 842 0 0 cm /Im0 Do Q BT %d Tr /F %d Tf %d TL 40 790 Td", mode, size, size+2)
	line := ""
	for _, w := range append(strings.Fields(text), "") {
		if w != "" && len([]rune(line+w)) < width {
			line += w + " "
			continue
		}
		hex := ""
		for _, u := range utf16.Encode([]rune(strings.TrimSpace(line))) {
			hex += fmt.Sprintf("%04x", u)
		}
		content += " <" + hex + "> Tj T*"
		line = w + " "
	}
	var ranges strings.Builder
	for high := range 256 {
		fmt.Fprintf(&ranges, "1 beginbfrange <%02x00> <%02xff> <%02x00> endbfrange\n", high, high, high)
	}
	b := book{
		objects: []string{
			stream("/Type/XObject/Subtype/Image"+rgbJPEG, jpegOf(t, photo(100, 142))), stream("", content+" ET"),
			stream("", "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /X def 1 begincodespacerange <0000> <ffff> endcodespacerange\n"+ranges.String()+"endcmap end end"),
		},
		pages: []string{"/MediaBox[0 0 595 842]/Resources<</XObject<</Im0 3 0 R>>/Font<</F " + fmt.Sprintf(anyLetters, font) + ">>>>/Contents 4 0 R"},
	}
	return b.bytes()
}

// What is done with the text that a page brings along, and why, on pages as they come: a
// scan read by a program that took it for another language, one whose only text is what
// a signature shows, one that was read well.
func TestOldText(t *testing.T) {
	const hidden, shown = 3, 0
	marked := "ỦY BAN NHÂN DÂN THÀNH PHỐ ĐÀ NẴNG CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM Độc lập - Tự do - Hạnh phúc Căn cứ Luật Tổ chức chính quyền địa phương ngày 19 tháng 6 năm 2025 theo đề nghị của Giám đốc Sở Nội vụ"
	unmarked := "UBND THANH PHO DA NANG CONG Hcok xA HOI CHU NGHIA VIET NAM Doc lap Tu do Hanh phuc Can cu Luat To chuc chinh quyen dia phuong ngay 19 thang 6 nam 2025 theo de nghi cua Giam doc So Noi vu"
	tcvn3 := "Céng hßa x· héi chñ nghÜa ViÖt Nam §éc lËp - Tù do - H¹nh phóc C¨n cø LuËt Tæ chøc chÝnh quyÒn ®Þa ph­¬ng ngµy 19 th¸ng 6 n¨m 2025 theo ®Ò nghÞ cña Gi¸m ®èc Së Néi vô tØnh Th¸i B×nh"
	signature := "Ký bởi: Nguyễn Văn Thử Cơ quan: UBND xã Vĩnh Thịnh Ngày ký: 12/03/2026 08:15:22 +07:00"
	for _, row := range []struct {
		name, text, font string
		mode, size       int
		what             scan.Treatment
		why              Why
	}{
		{"no text at all", "", "Arial", hidden, 10, "", ""},
		{"a layer in another language", unmarked, "Arial", hidden, 10, scan.Redo, WhyForeign},
		{"a layer of an old encoding", tcvn3, "Arial", hidden, 10, scan.Redo, WhyBroken},
		{"a layer of one line", "Trang 1/3", "Arial", hidden, 10, scan.Redo, WhyThin},
		{"a good layer", marked, "Arial", hidden, 10, scan.Keep, WhyLayer},
		{"a signature's block", signature, "Arial", shown, 8, scan.Force, WhyStamp},
		{"print over a picture of the whole page", strings.Repeat(marked+" ", 3), "Arial", shown, 10, scan.Keep, WhyDigital},
		{"letters of an old font", tcvn3, ".VnTime", shown, 14, scan.Force, WhyLegacy},
		{"letters that are no words", strings.Repeat("wkh txlfn eurzq ira mxpsv RYHU WKH ODCB GRJ dqg wkhq lw uxqv dzdb djdlq wr wkh iruhvw ", 3), "Arial", shown, 14, scan.Force, WhyGarbled},
	} {
		f, err := openBook(t, overScan(t, row.text, row.font, row.mode, row.size, 70), scan.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		p, err := f.Page(0)
		if err != nil {
			t.Errorf("%s: %v", row.name, err)
			continue
		}
		if p.Old != row.what || p.Why != row.why {
			t.Errorf("%s: %q because %q, want %q because %q", row.name, p.Old, p.Why, row.what, row.why)
		}
		if kept := row.what == scan.Keep; kept != (len(p.Told) > 0) {
			t.Errorf("%s: %d lines are told", row.name, len(p.Told))
		}
		if row.what != scan.Keep && p.Encoding == "" {
			t.Errorf("%s: no picture to read", row.name)
		}
	}
}
