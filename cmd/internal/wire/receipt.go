package wire

import (
	"fmt"
	"io"
	"strings"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/batch"
	"sohoa/dossier/payment"
	"sohoa/dossier/retention"
	"sohoa/pdf/slip"
	"sohoa/web"
)

// system is the name under which the QR code says who made a paper.
const system = "Sohoa"

// A printer prints what the counter hands out, in one face.
type printer struct{ face *slip.Face }

// prints returns what prints in a face.
func prints(font string) (printer, error) {
	face, err := slip.Load(font)
	return printer{face}, err
}

func (p printer) receipt(w io.Writer, r web.Receipt) error {
	return slip.Write(w, p.face, receiptSlip(r))
}
func (p printer) form(w io.Writer, f web.Filled) error { return slip.Write(w, p.face, formSlip(f)) }

// separators prints the sheets that are laid between papers.
func (p printer) separators(w io.Writer, sheets []web.Separator) error {
	var all []slip.Separator
	for _, s := range sheets {
		lines := []slip.Line{{Text: "TỜ PHÂN CÁCH", Size: 26, Bold: true, Align: slip.Centre}}
		if s.Mark.Kind == batch.Next {
			lines = append(lines, slip.Line{Text: "HỒ SƠ TIẾP THEO", Size: 22, Bold: true, Align: slip.Centre, Gap: 14},
				slip.Line{Text: "Đặt trước giấy tiếp nhận hoặc tờ phân cách thành phần của hồ sơ sau. Dùng lại được nhiều lần.", Size: 13, Align: slip.Centre, Gap: 14})
		} else {
			lines = append(lines, slip.Line{Text: s.Dossier, Size: 20, Bold: true, Align: slip.Centre, Gap: 14}, slip.Line{Text: string(s.Mark.Slot) + " · " + s.Paper, Size: 16, Align: slip.Centre, Gap: 10},
				slip.Line{Text: fmt.Sprintf("Tờ %d trên %d", s.Mark.Number, s.Mark.Of), Size: 18, Bold: true, Align: slip.Centre, Gap: 14},
				slip.Line{Text: "Đặt ngay trước trang đầu của thành phần này, mặt có mã cùng chiều với mặt trước của giấy. Thiếu tờ nào khi quét, hệ thống sẽ báo.", Size: 13, Align: slip.Centre, Gap: 14})
		}
		all = append(all, slip.Separator{Code: s.Mark.Text(), Lines: lines})
	}
	return slip.WriteSeparators(w, p.face, "Tờ phân cách", all)
}

// formSlip lays a form out: heading, number, title, its lines, who signs. The wording is
// that of its norm; where the norm is not proven by the circular's own text, a line at
// the foot says so.
func formSlip(f web.Filled) slip.Slip {
	s := slip.Slip{Title: "Mẫu " + f.Number + " " + string(f.Dossier)}
	const half = 215.0
	put := func(l slip.Line) { s.Lines = append(s.Lines, l) }
	put(slip.Line{Text: strings.ToUpper(f.Receiving.Name), Size: 11.5, Bold: true, Align: slip.Centre, Width: half})
	put(slip.Line{Text: "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", Size: 11, Bold: true, Align: slip.Centre, X: half + 18, Width: 248, Beside: true})
	put(slip.Line{Text: "Độc lập - Tự do - Hạnh phúc", Size: 12, Bold: true, Align: slip.Centre, X: half + 18, Width: 248})
	put(slip.Line{Text: f.At.In(dossier.VietNam).Format("ngày 02 tháng 01 năm 2006"), Size: 12, X: half + 18, Width: 248, Align: slip.Centre, Gap: 8})
	for i, line := range f.Lines {
		if i == 0 {
			put(slip.Line{Text: line, Size: 14, Bold: true, Align: slip.Centre, Gap: 18})
			continue
		}
		put(slip.Line{Text: line, Size: 12.5, Gap: 4})
	}
	put(slip.Line{Text: "NGƯỜI LẬP", Size: 12, Bold: true, Align: slip.Centre, X: half + 40, Width: half, Gap: 26})
	put(slip.Line{Text: "(ký, ghi rõ họ tên)", Size: 11, Align: slip.Centre, X: half + 40, Width: half})
	put(slip.Line{Text: f.Officer, Size: 12, Align: slip.Centre, X: half + 40, Width: half, Gap: 58})
	if f.Norm.Grade != retention.Primary {
		put(slip.Line{Text: fmt.Sprintf("(Theo tên mẫu %s, %s; lời văn chưa đối chiếu với mẫu của thông tư.)", f.Number, f.Norm.Law), Size: 9, Gap: 18})
	}
	return s
}

const receiptTitle = "Giấy tiếp nhận hồ sơ và hẹn trả kết quả"

// ReceiptCode is what the QR code of a receipt says: code of the dossier, of the
// procedure, number of the applicant, name of the paper, system, when it was
// printed, appointment (TT 01/2023/TT-VPCP, its fields in its order; TCVN 7322).
// How they are told apart no rule says: by bars, as on citizen cards.
func ReceiptCode(r web.Receipt) string {
	number := r.Holder.Number
	if r.Applicant.Number != "" {
		number = r.Applicant.Number
	}
	due := ""
	if !r.Dossier.Due.IsZero() {
		due = r.Dossier.Due.In(dossier.VietNam).Format(time.RFC3339)
	}
	return strings.Join([]string{string(r.Dossier.Code), string(r.Dossier.Procedure), number, receiptTitle, system,
		r.At.In(dossier.VietNam).Format(time.RFC3339), due}, "|")
}

