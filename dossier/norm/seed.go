package norm

import (
	"time"

	"sohoa/dossier/retention"
)

// Seed are the norms that a house begins with. What could not be read in an article
// is of grade I and says so: until an administrator adds what holds.
func Seed() []Norm {
	seeds := []Norm{
		{ID: "norm-ground-0", Sort: Ground, From: day(2026, 1, 1), Law: "Luật Bảo vệ dữ liệu cá nhân 91/2025/QH15", Article: "Điều 19, điểm c", Grade: retention.Technical,
			Said: "Phục vụ hoạt động của cơ quan nhà nước theo quy định của pháp luật: xử lý không cần sự đồng ý của chủ thể dữ liệu.",
			Note: "Theo ghi chép nghiệp vụ; khoản của Điều 19 chưa đối chiếu với nguyên văn."},
		{ID: "norm-code-0", Sort: Code, From: day(2022, 6, 1), Law: "TT 01/2023/TT-VPCP", Article: "Điều 10", Grade: retention.Inferred,
			Said: "{holder}.{kind}.{dossier}.{slot}",
			Note: "Công thức trong Điều 10 là hình, chưa đọc được: mẫu này do hệ thống tự chọn, thay bằng mẫu đúng khi có."},
		{ID: "norm-code-1", Sort: Code, Name: Electronic, From: day(2020, 5, 22), Law: "NĐ 45/2020/NĐ-CP", Article: "Điều 14 khoản 3", Grade: retention.Secondary,
			Said: "{dossier}-KQ({n})", Note: "Mã hồ sơ thủ tục hành chính-KQ(n), n là thứ tự của kết quả."},
	}
	for i := range seeds {
		seeds[i].Who, seeds[i].At = retention.Program, time.Date(2026, 11, 26, 0, 0, 0, 0, seeds[i].From.Location())
	}
	return append(seeds, forms()...)
}
