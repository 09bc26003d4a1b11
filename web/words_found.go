package web

// wordsOfFound are the texts about what was found in a file at the door.
func wordsOfFound() map[string]word {
	return map[string]word{
		"found.title":  {"Đã phát hiện trong tệp gửi đến", "Found in the file that came"},
		"found.lead":   {"Tệp lưu trữ chỉ gồm các trang; những thứ khác được liệt kê dưới đây cùng cách đã xử lý. Tệp gốc được giữ nguyên từng byte.", "The archived file is made of pages alone; all else is listed here with what was done. The file that came is kept byte for byte."},
		"found.page":   {"Trang %d", "Page %d"},
		"found.file":   {"Cả tệp", "The file"},
		"found.beside": {"Tệp nhúng được lưu riêng", "Files that were within it, stored beside"},
		"found.noname": {"không tên", "without a name"},
		"found.care":   {"Chưa được kiểm tra; chỉ mở khi tin người gửi.", "They have not been checked; open them only if you trust the sender."},

		"part.arrived": {"Tệp gửi đến, nguyên từng byte", "The file that came, byte for byte"},
		"part.opened":  {"Tệp đã mở mật khẩu hoặc đã sửa, dùng để xử lý", "That file opened or mended: what is worked on"},
		"part.report":  {"Báo cáo kiểm tra tệp (JSON)", "Report on the file (JSON)"},
		"part.beside":  {"Tệp nhúng số %d", "File %d within it"},

		"slot.locked":   {"Tệp PDF có mật khẩu?", "Does the PDF have a password?"},
		"slot.password": {"Mật khẩu mở tệp", "Password that opens it"},
		"slot.forgets":  {"Chỉ dùng để mở tệp này một lần; không lưu lại ở đâu.", "Used once, to open this file; it is kept nowhere."},
	}
}