// receiptSlip lays a receipt out like form 01 of TT 03/2025/TT-VPCP Phụ lục I,
// whose text could not be compared with the original.
func receiptSlip(r web.Receipt) slip.Slip {
	s := slip.Slip{Title: receiptTitle + " " + string(r.Dossier.Code), QR: ReceiptCode(r)}
	half := 215.0
	put := func(l slip.Line) { s.Lines = append(s.Lines, l) }
	put(slip.Line{Text: strings.ToUpper(r.Receiving.Name), Size: 11.5, Bold: true, Align: slip.Centre, X: 42, Width: half - 25})
	put(slip.Line{Text: "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", Size: 11, Bold: true, Align: slip.Centre, X: half + 18, Width: 248, Beside: true})
	put(slip.Line{Text: "Độc lập - Tự do - Hạnh phúc", Size: 12, Bold: true, Align: slip.Centre, X: half + 18, Width: 248})
	put(slip.Line{Text: "Mã hồ sơ: " + string(r.Dossier.Code), Size: 12, Gap: 34})
	put(slip.Line{Text: r.At.In(dossier.VietNam).Format("ngày 02 tháng 01 năm 2006"), Size: 12, X: half + 18, Width: 248, Align: slip.Centre, Beside: true})
	put(slip.Line{Text: strings.ToUpper(receiptTitle), Size: 14, Bold: true, Align: slip.Centre, Gap: 16})
	put(slip.Line{Text: "Bộ phận tiếp nhận và trả kết quả: " + r.Receiving.Name, Size: 12.5, Gap: 14})
	field := func(name, value string) {
		if value != "" {
			put(slip.Line{Text: name + ": " + value, Size: 12.5, Gap: 3})
		}
	}
	field("Tiếp nhận hồ sơ của (chủ hồ sơ)", r.Holder.Name)
	field("Số định danh chủ hồ sơ", r.Holder.Number)
	field("Người nộp", r.Applicant.Name)
	field("Số định danh người nộp", r.Applicant.Number)
	field("Nội dung yêu cầu giải quyết", fmt.Sprintf("%s (mã thủ tục %s)", r.Procedure.Name, r.Procedure.Code))
	field("Cơ quan có thẩm quyền giải quyết", r.Competent.Name)
	field("Hình thức tiếp nhận", map[dossier.Channel]string{dossier.Direct: "trực tiếp", dossier.Online: "trực tuyến", dossier.Post: "qua dịch vụ bưu chính"}[r.Dossier.Channel])
	put(slip.Line{Text: "Thành phần hồ sơ:", Size: 12.5, Gap: 6})
	for i, p := range r.Papers {
		put(slip.Line{Text: fmt.Sprintf("%d. %s: %s", i+1, p.Name, p.Done), Size: 12.5, X: 18, Gap: 2})
	}
	if r.Procedure.Days > 0 {
		put(slip.Line{Text: fmt.Sprintf("Thời hạn giải quyết theo quy định: %d ngày làm việc", r.Procedure.Days), Size: 12.5, Gap: 6})
	}
	moment := func(t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return t.In(dossier.VietNam).Format("15 giờ 04 phút, ngày 02/01/2006")
	}
	field("Thời gian tiếp nhận hồ sơ", moment(r.Dossier.Received))
	field("Thời gian hẹn trả kết quả", moment(r.Dossier.Due))
	if p := r.Pay; p != nil {
		text := fmt.Sprintf("Phí, lệ phí: %s (%s). Quét mã bằng ứng dụng ngân hàng để chuyển khoản (VietQR), hoặc chuyển tới tài khoản %s, ngân hàng %s, %s; nội dung: %s. Giấy này không phải biên lai thu tiền.",
			payment.Dong(p.Fee.Amount), p.Fee.Law, p.Account.Number, p.Account.BIN, p.Account.Name, p.Order.Purpose)
		put(slip.Line{Code: p.QR, Side: 92, X: 0, Gap: 8})
		put(slip.Line{Text: text, Size: 11, X: 104, Width: 360, Beside: true})
		put(slip.Line{Text: "", Size: 11, Gap: 22})
	}
	put(slip.Line{Text: "NGƯỜI NỘP HỒ SƠ", Size: 12, Bold: true, Align: slip.Centre, Width: half, Gap: 26})
	put(slip.Line{Text: "NGƯỜI TIẾP NHẬN HỒ SƠ", Size: 12, Bold: true, Align: slip.Centre, X: half + 40, Width: half, Beside: true})
	put(slip.Line{Text: "(ký, ghi rõ họ tên)", Size: 11, Align: slip.Centre, Width: half})
	put(slip.Line{Text: "(ký, ghi rõ họ tên)", Size: 11, Align: slip.Centre, X: half + 40, Width: half, Beside: true})
	put(slip.Line{Text: r.Officer, Size: 12, Align: slip.Centre, X: half + 40, Width: half, Gap: 58})
	return s
}
