package web

// wordsOfPrecedent say what a suggestion was learnt from.
func wordsOfPrecedent() map[string]word {
	return map[string]word{
		"precedent.same":    {"đã được xác nhận %d lần trong %d giấy tờ gần nhất cùng loại của cơ quan này", "confirmed %d times on this agency's latest %d papers of the kind"},
		"precedent.near":    {"viết theo giá trị đã được xác nhận %d lần trong %d giấy tờ gần nhất cùng loại của cơ quan này", "put as it was confirmed %d times on this agency's latest %d papers of the kind"},
		"precedent.instead": {"gần giống “%s”, đã được xác nhận %d lần trong %d giấy tờ gần nhất cùng loại của cơ quan này", "almost “%s”, which was confirmed %d times on this agency's latest %d papers of the kind"},
		"precedent.often":   {"“%s” đã được xác nhận %d lần trong %d giấy tờ gần nhất cùng loại của cơ quan này", "“%s” was confirmed %d times on this agency's latest %d papers of the kind"},
	}
}
