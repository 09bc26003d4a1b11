package web

// wordsOfHooks are the texts about addresses that are told what happens.
func wordsOfHooks() map[string]word {
	return map[string]word{
		"admin.hooks":        {"Báo cho hệ thống khác", "Webhooks"},
		"hooks.lead":         {"Mỗi việc với hồ sơ, giấy tờ được báo (CloudEvents, ký theo Standard Webhooks) tới địa chỉ đã đăng ký, đúng thứ tự trong từng hồ sơ, chỉ có mã, không có dữ liệu cá nhân.", "What happens to dossiers and documents is told (as CloudEvents, signed by Standard Webhooks) to these addresses, in each dossier's order: codes only, nothing of a person."},
		"hooks.off":          {"Đang tắt: chưa đặt SOHOA_HOOK_HOSTS (các máy được gọi).", "Off: SOHOA_HOOK_HOSTS names no host that may be called."},
		"hooks.hosts":        {"Được gọi tới:", "May be called:"},
		"hooks.url":          {"Địa chỉ (https)", "Address (https)"},
		"hooks.waiting":      {"Đang chờ", "Waiting"},
		"hooks.dead":         {"Không giao được", "Put aside"},
		"hooks.deadlead":     {"Đã thử nhiều lần. Việc sau của cùng hồ sơ chờ đến khi báo lại hoặc bỏ qua.", "Tried often. What came later of the same dossier waits until it is told again or left out."},
		"hooks.none":         {"Chưa báo cho hệ thống nào. Đăng ký địa chỉ ở dưới; hệ thống đó được báo từ sự kiện kế tiếp.", "Nobody is told yet. Enter an address below; it is told from the next event on."},
		"hooks.add":          {"Thêm địa chỉ", "Add an address"},
		"hooks.secret":       {"Khóa kiểm tra chữ ký", "The secret that signatures are checked with"},
		"hooks.end":          {"Thôi báo", "Tell nothing more"},
		"hooks.ended":        {"đã thôi", "ended"},
		"hooks.event":        {"Việc", "Event"},
		"hooks.said":         {"Lý do", "Why"},
		"hooks.replay":       {"Báo lại", "Tell again"},
		"hooks.drop":         {"Bỏ qua", "Leave out"},
		"hook.away":          {"không trả lời", "no answer"},
		"hook.closed":        {"địa chỉ không được phép gọi", "the address may not be called"},
		"hook.refused":       {"từ chối", "it refused"},
		"hook.gone":          {"không nhận nữa (410)", "it wants nothing more (410)"},
		"hook.sealed":        {"không mở được khóa", "its secret cannot be opened"},
		"error.hook-url":     {"Địa chỉ này không được phép gọi", "This address may not be called"},
		"error.hook-url.do":  {"Dùng https và một máy có trong SOHOA_HOOK_HOSTS.", "Use https, and a host that SOHOA_HOOK_HOSTS names."},
		"error.multipart":    {"Biểu mẫu gửi tệp viết sai", "The form that brings the file is not well formed"},
		"error.multipart.do": {"Gửi multipart/form-data đúng RFC 7578.", "Send multipart/form-data as RFC 7578 has it."},
	}
}
