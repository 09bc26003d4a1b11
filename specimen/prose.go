package specimen

// Word lists and sentences. Places and people are invented; together they use
// all 134 Vietnamese letters, small and capital.

func families() []string {
	return []string{"Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Huỳnh", "Phan", "Vũ", "Võ", "Đặng", "Bùi", "Đỗ", "Hồ", "Ngô",
		"Dương", "Lý", "Kiều", "Tống", "Quách", "Khổng", "Thẩm", "Hứa", "Đoàn", "Đinh", "Trịnh", "Lưu", "Mẫn", "Lữ", "Giáp", "Cù", "Nhữ", "Thái"}
}

func mens() []string {
	return []string{"Hưởng", "Khuê", "Thuận", "Dũng", "Dụng", "Lợi", "Nghĩa", "Sỹ", "Tuấn", "Tuyển", "Hiếu", "Đạt", "Kỳ", "Quyền",
		"Vỹ", "Trưởng", "Bằng", "Thắng", "Phước", "Cừ", "Nhượng", "Hậu", "Khải", "Lẫm", "Toản", "Thịnh", "Vượng", "Uẩn"}
}

func womens() []string {
	return []string{"Hường", "Nhạn", "Tuyền", "Hạnh", "Huệ", "Mỵ", "Thủy", "Ngân", "Oanh", "Quỳnh", "Thắm", "Diễm", "Lụa", "Nga", "Xuyến",
		"Hằng", "Ẩn", "Yến", "Bưởi", "Sữa", "Gấm", "Phượng", "Duyên", "Mận", "Tỵ", "Nhẫn", "Vẻ"}
}

func provinces() []string {
	return []string{"Lam Hà", "Đông Hải", "Tân Hưng", "Phú Cường", "Trường Thủy", "Nghĩa Xuyên", "Kỳ Mỹ", "Bắc Vĩ", "Quảng Đức"}
}

func communes() []string {
	return []string{"Vĩnh Thịnh", "An Lễ", "Tân Mỹ", "Bồng Lĩnh", "Phước Thượng", "Đại Từ", "Yên Bằng", "Xuân Quỳ", "Hữu Nghị", "Cẩm Đường",
		"Sỹ Bình", "Mỏ Nhài", "Gò Dưa", "Thủy Nguyên", "Ngã Ba", "Kẻ Sặt", "Đò Lèn", "Chợ Rẫy", "Quế Võ", "Dũng Liệt"}
}

func departments() []string {
	return []string{"Tư pháp", "Nội vụ", "Tài chính", "Xây dựng", "Nông nghiệp và Môi trường", "Khoa học và Công nghệ",
		"Văn hóa, Thể thao và Du lịch", "Giáo dục và Đào tạo", "Y tế", "Công Thương"}
}

func procedures() []string {
	return []string{
		"đăng ký khai sinh", "cấp bản sao trích lục hộ tịch", "đăng ký biến động quyền sử dụng đất", "cấp giấy phép xây dựng nhà ở riêng lẻ",
		"đăng ký thành lập hộ kinh doanh", "xác nhận tình trạng hôn nhân", "cấp giấy chứng nhận cơ sở đủ điều kiện an toàn thực phẩm",
		"hỗ trợ chi phí mai táng", "trợ cấp xã hội hằng tháng", "cấp lại giấy phép khai thác thủy sản", "chuyển trường đối với học sinh trung học cơ sở",
		"chứng thực bản sao từ bản chính", "thẩm định thiết kế phòng cháy, chữa cháy", "cấp đổi giấy chứng nhận quyền sở hữu nhà ở",
	}
}

func headings() []string {
	return []string{
		"CÔNG TÁC CHUẨN BỊ, SẴN SÀNG VỀ KỸ THUẬT", "HƯỚNG DẪN, GIÚP ĐỠ CÔNG DÂN KHI NỘP HỒ SƠ", "NHỮNG ĐIỂM CÒN HẠN CHẾ, RÕ NGUYÊN NHÂN",
		"KHẮC PHỤC TÂM LÝ Ỷ LẠI, ĐỐ KỴ, NÉ TRÁNH TRÁCH NHIỆM", "QUYỀN CỦA CHA, MẸ VÀ TRẺ EM", "PHƯƠNG HƯỚNG, NHIỆM VỤ {year}: KHẲNG ĐỊNH, ĐỔI MỚI",
		"TỶ LỆ GIẢI QUYẾT ĐÚNG HẠN CỦA CÁC ĐƠN VỊ CŨ", "SỔ SÁCH, BIỂU MẪU SẼ ĐƯỢC THAY THẾ", "VỀ TÀI SẢN BỊ CẦM CỐ, GỬI GIỮ, CHẬM TRỄ",
		"TỔ CHỨC THỰC HIỆN Ở CƠ SỞ; HỘ SẢN XUẤT NHỎ, NUÔI CÁ BÈ", "GHI NHẬN Ý KIẾN CỦA NHÂN DÂN ẤP, XÓM, KHU PHỐ", "XỬ LÝ KHIẾU NẠI, TỐ CÁO; NGỪA RỦI RO, LỖI LẦM", "ĐẶC ĐIỂM THỔ NHƯỠNG, BỜ BÃI, ĐƯỜNG SÁ",
	}
}

