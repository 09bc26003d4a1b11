package web

// wordsOfCharts are the texts about charts of figures.
func wordsOfCharts() map[string]word {
	return map[string]word{
		"charts.title":  {"Diễn biến và xếp hạng", "Trend and ranking"},
		"charts.choose": {"Chọn chỉ tiêu", "Choose an indicator"},
		"charts.trend":  {"Diễn biến theo tháng (%)", "Month by month (%)"},
		"charts.rank":   {"Xếp hạng cơ quan", "Ranking of agencies"},
		"charts.heat":   {"Cơ quan theo tháng (%)", "Agencies by month (%)"},
		"charts.table":  {"Xem dạng bảng", "Show as a table"},
		"charts.state":  {"Trạng thái", "State"},
		"charts.place":  {"Hạng", "Place"},
		"charts.closed": {"đã chốt", "closed"},
		"charts.open":   {"còn mở, đếm lúc này", "open, counted now"},
		"charts.target": {"mục tiêu %d %%", "target %d %%"},
		"charts.met":    {"đạt", "met"},
		"charts.notmet": {"chưa đạt", "not met"},
		"charts.change": {"%s điểm phần trăm", "%s percentage points"},
		"charts.was":    {"so với %s: %s", "against %s: %s"},
		"charts.nowas":  {"chưa có kỳ trước để so sánh", "no period before to compare with"},
		"charts.about": {"Tháng đã chốt lấy số đã chốt; tháng còn mở đếm lúc này. Bấm vào số để xem từng hồ sơ; hồ sơ bổ sung sau khi chốt vẫn hiện trong danh sách.",
			"Closed months have the figures they were closed with, others what is counted now. Every number opens to its dossiers; what came after a closing shows in the list too."},
	}
}
