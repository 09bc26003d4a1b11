package web

// wordsOfPayments are the texts about fees, accounts and posters.
func wordsOfPayments() map[string]word {
	return map[string]word{
		"admin.payments":    {"Phí, tài khoản", "Fees, accounts"},
		"payments.lead":     {"Giấy tiếp nhận của hồ sơ có phí mang mã VietQR tĩnh tới tài khoản của cơ quan. Hệ thống không thu tiền và không biết tiền đã đến hay chưa.", "The receipt of a dossier with a fee bears a static VietQR code to the agency's account. No money is handled here, and nobody here knows whether it came."},
		"payments.accounts": {"Tài khoản nhận phí", "Accounts"},
		"payments.bin":      {"Mã ngân hàng (BIN, 6 số)", "Bank (BIN, six digits)"},
		"payments.number":   {"Số tài khoản", "Account"},
		"payments.owner":    {"Chủ tài khoản", "Whose it is"},
		"payments.since":    {"Từ ngày", "From"},
		"payments.ended":    {"từ ngày này không còn tài khoản", "from that day on there is none"},
		"payments.account":  {"Thêm tài khoản", "Add an account"},
		"payments.fees":     {"Phí, lệ phí của thủ tục", "Fees of procedures"},
		"payments.amount":   {"Số tiền (đồng)", "Amount (đồng)"},
		"payments.law":      {"Căn cứ", "By which rule"},
		"payments.fee":      {"Thêm mức phí", "Add a fee"},
		"payments.none":     {"Chưa có.", "There are none."},
		"error.payment":     {"Chưa ghi được", "It cannot be taken"},
		"error.payment.do":  {"Mã ngân hàng 6 số, số tài khoản chỉ có chữ và số, tên chủ tài khoản, ngày; mức phí cần số tiền, căn cứ và ngày.", "A bank is six digits, an account letters and digits, with whose it is and a day; a fee an amount, by which rule and a day."},
		"posters.title":     {"Tờ niêm yết có mã QR", "Posters with QR codes"},
		"posters.lead":      {"Mỗi thủ tục một tờ: tên, thành phần hồ sơ, thời hạn, phí và mã QR dẫn tới trang công khai của thủ tục.", "A sheet for each procedure: its name, papers, time, fee, and a QR code that leads to its public page."},
		"posters.all":       {"Mọi thủ tục của cấp này", "All procedures of its tier"},
		"posters.size":      {"Khổ giấy", "Paper"},
		"posters.print":     {"In", "Print"},
		"posters.off":       {"Chưa đặt SOHOA_ORIGIN: chưa biết địa chỉ trang công khai.", "SOHOA_ORIGIN is not set: nobody knows where the public page is."},
		"procedure.public":  {"Thủ tục hành chính", "Administrative procedure"},
		"procedure.papers":  {"Thành phần hồ sơ", "Papers"},
		"procedure.days":    {"%d ngày làm việc", "%d working days"},
		"procedure.free":    {"không mất phí", "free"},
		"procedure.fee":     {"Phí, lệ phí", "Fee"},
		"procedure.time":    {"Thời hạn giải quyết", "Time"},
		"procedure.code":    {"Mã thủ tục", "Code"},
		"procedure.unsaid":  {"Hỏi tại nơi tiếp nhận", "Ask at the counter"},
		"procedure.may":     {"nếu có", "if there is one"},
	}
}
