package web

// wordsOfViewer are the texts of the viewer of PDF files.
func wordsOfViewer() map[string]word {
	return map[string]word{
		"viewer.title":    {"Xem tệp", "View the file"},
		"viewer.look":     {"Xem và chọn chữ", "View, select text"},
		"viewer.which":    {"Tệp", "File"},
		"viewer.beside":   {"Đặt bên cạnh", "Beside it"},
		"viewer.alone":    {"không", "nothing"},
		"viewer.do":       {"Xem", "View"},
		"viewer.back":     {"Về trang giấy tờ", "Back to the document"},
		"viewer.undrawn":  {"Bản gốc là TIFF, trình duyệt không hiện được. Bản PDF/A trước khi ký có đúng hình của bản gốc: chọn nó ở ô bên cạnh, hoặc tải bản gốc:", "What came is a TIFF, which no browser shows. The PDF/A before any signature has its very picture: choose that beside, or take what came:"},
		"viewer.noscript": {"Xem tệp cần JavaScript; có thể tải tệp về ở trang giấy tờ.", "Viewing needs JavaScript; the file can be downloaded on the document's page."},
		"viewer.lost":     {"Chưa tải được tệp. Hãy tải lại trang.", "The file could not be fetched. Load the page again."},
		"viewer.tools":    {"Công cụ xem", "Viewing tools"},
		"viewer.prev":     {"Trang trước", "Page before"},
		"viewer.next":     {"Trang sau", "Next page"},
		"viewer.number":   {"Trang số", "Page number"},
		"viewer.of":       {"/ {n}", "of {n}"},
		"viewer.page":     {"Trang {n}", "Page {n}"},
		"viewer.pages":    {"Các trang", "Pages"},
		"viewer.smaller":  {"Thu nhỏ (−)", "Smaller (−)"},
		"viewer.larger":   {"Phóng to (+)", "Larger (+)"},
		"viewer.fit":      {"Vừa chiều ngang (0)", "Fit the width (0)"},
		"viewer.turn":     {"Xoay để xem (R)", "Turn the view (R)"},
		"viewer.find":     {"Tìm trong tệp, không cần dấu", "Find, accents may be left out"},
		"viewer.again":    {"Chỗ tiếp theo", "Next place"},
		"viewer.before":   {"Chỗ trước", "Place before"},
		"viewer.none":     {"Không thấy", "Not found"},
		"viewer.hits":     {"{n} / {all}", "{n} of {all}"},
		"viewer.opening":  {"Đang mở tệp…", "Opening the file…"},
		"viewer.wrong":    {"Không mở được tệp này: tệp hỏng hoặc không phải PDF. Ảnh các trang vẫn có ở trang giấy tờ.", "This file cannot be opened: it is damaged or no PDF. Pictures of its pages are on the document's page."},
		"viewer.secret":   {"Tệp có mật khẩu; hãy tải về để mở.", "The file has a password; download it to open it."},
	}
}
