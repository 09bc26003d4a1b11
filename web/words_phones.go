package web

// wordsOfPhones are the texts about pictures that a phone sends to the counter.
func wordsOfPhones() map[string]word {
	return map[string]word{
		"phone.title":         {"Gửi ảnh giấy tờ cho quầy", "Send pictures of a paper to the counter"},
		"phone.take":          {"Chụp một trang", "Take a picture of a page"},
		"phone.choose":        {"Hoặc chọn ảnh, PDF đã có", "Or choose pictures or a PDF that you have"},
		"phone.send":          {"Gửi", "Send"},
		"phone.sent":          {"Đã gửi %d tệp. Cán bộ tại quầy đang thấy các trang này.", "%d files are sent. The officer at the counter sees these pages now."},
		"phone.until":         {"Trang này chỉ dùng được trên điện thoại này, đến %s. Ảnh chỉ đến quầy đã mời bạn.", "This page works on this phone only, until %s. Pictures go to the counter that invited you and to nobody else."},
		"phone.lost":          {"Mất kết nối khi gửi. Hãy gửi lại.", "The connection was lost. Please send it again."},
		"phone.open":          {"Chụp bằng điện thoại", "Use a phone's camera"},
		"phone.scan":          {"Quét mã này bằng điện thoại", "Scan this code with the phone"},
		"phone.how":           {"Các trang chụp hiện ra ở đây ngay khi đến. Mã chỉ dùng cho một điện thoại, đến %s, và hết hiệu lực khi nộp, bỏ bản soạn hoặc đăng xuất.", "Pages appear here as they come. The code is for one phone, until %s; it ends when the draft is entered or discarded, or you log out."},
		"phone.came":          {"Đã đến %d tệp.", "%d files came."},
		"phone.local":         {"Địa chỉ này chỉ mở được trên chính máy này: đặt SOHOA_ORIGIN để điện thoại tìm thấy.", "Only this very computer finds this address: set SOHOA_ORIGIN so that phones do."},
		"phone.end":           {"Dừng nhận từ điện thoại", "Stop the phone"},
		"error.phone-over":    {"Mã này không còn dùng được.", "This code does not work any more."},
		"error.phone-over.do": {"Mã đã hết hạn, đã dừng, hoặc đã dùng trên điện thoại khác. Nhờ cán bộ tại quầy mở mã mới.", "It is over, was stopped, or is another phone's. Ask the officer at the counter for a new one."},
		"error.phone-full":    {"Đã gửi đủ số tệp cho phép bằng mã này.", "As many files came by this code as may."},
		"error.phone-full.do": {"Nhờ cán bộ tại quầy mở mã mới.", "Ask the officer at the counter for a new one."},
	}
}
