package extract

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"sohoa/ocr"
)

// A typist sets lines as the recogniser would give them.
type typist struct{ page ocr.Page }

func sheet() *typist {
	return &typist{ocr.Page{Width: 1654, Height: 2339, DPIX: 200, DPIY: 200}}
}

// at sets text with its left end at x and its base line at y, in points.
func (t *typist) at(x, y float64, text string) *typist {
	t.page.Lines = append(t.page.Lines, t.line(x, y, text))
	return t
}

// middle sets text about x.
func (t *typist) middle(x, y float64, text string) *typist {
	return t.at(x-width(text)/2, y, text)
}

// beside sets text on the last line: the recogniser often takes both columns
// for one.
func (t *typist) beside(x float64, text string) *typist {
	last := &t.page.Lines[len(t.page.Lines)-1]
	more := t.line(x, last.Baseline[0]*72/200, text)
	last.Words = append(last.Words, more.Words...)
	last.Box.X1 = more.Box.X1
	return t
}

// dirty says that the words of the last line were hardly read.
func (t *typist) dirty() *typist {
	last := &t.page.Lines[len(t.page.Lines)-1]
	for i := range last.Words {
		last.Words[i].Confidence = 12
	}
	return t
}

// dirtyEnd sets a word that was hardly read behind the last line, not far from it.
func (t *typist) dirtyEnd(text string) *typist {
	last := &t.page.Lines[len(t.page.Lines)-1]
	end := float64(last.Words[len(last.Words)-1].Box.X1)*72/200 + 18
	t.beside(end, text)
	last.Words[len(last.Words)-1].Confidence = 12
	return t
}

func width(text string) float64 { return 6.6 * float64(len([]rune(text))) }

func (t *typist) line(x, y float64, text string) ocr.Line {
	px := func(points float64) int { return int(math.Round(points * 200 / 72)) }
	l := ocr.Line{Box: ocr.Box{X0: px(x), Y0: px(y - 11), X1: px(x + width(text)), Y1: px(y + 3)}, Baseline: [2]float64{y * 200 / 72, y * 200 / 72}}
	for word := range strings.SplitSeq(text, " ") {
		l.Words = append(l.Words, ocr.Word{Text: word, Confidence: 95,
			Box: ocr.Box{X0: px(x), Y0: px(y - 11), X1: px(x + width(word)), Y1: px(y + 3)}})
		x += width(word + " ")
	}
	return l
}

