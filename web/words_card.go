package web

// wordsOfCard are the texts about filling a form in from a citizen's card.
func wordsOfCard() map[string]word {
	return map[string]word{
		"card.title":         {"Quét thẻ căn cước", "Scan a citizen's card"},
		"card.code":          {"Quét QR CCCD", "QR code of the card"},
		"card.hint":          {"Đưa mã QR vào đầu đọc, con trỏ ở đâu cũng được. Mã không được lưu lại.", "Hold the QR code to the reader, wherever the cursor is. The code is kept nowhere."},
		"card.picture":       {"Ảnh mã QR trên thẻ", "Picture of the card's QR code"},
		"card.picture.do":    {"Đọc mã từ ảnh", "Read the code from the picture"},
		"card.camera":        {"Bật máy ảnh", "Use the camera"},
		"card.camera.off":    {"Tắt máy ảnh", "Turn the camera off"},
		"card.camera.shows":  {"Hình từ máy ảnh: đưa mã QR trên thẻ vào giữa; khi đọc được, biểu mẫu tự điền", "What the camera sees: hold the card's QR code to its middle; once it is read the form fills itself in"},
		"card.camera.none":   {"Không mở được máy ảnh. Kiểm tra máy ảnh đã cắm và không có chương trình khác đang dùng, hoặc chọn ảnh.", "The camera does not open. See that it is plugged in and no other program has it, or choose a picture."},
		"card.camera.denied": {"Trình duyệt chưa được phép dùng máy ảnh. Cho phép ở biểu tượng cạnh thanh địa chỉ, hoặc chọn ảnh.", "The browser may not use the camera. Allow it by the sign beside the address, or choose a picture."},
		"card.no.reader":     {"Không có đầu đọc: chụp mã QR trên thẻ", "Without a reader: take a picture of the card's QR code"},
		"card.holder":        {"Thẻ của chủ hồ sơ", "The holder's card"},
		"card.applicant":     {"Thẻ của người nộp", "The applicant's card"},
		"card.do":            {"Điền từ thẻ", "Fill in from the card"},
		"card.filled":        {"Đã điền số định danh và họ tên từ thẻ; số khớp giới tính và ngày sinh. Đối chiếu với người và thẻ trước khi mở hồ sơ.", "Number and name were filled in from the card; the number agrees with sex and date of birth. Hold them against person and card before you open the dossier."},
		"card.seen":          {"Đã xem thẻ, thông tin đúng", "I have looked at the card, and it is right"},
		"card.odd.place":     {"Mã nơi đăng ký khai sinh trên thẻ không có trong danh mục (có thể sinh ở nước ngoài).", "The card's place of birth registration is not in the list (it may be abroad)."},
		"card.odd.fields":    {"Mã QR có nhiều trường hơn thường lệ.", "The QR code has more fields than usual."},
	}
}
