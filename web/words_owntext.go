package web

// wordsOfOwnText say what was done with the text that a page of a PDF brought
// with it, by the reason's code.
func wordsOfOwnText() map[string]word {
	return map[string]word{
		"own.born-digital":  {"trang có chữ số hóa sẵn: giữ nguyên chữ của tệp, không nhận dạng lại", "born-digital page: the file's own text is kept, nothing is recognised"},
		"own.few-letters":   {"trang có ít chữ số hóa sẵn: giữ nguyên chữ của tệp", "a page with a few letters of its own: they are kept"},
		"own.good-layer":    {"bản quét có lớp chữ đọc được: dùng lại lớp chữ đó", "a scan with a sound text layer: that text is used"},
		"own.wrong-tongue":  {"bản quét có lớp chữ cũ mất dấu tiếng Việt: đã bỏ và nhận dạng lại", "a scan whose old text layer lacks the Vietnamese marks: dropped and read again"},
		"own.broken-layer":  {"bản quét có lớp chữ cũ sai: đã bỏ và nhận dạng lại", "a scan whose old text layer is no words: dropped and read again"},
		"own.thin-layer":    {"bản quét có lớp chữ cũ quá ít: đã bỏ và nhận dạng lại", "a scan with hardly any old text: dropped and read again"},
		"own.stamp-only":    {"chỉ có chữ của chữ ký, dấu hoặc đầu trang trên ảnh quét: coi là ảnh và nhận dạng", "only a signature block, stamp or heading is text: taken as an image and read"},
		"own.legacy-font":   {"chữ dùng phông cũ (TCVN3, VNI), mã không phải Unicode: nhận dạng từ hình trang", "letters of an old font (TCVN3, VNI) whose codes are not Unicode: read from the page's picture"},
		"own.garbled":       {"chữ của tệp không thành từ: nhận dạng từ hình trang", "the file's letters are no words: read from the page's picture"},
		"own.text-not-told": {"tệp không cho biết mã chữ: nhận dạng từ hình trang", "the file does not tell what its codes mean: read from the page's picture"},
		"own.kept":          {"trang giữ nguyên chữ, phông và nét vẽ trong tệp lưu trữ", "text, fonts and drawings of the page stay in the archived file"},
	}
}

// OwnText says in Vietnamese and English what was done with a page's own text,
// by the reason's code; nothing for a code that is none.
func OwnText(why string) (vi, en string) {
	w := words()["own."+why]
	return w.vi, w.en
}
