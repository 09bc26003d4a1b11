package web

// wordsOfShortcuts are the texts about keys of the keyboard, and about what was typed and
// not sent.
func wordsOfShortcuts() map[string]word {
	return map[string]word{
		"keys.title":     {"Phím tắt của trang này", "Keys of this page"},
		"keys.help":      {"Mở bảng này", "Open this list"},
		"keys.tab":       {"Sang ô, nút kế tiếp", "To the next field or button"},
		"keys.enter":     {"Xác nhận nút đang chọn", "Confirm what has the focus"},
		"keys.ctrlenter": {"Gửi biểu mẫu đang điền", "Send the form that is being filled in"},
		"keys.card":      {"Quét thẻ căn cước ở bất kỳ đâu: mở hồ sơ mới với thông tin trên thẻ", "Scan a citizen's card anywhere: a new dossier opens, filled in from it"},
		"keys.paste":     {"Dán ảnh, tệp đã sao chép vào thành phần đang chọn", "Paste copied pictures or files at the component that has the focus"},
		"keys.next":      {"Chọn tệp cho thành phần kế tiếp", "Choose the file for the next component"},
		"keys.single":    {"Dùng phím đơn", "Single keys work"},
		"keys.close":     {"Đóng", "Close"},
		"typed.goback":   {"Về trang vừa gửi", "Back to the page"},
		"typed.kept":     {"Phần bạn đã nhập vẫn được giữ trong cửa sổ này.", "What you typed is kept in this window."},
		"typed.back":     {"Phần bạn nhập lần trước, chưa gửi, đã được điền lại.", "What you typed before and did not send is here again."},
	}
}
