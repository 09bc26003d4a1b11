package web

// wordsOfNorms are the texts about rules of law that are rows.
func wordsOfNorms() map[string]word {
	return map[string]word{
		"admin.norms":      {"Quy định", "Norms"},
		"norms.lead":       {"Căn cứ xử lý dữ liệu, cách đặt mã kết quả số hóa và lời văn các mẫu là dữ liệu, không phải chương trình. Quy định không sửa, không xóa: quy định mới có ngày hiệu lực sau. Việc thêm được ghi vào sổ.", "Grounds of processing, templates of codes and the wording of forms are data and not program. None is changed or removed: a new one has a later day. That it was added is in the ledger."},
		"norms.add":        {"Thêm quy định", "Add a norm"},
		"norms.holds":      {"Đang áp dụng", "In force"},
		"norm.sort":        {"Loại quy định", "What it is about"},
		"norm.sort.ground": {"Căn cứ xử lý dữ liệu cá nhân", "Ground of processing personal data"},
		"norm.sort.code":   {"Mã kết quả số hóa", "Code of a digitised result"},
		"norm.sort.form":   {"Mẫu phiếu TT 03/2025/TT-VPCP", "Form of TT 03/2025/TT-VPCP"},
		"norm.name":        {"Áp dụng cho", "Holds for"},
		"norm.all":         {"Mọi giấy tờ chưa có quy định riêng", "All without their own"},
		"norm.electronic":  {"Kết quả điện tử", "Electronic results"},
		"norm.form":        {"Mẫu %s", "Form %s"},
		"norm.from":        {"Hiệu lực từ ngày", "Holds from"},
		"norm.said":        {"Nội dung", "What it says"},
		"norm.saidhint":    {"Mã: dùng {holder} {kind} {dossier} {slot} {issued} {n}, phải có {n}, hoặc {dossier} và {slot}. Mẫu: dòng đầu là tên mẫu; dòng bắt đầu bằng * lặp lại cho từng mục {row}; dòng có từ trong ngoặc mà không có giá trị thì bỏ.", "Codes: {holder} {kind} {dossier} {slot} {issued} {n}, with {n}, or {dossier} and {slot}. Forms: the first line is the title; a line with * in front is repeated for each {row}; a line whose words have no value is left out."},
		"norm.said.ground": {"nội dung căn cứ", "what the ground is"},
		"norm.said.code":   {"mẫu đặt mã: từ trong ngoặc không đúng, hoặc hai giấy tờ có thể trùng mã", "the template: it has a word that is not known, or two papers could get one code"},
		"norm.said.form":   {"lời văn của mẫu", "the wording of the form"},
		"norm.law":         {"Văn bản", "Law"},
		"norm.article":     {"Điều khoản", "Article"},
		"norm.grade":       {"Mức kiểm chứng", "How well it is proven"},
		"norm.note":        {"Ghi chú", "Remark"},
		"norm.who":         {"Người thêm", "Added by"},
	}
}
