package web

// wordsOfLine are the texts about the machine's work.
func wordsOfLine() map[string]word {
	return map[string]word{
		"admin.line":          {"Hàng chờ xử lý", "The line"},
		"line.lead":           {"Máy xử lý theo lượt của từng cơ quan: cơ quan có nhiều giấy tờ không làm cơ quan khác phải chờ. Trọng số lớn gấp đôi thì được gấp đôi lượt.", "The machine works by turns of agencies: a backlog of one does not keep the others waiting. Twice the weight is twice the turns."},
		"line.all":            {"Toàn bộ", "The whole line"},
		"line.none":           {"(chưa rõ cơ quan)", "(no agency noted)"},
		"line.owed":           {"Đang chờ", "Waiting"},
		"line.held":           {"Đang làm", "In hand"},
		"line.oldest":         {"Chờ lâu nhất từ", "Longest since"},
		"line.weight":         {"Trọng số", "Weight"},
		"line.rate":           {"Tối đa mỗi phút (0: không giới hạn)", "Most a minute (0: no limit)"},
		"line.paused":         {"Tạm dừng", "Paused"},
		"line.set":            {"Đặt", "Set"},
		"line.stuck":          {"Giấy tờ bị kẹt", "Papers that are stuck"},
		"line.stucklead":      {"Máy gặp trở ngại với những giấy tờ này và sẽ thử lại lúc ghi bên cạnh. Khi đã xử lý nguyên nhân, cho thử lại ngay.", "Something keeps the machine from these papers; it tries again at the time given. When the cause is mended, have it try at once."},
		"line.stucknone":      {"Không có giấy tờ nào bị kẹt.", "No paper is stuck."},
		"line.why":            {"Lý do", "Reason"},
		"line.next":           {"Thử lại lúc", "Next try"},
		"line.requeue":        {"Thử lại ngay", "Try again now"},
		"line.halt":           {"Dừng lại", "Leave it alone"},
		"line.pages":          {"Đã đọc %d trên %d trang", "%d of %d pages read"},
		"slot.waiting":        {"Người dân đang chờ tại quầy", "A citizen is waiting at the counter"},
		"error.halted":        {"Quản trị viên đã dừng việc xử lý giấy tờ này.", "An administrator has stopped the work on this paper."},
		"error.halted.do":     {"Quản trị viên cho chạy lại ở trang Quản trị → Hàng chờ xử lý.", "An administrator has it go on, on the page Administration → The line."},
		"error.rate":          {"Cơ quan gửi giấy tờ nhanh hơn mức đã đặt.", "The agency brings papers faster than is set for it."},
		"error.rate.do":       {"Chờ ít giây rồi gửi lại đúng tệp này. Cần mức cao hơn: quản trị viên đặt lại ở trang Hàng chờ xử lý.", "Wait some seconds and send the same file again. An administrator sets the rate on the page of the line."},
		"error.disk-low":      {"Máy chủ sắp hết chỗ trên đĩa: tạm không nhận giấy tờ mới.", "The server's disk is nearly full: no new papers are taken for now."},
		"error.disk-low.do":   {"Giữ lại bản giấy và gửi lại sau. Báo quản trị viên thêm đĩa.", "Keep the paper and send it later. Tell the administrator to add room."},
		"error.queue-full":    {"Quá nhiều giấy tờ đang chờ xử lý: tạm không nhận thêm.", "Too many papers wait for the machine: no more are taken for now."},
		"error.queue-full.do": {"Gửi lại sau ít phút. Báo quản trị viên thêm máy xử lý nếu kéo dài.", "Send it again in some minutes. If it lasts, tell the administrator to add workers."},
		"error.store-away":    {"Kho lưu tệp không trả lời: tạm không nhận giấy tờ mới.", "The store of files does not answer: no new papers are taken for now."},
		"error.store-away.do": {"Gửi lại sau ít phút; chưa có gì bị mất. Báo quản trị viên nếu kéo dài.", "Send it again in some minutes; nothing is lost. If it lasts, tell the administrator."},
	}
}
