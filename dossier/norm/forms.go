package norm

import (
	"strings"
	"time"

	"sohoa/dossier/retention"
)

// A FormNumber is the number of a form of TT 03/2025/TT-VPCP Phụ lục I.
type FormNumber string

// The forms beside 01, the receipt, whose layout is the program's. The list of the
// seven names is a practitioners' note [T].
const (
	FormMore    FormNumber = "02" // phiếu yêu cầu bổ sung, hoàn thiện hồ sơ
	FormRefusal FormNumber = "03" // phiếu từ chối tiếp nhận, giải quyết hồ sơ
	FormApology FormNumber = "04" // văn bản xin lỗi và gia hạn
	FormStop    FormNumber = "05" // thông báo dừng giải quyết
	FormControl FormNumber = "06" // phiếu kiểm soát quá trình
	FormBook    FormNumber = "07" // sổ theo dõi hồ sơ
)

// Forms lists them.
var Forms = [...]FormNumber{FormMore, FormRefusal, FormApology, FormStop, FormControl, FormBook}

// formTexts are what the program's forms say: lines, of which the first is the title.
// A line that begins with "*" is repeated for each row; words in braces are filled
// in; a line all of whose words are empty is left out. The wording is ours: of the
// circular's forms the names alone are known.
var formTexts = map[FormNumber]string{
	FormMore: `PHIẾU YÊU CẦU BỔ SUNG, HOÀN THIỆN HỒ SƠ
Kính gửi: {applicant}
Hồ sơ {code}: {procedure}
Hồ sơ còn thiếu hoặc chưa đúng các thành phần sau, đề nghị bổ sung:
*{row}
Lý do: {reason}
Thời hạn bổ sung: {day}
Giấy tờ đã có trong Kho quản lý dữ liệu điện tử thì không phải nộp lại.`,
	FormRefusal: `PHIẾU TỪ CHỐI TIẾP NHẬN, GIẢI QUYẾT HỒ SƠ
Kính gửi: {applicant}
Hồ sơ {code}: {procedure}
{receiving} không tiếp nhận, giải quyết hồ sơ này.
Lý do, căn cứ: {reason}`,
	FormApology: `PHIẾU XIN LỖI VÀ HẸN LẠI NGÀY TRẢ KẾT QUẢ
Kính gửi: {applicant}
Hồ sơ {code}: {procedure}
Tiếp nhận: {received}. Hẹn trả kết quả: {due}.
Đến nay hồ sơ chưa giải quyết xong. {competent} xin lỗi ông/bà (quý cơ quan, tổ chức).
Lý do: {reason}
Thời gian hẹn trả kết quả mới: {day}`,
	FormStop: `THÔNG BÁO DỪNG GIẢI QUYẾT HỒ SƠ
Kính gửi: {applicant}
Hồ sơ {code}: {procedure}
{competent} dừng giải quyết hồ sơ này.
Lý do, căn cứ: {reason}`,
	FormControl: `PHIẾU KIỂM SOÁT QUÁ TRÌNH GIẢI QUYẾT HỒ SƠ
Hồ sơ {code}: {procedure}
Cơ quan tiếp nhận: {receiving}
Cơ quan có thẩm quyền giải quyết: {competent}
Tiếp nhận: {received}. Hẹn trả kết quả: {due}.
Thành phần và các bước đã thực hiện (thời gian, việc, người thực hiện):
*{row}
Ghi chú: {reason}`,
	FormBook: `SỔ THEO DÕI HỒ SƠ
{receiving}
Hồ sơ tiếp nhận từ {from} đến {day}
Mã hồ sơ, thủ tục, tiếp nhận, hẹn trả, kết thúc:
*{row}
Tổng số: {count}`,
}

// forms are the norms of the forms.
func forms() (out []Norm) {
	for _, n := range Forms {
		out = append(out, Norm{ID: "norm-form-" + string(n), Sort: Form, Name: string(n), From: day(2025, 9, 15), Said: formTexts[n],
			Law: "TT 03/2025/TT-VPCP", Article: "Phụ lục I, mẫu " + string(n), Grade: retention.Technical,
			Note: "Chỉ tên mẫu được biết qua ghi chép nghiệp vụ; lời văn và bố cục do hệ thống soạn, chưa đối chiếu với mẫu của thông tư.",
			Who:  retention.Program, At: time.Date(2026, 11, 26, 0, 0, 0, 0, day(2026, 1, 1).Location())})
	}
	return out
}

// Filled are the lines of a form with its words filled in. Rows stand where the
// template repeats a line.
func Filled(template string, words map[string]string, rows []string) (lines []string) {
	for line := range strings.Lines(template) {
		line = strings.TrimSpace(line)
		if rest, ok := strings.CutPrefix(line, "*"); ok {
			for _, r := range rows {
				lines = append(lines, strings.ReplaceAll(rest, "{row}", r))
			}
			continue
		}
		found, some := part.FindAllStringSubmatch(line, -1), false
		for _, m := range found {
			some = some || words[m[1]] != ""
		}
		if len(found) > 0 && !some {
			continue
		}
		lines = append(lines, part.ReplaceAllStringFunc(line, func(m string) string { return words[m[1:len(m)-1]] }))
	}
	return lines
}
