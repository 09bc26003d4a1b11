package wire

import (
	"bytes"
	"fmt"
	"image"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/norm"
	"sohoa/ocr/codes"
	"sohoa/web"
)

const formFont = "/usr/share/fonts/truetype/croscore/Tinos-Regular.ttf"

var printedAt = time.Date(2026, 11, 20, 9, 5, 0, 0, dossier.VietNam)

// poppled gives a form to a program of poppler and returns what it says.
func poppled(t *testing.T, file []byte, name string, args ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "a.pdf")
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	for i, a := range args {
		if a == "FILE" {
			args[i] = path
		}
	}
	out, err := exec.Command(name, args...).Output()
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return string(out)
}

func flat(s string) string { return strings.Join(strings.Fields(s), " ") }

// Form 01 of TT 03/2025/TT-VPCP, the receipt: another program reads on it all that was
// said, and the reader of codes reads the QR code's seven fields from its picture.
func TestReceiptIsPrinted(t *testing.T) {
	printed, err := prints(formFont)
	if err != nil {
		t.Fatal(err)
	}
	r := web.Receipt{Dossier: dossier.Dossier{Code: "H60.12-261120-0001", Procedure: "1.004222", Channel: dossier.Post, Received: printedAt, Due: printedAt.AddDate(0, 0, 5)},
		Procedure: dossier.Procedure{Code: "1.004222", Name: "Đăng ký khai sinh có yếu tố nước ngoài", Days: 3},
		Receiving: dossier.Agency{Name: "Ủy ban nhân dân xã Vĩnh Nghĩa"}, Competent: dossier.Agency{Name: "Sở Tư pháp tỉnh Thử Nghiệm"},
		Holder: dossier.Holder{Number: "001090012345", Name: "Nguyễn Thị Ngọc Huyền"}, Applicant: dossier.Holder{Number: "008199012345", Name: "Lữ Đức Thuận"},
		Papers: []web.ReceiptPaper{{Name: "Tờ khai đăng ký khai sinh", Done: "số hóa"}, {Name: "Giấy chứng sinh", Done: "dùng lại"}}, Officer: "Vũ Thị Mỵ", At: printedAt}
	var b bytes.Buffer
	if err := printed.receipt(&b, r); err != nil {
		t.Fatal(err)
	}
	text := flat(poppled(t, b.Bytes(), "pdftotext", "-layout", "FILE", "-"))
	for _, want := range []string{"ỦY BAN NHÂN DÂN XÃ", "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc", "Mã hồ sơ: H60.12-261120-0001", "GIẤY TIẾP NHẬN HỒ SƠ VÀ HẸN TRẢ KẾT QUẢ",
		"Tiếp nhận hồ sơ của (chủ hồ sơ): Nguyễn Thị Ngọc Huyền", "Người nộp: Lữ Đức Thuận", "Đăng ký khai sinh có yếu tố nước ngoài (mã thủ tục 1.004222)", "Sở Tư pháp tỉnh Thử Nghiệm",
		"qua dịch vụ bưu chính", "1. Tờ khai đăng ký khai sinh: số hóa", "2. Giấy chứng sinh: dùng lại", "3 ngày làm việc", "9 giờ 05 phút, ngày 20/11/2026", "ngày 25/11/2026", "ngày 20 tháng 11 năm 2026", "Vũ Thị Mỵ"} {
		if !strings.Contains(text, want) {
			t.Errorf("the receipt lacks %q", want)
		}
	}
	pgm := poppled(t, b.Bytes(), "pdftoppm", "-r", "200", "-gray", "FILE")
	var width, height, most int
	if _, err := fmt.Sscanf(pgm[:40], "P5\n%d %d\n%d", &width, &height, &most); err != nil {
		t.Fatal(err)
	}
	m := image.NewGray(image.Rect(0, 0, width, height))
	copy(m.Pix, pgm[len(pgm)-width*height:])
	found, err := codes.Find(m)
	want := "H60.12-261120-0001|1.004222|008199012345|Giấy tiếp nhận hồ sơ và hẹn trả kết quả|Sohoa|2026-11-20T09:05:00+07:00|2026-11-25T09:05:00+07:00"
	if err != nil || len(found) != 1 || found[0].Text != want {
		t.Errorf("the code says %+v, %v", found, err)
	}
}

// Forms 02 to 07 from the norms that the house comes with: every line of each is read
// back by another program, with its words and rows filled in and no brace left, and
// the foot says that the wording is not the circular's own.
func TestFormsArePrinted(t *testing.T) {
	printed, err := prints(formFont)
	if err != nil {
		t.Fatal(err)
	}
	words := map[string]string{"code": "H60.12-261120-0001", "procedure": "Đăng ký khai sinh có yếu tố nước ngoài", "applicant": "Lữ Đức Thuận", "receiving": "Ủy ban nhân dân xã Vĩnh Nghĩa",
		"competent": "Sở Tư pháp tỉnh Thử Nghiệm", "received": "20/11/2026", "due": "25/11/2026", "reason": "thiếu giấy ủy quyền có chứng thực", "day": "30/11/2026", "from": "01/11/2026", "count": "2"}
	rows := []string{"- Giấy ủy quyền: chưa nộp", "- Hộ chiếu: thiếu trang có dấu thị thực"}
	titles := map[norm.FormNumber]string{norm.FormMore: "PHIẾU YÊU CẦU BỔ SUNG, HOÀN THIỆN HỒ SƠ", norm.FormRefusal: "PHIẾU TỪ CHỐI TIẾP NHẬN, GIẢI QUYẾT HỒ SƠ", norm.FormApology: "PHIẾU XIN LỖI VÀ HẸN LẠI NGÀY TRẢ KẾT QUẢ",
		norm.FormStop: "THÔNG BÁO DỪNG GIẢI QUYẾT HỒ SƠ", norm.FormControl: "PHIẾU KIỂM SOÁT QUÁ TRÌNH GIẢI QUYẾT HỒ SƠ", norm.FormBook: "SỔ THEO DÕI HỒ SƠ"}
	if len(titles) != len(norm.Forms) {
		t.Fatal("a form is missing here")
	}
	for _, number := range norm.Forms {
		n, ok := norm.Norms(norm.Seed()).On(norm.Form, string(number), printedAt)
		if !ok {
			t.Fatalf("no norm of form %s", number)
		}
		lines := norm.Filled(n.Said, words, rows)
		var b bytes.Buffer
		if err := printed.form(&b, web.Filled{Number: string(number), Norm: n, Lines: lines, Receiving: dossier.Agency{Name: words["receiving"]}, Dossier: "H60.12-261120-0001", Officer: "Vũ Thị Mỵ", At: printedAt}); err != nil {
			t.Fatal(err)
		}
		text := flat(poppled(t, b.Bytes(), "pdftotext", "-layout", "FILE", "-"))
		if len(lines) < 4 || lines[0] != titles[number] {
			t.Errorf("form %s has %q", number, lines)
		}
		for _, want := range append(lines, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Vũ Thị Mỵ", "ngày 20 tháng 11 năm 2026", "Theo tên mẫu "+string(number)+", TT 03/2025/TT-VPCP; lời văn chưa đối chiếu") {
			if !strings.Contains(text, want) {
				t.Errorf("form %s lacks %q", number, want)
			}
		}
		if strings.ContainsAny(text, "{}*") {
			t.Errorf("form %s is not filled in: %s", number, text)
		}
	}
}
