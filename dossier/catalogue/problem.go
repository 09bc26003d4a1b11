package catalogue

import (
	"fmt"
	"slices"
)

// A Problem is something wrong in a file: where, what, and in [Problem.Say] what
// to do about it. It repeats no value of a column that is personal.
type Problem struct {
	Row   int    `json:"row"` // of the file, from 1; 0: of the file as a whole
	Field string `json:"field,omitempty"`
	Code  string `json:"code"`
	Seen  string `json:"seen,omitempty"`
	Note  bool   `json:"note,omitempty"` // the row is taken all the same
}

type said struct{ whatVI, doVI, whatEN, doEN string }

// problems says of each code what is wrong and what to do.
var problems = map[string]said{
	// the file and its rows
	"head":       {"không tìm thấy hàng tiêu đề có đủ các cột bắt buộc", "đặt tên cột như tệp mẫu (sohoa catalogue export); còn thiếu", "no row among the first has a head for every column that is required", "name the columns as an export does (sohoa catalogue export); missing"},
	"head-twice": {"hai cột cùng một tên", "xóa hoặc đổi tên một cột", "two columns have the same head", "remove or rename one of them"},
	"empty":      {"tệp không có hàng dữ liệu nào", "kiểm tra xem dữ liệu có ở trang tính đầu tiên không", "the file has no rows of data", "see whether they are on the first sheet"},
	"rows":       {"tệp có quá nhiều hàng; phần sau không được đọc", "chia tệp", "the file has too many rows; the rest was not read", "split it"},
	"row-long":   {"hàng quá dài", "xóa nội dung thừa trong hàng này, hoặc đóng dấu nháy bị thiếu", "the row is too long", "remove what does not belong in it, or close its quote"},
	"row-quote":  {"dấu nháy kép không đúng chỗ hoặc không được đóng", "viết \"\" cho dấu nháy trong ô, đóng dấu nháy ở cuối ô", "a quote is in the wrong place or is not closed", "write \"\" for a quote within a cell, and close the cell's own"},
	"bytes":      {"hàng có byte không phải chữ trong bảng mã của tệp", "lưu lại tệp bằng UTF-8", "the row has bytes that are no text in the file's encoding", "save the file as UTF-8"},
	"columns":    {"hàng có nhiều ô hơn tiêu đề", "xóa ô thừa; trong CSV, ô có dấu phẩy phải đặt trong dấu nháy kép", "the row has more cells than the head", "remove them; in CSV a cell with a comma stands in quotes"},
	"row-twice":  {"hàng lặp lại nguyên vẹn một hàng trước", "xóa hàng lặp", "the row is the same as one before", "remove it"},
	"code-twice": {"mã đã có ở một hàng trước với nội dung khác", "giữ một hàng đúng", "the code stands in a row before, with other content", "keep the right one"},

	// papers of an archive
	"file-form":    {"đường dẫn tệp không nằm trong thư mục được nhập", "viết đường dẫn tính từ thư mục đó, không có ..", "the path leads out of the directory", "write it as seen from the directory, without .."},
	"file-missing": {"không có tệp này trong thư mục, hoặc không phải tệp thường", "kiểm tra tên tệp, kể cả chữ hoa chữ thường và dấu", "there is no such file in the directory, or it is no plain file", "check its name, capitals and marks too"},
	"file-refused": {"tệp không nhận được", "xem lý do theo mã; sửa hoặc quét lại tệp rồi chạy tiếp", "the file cannot be taken", "the code says why; mend or scan it anew and run on"},
	"file-again":   {"tệp này, đúng từng byte, đã có trong kho hoặc ở hàng trước", "kiểm tra xem có gắn nhầm tệp không", "this file, byte for byte, is in the house or in a row before", "see whether it is the right one"},
	"file-office":  {"tệp văn phòng (Word, Excel, ODF) không nhận được", "xuất ra PDF rồi sửa tên tệp trong danh mục", "files of an office program are not taken", "export it as PDF and name that in the index"},
	"slot":         {"thủ tục không có thành phần này", "dùng mã thành phần trong danh mục, hoặc KQ cho kết quả", "the procedure has no such component", "use a code of the catalogue, or KQ for the result"},
	"slot-filled":  {"thành phần này của hồ sơ đã có giấy khác", "giữ một tệp đúng", "another paper stands in this place of the dossier", "keep the right file"},
	"agency-other": {"cơ quan tiếp nhận không thuộc cơ quan được nhập", "nhập bằng --agency của cơ quan đó", "the receiving agency is not under the one that is imported", "import with --agency of that one"},

	// cells
	"missing":      {"ô bắt buộc bị bỏ trống", "điền giá trị", "a value is missing", "give it"},
	"formula":      {"ô là công thức", "dán lại dạng giá trị (Paste Values)", "the cell is a formula", "paste it as a value"},
	"cell-error":   {"ô mang lỗi của bảng tính", "sửa công thức ở tệp gốc rồi dán dạng giá trị", "the cell has a spreadsheet's error", "mend it where it comes from and paste the value"},
	"lost-letters": {"ô có chữ đã mất khi chuyển mã", "xuất lại từ hệ thống gốc bằng UTF-8", "letters were lost when the text was converted", "export it again as UTF-8"},
	"control":      {"ô có ký tự điều khiển", "gõ lại giá trị", "the cell has control characters", "type the value again"},
	"mojibake":     {"chữ bị hiểu sai bảng mã (UTF-8 đọc như Windows-1252)", "xuất lại từ hệ thống gốc", "the text was read in a wrong encoding (UTF-8 as Windows-1252)", "export it again from where it comes from"},
	"too-long":     {"giá trị quá dài", "rút ngắn", "the value is too long", "shorten it"},
	"nfd":          {"chữ tiếng Việt ở dạng tách dấu (NFD), đã đổi về dạng dựng sẵn", "không phải làm gì", "the text was decomposed (NFD) and is taken composed", "nothing is to be done"},
	"unseen":       {"ô có ký tự không nhìn thấy, đã bỏ", "không phải làm gì", "unseen characters were left out", "nothing is to be done"},
	"scientific":   {"mã hoặc số đã bị bảng tính đổi sang dạng lũy thừa, mất chữ số", "định dạng cột là Text rồi nhập lại", "a spreadsheet has turned the code into a power of ten and lost digits", "format the column as text and enter it again"},

	// days
	"date-form":   {"không đọc được ngày", "viết DD/MM/YYYY hoặc YYYY-MM-DD, giờ HH:MM nếu có", "this is no day", "write DD/MM/YYYY or YYYY-MM-DD, and HH:MM if there is a time"},
	"date-day":    {"không có ngày hoặc giờ này", "sửa lại ngày", "there is no such day or time", "correct it"},
	"date-year":   {"năm chỉ có hai chữ số", "viết đủ bốn chữ số của năm", "the year has two digits", "write all four"},
	"date-order":  {"tháng đứng trước ngày", "viết ngày trước tháng", "the month stands before the day", "write the day first"},
	"date-serial": {"ngày là số thứ tự của bảng tính, không rõ có phải ngày không", "định dạng cột là Date rồi lưu lại", "the day is a spreadsheet's number and may be none", "format the column as a date and save it again"},
	"date-old":    {"ngày trước năm 1990", "sửa lại ngày", "the day lies before 1990", "correct it"},
	"future":      {"thời điểm ở tương lai", "sửa lại ngày", "the time lies in the future", "correct it"},
	"order":       {"ngày kết thúc không sau ngày bắt đầu", "sửa một trong hai ngày", "the end does not lie after the start", "correct one of the days"},

	// procedures
	"code-form":     {"mã không đúng dạng", "sửa mã: xem tài liệu về mã", "the code is not of its form", "correct it"},
	"level":         {"không hiểu mức độ dịch vụ công", "viết: toàn trình, một phần, hoặc cung cấp thông tin; trước 15/8/2022: mức 1 đến 4", "the service level is none", "write full, partial or info; before 15/8/2022 level 1 to 4"},
	"level-old":     {"mức độ 1–4 không còn từ 15/8/2022 (NĐ 42/2022/NĐ-CP)", "viết: toàn trình, một phần, hoặc cung cấp thông tin; hoặc nhập với --day của ngày danh mục có hiệu lực", "there are no levels 1 to 4 since 15/8/2022 (NĐ 42/2022/NĐ-CP)", "write full, partial or info; or import with the --day on which the list held"},
	"level-new":     {"trước 15/8/2022 dịch vụ công xếp theo mức độ 1–4", "viết mức độ 1 đến 4, hoặc nhập với --day từ 15/8/2022", "before 15/8/2022 services had levels 1 to 4", "write one of them, or import with a --day from 15/8/2022"},
	"subject":       {"không hiểu đối tượng thực hiện", "viết: công dân, doanh nghiệp, cơ quan nhà nước, tổ chức; nhiều đối tượng cách nhau bằng dấu ;", "the subject is none of those known", "write citizen, enterprise, agency or organisation, with ; between several"},
	"tier":          {"không hiểu cấp thực hiện", "viết: tỉnh, xã (trước 1/7/2025 cả huyện); nhiều cấp cách nhau bằng dấu ;", "the tier is none", "write province or commune (district before 1/7/2025), with ; between several"},
	"district":      {"không còn cấp huyện từ 1/7/2025 (NĐ 118/2025/NĐ-CP)", "ghi cấp tỉnh hoặc cấp xã, hoặc ngày kết thúc 01/07/2025", "there are no districts since 1/7/2025 (NĐ 118/2025/NĐ-CP)", "write province or commune, or end it on 01/07/2025"},
	"days":          {"thời hạn giải quyết không phải số ngày làm việc", "viết số từ 0 đến 1000", "the time to resolve is no number of working days", "write one from 0 to 1000"},
	"component":     {"không hiểu một thành phần hồ sơ", "mỗi dòng: mã|mã loại giấy tờ|tên|bắt buộc 1/0|số hóa 1/0", "a component cannot be read", "a line each: code|kind|name|required 1/0|digitise 1/0"},
	"slot-twice":    {"hai thành phần hồ sơ cùng mã", "đổi mã một thành phần", "two components have the same code", "give one another code"},
	"document":      {"không rõ kết quả có phải giấy tờ không", "viết: có hoặc không", "whether the result is a document is not told", "write yes or no"},
	"result-kind":   {"kết quả là giấy tờ nhưng không có mã loại kết quả", "điền mã loại kết quả trong CSDLQG về TTHC", "the result is a document and its kind has no code", "give the code of the result in the national database"},
	"result-excess": {"kết quả không phải giấy tờ mà lại có mã loại kết quả", "bỏ mã, hoặc ghi kết quả là giấy tờ", "the result is no document and has a code as if it were", "remove the code, or say that it is one"},

	"working": {"không rõ có làm việc không", "viết: có hoặc không", "whether offices work is not told", "write yes or no"},

	// agencies
	"parent":          {"cơ quan cấp trên không có trong tệp và trong hệ thống", "thêm hàng của cơ quan cấp trên, hoặc sửa mã", "the agency above is neither in the file nor in the house", "add its row, or correct the code"},
	"parent-days":     {"cơ quan cấp trên không tồn tại suốt thời gian này", "chia hàng theo ngày cấp trên thay đổi", "the agency above is not there all these days", "make two rows, before and after the change"},
	"circle":          {"các cơ quan cấp trên nối thành vòng", "sửa mã cấp trên", "the agencies above make a circle", "correct one of the parents"},
	"overlap":         {"hai hàng của một cơ quan trùng thời gian", "sửa ngày: ngày kết thúc của hàng trước là ngày bắt đầu của hàng sau", "two rows of an agency have days in common", "correct them: one ends on the day the next begins"},
	"successor":       {"cơ quan tiếp nhận sau sáp nhập không có trong tệp và trong hệ thống", "thêm hàng của cơ quan đó, hoặc sửa mã", "the agency into which it went is neither in the file nor in the house", "add its row, or correct the code"},
	"successor-days":  {"cơ quan tiếp nhận sau sáp nhập chưa có hoặc đã hết vào ngày sáp nhập", "sửa ngày hoặc mã", "the agency into which it went is not there on that day", "correct the day or the code"},
	"successor-open":  {"có cơ quan tiếp nhận nhưng không có ngày sáp nhập", "điền ngày hết hiệu lực", "it went into another, and no day is given", "give the day on which it ended"},
	"successor-later": {"cơ quan còn hoạt động sau ngày ghi đã sáp nhập", "chỉ ghi sáp nhập ở hàng cuối cùng", "the agency goes on after the day it went into another", "say so in its last row only"},
	"merger-circle":   {"các lần sáp nhập nối thành vòng", "sửa cơ quan tiếp nhận", "the mergers make a circle", "correct one of them"},

	// dossiers
	"code-case":       {"mã hồ sơ có chữ thường", "viết chữ hoa", "the dossier code has small letters", "write capital ones"},
	"code-day":        {"ngày trong mã hồ sơ không có thật", "sửa mã theo hệ thống gốc", "the day in the dossier code is none", "correct it as the other system has it"},
	"code-future":     {"ngày trong mã hồ sơ ở tương lai", "sửa mã theo hệ thống gốc", "the day in the dossier code lies in the future", "correct it as the other system has it"},
	"code-serial":     {"số thứ tự trong mã hồ sơ là 0", "sửa mã theo hệ thống gốc", "the serial in the dossier code is 0", "correct it as the other system has it"},
	"code-agency":     {"mã đơn vị trong mã hồ sơ khác cơ quan tiếp nhận", "sửa mã hồ sơ hoặc cơ quan tiếp nhận", "the unit in the dossier code is not the receiving agency", "correct one of them"},
	"code-received":   {"ngày trong mã hồ sơ khác ngày tiếp nhận", "sửa mã hồ sơ hoặc ngày tiếp nhận", "the day in the dossier code is not that of the reception", "correct one of them"},
	"taken":           {"mã hồ sơ đã có trong hệ thống với nội dung khác; hồ sơ đã tiếp nhận không đổi", "sửa tệp theo hồ sơ đã có", "the dossier is in the house with other content, and stays what it was received as", "make the file as the house has it"},
	"resolved-other":  {"hồ sơ đã kết thúc vào lúc khác", "sửa tệp theo hồ sơ đã có", "the dossier was resolved at another time", "make the file as the house has it"},
	"procedure":       {"thủ tục không có trong danh mục", "nhập danh mục trước (sohoa import catalogue), hoặc sửa mã", "the procedure is not in the catalogue", "import the catalogue first (sohoa import catalogue), or correct the code"},
	"procedure-days":  {"thủ tục không có hiệu lực vào ngày tiếp nhận", "sửa mã thủ tục hoặc ngày", "the procedure did not hold on the day of the reception", "correct the code or the day"},
	"procedure-name":  {"tên thủ tục khác tên trong danh mục", "kiểm tra xem mã thủ tục có đúng không", "the procedure's name is not the catalogue's", "see whether its code is right"},
	"agency":          {"cơ quan không có trong hệ thống", "nhập cây cơ quan trước (sohoa import agencies), hoặc sửa mã", "the agency is not in the house", "import the agencies first (sohoa import agencies), or correct the code"},
	"agency-days":     {"cơ quan chưa có hoặc đã hết hiệu lực vào ngày tiếp nhận", "ghi cơ quan của ngày đó; đã sáp nhập vào", "the agency was not there on the day of the reception", "write that of the day; it went into"},
	"number-form":     {"số định danh không đúng dạng", "CCCD 12 chữ số, mã số thuế 10 hoặc 13 chữ số, hoặc mã định danh cơ quan", "the identifier is not of its form", "12 digits of a person, 10 or 13 of an enterprise, or an agency's code"},
	"number-zero":     {"số định danh thiếu số 0 ở đầu do bảng tính cắt mất", "định dạng cột là Text rồi nhập lại", "the identifier lost its leading zero to a spreadsheet", "format the column as text and enter it again"},
	"number-old":      {"số CMND 9 chữ số", "ghi số định danh cá nhân 12 chữ số", "a 9-digit number of an old card", "give the 12-digit personal identifier"},
	"number-year":     {"năm sinh trong số định danh ở tương lai", "kiểm tra lại số", "the year of birth in the identifier lies in the future", "check the number"},
	"number-place":    {"mã nơi đăng ký khai sinh trong số định danh không quen", "kiểm tra lại số; vẫn được nhận", "the place of birth in the identifier is not known", "check the number; it is taken all the same"},
	"name-digits":     {"tên có chữ số", "kiểm tra xem các cột có bị đổi chỗ không", "there are digits in the name", "see whether columns changed places"},
	"name-other":      {"số định danh đã có trong hệ thống với tên khác", "kiểm tra số và tên; không ghép nhầm người", "the house knows the identifier with another name", "check both: nobody is taken for somebody else"},
	"name-twice":      {"một số định danh có hai tên trong tệp", "kiểm tra số và tên", "an identifier has two names in the file", "check both"},
	"applicant-half":  {"người nộp chỉ có tên hoặc chỉ có số định danh", "điền cả hai, hoặc bỏ trống cả hai nếu là chủ hồ sơ", "of the applicant only the name or the number is given", "give both, or neither if it is the holder"},
	"channel":         {"không hiểu hình thức tiếp nhận", "viết: trực tiếp, trực tuyến, bưu chính (hoặc 1, 2, 3)", "the channel is none", "write direct, online or post (or 1, 2, 3)"},
	"due-before":      {"ngày hẹn trả trước ngày tiếp nhận", "sửa một trong hai ngày", "the appointment lies before the reception", "correct one of them"},
	"due-far":         {"ngày hẹn trả sau ngày tiếp nhận quá 10 năm", "sửa lại ngày", "the appointment lies more than 10 years after the reception", "correct it"},
	"resolved-before": {"ngày kết thúc trước ngày tiếp nhận", "sửa một trong hai ngày", "the dossier was resolved before it was received", "correct one of the days"},
	"not-in-file":     {"có trong hệ thống, không có trong tệp; không bị xóa", "ghi ngày hết hiệu lực nếu đã bãi bỏ", "in the house and not in the file; nothing is removed", "give the day on which it ended if it has"},
}

// Codes lists the codes of all problems, in order.
func Codes() []string {
	var all []string
	for code := range problems {
		all = append(all, code)
	}
	slices.Sort(all)
	return all
}

// Say returns in a language, vi or en, what is wrong and what to do about it.
func (p Problem) Say(lang string) (what, do string) {
	s, ok := problems[p.Code]
	if !ok {
		return p.Code, ""
	}
	what, do = s.whatVI, s.doVI
	if lang == "en" {
		what, do = s.whatEN, s.doEN
	}
	switch {
	case p.Seen != "" && (p.Code == "head" || p.Code == "agency-days"):
		do = fmt.Sprintf("%s: %s", do, p.Seen)
	case p.Seen != "":
		what = fmt.Sprintf("%s: %q", what, p.Seen)
	}
	return what, do
}
