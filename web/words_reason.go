package web

import "sohoa/dossier"

// wordsOfReason say what a proposal rests on, by the codes of package ocr/extract.
func wordsOfReason() map[string]word {
	return map[string]word{
		"reason.title":       {"chữ hoa giữa trang, thuộc danh mục tên loại", "capitals in the middle of the page, of the list of kinds"},
		"reason.kind":        {"chữ viết tắt của tên loại (NĐ 30/2020 Phụ lục III)", "the abbreviation of its kind (NĐ 30/2020 Phụ lục III)"},
		"reason.head":        {"vị trí và cách ghi ở đầu trang (NĐ 30/2020 Phụ lục I)", "its place and form in the head of the page (NĐ 30/2020 Phụ lục I)"},
		"reason.below-title": {"các dòng dưới tên loại", "the lines below the kind"},
		"reason.about":       {"sau chữ V/v", "behind V/v"},
		"reason.closing":     {"địa danh, ngày tháng ở cuối hoặc sau chữ Hôm nay", "place and day at the end, or behind Hôm nay"},
		"reason.label":       {"sau nhãn của trường trên giấy", "behind the words that name it"},
		"reason.computed":    {"tính từ ngày cấp theo thời hạn ghi trên giấy", "counted from the day of issue by the span on the paper"},
		"reason.signed":      {"họ tên dưới chức vụ ở khối chữ ký", "the name below an office where the paper is signed"},
		"reason.hand":        {"viết tay: hãy đọc trên giấy và nhập", "written by hand: read it on the paper and type it"},
		"reason.several":     {"trên giấy có nhiều giá trị khác nhau: hãy chọn", "several values stand on the paper: choose"},
		"reason.future":      {"ngày chưa đến: hãy đọc lại trên giấy", "a day that has not come yet: read it on the paper"},
		"reason.card":        {"mã QR của thẻ căn cước trên trang, khớp giới tính và ngày sinh", "the QR code of a citizen's card on the page, which agrees with sex and date of birth"},
		"reason.card-odd":    {"mã QR của thẻ căn cước trên trang, có điểm lạ: hãy xem thẻ", "the QR code of a citizen's card on the page, with something unusual: look at the card"},
	}
}

// ReasonOf says in Vietnamese and English what a proposal rests on, by its code;
// nothing for a code that is none.
func ReasonOf(code string) (vi, en string) {
	w := wordsOfReason()["reason."+code]
	return w.vi, w.en
}

// MustConfirm reports whether a person must read a proposed value on the paper
// before it is used.
func MustConfirm(f dossier.Field) bool { return f.Confidence < lowConfidence }
