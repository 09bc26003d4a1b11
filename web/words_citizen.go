package web

// wordsOfCitizens are the texts of what everybody may do without an account, and of
// what citizens said of their dossiers.
func wordsOfCitizens() map[string]word {
	return map[string]word{
		"lookup.title":     {"Tra cứu hồ sơ, kiểm tra giấy tờ ký số", "Where your dossier stands; is a signed paper genuine"},
		"lookup.dossier":   {"Hồ sơ của tôi đến đâu rồi?", "Where does my dossier stand?"},
		"lookup.lead":      {"Nhập mã trên giấy tiếp nhận và 4 ký tự cuối của số giấy tờ chủ hồ sơ. Trang này không hiện tên ai.", "Enter the code on the receipt and the last 4 characters of the holder's number. Nobody's name is shown here."},
		"lookup.code":      {"Mã hồ sơ, hoặc quét mã QR trên giấy tiếp nhận vào ô này.", "The code of the dossier, or the receipt's QR code read into this field."},
		"lookup.last":      {"4 ký tự cuối của số giấy tờ", "Last 4 characters of the number"},
		"lookup.last.hint": {"Số căn cước, mã số thuế… của chủ hồ sơ.", "Of the holder's identity card, tax code…"},
		"lookup.do":        {"Tra cứu", "Look it up"},
		"lookup.received":  {"Đã tiếp nhận", "Received"},
		"lookup.handed-on": {"Đã chuyển cơ quan giải quyết", "Handed on to the agency that decides"},
		"lookup.resolved":  {"Đã có quyết định", "Decided"},
		"lookup.result":    {"Kết quả điện tử đã ký, đã lưu", "The result is signed and kept"},
		"lookup.not-yet":   {"chưa", "not yet"},
		"lookup.late":      {"quá hẹn", "overdue"},
		"lookup.verify":    {"Giấy tờ này có thật không?", "Is this paper genuine?"},
		"lookup.verify.lead": {"Chọn tệp PDF có chữ ký số: ai ký, lúc nào, từ đó tệp có bị sửa không. Tệp chỉ được xem rồi bỏ, không lưu lại.",
			"Choose a signed PDF: who signed it, when, and whether it was changed since. The file is looked at and forgotten."},

		"error.lookup": {"Không có hồ sơ nào có mã này và số giấy tờ kết thúc như vậy.", "There is no dossier of this code whose holder's number ends so."},
		"error.lookup.do": {"Xem lại mã trên giấy tiếp nhận và 4 ký tự cuối của số giấy tờ chủ hồ sơ; hoặc hỏi bộ phận một cửa.",
			"Look at the code on the receipt and the last 4 characters of the holder's number; or ask at the counter."},
		"error.rating":    {"Chưa đánh giá được hồ sơ này.", "This dossier cannot be rated so."},
		"error.rating.do": {"Chọn một mức. Hồ sơ đánh giá được trong 90 ngày từ khi có quyết định.", "Choose one of the answers. A dossier can be rated for 90 days from the decision on."},

		"rating.ask":   {"Bạn có hài lòng với việc giải quyết hồ sơ này không?", "Are you content with how this dossier was handled?"},
		"rating.about": {"Không ghi tên, không ghi lời. Đổi lại được trong 90 ngày từ khi có quyết định.", "No name and no text is kept. It can be changed for 90 days from the decision on."},
		"rating.do":    {"Gửi đánh giá", "Send"},
		"rating.said":  {"Đã ghi nhận đánh giá:", "Noted:"},
		"rating.5":     {"Rất hài lòng", "Very content"},
		"rating.4":     {"Hài lòng", "Content"},
		"rating.3":     {"Bình thường", "Neither"},
		"rating.2":     {"Chưa hài lòng", "Not content"},
		"rating.1":     {"Rất không hài lòng", "Not at all"},

		"ratings.title":  {"Mức độ hài lòng", "How content citizens are"},
		"ratings.lead":   {"Người dân đánh giá ở trang tra cứu sau khi hồ sơ có quyết định, tính theo ngày đánh giá và cơ quan giải quyết. Hài lòng: hai mức cao nhất. Ai không đánh giá không được tính.", "Citizens say so where they look their dossier up, after the decision; counted by the day they said it and the agency that decides. Content: the two best answers. Who said nothing is not counted."},
		"ratings.share":  {"Hài lòng", "Content"},
		"ratings.number": {"Hài lòng / đã đánh giá", "Content / said anything"},
		"ratings.sum":    {"Cộng", "In all"},
		"ratings.none":   {"Chưa có đánh giá nào trong kỳ này. Người dân đánh giá ở trang tra cứu, bằng mã trên giấy tiếp nhận, sau khi hồ sơ giải quyết xong.", "Nobody said anything in this period. Citizens do so where they look their dossier up, by the code on the receipt, once it is resolved."},
		"ratings.behind": {"Các hồ sơ được đánh giá:", "The dossiers behind it:"},
		"ratings.said":   {"Đánh giá", "Said"},
		"ratings.at":     {"Lúc", "When"},

		"event.rated":     {"Người dân đánh giá", "Rated by the citizen"},
		"citizens.who":    {"người dân", "the citizen"},
		"citizens.title":  {"Người dân", "Citizens"},
		"citizens.lead":   {"Trang tra cứu không cần đăng nhập. Không hiện tên ai; muốn xem phải có mã hồ sơ và phần cuối số giấy tờ của chủ hồ sơ.", "The look-up needs no login. Nobody's name is shown; it takes the dossier's code and the end of its holder's number."},
		"citizens.lookup": {"Tra cứu và đánh giá hồ sơ", "Look a dossier up and rate it"},
		"citizens.verify": {"Kiểm tra tệp PDF ký số", "Have a signed PDF judged"},
	}
}
