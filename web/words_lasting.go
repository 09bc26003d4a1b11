package web

// wordsOfLasting are the texts about what came in signed, about renewal and
// about what is believed.
func wordsOfLasting() map[string]word {
	return map[string]word{
		"state.presented": {"Tệp đã ký: chờ kiểm tra chữ ký", "Signed file: signatures to be checked"},
		"state.doubtful":  {"Chữ ký chưa kết luận được", "Signatures in doubt"},
		"state.vouched":   {"Chữ ký đã được chấp nhận", "Signatures accepted"},
		"state.described": {"Tệp đã ký: chờ xác nhận dữ liệu", "Signed file: awaiting confirmation"},
		"state.adopted":   {"Tệp đã ký: chờ lưu nguyên trạng", "Signed file: to be archived as it is"},

		"act.verify":   {"Kiểm tra chữ ký: hợp lệ", "Signatures checked: valid"},
		"act.doubt":    {"Kiểm tra chữ ký: chưa kết luận được", "Signatures checked: cannot be decided"},
		"act.adopt":    {"Chấp nhận tệp đã ký", "Signed file accepted"},
		"act.describe": {"Đọc nội dung, không sửa tệp", "Read, the file untouched"},
		"act.renew":    {"Gia hạn chữ ký lưu trữ", "Proof renewed"},

		"act.adopt.title": {"Chấp nhận tệp đã ký?", "Accept the signed file?"},
		"act.adopt.lead":  {"Máy chưa đủ căn cứ để kết luận chữ ký là hợp lệ. Văn thư kiểm tra tính xác thực, toàn vẹn của văn bản điện tử (NĐ 30/2020/NĐ-CP Điều 21.2) rồi quyết định; lý do được ghi vào nhật ký. Tệp được giữ nguyên từng byte.", "The machine cannot tell that the signatures are valid. The clerk examines whether an electronic paper is authentic and whole (NĐ 30/2020/NĐ-CP Article 21.2) and decides; the reason stays in the ledger. Every byte of the file is kept."},
		"act.adopt.do":    {"Chấp nhận, lưu nguyên trạng", "Accept it, archive it as it is"},
		"adopt.hint":      {"Đã kiểm tra bằng cách nào, với ai. Không ghi thông tin cá nhân.", "How it was checked, and with whom. No personal data."},
		"adopt.doubt":     {"Chưa kết luận được:", "Cannot be decided:"},

		"part.adopted": {"Tệp lưu trữ: nguyên từng byte như khi nhận", "Archival file: every byte as it came in"},
		"part.monthly": {"Báo cáo tháng đã ký", "Signed monthly report"},
		"part.renewed": {"Tệp lưu trữ, gia hạn lần %d", "Archival file, renewal %d"},

		"trouble.since": {"Từ %s.", "Since %s."},
		"trouble.next":  {"Máy thử lại lúc %s.", "Next try at %s."},

		"admin.renewals": {"Gia hạn lưu trữ", "Renewals"},
		"renewal.lead":   {"Giấy tờ đã lưu trữ và báo cáo của tháng đã chốt được bổ sung bằng chứng và dấu thời gian mới trước khi chứng thư số của dấu thời gian cuối cùng hết hạn %d ngày. Máy tự làm; tệp cũ giữ nguyên.", "Archived documents and reports of closed months get new evidence and a new time-stamp %d days before the certificate of the last time-stamp ends. The machine does it; earlier files stay as they are."},
		"renewal.at":     {"Đến hạn tính đến ngày", "Due by"},
		"renewal.show":   {"Xem", "Show"},
		"renewal.part":   {"Tệp đang lưu", "File in the archive"},
		"renewal.end":    {"Dấu thời gian cuối hết hạn", "Last time-stamp ends"},
		"renewal.by":     {"Tổ chức cấp dấu thời gian", "Time-stamp authority"},
		"renewal.due":    {"Máy gia hạn từ ngày", "Renewed from"},
		"renewal.none":   {"Không có giấy tờ nào đến hạn.", "Nothing is due by then."},
		"renewal.report": {"Báo cáo tháng đã chốt %s", "Report of the closed month %s"},
		"renewal.until":  {"Bằng chứng chữ ký có giá trị đến %s (%s); máy gia hạn trước ngày đó.", "The proof of its signatures holds until %s (%s); it is renewed before that."},

		"admin.roots":    {"Chứng thư gốc tin cậy", "Trusted roots"},
		"roots.lead":     {"Chữ ký chỉ được kết luận hợp lệ khi dẫn tới một trong các chứng thư gốc này. Thêm bằng lệnh sohoa trust add.", "A signature is called valid only if it leads to one of these roots. They are added with the command sohoa trust add."},
		"roots.dev":      {"DEV – KHÔNG CÓ GIÁ TRỊ PHÁP LÝ: hệ thống này còn tin chứng thư gốc dùng thử của chính nó.", "DEV – KHÔNG CÓ GIÁ TRỊ PHÁP LÝ (no legal value): this house also believes its own root for trying out."},
		"roots.none":     {"Chưa có chứng thư gốc nào.", "There are none."},
		"roots.name":     {"Chứng thư gốc", "Root"},
		"roots.who":      {"Người thêm", "Added by"},
		"roots.when":     {"Ngày thêm", "Added on"},
		"roots.until":    {"Hết hạn", "Ends on"},
		"signatures.dev": {"DEV – KHÔNG CÓ GIÁ TRỊ PHÁP LÝ", "DEV – no legal value"},

		"error.revocation":           {"Máy chủ trả lời tình trạng thu hồi chứng thư số (OCSP, CRL) không trả lời; máy sẽ thử lại. Không bao giờ ký ở mức thấp hơn.", "The service that tells of revocations (OCSP, CRL) does not answer; it is tried again. Nothing is signed at a lower level instead."},
		"error.revocation.do":        {"Không cần làm gì; nếu lâu không hết, báo quản trị viên kiểm tra đường truyền tới tổ chức chứng thực.", "Nothing to do; if it stays, tell the administrator to look at the way to the certification authority."},
		"error.revocation-answer":    {"Máy chủ tình trạng thu hồi trả lời điều không dùng làm bằng chứng được.", "The service that tells of revocations answers something that proves nothing."},
		"error.revocation-answer.do": {"Báo quản trị viên liên hệ tổ chức chứng thực.", "Tell the administrator to ask the certification authority."},
		"error.revoked":              {"Một chứng thư số cần dùng đã bị thu hồi.", "A certificate that is needed was revoked."},
		"error.revoked.do":           {"Báo quản trị viên: không ký tiếp bằng khóa này.", "Tell the administrator: do not go on signing with this key."},
		"error.tsa-answer":           {"Máy chủ cấp dấu thời gian trả lời điều không tin được; máy sẽ thử lại.", "The time-stamp authority's answer cannot be believed; it is tried again."},
		"error.tsa-answer.do":        {"Báo quản trị viên kiểm tra địa chỉ máy chủ dấu thời gian, chứng thư gốc của nó và đồng hồ.", "Tell the administrator to look at the authority's address, its root and the clock."},
		"error.no-gain":              {"Dấu thời gian mới không có hiệu lực lâu hơn dấu cũ: tổ chức cấp dấu thời gian còn dùng chứng thư số cũ.", "A new time-stamp would hold no longer than the last: the authority still stamps with its old certificate."},
		"error.no-gain.do":           {"Báo quản trị viên liên hệ tổ chức cấp dấu thời gian, hoặc chọn tổ chức khác trước khi chứng thư số hết hạn.", "Tell the administrator to ask the authority, or to choose another before the certificate ends."},
		"error.lapsed":               {"Tệp lưu trữ lúc này không còn kết luận được là hợp lệ; gia hạn không chứng minh thêm được gì.", "The archived file cannot be called valid now; renewing it would prove nothing."},
		"error.lapsed.do":            {"Báo quản trị viên kiểm tra chữ ký của giấy tờ này; tệp lưu trữ không bị thay đổi.", "Tell the administrator to check its signatures; the archived file is untouched."},
		"error.key-ended":            {"Chứng thư số của người ký không có hiệu lực lúc này.", "The signer's certificate is not valid now."},
		"error.key-ended.do":         {"Báo quản trị viên cấp hoặc gia hạn chứng thư số.", "Tell the administrator to have a certificate issued or renewed."},
		"error.level":                {"Thiếu điều kiện để ký ở mức đã định; không ký ở mức thấp hơn.", "What the ordered level needs is not at hand; nothing is signed at a lower one."},
		"error.level.do":             {"Báo quản trị viên kiểm tra máy chủ dấu thời gian và chứng thư gốc tin cậy.", "Tell the administrator to look at the time-stamp authority and the trusted roots."},

		"error.invalid-signature":    {"Chữ ký trên tệp không hợp lệ, tệp không được nhận.", "The signatures of the file are invalid; it is not taken."},
		"error.invalid-signature.do": {"Yêu cầu cơ quan, người ký gửi lại tệp gốc; hoặc số hóa bản giấy.", "Ask whoever signed it for the original, or scan the paper."},
		"error.remnant":              {"Tệp mang dấu vết của một chữ ký đã bị gỡ hoặc làm hỏng, tệp không được nhận.", "The file holds the remnant of a signature that was taken out or broken; it is not taken."},
		"error.remnant.do":           {"Yêu cầu tệp gốc còn nguyên chữ ký; hoặc số hóa bản giấy.", "Ask for the original with its signature, or scan the paper."},
		"error.doubtful":             {"Chưa đủ căn cứ để kết luận chữ ký là hợp lệ.", "It cannot be told whether the signatures are valid."},
		"error.doubtful.do":          {"Văn thư kiểm tra với cơ quan ký rồi quyết định.", "The clerk asks whoever signed it, then decides."},
	}
}
