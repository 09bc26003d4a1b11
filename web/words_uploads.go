package web

// wordsOfUploads are the texts about files that wait to be sent, or are being sent.
func wordsOfUploads() map[string]word {
	return map[string]word{
		"waiting.title":    {"Tệp đang chờ gửi", "Files that wait to be sent"},
		"waiting.waits":    {"Đang chờ đường truyền; sẽ tự gửi tiếp.", "Waiting for the line; it goes on by itself."},
		"waiting.sends":    {"Đang gửi…", "Sending…"},
		"waiting.checks":   {"Đã gửi đủ, đang kiểm tra…", "All of it is sent; it is being looked at…"},
		"waiting.login":    {"Phiên làm việc đã hết; tệp vẫn được giữ.", "Your session has ended; the file is kept."},
		"waiting.login.do": {"Đăng nhập lại để gửi tiếp", "Log in again, and it goes on"},
		"waiting.unkept":   {"Trình duyệt không còn chỗ lưu: đừng đóng trang này.", "The browser has no room to keep it: do not close this page."},
		"waiting.again":    {"Gửi lại", "Send again"},
		"waiting.remove":   {"Bỏ", "Remove"},
		"waiting.leaves":   {"Còn tệp chưa gửi xong. Đăng xuất sẽ xóa các tệp này khỏi trình duyệt. Vẫn đăng xuất?", "Some files are not sent yet. Logging out removes them from this browser. Log out all the same?"},
		"error.sum":        {"Dữ liệu bị sai khi truyền.", "The bytes were hurt on their way."},
		"error.sum.do":     {"Hệ thống tự gửi lại phần này.", "The piece is sent again by itself."},
		"error.changed":    {"Tệp đã thay đổi trong khi gửi.", "The file changed while it was sent."},
		"error.changed.do": {"Chọn lại tệp và gửi lại.", "Choose the file once more and send it."},
	}
}
