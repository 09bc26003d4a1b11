package web

// wordsOfReview are about pages that were read badly.
func wordsOfReview() map[string]word {
	return map[string]word{
		"review.title":   {"Trang đọc chưa rõ, cần người xem lại", "Pages read badly: to be looked at"},
		"review.none":    {"Không còn trang nào cần xem lại.", "Nothing is left to look at."},
		"review.card":    {"Trang cần xem lại", "Pages to look at"},
		"review.lead":    {"Máy đọc chưa chắc các trang này; những chữ đáng ngờ được tô trên ảnh. Nếu ảnh mờ thì từ chối để quét lại; nếu ảnh rõ thì xác nhận đã xem.", "The machine is not sure about these pages; doubtful words are marked on the picture. If the picture is bad, refuse it so that it is scanned again; if it is good, say that you looked."},
		"review.page":    {"Trang %d: độ tin cậy %.0f %%, %d trên %d từ đáng ngờ", "Page %d: confidence %.0f%%, %d of %d words doubtful"},
		"review.do":      {"Đã xem lại", "I looked"},
		"review.by":      {"Đã xem lại: %s", "Looked at by %s"},
		"doubt.unread":   {"không đọc được chữ nào", "not a word could be read"},
		"doubt.poor":     {"đọc kém", "read badly"},
		"doubt.coarse":   {"quét dưới 150 dpi", "scanned below 150 dpi"},
		"event.reviewed": {"Đã xem lại trang đọc chưa rõ", "Badly read pages looked at"},
		"words.title":    {"Văn bản máy đọc, có vị trí và độ tin cậy", "What was read, with places and confidence"},
		"error.well":     {"Giấy tờ này được đọc tốt, không cần xem lại.", "This document was read well: there is nothing to look at."},
		"error.well.do":  {"Không cần làm gì thêm.", "Nothing more is needed."},
	}
}
