package web

// wordsOfFigures are the texts about indicators: what each counts, over what.
func wordsOfFigures() map[string]word {
	return map[string]word{
		"family.everyday": {"Tỷ lệ hằng ngày khác", "Other everyday rates"},
		"family.about.everyday": {"Định nghĩa do Sohoa nêu hoặc theo văn bản ghi bên cạnh; làm tròn một chữ số thập phân.",
			"Defined by Sohoa or by the act named beside; rounded to one decimal."},
		"family.qd-766": {"Nhóm “số hóa hồ sơ” theo QĐ 766/QĐ-TTg", "The group “digitisation of dossiers” of QĐ 766/QĐ-TTg"},
		"family.about.qd-766": {"Tính riêng, không trộn với các tỷ lệ hằng ngày: phạm vi và điều kiện khác nhau. Công thức theo bản ghi lại công khai, chưa đối chiếu được với phụ lục chính thức. Dữ liệu chưa thu thập thì ghi rõ, không tính là 0.",
			"Counted apart and never mixed with the everyday rates: they ask other questions. The formulas follow a public transcription that could not be compared with the official appendix. What is not collected is said, and is no zero."},

		"figures.take":      {"Tải số liệu kỳ này:", "Take the figures of this period away:"},
		"figures.indicator": {"Chỉ tiêu", "Indicator"},
		"figures.rate":      {"Tỷ lệ", "Rate"},
		"figures.counted":   {"Tử số / mẫu số", "Numerator / denominator"},
		"figures.points":    {"Điểm / tối đa", "Points / most"},
		"figures.law":       {"Căn cứ", "Source"},
		"figures.target":    {"chỉ tiêu %d %%", "target %d %%"},
		"figures.lacks":     {"chưa thu thập", "not collected"},
		"figures.untold":    {"không có gì để tính", "nothing to count"},

		"figures.by.procedure": {"Theo thủ tục", "By procedure"},
		"figures.by.officer":   {"Theo cán bộ", "By officer"},
		"figures.officer":      {"Cán bộ tiếp nhận", "Received by"},
		"figures.about.officer": {"Hồ sơ do chính cơ quan này tiếp nhận, tính cho người đã tiếp nhận hồ sơ.",
			"Dossiers that this agency itself received, counted for whoever received each."},
		"figures.own":   {"tự tiếp nhận", "its own"},
		"figures.next":  {"Trang sau", "Next page"},
		"figures.fewer": {"Còn %d dòng có ít hồ sơ hơn, không hiển thị.", "%d more rows, with fewer dossiers, are not shown."},
		"figures.owed": {"Danh mục vừa đổi: hồ sơ của %d thủ tục đang được tính lại theo thành phần mới.",
			"The catalogue was changed: dossiers of %d procedures are being counted anew by what is asked for now."},

		"flaw.title":  {"Không tính là đã số hóa:", "Does not count as digitised:"},
		"flaw.twice":  {"trùng từng byte với giấy tờ ở thành phần khác của hồ sơ này", "the same bytes as another component of this dossier"},
		"flaw.unread": {"gần như không đọc được chữ nào", "hardly anything on it could be read"},
		"flaw.do":     {"Giấy tờ vẫn được lưu; muốn được tính thì từ chối và quét lại.", "The paper is kept; to be counted it has to be refused and scanned again."},

		"grade.own":         {"định nghĩa của Sohoa", "Sohoa's definition"},
		"grade.transcribed": {"theo bản ghi lại, chưa đối chiếu bản gốc", "transcribed, not compared with the original"},
		"grade.unread":      {"chưa đọc được điều khoản", "article not read"},

		"why.no-appointment": {"Không hẹn ngày", "No day promised"},

		"define.on-time": {"Tử số: hồ sơ giải quyết trong kỳ, không muộn hơn ngày hẹn trả. Mẫu số: hồ sơ giải quyết trong kỳ có ngày hẹn trả.",
			"Numerator: dossiers resolved in the period by the promised day. Denominator: dossiers resolved in the period that had one."},
		"define.online": {"Tử số: hồ sơ tiếp nhận trong kỳ nộp trực tuyến. Mẫu số: mọi hồ sơ tiếp nhận trong kỳ.",
			"Numerator: dossiers received in the period that were filed online. Denominator: all received in the period."},
		"define.reuse-rate": {"Tử số: hồ sơ tiếp nhận trong kỳ có ít nhất một thành phần dùng lại từ kho. Mẫu số: hồ sơ tiếp nhận trong kỳ có thành phần bắt buộc phải số hóa.",
			"Numerator: dossiers received in the period with at least one component used again from the record. Denominator: those received in the period with a component to digitise."},
		"define.full-service": {"Tử số: thủ tục cung cấp trực tuyến toàn trình. Mẫu số: thủ tục cung cấp toàn trình hoặc một phần. Thủ tục chỉ cung cấp thông tin đứng ngoài.",
			"Numerator: procedures offered wholly online. Denominator: those offered wholly or partly. Those that only inform stand outside."},
		"define.level-4": {"Tử số: dịch vụ công trực tuyến mức độ 4. Mẫu số: dịch vụ mức độ 3 và 4. Danh mục lấy theo hiện tại.",
			"Numerator: online services of level 4. Denominator: those of levels 3 and 4. The catalogue is today's."},
		"define.ORIGINAL_RESULT_AVAILABLE": {"Tử số: hồ sơ có kết quả kèm tệp đã được Cổng dịch vụ công quốc gia nhận. Mẫu số: hồ sơ tiếp nhận trong kỳ của thủ tục có kết quả là giấy tờ.",
			"Numerator: dossiers whose result the national portal has taken with its file. Denominator: dossiers received in the period whose procedure ends in a paper."},
		"define.SO_HOA_GIAY_TO_GIAI_QUYET": {"Tử số: hồ sơ có ít nhất một tệp trong thành phần và, nếu thủ tục có kết quả là giấy tờ, có cả tệp kết quả. Mẫu số: mọi hồ sơ tiếp nhận trong kỳ. Từ 80 % được điểm tối đa, dưới 80 % theo tỷ lệ.",
			"Numerator: dossiers with at least one file in their components and, where the procedure ends in a paper, the result's file. Denominator: all received in the period. All points from 80 %, below in proportion."},
		"define.ELECTRONIC_CERTIFIED_COPY": {"Chưa tìm thấy công thức.", "No formula was found."},
		"define.REUSED_DIGITIZED_DATA": {"Tử số: hồ sơ tiếp nhận trong kỳ có ít nhất một thành phần dùng lại. Mẫu số: mọi hồ sơ tiếp nhận trong kỳ. Từ 80 % được điểm tối đa, dưới 80 % theo tỷ lệ.",
			"Numerator: dossiers received in the period with at least one component used again. Denominator: all received in the period. All points from 80 %, below in proportion."},
		"define.SYNCED_WITH_DVCQG_PERSONAL_STORAGE": {"Tử số: hồ sơ có thành phần lấy từ kho dữ liệu cá nhân quốc gia hoặc có kết quả đã đồng bộ. Mẫu số: mọi hồ sơ tiếp nhận trong kỳ.",
			"Numerator: dossiers with a component out of the national personal store, or with a synchronised result. Denominator: all received in the period."},
		"define.CITIZEN_DATA_CONNECTED_FORMALITY": {"Tử số: thủ tục có hồ sơ kết nối dữ liệu dân cư trong kỳ. Mẫu số: thủ tục dành cho công dân.",
			"Numerator: procedures with a dossier in the period that is joined to the population data. Denominator: procedures for citizens."},
		"define.CITIZEN_DATA_CONNECTED_DOSSIER": {"Tử số: hồ sơ kết nối dữ liệu dân cư. Mẫu số: mọi hồ sơ tiếp nhận trong kỳ.",
			"Numerator: dossiers joined to the population data. Denominator: all received in the period."},
	}
}
