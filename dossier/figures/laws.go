package figures

// laws are the sources of rules in Vietnamese where the rules say them in
// English. A rule's line is never worded anew: closed months hold it.
var laws = map[string]string{
	"TT 01/2023/TT-VPCP Đ.4, TT 03/2025/TT-VPCP Đ.5: what is to be digitised": "TT 01/2023/TT-VPCP Đ.4, TT 03/2025/TT-VPCP Đ.5 (giấy tờ phải số hóa)",
	"NĐ 107/2021/NĐ-CP; Luật 91/2025/QH15: nobody is asked twice":             "NĐ 107/2021/NĐ-CP; Luật 91/2025/QH15 (không yêu cầu nộp lại)",
	"NQ 17/NQ-CP (2019): 30 % in 2020":                                        "NQ 17/NQ-CP (2019): 30 % trong năm 2020",
	"NQ 01/NQ-CP (2021): 100 % of those that qualify, in 2021":                "NQ 01/NQ-CP (2021): 100 % thủ tục đủ điều kiện trong năm 2021",
	"NĐ 224/2026/NĐ-CP (takes the place of NĐ 42/2022 by Điều 90.2)":          "NĐ 224/2026/NĐ-CP (thay NĐ 42/2022/NĐ-CP theo Điều 90.2)",
	"QĐ 766/QĐ-TTg; no formula was found":                                     "QĐ 766/QĐ-TTg (chưa tìm thấy công thức)",
}

// VietnameseLaw returns the source of a rule as Vietnamese readers are told it.
func VietnameseLaw(law string) string {
	if vi := laws[law]; vi != "" {
		return vi
	}
	return law
}
