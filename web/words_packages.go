package web

// wordsOfPackages are the texts about packages that leave the house.
func wordsOfPackages() map[string]word {
	return map[string]word{
		"package.title": {"Gói dữ liệu", "Packages"},
		"package.how":   {"Gói chỉ được lập khi mọi tệp còn nguyên; mỗi lần lấy được ghi vào sổ. Kiểm tra gói bằng lệnh sohoa package --check.", "A package is made only if every file is whole; each time one is taken is entered in the ledger. sohoa package --check looks at one."},
		"package.audit": {"Gói kiểm tra độc lập (BagIt)", "For an independent audit (BagIt)"},
		"package.sip":   {"Gói nộp lưu SIP", "Hand-over package SIP"},
		"package.aip":   {"Gói lưu trữ AIP", "Archival package AIP"},
		"package.dip":   {"Gói bản để đọc DIP", "Reading copies DIP"},

		"error.not-archived":    {"Giấy tờ chưa lưu trữ xong, hoặc không còn.", "A document is not archived yet, or no more."},
		"error.not-archived.do": {"Gói được lập từ giấy tờ đã lưu trữ; xem trạng thái từng giấy tờ của hồ sơ.", "Packages are made of archived documents; look where each of the dossier stands."},
		"error.not-whole":       {"Một tệp của hồ sơ bị thiếu hoặc bị đổi, nên không lập gói", "A file of the record is missing or changed, so no package is made"},
		"error.not-whole.do":    {"Báo quản trị viên: sohoa fixity --now phục hồi tệp từ kho thứ hai.", "Tell the administrator: sohoa fixity --now mends it from the second store."},
	}
}
