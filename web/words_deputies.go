package web

// wordsOfDeputies are the texts about delegations and broken glass.
func wordsOfDeputies() map[string]word {
	return map[string]word{
		"deputy.title":  {"Ủy quyền", "Delegations"},
		"deputy.lead":   {"Người được ủy quyền làm việc với vai trò và cơ quan của bạn đến hết ngày đã hẹn. Họ vẫn là họ: sổ ghi tên họ, họ ký bằng khóa của mình, và nguyên tắc hai người vẫn giữ.", "A deputy acts with your role in your agency until the day. They stay who they are: the ledger names them, they sign with their own key, and four eyes stay four."},
		"deputy.given":  {"Bạn đã ủy quyền", "You gave"},
		"deputy.taken":  {"Bạn được ủy quyền", "You were given"},
		"deputy.taker":  {"Người được ủy quyền", "Deputy"},
		"deputy.giver":  {"Người ủy quyền", "Given by"},
		"deputy.right":  {"Vai trò, cơ quan", "Role, agency"},
		"deputy.until":  {"Đến hết ngày", "To the end of"},
		"deputy.state":  {"Tình trạng", "Status"},
		"deputy.runs":   {"đang hiệu lực", "runs"},
		"deputy.over":   {"hết hạn", "is over"},
		"deputy.ended":  {"đã kết thúc %s", "ended %s"},
		"deputy.give":   {"Ủy quyền", "Give it"},
		"deputy.end":    {"Kết thúc", "End it"},
		"deputy.act":    {"Làm việc thay", "Act for them"},
		"deputy.back":   {"Thôi làm thay", "Be yourself again"},
		"deputy.none":   {"Chưa có ủy quyền nào.", "There are none."},
		"deputy.acting": {"Bạn đang làm thay %s: %s, đến hết %s.", "You act for %s: %s, to the end of %s."},

		"error.deputy-no":      {"Đang làm thay thì không ủy quyền tiếp được", "A deputy gives nothing on"},
		"error.deputy-no.do":   {"Thôi làm thay rồi ủy quyền quyền của chính bạn.", "Be yourself again, and give your own."},
		"error.deputy-runs":    {"Người này đang được bạn ủy quyền", "This person is your deputy already"},
		"error.deputy-runs.do": {"Kết thúc ủy quyền đang có trước khi lập cái mới.", "End the one that runs first."},

		"glass.title":   {"Mở khẩn", "Broken glass"},
		"glass.lead":    {"Kiểm tra viên mở một hồ sơ ngoài phạm vi được giao, trong một giờ, khi thật cần. Việc mở và lý do vào sổ và hiện ở đây ngay cho mọi kiểm tra viên và quản trị viên.", "An auditor opens one dossier beyond what they were given to read, for an hour, when it must be. That, and why, is in the ledger and stands here at once, for every auditor and administrator."},
		"glass.now":     {"Đang có %d hồ sơ được mở khẩn.", "%d dossiers are open out of turn."},
		"glass.open":    {"Bạn đang mở khẩn hồ sơ %s đến %s.", "You opened dossier %s out of turn, until %s."},
		"glass.dossier": {"Mã hồ sơ", "Dossier, by its code"},
		"glass.why":     {"Lý do (ít nhất 10 ký tự)", "Reason (at least 10 characters)"},
		"glass.do":      {"Mở khẩn trong một giờ", "Open it for an hour"},
		"glass.who":     {"Người mở", "Who"},
		"glass.at":      {"Lúc", "When"},
		"glass.until":   {"Đến", "Until"},
		"glass.still":   {"đang mở", "open"},
		"glass.none":    {"Chưa có lần mở khẩn nào. Khi có, người mở, hồ sơ và lý do hiện ở đây ngay.", "Nothing was ever opened out of turn. When it is, who did so, the dossier and why stand here at once."},
	}
}
