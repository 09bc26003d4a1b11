package web

// wordsOfCounter are the texts about what a counter says of papers, and of its
// receipt.
func wordsOfCounter() map[string]word {
	return map[string]word{
		"applicant":             {"Người nộp", "Applicant"},
		"applicant.other":       {"Người nộp khác chủ hồ sơ", "Somebody else files it for the holder"},
		"applicant.number":      {"Số định danh người nộp", "Applicant's number"},
		"applicant.name":        {"Họ tên người nộp", "Applicant's name"},
		"slot.decision":         {"Quyết định về giấy tờ này", "What becomes of this paper"},
		"slot.declared":         {"Số trang đếm trên giấy", "Pages counted on paper"},
		"slot.decide":           {"Ghi quyết định", "Decide"},
		"slot.decided":          {"Đã quyết định", "Decided"},
		"slot.miscounted":       {"Theo số trang đếm trên giấy phải có %d ảnh, đang có %d: kiểm tra trang thiếu hoặc thừa, quét lại nếu cần.", "By the pages counted on paper there must be %d images, there are %d: see whether pages are missing or too many, and scan it again if so."},
		"slot.counted":          {"%d trang giấy, %d ảnh", "%d pages of paper, %d images"},
		"slot.twice":            {"Trong đó số trang có giấy dán, chụp hai lần", "Of these with a stuck note, captured twice"},
		"slot.twicehint":        {"Có giấy dán và không có: một trang giấy, hai ảnh, giữ cả hai.", "With the note and without: one page of paper, two images, both kept."},
		"decision.digitise":     {"Số hóa", "To be scanned"},
		"decision.filed-online": {"Đã nộp bản điện tử trực tuyến", "Filed online in electronic form"},
		"decision.shown-only":   {"Chỉ xuất trình để đối chiếu", "Shown only"},
		"decision.verification": {"Kết quả thẩm định, xác minh, trả lời của cơ quan phối hợp", "Result of verification, or a reply of another agency"},
		"decision.already-held": {"Đã có trong cơ sở dữ liệu quốc gia, chuyên ngành", "Held in a national or sector database"},
		"decision.copy":         {"Bản chụp, bản sao chứng thực giấy", "A photocopy, or a certified paper copy"},
		"decision.secret":       {"Tài liệu bí mật nhà nước: không nhận bản điện tử", "A state secret: not taken in electronic form"},
		"dossier.handon":        {"Chuyển cơ quan có thẩm quyền", "Hand on to the competent agency"},
		"dossier.handon.do":     {"Chuyển hồ sơ", "Hand on"},
		"dossier.undecided":     {"Còn %d thành phần bắt buộc chưa quét, chưa dùng lại và chưa có quyết định: chưa chuyển được.", "%d required components are not scanned, not used again and not decided: it cannot be handed on yet."},
		"dossier.handedon":      {"Đã chuyển cơ quan có thẩm quyền", "Handed on"},
		"event.decided":         {"quyết định về thành phần", "component decided"},
		"event.handed-on":       {"chuyển cơ quan có thẩm quyền", "handed on"},
		"receipt.print":         {"In giấy tiếp nhận và hẹn trả", "Print the receipt"},
		"receipt.reused":        {"dùng lại bản điện tử đã có", "used again"},
		"receipt.scanned":       {"bản giấy, đã quét", "on paper, scanned"},
		"receipt.open":          {"chưa nộp", "not brought yet"},
		"error.undecided":       {"Chưa chuyển được hồ sơ", "The dossier cannot be handed on"},
		"error.undecided.do":    {"Quét, dùng lại hoặc ghi quyết định cho mọi thành phần bắt buộc; hồ sơ đã chuyển hoặc đã kết thúc thì không chuyển lại.", "Scan, use again or decide every required component; what was handed on or resolved is not handed on again."},
		"error.secret":          {"Tài liệu bí mật nhà nước không được nhận bản điện tử", "A state secret is not taken in electronic form"},
		"error.secret.do":       {"Không quét. Xử lý theo quy định về bảo vệ bí mật nhà nước; không byte nào của tệp được lưu.", "Do not scan it. It is handled by the rules on state secrets; no byte of the file was kept."},
	}
}
