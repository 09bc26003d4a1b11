package web

// wordsOfFixity are the texts about how the files of the archive are.
func wordsOfFixity() map[string]word {
	return map[string]word{
		"admin.fixity":      {"Toàn vẹn kho lưu trữ", "Integrity of the archive"},
		"fixity.lead":       {"Mọi tệp được đọc lại và so mã băm SHA-256 ít nhất một lần trong %d ngày. Tệp sai hoặc mất được khôi phục từ kho kia; dữ liệu sai được giữ làm chứng cứ. Kiểm tra ngay bằng lệnh sohoa fixity --now.", "Every file is read and held against its SHA-256 at least once in %d days. What is wrong or lost is mended from the other store; the wrong bytes are kept as evidence. The command sohoa fixity --now looks at all at once."},
		"fixity.good":       {"Mọi tệp đã kiểm tra đều nguyên vẹn.", "All files are as they were kept."},
		"fixity.bad":        {"%d tệp bị hỏng, mất hoặc không đọc được và chưa khôi phục được: lấy lại từ bản sao lưu, rồi chạy sohoa fixity --now.", "%d files are damaged, missing or unreadable and could not be mended: bring them back from a backup, then run sohoa fixity --now."},
		"fixity.overdue":    {"Có tệp quá hạn kiểm tra: dịch vụ đã dừng lâu, hoặc tốc độ đọc (SOHOA_FIXITY_PACE) quá thấp.", "Some files were not looked at in time: the service stood still, or its pace (SOHOA_FIXITY_PACE) is too low."},
		"fixity.single":     {"Chưa có kho thứ hai: tệp hỏng không khôi phục được. Đặt SOHOA_SECOND_DIR hoặc SOHOA_SECOND_S3_ENDPOINT.", "There is no second store: what is damaged cannot be mended. Set SOHOA_SECOND_DIR or SOHOA_SECOND_S3_ENDPOINT."},
		"fixity.store":      {"Kho", "Store"},
		"fixity.main":       {"Kho chính", "Main store"},
		"fixity.second":     {"Kho thứ hai", "Second store"},
		"fixity.files":      {"Tệp", "Files"},
		"fixity.bytes":      {"Dung lượng đã kiểm tra", "Bytes looked at"},
		"fixity.kept":       {"Nguyên vẹn", "As kept"},
		"fixity.owed":       {"Chờ chép sang", "To be copied"},
		"fixity.damaged":    {"Hỏng", "Damaged"},
		"fixity.missing":    {"Mất", "Missing"},
		"fixity.unreadable": {"Không đọc được", "Unreadable"},
		"fixity.mended":     {"Đã khôi phục", "Mended"},
		"fixity.pruned":     {"Đã dọn (tệp không hồ sơ nào nhắc tới)", "Pruned (no row named it)"},
		"fixity.oldest":     {"Lần kiểm tra xa nhất", "Oldest look"},
		"fixity.orphans":    {"Tệp không hồ sơ nào nhắc tới", "Files no row names"},
		"fixity.prunable":   {"%d đủ thời gian để dọn", "%d may be pruned"},
		"fixity.walked":     {"rà lúc %s", "looked for at %s"},
		"fixity.never":      {"chưa rà", "not looked for yet"},
		"fixity.now":        {"Tệp chưa nguyên vẹn", "Files that are not right"},
		"fixity.findings":   {"Đã phát hiện và xử lý", "Found and done"},
		"fixity.when":       {"Lúc", "When"},
		"fixity.what":       {"Việc", "What"},
		"fixity.evidence":   {"Chứng cứ", "Evidence"},
		"fixity.none":       {"Chưa phát hiện gì: mọi tệp đã xem đều đúng từng byte. Lần xem kế tiếp tự bắt đầu.", "Nothing was found: each file that was looked at is right to the byte. The next look begins by itself."},
		"fixity.seen":       {"Xem lúc", "Looked at"},
	}
}
