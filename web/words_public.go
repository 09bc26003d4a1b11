package web

// wordsOfPublic are the texts of the public page and of what switches it on.
func wordsOfPublic() map[string]word {
	return map[string]word{
		"public.title":           {"Kết quả số hóa hồ sơ, kết quả thủ tục hành chính", "Digitisation of dossiers and results of administrative procedures"},
		"public.family.everyday": {"Các tỷ lệ hằng ngày", "Everyday rates"},
		"public.family.qd-766":   {"Nhóm “số hóa hồ sơ” theo QĐ 766/QĐ-TTg", "The group “digitisation of dossiers” of QĐ 766/QĐ-TTg"},
		"public.others":          {"Các cơ quan ít hồ sơ (gộp)", "Agencies with few dossiers (together)"},
		"public.few":             {"không có, hoặc dưới %d hồ sơ nên không công bố", "none, or fewer than %d dossiers and so not told"},
		"public.check":           {"Kiểm chứng", "Check it"},
		"public.how": {"Số liệu của tháng đã chốt, không đổi nữa. Bản số liệu có mã băm dưới đây, được cơ quan ký số; báo cáo in đúng mã này.",
			"The figures of a closed month, which change no more. The statement with the digest below is signed by the agency, and its report names the same digest."},
		"public.ask":  {"Bản số liệu, chữ ký và báo cáo nêu cả cơ quan có rất ít hồ sơ nên không tải được ở đây; có thể đề nghị cơ quan cung cấp.", "Statement, signature and report tell also of agencies with very few dossiers, so they are not offered here; ask the agency for them."},
		"public.data": {"Dữ liệu mở:", "Open data:"},
		"public.about": {"Trang không có dữ liệu cá nhân. Cơ quan có số liệu trên dưới %d hồ sơ được gộp lại để không suy ra được hồ sơ của ai.",
			"There is no personal data on this page. Agencies with a figure over fewer than %d dossiers are told together, so that nobody's dossier can be found out."},

		"admin.public": {"Công khai", "Public page"},
		"publish.lead": {"Trang số liệu cho mọi người, không cần đăng nhập: chỉ các tháng đã chốt, không có dữ liệu cá nhân. Mặc định tắt.",
			"A page of figures for everybody without login: closed months only, no personal data. Off unless switched on."},
		"publish.save":      {"Lưu", "Save"},
		"publish.mode":      {"Công khai", "Public"},
		"publish.mode.":     {"Tắt", "Off"},
		"publish.mode.page": {"Trang số liệu; cơ quan ít hồ sơ được gộp", "The page; agencies with few dossiers together"},
		"publish.mode.full": {"Trang số liệu, và tải được bản số liệu, chữ ký, báo cáo (nêu cả cơ quan có rất ít hồ sơ)", "The page, and statement, signature and report to take away (they tell also of agencies with very few dossiers)"},
		"publish.frames":    {"Trang web được nhúng trang này", "Sites that may show it in a frame"},
		"publish.frames.about": {"Mỗi địa chỉ một dòng, dạng https://tên-miền; để trống là không cho nhúng.",
			"An address a line, as https://host; none: nobody may."},
		"publish.embed": {"Mã nhúng", "To embed it"},
		"publish.embed.about": {"Dán vào trang của một địa chỉ ở trên. Khung không chạy mã, không gửi gì về trang chứa nó.",
			"To be put into a page of one of these sites. The frame runs nothing and tells the page around it nothing."},
		"publish.wrong": {"Địa chỉ phải có dạng https://tên-miền, tối đa 20 địa chỉ.", "Addresses are of the form https://host, 20 at most."},
	}
}