// decision is a whole head, with what the table changes.
func decision() *typist {
	return sheet().middle(150, 70, "ỦY BAN NHÂN DÂN").beside(290, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM").
		middle(150, 86, "TỈNH THÁI BÌNH").beside(320, "Độc lập - Tự do - Hạnh phúc").
		middle(150, 120, "Số: 1847/QĐ-UBND").beside(310, "Thái Bình, ngày 23 tháng 8 năm 2024").
		middle(305, 160, "QUYẾT ĐỊNH").
		middle(305, 178, "Về việc phê duyệt Kế hoạch số hóa hồ sơ,").
		middle(305, 194, "tài liệu giai đoạn 2024 - 2027").
		middle(305, 230, "CHỦ TỊCH ỦY BAN NHÂN DÂN TỈNH").
		at(113, 250, "Căn cứ Luật Lưu trữ số 01/2011/QH13 ngày 11 tháng 11 năm 2011;")
}

func body(t *typist) *typist {
	return t.at(113, 300, "Điều 1. Số hóa theo Nghị định số 30/2020/NĐ-CP, ngày 05 tháng 3 năm 2020.")
}

func TestFields(t *testing.T) {
	for _, row := range []struct {
		name string
		page *typist
		want string // name=value, in order
	}{
		{"a decision", body(decision()),
			"kind=QĐ|title=QUYẾT ĐỊNH|number=1847/QĐ-UBND|issued=2024-08-23|issuer=ỦY BAN NHÂN DÂN TỈNH THÁI BÌNH|subject=phê duyệt Kế hoạch số hóa hồ sơ, tài liệu giai đoạn 2024 - 2027"},
		{"a letter", sheet().middle(150, 70, "BỘ NỘI VỤ").middle(430, 70, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM").
			middle(150, 86, "CỤC VĂN THƯ VÀ LƯU TRỮ").middle(430, 86, "Độc lập - Tự do - Hạnh phúc").middle(150, 102, "NHÀ NƯỚC").
			middle(150, 125, "Số: 329/VTLTNN-NVĐP").middle(420, 125, "Hà Nội, ngày 07 tháng 5 năm 2021").
			middle(150, 143, "V/v hướng dẫn chỉnh lý, số").middle(150, 158, "hóa tài liệu giấy").
			middle(305, 190, "Kính gửi: Sở Nội vụ các tỉnh").at(113, 215, "QUYẾT ĐỊNH này không phải tên loại"),
			"number=329/VTLTNN-NVĐP|issued=2021-05-07|issuer=CỤC VĂN THƯ VÀ LƯU TRỮ NHÀ NƯỚC|subject=hướng dẫn chỉnh lý, số hóa tài liệu giấy"},
		{"a certificate", sheet().middle(150, 70, "UBND PHƯỜNG PHÚ THƯỢNG").beside(290, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM").
			middle(150, 120, "Số: 41/GCN-UBND").beside(300, "Tây Hồ, ngày 18 tháng 02 năm 2019").
			middle(305, 160, "GIẤY CHỨNG NHẬN").middle(305, 178, "ĐĂNG KÝ HỘ KINH DOANH").
			middle(305, 200, "Đăng ký lần đầu, ngày 01 tháng 02 năm 2019").at(85, 230, "1. Tên hộ kinh doanh: Hoa Mai"),
			"title=GIẤY CHỨNG NHẬN ĐĂNG KÝ HỘ KINH DOANH|number=41/GCN-UBND|issued=2019-02-18|issuer=UBND PHƯỜNG PHÚ THƯỢNG"},
		{"a citizen's paper", sheet().middle(298, 70, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM").middle(298, 86, "Độc lập - Tự do - Hạnh phúc").
			middle(305, 130, "ĐƠN ĐỀ NGHỊ").middle(305, 148, "Cấp bản sao trích lục").middle(305, 190, "Kính gửi: Ủy ban nhân dân xã Kỳ Sơn").
			at(113, 220, "Tên tôi là: Vũ Thị Hồng Nhạn").at(330, 600, "Kỳ Sơn, ngày 09 tháng 01 năm 2026"),
			"title=ĐƠN ĐỀ NGHỊ|issued=2026-01-09|subject=Cấp bản sao trích lục"},
		{"a number broken and misread", sheet().middle(150, 70, "SỞ TƯ PHÁP").beside(290, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM").
			at(90, 110, "Sô : l2O /QD - UBND").beside(310, "Huế, ngày O5 tháng 3 năm 2O24"),
			"number=120/QĐ-UBND|issued=2024-03-05|issuer=SỞ TƯ PHÁP"},
		{"a law's number", sheet().middle(150, 70, "CHÍNH PHỦ").beside(290, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM").
			at(90, 110, "Số:118/2025/ND-CP").beside(310, "Hà Nội, ngày 09 tháng 6 năm 2025").middle(305, 150, "NGHỊ ĐỊNH"),
			"title=NGHỊ ĐỊNH|number=118/2025/NĐ-CP|issued=2025-06-09|issuer=CHÍNH PHỦ"},
		{"no number, no day yet", sheet().middle(150, 70, "SỞ TƯ PHÁP").beside(290, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM").
			at(90, 110, "Số: /QĐ-STP").beside(310, "Huế, ngày tháng 3 năm 2024").middle(305, 150, "QUYÉT ĐINH"),
			"kind=QĐ|title=QUYẾT ĐỊNH|issuer=SỞ TƯ PHÁP"},
		{"a day that is none", sheet().middle(150, 70, "SỞ TƯ PHÁP").beside(290, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM").
			at(90, 110, "Số: 3/QĐ-STP").beside(310, "Huế, ngày 31 tháng 02 năm 2024").at(113, 200, "Huế, ngày 01 tháng 02 năm 2023"),
			"number=3/QĐ-STP|issuer=SỞ TƯ PHÁP"},
		{"offices one above the other", sheet().middle(150, 70, "ỦY BAN NHÂN DÂN").middle(430, 70, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM").
			middle(150, 84, "TỈNH QUẢNG NGÃI").middle(150, 98, "SỞ TƯ PHÁP").middle(150, 118, "Số: 245/BC-STP").middle(305, 160, "BÁO CÁO").
			middle(305, 178, "Kết quả số hóa sổ hộ tịch năm 2023").at(113, 206, "Thực hiện Kế hoạch số 117/KH-UBND, Sở Tư pháp báo cáo:"),
			"kind=BC|title=BÁO CÁO|number=245/BC-STP|issuer=SỞ TƯ PHÁP|subject=Kết quả số hóa sổ hộ tịch năm 2023"},
		{"a name over three lines", sheet().middle(150, 70, "UBND TỈNH PHÚ CƯỜNG").middle(430, 70, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM").
			middle(150, 84, "SỞ NÔNG NGHIỆP VÀ").middle(150, 98, "BỘ MÔI -").middle(150, 112, "TRƯỜNG").middle(150, 132, "Số: 5/SNNMT-VP").
			middle(150, 150, "VN sửa chữa đường"),
			"number=5/SNNMT-VP|issuer=SỞ NÔNG NGHIỆP VÀ BỘ MÔI TRƯỜNG|subject=sửa chữa đường"},
		{"a ward misread", sheet().middle(150, 70, "ỦY BAN NHÂN DÂN.").beside(270, "- CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM").
			middle(150, 84, "PHƯƠNG SỸ BÌNH").middle(150, 132, "Số: 5/UBND-VP"),
			"number=5/UBND-VP|issuer=ỦY BAN NHÂN DÂN PHƯỜNG SỸ BÌNH"},
		{"dirt beside the subject, and no title", sheet().middle(298, 70, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM").middle(298, 86, "Độc lập - Tự do - Hạnh phúc").
			at(60, 150, "mm").dirty().beside(120, "'Về việc thuê máy quét và dịch vụ số hóa").at(113, 200, "Căn cứ Bộ luật Dân sự ngày 24 tháng 11 năm 2015;"),
			"subject=thuê máy quét và dịch vụ số hóa"},
		{"dirt beside the second line", sheet().middle(150, 70, "SỞ TƯ PHÁP").middle(305, 150, "BÁO CÁO").middle(305, 168, "Kết quả số hóa sổ hộ tịch năm").
			middle(305, 184, "2023 trên địa bàn").dirtyEnd("ăn").at(113, 230, "Thực hiện Kế hoạch số 117/KH-UBND, Sở Tư pháp báo cáo:"),
			"kind=BC|title=BÁO CÁO|subject=Kết quả số hóa sổ hộ tịch năm 2023 trên địa bàn"},
		{"a copy's stamp", sheet().middle(110, 40, "BẢN SAO").middle(150, 70, "SỞ Y TẾ").middle(430, 70, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM").
			middle(150, 100, "Số: 7/TB-SYT").middle(305, 150, "THÔNG BÁO"),
			"kind=TB|title=THÔNG BÁO|number=7/TB-SYT|issuer=SỞ Y TẾ"},
		{"prose", sheet().at(85, 100, "Trong quá trình thực hiện, nếu có khó khăn, đề nghị phản ánh").at(85, 118, "ngày 23 tháng 8 năm 2024 về Sở Nội vụ số 12 phố Đào Tấn"), ""},
		{"nothing", sheet(), ""},
	} {
		var got []string
		for _, f := range Fields([]ocr.Page{row.page.page}) {
			got = append(got, f.Name+"="+f.Value)
		}
		if s := strings.Join(got, "|"); s != row.want {
			t.Errorf("%s:\n got %s\nwant %s", row.name, s, row.want)
		}
	}
	if got := Fields(nil); got != nil {
		t.Errorf("no pages = %v", got)
	}
}

// What a digital signature's mark says is the signature's, not the paper's
// (NĐ 30/2020 Phụ lục I; TT 01/2023 Điều 8.1: top left of page 1).
func TestSignatureMarksAreNoFields(t *testing.T) {
	p := sheet().at(40, 20, "Người ký: ỦY BAN NHÂN DÂN TỈNH X").at(40, 29, "Email: tinhx@example.vn").
		at(40, 38, "Cơ quan: SỞ NGOẠI VỤ TỈNH X").at(40, 47, "Thời gian ký: 25.12.2025 10:11:12 +07:00").
		at(40, 56, "Người sao chụp: VŨ THỊ A")
	p.page.Lines = append(p.page.Lines, body(decision()).page.Lines...)
	p.at(320, 700, "Người ký: Nguyễn Văn B").at(320, 712, "Hà Nội, ngày 01 tháng 01 năm 2026")
	got := fmt.Sprint(Fields([]ocr.Page{p.page}))
	for _, no := range []string{"TỈNH X", "NGOẠI VỤ", "VŨ THỊ A", "2025", "2026"} {
		if strings.Contains(got, no) {
			t.Errorf("%q got among the fields: %s", no, got)
		}
	}
	if !strings.Contains(got, "ỦY BAN NHÂN DÂN TỈNH THÁI BÌNH") || !strings.Contains(got, "2024-08-23") {
		t.Errorf("the paper's own fields are lost: %s", got)
	}
}

func TestPlaceAndConfidence(t *testing.T) {
	p := decision()
	p.page.DPIX, p.page.Width = 100, 827 // oblong pixels: the places must not notice
	for i := range p.page.Lines {
		l := &p.page.Lines[i]
		l.Box.X0, l.Box.X1 = l.Box.X0/2, l.Box.X1/2
		for j := range l.Words {
			w := &l.Words[j]
			w.Box.X0, w.Box.X1 = w.Box.X0/2, w.Box.X1/2
			if w.Text == "1847/QĐ-UBND" {
				w.Confidence = 31
			}
		}
	}
	for _, f := range Fields([]ocr.Page{p.page}) {
		if f.Page != 1 || f.Box[0] >= f.Box[2] || f.Box[1] >= f.Box[3] || f.Box[2] > 596 {
			t.Errorf("%+v", f)
		}
		want := 95.0
		if f.Name == "number" {
			want = 31
			x := 150 - width("Số: 1847/QĐ-UBND")/2 + width("Số: ")
			if math.Abs(f.Box[0]-x) > 1.5 || math.Abs(f.Box[1]-109) > 1.5 || math.Abs(f.Box[3]-123) > 1.5 {
				t.Errorf("number in %v, want it from %.1f, 109 to 123", f.Box, x)
			}
		}
		if f.Confidence != want {
			t.Errorf("%s: confidence %g, want %g", f.Name, f.Confidence, want)
		}
	}
}

func TestIssuedOnTheLastPage(t *testing.T) {
	first := sheet().middle(298, 70, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM").middle(305, 130, "TỜ KHAI").page
	last := sheet().at(85, 100, "Tôi cam đoan những lời khai trên là đúng.").at(330, 140, "Huế, ngày 02 tháng 9 năm 2026").page
	var issued Field
	for _, f := range Fields([]ocr.Page{first, sheet().page, last}) {
		if f.Name == "issued" {
			issued = f
		}
	}
	if issued.Value != "2026-09-02" || issued.Page != 3 {
		t.Errorf("issued = %+v, want 2026-09-02 on page 3", issued)
	}
}

func TestParseNumber(t *testing.T) {
	for in, want := range map[string]string{
		"123/QĐ-UBND": "123/QĐ-UBND", "123/QD-UBNĐ.": "123/QĐ-UBND", "86/TTr-PNV": "86/TTr-PNV", "17/BB-TCT": "17/BB-TCT", "15/2024": "15/2024",
		"118/2025/NĐ-CP": "118/2025/NĐ-CP", "12 / QĐ – SNV": "12/QĐ-SNV", "0045/GCN-BCA ngày": "0045/GCN-BCA", "12a/QĐ-STP": "12a/QĐ-STP", "729/HĐĐ-SYT": "729/HĐ-SYT", "26QĐ-UBND": "26/QĐ-UBND", "26/": "", "5A-3": "",
		"000123": "000123", "O/QĐ-UBND": "", "/QĐ-UBND": "", "abc/QĐ": "", "12/qđ": "", "": "", "5 tháng": "", "329/VTLTNN-NVĐP": "329/VTLTNN-NVĐP",
	} {
		var words []word
		for _, s := range strings.Fields(in) {
			words = append(words, word{text: s})
		}
		got, n := parseNumber(words)
		if got != want || (got == "") != (n == 0) || n > len(words) {
			t.Errorf("parseNumber(%q) = %q of %d words, want %q", in, got, n, want)
		}
	}
}

// Whatever was read, the words of a field are found without a fault.
func FuzzFields(f *testing.F) {
	f.Add("Số: 12/QĐ-UBND Huế, ngày 01 tháng 02 năm 2024", "QUYẾT ĐỊNH", "Về việc X")
	f.Add("CỘNG HÒA İ", "V/v", "Hôm nay, ngày 1 tháng 2 năm 2024")
	f.Add("Só:1", "Người ký:", "CỘNG")
	f.Fuzz(func(t *testing.T, a, b, c string) {
		p := sheet()
		for i, s := range []string{a, b, c} {
			if s = strings.Join(strings.Fields(strings.ToValidUTF8(s, "?")), " "); s != "" {
				p.at(90+float64(i)*100, 70+20*float64(i), s)
			}
		}
		for _, field := range Fields([]ocr.Page{p.page}) {
			if field.Value == "" || field.Page != 1 {
				t.Errorf("%+v", field)
			}
		}
	})
}