// general are body paragraphs that fit most papers.
func general() []string {
	return []string{
		"Trong kỳ, bộ phận một cửa của {agency} đã tiếp nhận {N} hồ sơ, giải quyết đúng hạn {p}; số hồ sơ quá hạn chủ yếu thuộc lĩnh vực đất đai và lỗi do đường truyền bị gián đoạn từ {date}.",
		"Giao {department} chủ trì, phối hợp với các cơ quan liên quan hướng dẫn, kiểm tra việc thực hiện thủ tục {procedure}; tổng hợp vướng mắc, báo cáo trước {date}.",
		"Giấy tờ nộp kèm phải còn nguyên vẹn, rõ chữ, không tẩy xóa; trường hợp bị nhòe, rách mép hoặc ố vàng thì cán bộ tiếp nhận đối chiếu bản gốc và ghi chú vào sổ theo dõi.",
		"Kinh phí thực hiện là {m}, trong đó ngân sách cấp {p}, phần còn lại huy động từ nguồn sự nghiệp của các đơn vị và sự giúp đỡ, ủng hộ của các tổ chức, cá nhân hảo tâm.",
		"Theo {doc}, thời hạn giải quyết thủ tục {procedure} được rút ngắn từ {n} ngày xuống còn 05 ngày làm việc, kể từ ngày nhận đủ hồ sơ hợp lệ.",
		"Cán bộ, công chức không được yêu cầu người dân nộp lại giấy tờ đã có trong kho dữ liệu điện tử; nghiêm cấm gây phiền hà, sách nhiễu, né tránh hoặc ỷ lại cấp trên.",
		"Đối với trẻ em dưới 6 tuổi, người già yếu, phụ nữ bồng ẵm con nhỏ và người khuyết tật, bộ phận tiếp nhận bố trí chỗ ngồi, ưu tiên giải quyết trước và trả kết quả tại nhà khi có yêu cầu.",
		"Tổ công tác do ông {person} làm tổ trưởng, bà {person} làm tổ phó đã kiểm tra thực địa tại xã {commune}, đo đạc lại ranh giới, xác định diện tích {N} m² nằm trong quy hoạch.",
		"Qua rà soát, có {n} thửa đất giáp kênh thủy lợi, bờ kè và đường liên thôn chưa cắm mốc; các hộ liền kề đã thống nhất, không có tranh chấp, khiếu nại hoặc đố kỵ lẫn nhau.",
		"Hồ sơ, tài liệu giấy sau khi số hóa được sắp xếp vào hộp, bảo quản ở nhiệt độ, độ ẩm theo quy định; việc tiêu hủy tài liệu hết giá trị chỉ được thực hiện khi có ý kiến của cơ quan lưu trữ.",
		"Mọi phản ánh, kiến nghị xin gửi về địa chỉ: số {n}, đường Lý Thường Kiệt, {place}; điện thoại (0{n}) 3{n} {n}{n}; thời gian làm việc từ 7 giờ 30 phút đến 17 giờ các ngày trong tuần, trừ ngày lễ.",
		"Việc chuyển đổi từ bản giấy sang bản điện tử bảo đảm đầy đủ, chính xác, toàn vẹn; ảnh quét có độ phân giải tối thiểu 200 dpi, tỷ lệ 100%, không lệch, không mờ, không mất góc.",
		"Trưởng các ấp, khu phố tuyên truyền sâu rộng đến từng hộ gia đình; vận động nhân dân tự giác kê khai, khẳng định tính trung thực của nội dung và chịu trách nhiệm trước pháp luật.",
		"Đến hết {date}, đã số hóa {N} trang sổ hộ tịch, đạt {p} kế hoạch; còn {N} trang chữ viết tay bị nhạt, khó đọc, phải nhập lại bằng tay và đối chiếu hai lần.",
		"Các trường hợp thiếu giấy tờ được thông báo bổ sung một lần bằng văn bản; quá {n} ngày mà không bổ sung thì trả lại hồ sơ, nêu rõ lý do và hướng dẫn nộp ở nơi có thẩm quyền.",
		"Ông {person} đề nghị điều chỉnh mức hỗ trợ từ {m} lên {m}; hội nghị nhất trí ghi nhận, giao bộ phận kế toán thẩm tra, trình lãnh đạo quyết định trước kỳ họp tới.",
	}
}

// bases are the laws a paper rests on.
func bases() []string {
	return []string{
		"Căn cứ Luật Tổ chức chính quyền địa phương ngày 16 tháng 6 năm 2025;",
		"Căn cứ Luật Lưu trữ ngày 21 tháng 6 năm 2024;",
		"Căn cứ Nghị định số 30/2020/NĐ-CP ngày 05 tháng 3 năm 2020 của Chính phủ về công tác văn thư;",
		"Căn cứ Nghị định số 118/2025/NĐ-CP ngày 09 tháng 6 năm 2025 của Chính phủ về thực hiện thủ tục hành chính theo cơ chế một cửa;",
		"Căn cứ {doc} của Ủy ban nhân dân tỉnh quy định chức năng, nhiệm vụ, quyền hạn của các cơ quan chuyên môn;",
	}
}
