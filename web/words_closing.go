package web

// wordsOfClosing are the texts about closed months.
func wordsOfClosing() map[string]word {
	return map[string]word{
		"closed.title": {"Kỳ này đã chốt", "This month is closed"},
		"closed.lead": {"Số đã chốt của toàn hệ thống, không đổi nữa. Giấy tờ và kết quả đến sau khi chốt chỉ vào bản điều chỉnh có lý do. Bảng bên dưới là số đếm lúc này nên có thể khác.",
			"The closed figures of the whole house, which change no more. Papers and results that come later go into a correction with its reason only. The tables below are counted now and may differ."},
		"closed.open": {"Kỳ này chưa chốt", "This month is not closed yet"},
		"closed.wait": {"Số bên dưới còn thay đổi khi giấy tờ về thêm.", "The figures below still change as papers come in."},
		"closed.do":   {"Chốt số liệu kỳ này", "Close this month"},

		"closed.version":   {"Bản", "Version"},
		"closed.first":     {"chốt kỳ", "closing"},
		"closed.correct":   {"điều chỉnh", "correction"},
		"closed.who":       {"Người chốt", "By"},
		"closed.at":        {"Lúc", "At"},
		"closed.statement": {"Tải về", "Download"},
		"closed.json":      {"Bản số liệu (JSON)", "Statement (JSON)"},
		"closed.report":    {"Báo cáo đã ký số (PDF)", "Signed report (PDF)"},
		"closed.signature": {"Chữ ký rời (.p7s)", "Signature beside it (.p7s)"},
		"closed.evidence":  {"Bằng chứng của chữ ký (.ers)", "Evidence of the signature (.ers)"},
		"closed.sealing":   {"Cơ quan chưa ký số bản này; máy tự ký khi khóa và dịch vụ dấu thời gian sẵn sàng.", "The agency has not signed this version yet; it is signed when its key and the time-stamp authority are at hand."},
		"closed.again":     {"Đếm lại từ sổ: sohoa figures --recompute --month %s", "Count it again from the ledger: sohoa figures --recompute --month %s"},
		"closed.late":      {"Đến muộn, không làm đổi kỳ đã chốt –", "Late, and not in the closed month –"},
		"closed.demo":      {"dữ liệu thử", "demonstration"},

		"error.issuer":    {"Chưa rõ cơ quan nào ký số liệu: hệ thống có nhiều cơ quan cấp cao nhất.", "It is not clear which agency signs: several have none above them."},
		"error.issuer.do": {"Người vận hành đặt SOHOA_FIGURES_AGENCY.", "The operator sets SOHOA_FIGURES_AGENCY."},
		"error.report":    {"Không dàn được báo cáo của kỳ đã chốt.", "The report of the closed month could not be laid out."},
		"error.report.do": {"Xem nhật ký của dịch vụ; báo lỗi cho nhà phát triển.", "See the log of the service; tell its makers."},

		"error.unsound":         {"Dữ liệu trong bảng khác với sổ nhật ký nên không chốt được.", "The rows are not what the ledger says, so nothing is closed."},
		"error.unsound.do":      {"Người vận hành chạy “sohoa audit verify” để xem chỗ nào đã bị sửa.", "The operator runs “sohoa audit verify” to see what was changed."},
		"error.not-closable":    {"Kỳ này không chốt được lúc này: chưa hết tháng, đã chốt rồi, hoặc kỳ trước nó chưa chốt.", "This month cannot be closed now: it has not ended, is closed already, or the month before it is open."},
		"error.not-closable.do": {"Xem các kỳ đã chốt ở trang Số liệu; chốt lần lượt từng tháng.", "See on the figures page which months are closed; they are closed one after the other."},
	}
}
