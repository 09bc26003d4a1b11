package web

// wordsOfCapture say what a quick look saw on a page, and what to do while its paper
// is still there: by the codes of package ocr/quality.
func wordsOfCapture() map[string]word {
	return map[string]word{
		"capture.fine":           {"Ảnh đạt", "The picture will do"},
		"capture.unseen":         {"Chưa xem chất lượng ảnh", "The picture was not looked at"},
		"capture.low-dpi":        {"Độ phân giải thấp.", "Too coarse."},
		"capture.low-dpi.do":     {"Quét lại ở 200 dpi trở lên (TT 05/2025/TT-BNV Điều 8).", "Scan again at 200 dpi or more (TT 05/2025/TT-BNV Điều 8)."},
		"capture.blur":           {"Mờ.", "Blurred."},
		"capture.blur.do":        {"Lau kính, giữ giấy phẳng rồi quét lại.", "Clean the glass, keep the paper flat, scan again."},
		"capture.cut":            {"Mất mép.", "An edge is cut off."},
		"capture.cut.do":         {"Chữ chạm mép ảnh: đặt lại giấy rồi quét cả trang.", "Letters run over the edge: lay the paper anew and scan all of it."},
		"capture.skew":           {"Lệch.", "Askew."},
		"capture.skew.do":        {"Đặt giấy thẳng rồi quét lại.", "Lay the paper straight and scan again."},
		"capture.blank":          {"Trang trắng.", "Blank."},
		"capture.blank.do":       {"Xem đã quét đúng mặt giấy chưa; mặt trắng thì bỏ trang.", "Look whether the right side was scanned; leave a blank side out."},
		"capture.upside-down":    {"Ngược.", "Upside down."},
		"capture.upside-down.do": {"Xoay 180° ở đây, không cần quét lại.", "Turn it by 180° here; no new scan is needed."},
		"capture.sideways":       {"Nằm ngang.", "On its side."},
		"capture.sideways.do":    {"Xoay 90° ở đây, không cần quét lại.", "Turn it by 90° here; no new scan is needed."},
		"capture.twice":          {"Trùng.", "Twice."},
		"capture.twice.do":       {"Cùng một ảnh với một trang trước: bỏ một trang.", "The same picture as a page before: leave one out."},
		"capture.grey":           {"ảnh xám", "grey"},
		"capture.bilevel":        {"ảnh đen trắng", "black and white"},
		"draft.again":            {"Quét lại một trang", "Scan a page again"},
		"draft.again.page":       {"Quét lại trang %d", "Scan page %d again"},
		"draft.again.which":      {"Trang", "Page"},
		"draft.again.file":       {"Bản quét mới", "The new scan"},
		"draft.again.do":         {"Thay trang", "Put in its place"},
		"draft.again.hint":       {"Trang cũ được bỏ, vẫn hiện ở đây đến khi nộp.", "The old page is left out, and stays here to be seen until entry."},
		"draft.page":             {"trang cần quét lại", "page to be scanned again"},
	}
}
