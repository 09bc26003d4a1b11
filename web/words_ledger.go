package web

// wordsOfLedger are the texts about the log over the whole house.
func wordsOfLedger() map[string]word {
	return map[string]word{
		"ledger.event":   {"Sự kiện số %d", "Event %d"},
		"ledger.proof":   {"chứng minh", "proof"},
		"ledger.waiting": {"đang ghi vào sổ", "being entered"},
		"ledger.how":     {"Mỗi sự kiện nằm trong sổ chỉ ghi thêm của toàn hệ thống; tệp chứng minh kiểm tra được bằng lệnh sohoa audit check, không cần tin hệ thống này.", "Every event stands in one append-only log of the whole house; sohoa audit check checks the proof without trusting this house."},

		"error.no-checkpoint":    {"Sự kiện này chưa được ký vào điểm kiểm tra nào.", "No checkpoint has been signed over this event yet."},
		"error.no-checkpoint.do": {"Thử lại sau một phút.", "Try again in a minute."},

		"lookers.title":    {"Ai đã xem giấy tờ", "Who looked"},
		"lookers.link":     {"Ai đã xem giấy tờ của người này", "Who looked at this holder's papers"},
		"lookers.lead":     {"Mỗi lần xem, tải hoặc xuất giấy tờ của chủ hồ sơ này được ghi vào sổ. Xem cùng một giấy tờ nhiều lần trong 15 phút ghi một lần.", "Each time a paper of this holder is looked at, taken or exported, the ledger says so. Looking at the same paper again within 15 minutes is entered once."},
		"lookers.none":     {"Chưa có ai xem.", "Nobody has looked yet."},
		"lookers.more":     {"Chỉ hiện các lần gần nhất.", "Only the newest are shown."},
		"lookers.when":     {"Lúc", "When"},
		"lookers.who":      {"Người xem", "Who"},
		"lookers.what":     {"Việc", "What"},
		"lookers.paper":    {"Giấy tờ, hồ sơ", "Paper, dossier"},
		"lookers.document": {"Giấy tờ", "Document"},
		"lookers.purpose":  {"Mục đích", "Purpose"},
		"lookers.place":    {"Số trong sổ", "Place in the log"},
		"purpose.handling": {"Giải quyết thủ tục", "Handling the case"},
		"purpose.audit":    {"Kiểm tra, giám sát", "Audit"},
		"purpose.running":  {"Quản trị hệ thống", "Running the house"},

		"reading.viewed":   {"Xem giấy tờ", "Looked at the document"},
		"reading.taken":    {"Tải tệp", "Took a file"},
		"reading.exported": {"Xuất nội dung đã đọc", "Exported what was read"},
		"reading.record":   {"Xem kho của chủ hồ sơ", "Looked at the record"},
		"reading.lookers":  {"Xem danh sách ai đã xem", "Looked at this list"},
		"reading.dossier":  {"Xem hồ sơ", "Looked at the dossier"},
		"reading.found":    {"Hiện trong kết quả tìm kiếm", "Was among the answers of a search"},
		"reading.proven":   {"Lấy tệp chứng minh", "Took a proof"},
		"reading.judged":   {"Kiểm tra chữ ký một tệp", "Had a file judged"},
	}
}
