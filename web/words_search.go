package web

// wordsOfSearch are the texts of the search.
func wordsOfSearch() map[string]word {
	return map[string]word{
		"menu.search":   {"Tìm kiếm", "Search"},
		"search.title":  {"Tìm trong kho lưu trữ", "Search the archive"},
		"search.text":   {"Từ cần tìm", "Words"},
		"search.hint":   {"Gõ có dấu hay không dấu đều được. Cụm từ đặt trong ngoặc kép; số, ký hiệu viết thế nào cũng được: 123/QĐ-UBND, 123 QD UBND.", "With or without tone marks. Put a phrase in quotation marks; official numbers may be written any way: 123/QĐ-UBND, 123 QD UBND."},
		"search.exact":  {"Đúng dấu như đã gõ", "Tone marks as typed"},
		"search.kind":   {"Loại giấy tờ", "Kind of paper"},
		"search.any":    {"– Tất cả –", "– Any –"},
		"search.agency": {"Cơ quan, kể cả đơn vị dưới", "Agency, with those below"},
		"search.holder": {"Chủ giấy tờ (tên hoặc số định danh)", "Holder (name or identifier)"},
		"search.number": {"Số, ký hiệu", "Official number"},
		"search.from":   {"Ngày cấp từ", "Issued from"},
		"search.to":     {"Ngày cấp đến", "Issued until"},
		"search.none":   {"Không tìm thấy giấy tờ nào. Thử ít từ hơn; gõ không dấu cũng được. Chỉ giấy tờ đã lưu trữ mới tìm được.", "No paper was found. Try fewer words; accents may be left out. Only archived papers are found."},
		"search.count":  {"%d giấy tờ", "%d papers"},
		"search.full":   {"Hơn %d giấy tờ: hãy thu hẹp tìm kiếm.", "More than %d papers: narrow the search."},
		"search.rough":  {"Nhiều nhất %d giấy tờ", "At most %d papers"},
		"search.behind": {"Có giấy tờ vừa lưu trữ chưa vào chỉ mục: tìm lại sau ít phút nếu chưa thấy.", "Some archived papers are not in the index yet: search again in a few minutes if one is missing."},
		"search.next":   {"Trang sau", "Next page"},
		"search.noted":  {"Mỗi lần tìm và mỗi giấy tờ hiện ra được ghi vào sổ; từ cần tìm thì không.", "Each search and each paper shown is entered in the ledger; the words are not."},

		"hits.show":  {"Xem trên trang giấy", "Show on the page"},
		"hits.title": {"Chỗ tìm thấy", "Where it was found"},
		"hits.count": {"%d chỗ có %s", "%d places with %s"},
		"hits.at":    {"Chỗ {n} trên {all}, trang {page}", "Place {n} of {all}, page {page}"},
		"hits.more":  {"Chỉ đánh dấu %d chỗ đầu.", "Only the first %d places are marked."},
		"hits.none":  {"Không thấy %s trên hình trang. Có thể chỉ có trong các trường dữ liệu đã xác nhận.", "%s does not stand on the pages' pictures. It may stand in the confirmed fields only."},
		"hits.blind": {"Không biết vị trí các từ trên trang này: xem phần chữ bên cạnh.", "The places of this document's words are not known: see the text beside."},
		"hits.prev":  {"Chỗ trước", "Previous place"},
		"hits.next":  {"Chỗ sau", "Next place"},
		"hits.keys":  {"Phím Alt+↓ và Alt+↑ đi tới chỗ sau, chỗ trước.", "Alt+↓ and Alt+↑ lead to the next and the previous place."},
		"hits.leave": {"Bỏ đánh dấu", "Remove the marks"},
		"hits.page":  {"Trang %d:", "Page %d:"},

		"error.search-nothing":    {"Chưa có gì để tìm.", "There is nothing to look for."},
		"error.search-nothing.do": {"Gõ ít nhất một chữ hoặc số, hoặc chọn một bộ lọc.", "Give at least one letter or digit, or choose a filter."},
		"error.search-form":       {"Không hiểu nội dung tìm kiếm.", "The search cannot be understood."},
		"error.search-form.do":    {"Tối đa 300 ký tự và 24 từ.", "At most 300 characters and 24 words."},
	}
}
