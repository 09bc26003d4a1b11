package monthly

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"sohoa/dossier/figures"
	"sohoa/pdf/typeset"
)

// late is what came late of months that were closed before.
func (d *paper) late() []typeset.Block {
	if len(d.s.Late) == 0 {
		return nil
	}
	b := []typeset.Block{heading("IV. SỐ LIỆU ĐẾN MUỘN CỦA CÁC KỲ ĐÃ CHỐT"),
		text("Các việc dưới đây được làm sau khi kỳ của chúng đã chốt. Kỳ đã chốt không đổi; nếu tính lại đến nay thì số liệu của kỳ ấy cao hơn như sau (tử số / mẫu số):")}
	for _, l := range d.s.Late {
		var parts []string
		for _, m := range l.Figures {
			name := m.Key
			if i, ok := figures.Find(m.Key, l.Month.Period().From); ok {
				name = i.VI
			}
			parts = append(parts, fmt.Sprintf("%s %+d/%+d", name, m.Numerator, m.Denominator))
		}
		b = append(b, text("Tháng %s/%s: %s.", l.Month[5:], l.Month[:4], strings.Join(parts, "; ")))
	}
	return b
}

// definitions say of each figure what it counts, by which law, and what stands
// outside.
func (d *paper) definitions() []typeset.Block {
	b := []typeset.Block{heading(d.number() + ". GIẢI THÍCH CÁCH TÍNH VÀ PHẦN KHÔNG TÍNH"),
		text("Hai nhóm chỉ tiêu có phạm vi và điều kiện khác nhau, không trộn với nhau. Kỳ này theo bộ quy tắc có hiệu lực từ ngày %s; quy tắc thay đổi về sau không làm đổi số của kỳ này.", date(d.s.Rules))}
	for _, x := range d.s.Figures {
		i, _ := d.m.Indicator(x.Key)
		b = append(b, typeset.Para{Text: d.name(x.Key) + " (" + x.Key + ")", Face: typeset.Bold, Size: small, Before: 6, Keep: true})
		said := d.words("define." + x.Key)
		said += fmt.Sprintf(" Căn cứ: %s (%s). Làm tròn nửa lên, %d chữ số thập phân.", figures.VietnameseLaw(x.Law), d.words("grade."+string(x.Grade)), i.Decimals)
		if len(x.Lacks) > 0 {
			said += " Chưa thu thập: " + strings.Join((i.Needs).Names("vi"), "; ") + "."
		}
		if out := d.outside(x.Outside); out != "" {
			said += " Đứng ngoài mẫu số: " + out + "."
		}
		b = append(b, typeset.Para{Text: said, Size: small, Align: typeset.Justified})
	}
	return b
}

func (d *paper) outside(all map[figures.Why]int) string {
	var parts []string
	for _, w := range slices.Sorted(maps.Keys(all)) {
		if n := all[w]; n > 0 {
			parts = append(parts, fmt.Sprintf("%s %d", strings.ToLower(d.words("why."+string(w))), n))
		}
	}
	return strings.Join(parts, ", ")
}

// number is that of the chapter after what came late.
func (d *paper) number() string {
	if len(d.s.Late) > 0 {
		return "V"
	}
	return "IV"
}

// proof says how everybody can see that these are the figures that were closed,
// and whoever has the archive that they follow from it.
func (d *paper) proof() []typeset.Block {
	next := map[string]string{"IV": "V", "V": "VI"}[d.number()]
	b := []typeset.Block{heading(next + ". KIỂM CHỨNG VÀ ĐẾM LẠI"),
		text("Mọi số trong báo cáo này nằm trong bản số liệu đã chốt (tệp JSON đi kèm, có chữ ký số riêng dạng CAdES). Ai có tệp đều tự kiểm tra được bằng cách tính mã băm SHA-256 của tệp và so với mã dưới đây.")}
	rows := [][2]string{
		{"Bản số liệu (SHA-256)", d.m.Closing.Statement.String()},
		{"Danh sách sự kiện hồ sơ đã đếm (SHA-256)", d.s.Facts},
		{"Số sự kiện của sổ nhật ký", fmt.Sprint(d.s.Counted)},
		{"Gốc cây Merkle của sổ (RFC 6962)", d.s.Root},
		{"Kỳ, bản số", fmt.Sprintf("%s, %d", d.s.Month, d.s.Version)},
	}
	if d.m.Before != nil {
		rows = append(rows, [2]string{"Bản số liệu kỳ trước (SHA-256)", d.m.BeforeDigest.String()})
	}
	t := typeset.Table{Cols: []typeset.Col{{Share: 0.34}, {Share: 0.66}}, Head: []string{"Nội dung", "Giá trị"}, Size: small, Before: 6}
	for _, r := range rows {
		t.Rows = append(t.Rows, typeset.Row{Cells: r[:]})
	}
	return append(b, t, text("Cơ quan giữ kho đếm lại từ sổ nhật ký bằng lệnh: sohoa figures --recompute --month %s --version %d. Kết quả phải trùng từng byte với bản số liệu trên.", d.s.Month, d.s.Version),
		typeset.Columns{Share: 0.45, Left: []typeset.Para{
			{Text: "Nơi nhận:", Face: typeset.Bold, Size: small, Before: 14}, {Text: "- ………;", Size: small}, {Text: "- Lưu: VT.", Size: small}},
			Right: []typeset.Para{{Text: strings.ToUpper(d.m.Issuer.Name), Face: typeset.Bold, Size: body, Align: typeset.Centre, Before: 14},
				{Text: "(Chữ ký số của cơ quan ở góc trên bên phải, trang đầu)", Face: typeset.Italic, Size: small, Align: typeset.Centre, Before: 4}}})
}
