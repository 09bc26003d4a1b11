package extract

import (
	"strings"
	"testing"

	"sohoa/ocr"
)

func valuesOf(pages ...ocr.Page) map[string]Field {
	by := map[string]Field{}
	for _, f := range Fields(pages) {
		by[f.Name] = f
	}
	return by
}

func TestLabels(t *testing.T) {
	paper := func(title string, lines ...string) *typist {
		p := sheet().middle(150, 70, "UBND XÃ AN BÌNH").beside(290, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM").
			at(90, 110, "Số: 12/XN-UBND").beside(310, "An Bình, ngày 31 tháng 8 năm 2025").middle(305, 160, title)
		for i, l := range lines {
			p.at(85, 200+18*float64(i), l)
		}
		return p
	}
	for _, row := range []struct {
		name, title string
		lines       []string
		field, want string
		why         Reason
	}{
		{"a number", "GIẤY XÁC NHẬN", []string{"2. Số định danh cá nhân: 001099012345."}, "holder", "001099012345", ByLabel},
		{"a number in groups", "GIẤY XÁC NHẬN", []string{"Số CCCD: 001 099 012 345, cấp ngày 01/01/2021"}, "holder", "001099012345", ByLabel},
		{"a number in the next line", "GIẤY XÁC NHẬN", []string{"Số định danh cá nhân:", "001099012345"}, "holder", "001099012345", ByLabel},
		{"glued", "GIẤY XÁC NHẬN", []string{"ông An, số định danh cá nhân:001099012345, cư trú"}, "holder", "001099012345", ByLabel},
		{"eleven digits", "GIẤY XÁC NHẬN", []string{"Số định danh cá nhân: 00109901234"}, "holder", "", ""},
		{"thirteen digits", "GIẤY XÁC NHẬN", []string{"Số định danh cá nhân: 001099012345 6"}, "holder", "", ""},
		{"a letter in it", "GIẤY XÁC NHẬN", []string{"Số định danh cá nhân: O01099012345"}, "holder", "", ""},
		{"two people", "GIẤY XÁC NHẬN", []string{"Số định danh cá nhân: 001099012345", "Số định danh cá nhân: 001199012346"}, "holder", "001099012345", Several},
		{"the same twice", "GIẤY XÁC NHẬN", []string{"Số định danh cá nhân: 001099012345", "Số định danh cá nhân: 001099012345"}, "holder", "001099012345", ByLabel},
		{"a day", "GIẤY PHÉP", []string{"Giấy phép này có giá trị đến hết ngày 31/12/2027."}, "expires", "2027-12-31", ByLabel},
		{"a day in words", "GIẤY PHÉP", []string{"Có hiệu lực đến ngày 05 tháng 3 năm 2028./."}, "expires", "2028-03-05", ByLabel},
		{"31 February", "GIẤY PHÉP", []string{"Có hiệu lực đến ngày 31/02/2028"}, "expires", "", ""},
		{"a span", "GIẤY XÁC NHẬN", []string{"Giấy này có giá trị 06 tháng kể từ ngày cấp."}, "expires", "2026-02-28", Computed},
		{"a year", "GIẤY XÁC NHẬN", []string{"Giấy này có giá trị 01 năm kể từ ngày cấp./."}, "expires", "2026-08-31", Computed},
		{"of its kind", "GIẤY PHÉP XÂY DỰNG", []string{"4. Giấy phép này có hiệu lực khởi công xây dựng trong thời hạn 12 tháng kể từ ngày cấp;"}, "expires", "2026-08-31", Computed},
		{"of another kind", "GIẤY XÁC NHẬN", []string{"có hiệu lực khởi công xây dựng trong thời hạn 12 tháng kể từ ngày cấp;"}, "expires", "", ""},
		{"a scope", "GIẤY PHÉP", []string{"Phạm vi hoạt động: trên địa bàn tỉnh Hưng Yên."}, "validity", "trên địa bàn tỉnh Hưng Yên", ByLabel},
		{"no value", "GIẤY PHÉP", []string{"Phạm vi hoạt động: ....."}, "validity", "", ""},
		{"a word that only begins so", "GIẤY PHÉP", []string{"có giá trị đếnn 31/12/2027"}, "expires", "", ""},
	} {
		f := valuesOf(paper(row.title, row.lines...).page)[row.field]
		if f.Value != row.want || f.Reason != row.why {
			t.Errorf("%s: %q (%s), want %q (%s)", row.name, f.Value, f.Reason, row.want, row.why)
		}
		if f.Reason == Several && f.Confidence > SeveralAtMost {
			t.Errorf("%s: confidence %g", row.name, f.Confidence)
		}
	}
}

// A profile holds from its day on.
func TestProfilesHaveTheirDay(t *testing.T) {
	if got := known().profiles("GIẤY PHÉP XÂY DỰNG", "2021-03-03"); len(got) != 2 || got[0].Code != "gpxd" {
		t.Errorf("on its day: %v", got)
	}
	if got := known().profiles("GIẤY PHÉP XÂY DỰNG", "2021-03-02"); len(got) != 1 || got[0].Code != "nd30" {
		t.Errorf("the day before: %v", got)
	}
	for _, bad := range []string{`{}`, `{"profiles":[{"code":"x","from":"2020-01-01","basis":"y","signer":"up"}]}`,
		`{"profiles":[{"code":"x","from":"2020-01-01","basis":"y","signer":"left","labels":[{"field":"holder","form":"nought","after":["a"]}]}]}`} {
		if _, err := readCatalogue([]byte(bad)); err == nil {
			t.Errorf("%s: taken", bad)
		}
	}
}

// What a pen has written is proposed with no confidence, and numbers and days only.
func TestHandwriting(t *testing.T) {
	p := body(decision())
	field := valuesOf(p.page)["issued"]
	px := func(v float64) int { return int(v * 200 / 72) }
	p.page.Handwriting = []ocr.Box{{X0: px(field.Box[0]), Y0: px(field.Box[1]), X1: px(field.Box[2]), Y1: px(field.Box[3])}}
	if f := valuesOf(p.page)["issued"]; f.Reason != ByHand || f.Confidence != 0 || f.Value != "2024-08-23" {
		t.Errorf("a day by hand: %+v", f)
	}
	p.page.Handwriting = []ocr.Box{{X0: px(100), Y0: px(140), X1: px(500), Y1: px(150)}}
	for _, f := range Fields([]ocr.Page{p.page}) {
		if f.Reason == ByHand {
			t.Errorf("a pen elsewhere: %+v", f)
		}
	}
}

func TestSignatory(t *testing.T) {
	signed := func(p *typist) *typist {
		return p.at(85, 600, "Nơi nhận:").at(85, 614, "- Như Điều 3;").middle(430, 600, "TM. ỦY BAN NHÂN DÂN").middle(430, 616, "KT. CHỦ TỊCH").
			middle(430, 632, "PHÓ CHỦ TỊCH").middle(430, 720, "TS. Đỉnh Văn Quyết")
	}
	for _, row := range []struct {
		name  string
		pages []ocr.Page
		want  string
	}{
		{"a deputy", []ocr.Page{signed(body(decision())).page}, "Đinh Văn Quyết, PHÓ CHỦ TỊCH, 1"},
		{"on the last page", []ocr.Page{body(decision()).page, signed(sheet()).page}, "Đinh Văn Quyết, PHÓ CHỦ TỊCH, 2"},
		{"an annex behind", []ocr.Page{body(decision()).page, signed(sheet()).page, sheet().middle(305, 100, "PHỤ LỤC").page}, "Đinh Văn Quyết, PHÓ CHỦ TỊCH, 2"},
		{"several sides", []ocr.Page{sheet().middle(305, 160, "BIÊN BẢN").middle(130, 600, "THƯ KÝ").middle(130, 690, "Lê Thị Hoa").
			middle(430, 600, "CHỦ TỌA").middle(430, 690, "Trần Văn Nam").page}, "Trần Văn Nam, CHỦ TỌA, 1"},
		{"a contract", []ocr.Page{sheet().middle(305, 160, "HỢP ĐỒNG").middle(130, 600, "ĐẠI DIỆN BÊN A").middle(130, 690, "Lê Thị Hoa").
			middle(430, 600, "ĐẠI DIỆN BÊN B").middle(430, 690, "Trần Văn Nam").page}, "Lê Thị Hoa, ĐẠI DIỆN BÊN A, 1"},
		{"a name in the text", []ocr.Page{body(decision()).at(113, 320, "Nguyễn Văn An").page}, ""},
		// The mark of a digital signature at the place of the name: whoever signed
		// the file did not sign the paper.
		{"a mark alone", []ocr.Page{body(decision()).middle(430, 600, "CHỦ TỊCH").at(370, 640, "Người ký: Nguyễn Văn Ký").at(370, 650, "Thời gian ký: 25.12.2025").page}, ""},
		{"a mark over the room", []ocr.Page{signed(body(decision())).at(370, 660, "Người ký: Nguyễn Văn Ký").at(370, 670, "Nguyễn Văn Ký").page}, "Đinh Văn Quyết, PHÓ CHỦ TỊCH, 1"},
	} {
		got := valuesOf(row.pages...)
		have := ""
		if f, ok := got["signer"]; ok {
			have = f.Value + ", " + got["office"].Value + ", " + string(rune('0'+f.Page))
		}
		if have != row.want {
			t.Errorf("%s: %q, want %q", row.name, have, row.want)
		}
	}
}

func TestMending(t *testing.T) {
	if got := mendPhrases("ỦY BẠN NHÂN DẬN PHƯỜNG CHỢ RẪY", known().Phrases); got != "ỦY BAN NHÂN DÂN PHƯỜNG CHỢ RẪY" {
		t.Error(got)
	}
	for given, want := range map[string]string{
		"XÁC NHẬN THÔNG TTIN VỀ CƯ TRÚ": "XÁC NHẬN THÔNG TIN VỀ CƯ TRÚ",
		"GIẤY PHÉP XẦY DỰNG":            "GIẤY PHÉP XÂY DỰNG",
		"GIẤY PHÉP KHAI THÁC":           "GIẤY PHÉP KHAI THÁC", // none of the list is near
		"TRÍCH LỤC":                     "TRÍCH LỤC",
		"":                              "",
	} {
		if got := mendName(given, known().Names); got != want {
			t.Errorf("%s: %s", given, got)
		}
	}
	for given, want := range map[string]string{"Đỉnh Văn A": "Đinh Văn A", "Vữ Thị B": "Vũ Thị B", "Lỷ Văn C": "Lý Văn C", "Hả D": "Hà D", "Xyz E": "Xyz E"} {
		if got := mendSurname(given, known().Surnames); got != want {
			t.Errorf("%s: %s, want %s", given, got, want)
		}
	}
	for _, names := range [][]string{known().Names, known().Phrases} {
		for _, n := range names {
			if n != strings.ToUpper(n) {
				t.Errorf("%s: not in capitals", n)
			}
		}
	}
}
