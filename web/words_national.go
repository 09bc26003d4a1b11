package web

// wordsOfNational are the texts about the national databases: of procedures, and of
// people.
func wordsOfNational() map[string]word {
	return map[string]word{
		"admin.national":          {"TTHC quốc gia", "National procedures"},
		"neighbour.procedures":    {"CSDL quốc gia về TTHC", "National database of procedures"},
		"neighbour.population":    {"CSDL quốc gia về dân cư", "National population database"},
		"national.lead":           {"Những thủ tục mà CSDL quốc gia nói khác danh mục ở đây. Không gì tự đổi: chọn, cho ngày hiệu lực, rồi áp dụng. Hồ sơ đã tiếp nhận giữ nguyên thủ tục lúc tiếp nhận.", "Procedures of which the national database tells otherwise than this catalogue. Nothing changes by itself: tick, give the first day, apply. Dossiers that were received keep the procedure as it was then."},
		"national.none":           {"Không có khác biệt nào đang chờ.", "No difference waits."},
		"national.ask":            {"Đọc lại ngay", "Read again now"},
		"national.off":            {"Chưa bật: người vận hành đặt SOHOA_PROCEDURES_URL.", "Off: whoever runs the house sets SOHOA_PROCEDURES_URL."},
		"national.what":           {"Khác biệt", "Difference"},
		"national.is.added":       {"thủ tục mới", "new"},
		"national.is.changed":     {"đã sửa đổi", "changed"},
		"national.is.ended":       {"hết hiệu lực hoặc không còn công bố", "ended, or listed no longer"},
		"national.is.odd":         {"không nhận được", "cannot be taken"},
		"national.was":            {"Ở đây", "Here"},
		"national.now":            {"CSDL quốc gia", "National"},
		"national.since":          {"Hiệu lực từ ngày (sớm nhất là hôm nay)", "First day (today at the earliest)"},
		"national.pick":           {"Chọn", "Tick"},
		"national.apply":          {"Áp dụng mục đã chọn", "Apply what is ticked"},
		"national.leave":          {"Bỏ qua mục đã chọn", "Leave out what is ticked"},
		"national.waits":          {"sẽ áp dụng từ", "to be applied on"},
		"national.more":           {"Còn %d khác biệt nữa; hiện ra khi các mục trên đã xử lý.", "%d more; they show when these are decided."},
		"error.national-other":    {"Khác biệt này đã thay đổi", "The difference is another one now"},
		"error.national-other.do": {"Xem lại danh sách rồi chọn lại; không ai quyết định điều chưa xem.", "Look at the list again and tick again: nobody decides on what they have not seen."},

		"dossier.oldversion": {"Hồ sơ theo thủ tục như lúc tiếp nhận; thủ tục đã được sửa đổi sau đó.", "The procedure is as it was when the dossier was received; it was changed since."},

		"population.title":          {"Đối chiếu CSDL quốc gia về dân cư", "Check with the national population database"},
		"population.lead":           {"Hỏi xem số định danh, họ tên và ngày sinh có phải của một người không. Chỉ giữ kết quả và thời điểm; ai hỏi, hỏi về ai, để làm gì được ghi vào sổ. Không trả lời thì vẫn tiếp nhận bình thường.", "Asks whether number, name and day of birth are one person's. Only the outcome and its time are kept; who asks, of whom and what for is in the ledger. Without an answer the counter works on as before."},
		"population.ask":            {"Đối chiếu", "Check"},
		"population.of":             {"Đối chiếu về ai", "About whom"},
		"population.holder":         {"chủ hồ sơ", "holder"},
		"population.applicant":      {"người nộp", "applicant"},
		"population.matches":        {"khớp", "matches"},
		"population.differs":        {"không khớp", "does not match"},
		"population.unanswered":     {"không có trả lời", "not answered"},
		"population.none":           {"Chưa đối chiếu lần nào.", "Not checked yet."},
		"reading.ask-population":    {"Hỏi CSDL quốc gia về dân cư", "Asked the national population database"},
		"reading.told-population":   {"Nhận kết quả của CSDL quốc gia về dân cư", "Was told by the national population database"},
		"error.population-off":      {"Chưa kết nối CSDL quốc gia về dân cư", "The population database is not joined"},
		"error.population-off.do":   {"Đối chiếu bằng thẻ căn cước; người vận hành bật kết nối bằng SOHOA_POPULATION_URL.", "Compare with the card; whoever runs the house joins it by SOHOA_POPULATION_URL."},
		"error.population-over":     {"Hồ sơ đã kết thúc", "The dossier is resolved"},
		"error.population-over.do":  {"Không còn mục đích để hỏi về người trong hồ sơ này.", "There is no purpose any more for asking about its people."},
		"error.population-often":    {"Đã hỏi quá nhiều lần", "It was asked too often"},
		"error.population-often.do": {"Mỗi người trong một hồ sơ nhiều nhất năm lần một ngày, cả hệ thống có hạn mức mỗi phút. Đối chiếu bằng thẻ và tiếp tục.", "At most five times a day of somebody of a dossier, and so many a minute in all. Compare with the card and go on."},

		"v1.listProcedureChanges": {"Thủ tục mà CSDL quốc gia nói khác danh mục", "Procedures of which the national database tells otherwise"},
		"v1.askPopulation":        {"Đối chiếu một người của hồ sơ với CSDL quốc gia về dân cư", "Check somebody of a dossier with the population database"},
		"v1.listPopulationChecks": {"Các lần đối chiếu dân cư của hồ sơ", "Checks of a dossier with the population database"},
	}
}
