// Package monthly lays a closed month out as the agency's report in Vietnamese,
// in the form of NĐ 30/2020/NĐ-CP, Phụ lục I: PDF/A-2u with real text, ready to
// be numbered, sealed and published. Every number in it stands in the statement,
// whose digest it names, and can be counted again.
package monthly

import (
	"fmt"
	"io"
	"strings"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/figures"
	"sohoa/dossier/figures/closing"
	"sohoa/pdf/pdfa"
	"sohoa/pdf/typeset"
	"sohoa/report"
)

// Write writes the report of m to w, without a signature. The same month and
// words give the same bytes. It returns what [pdfa.Check] holds the file
// against.
func Write(w io.Writer, fonts typeset.Fonts, m report.Month, words report.Words) ([]pdfa.Content, error) {
	d := &paper{m: m, s: m.Statement, words: words}
	pages, err := typeset.Pages(fonts, d.blocks())
	if err != nil {
		return nil, fmt.Errorf("report of %s: %w", m.Statement.Month, err)
	}
	out := pdfa.New(w, pdfa.Meta{Title: d.title(), Identifier: "urn:sha256:" + m.Closing.Statement.String(),
		Created: m.Closing.At.In(dossier.VietNam), Record: pdfa.Record{Agency: string(m.Issuer.Code)}})
	for _, p := range pages {
		if err := out.Add(p); err != nil {
			return nil, fmt.Errorf("report of %s: %w", m.Statement.Month, err)
		}
	}
	return out.Contents(), out.Close()
}

// The sizes of letters (NĐ 30/2020/NĐ-CP, Phụ lục I, Phần I and mục IV).
const (
	body  = 13
	small = 11
	tiny  = 10
)

type paper struct {
	m     report.Month
	s     closing.Statement
	words report.Words
}

func (d *paper) month() string {
	from := d.s.Month.Period().From
	return fmt.Sprintf("tháng %s năm %d", monthOf(from), from.Year())
}

// monthOf writes a month as dates of papers have it: 01 and 02, but 3
// (NĐ 30/2020/NĐ-CP, Phụ lục I, Phần I, mục II.4).
func monthOf(t time.Time) string {
	if m := int(t.Month()); m > 2 {
		return fmt.Sprint(m)
	}
	return t.Format("01")
}

func (d *paper) title() string {
	return "Báo cáo kết quả số hóa hồ sơ, kết quả giải quyết thủ tục hành chính " + d.month()
}

func (d *paper) blocks() []typeset.Block {
	b := d.head()
	b = append(b, d.general()...)
	b = append(b, d.rates()...)
	b = append(b, d.agencies()...)
	b = append(b, d.late()...)
	b = append(b, d.definitions()...)
	return append(b, d.proof()...)
}

// head is the heading: who, where, when and about what (mục II of Phần I).
func (d *paper) head() []typeset.Block {
	at := d.m.Closing.At.In(dossier.VietNam)
	place := d.m.Place
	if place == "" {
		place = "…………"
	}
	var left []typeset.Para
	if d.m.Above != "" {
		left = append(left, typeset.Para{Text: strings.ToUpper(d.m.Above), Size: body, Align: typeset.Centre})
	}
	left = append(left, typeset.Para{Text: strings.ToUpper(d.m.Issuer.Name), Face: typeset.Bold, Size: body, Align: typeset.Centre, Under: 0.4},
		typeset.Para{Text: "Số: ………/BC-………", Size: body, Align: typeset.Centre, Before: 6})
	right := []typeset.Para{
		{Text: "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", Face: typeset.Bold, Size: 12, Align: typeset.Centre},
		{Text: "Độc lập - Tự do - Hạnh phúc", Face: typeset.Bold, Size: body, Align: typeset.Centre, Under: 1},
		{Text: fmt.Sprintf("%s, ngày %02d tháng %s năm %d", place, at.Day(), monthOf(at), at.Year()), Face: typeset.Italic, Size: body, Align: typeset.Centre, Before: 6},
	}
	b := []typeset.Block{
		typeset.Columns{Left: left, Right: right, Share: 0.42},
		typeset.Para{Text: "BÁO CÁO", Face: typeset.Bold, Size: 14, Align: typeset.Centre, Before: 18},
		typeset.Para{Text: "Kết quả số hóa hồ sơ, kết quả giải quyết thủ tục hành chính " + d.month(), Face: typeset.Bold, Size: 14, Align: typeset.Centre, Under: 0.4},
	}
	if d.s.Demo {
		b = append(b, typeset.Para{Text: "DỮ LIỆU THỬ, KHÔNG CÓ GIÁ TRỊ", Face: typeset.Bold, Size: 14, Align: typeset.Centre, Before: 6})
	}
	if d.s.Version > 1 {
		b = append(b, text("Bản điều chỉnh, bản số %d của kỳ này. Lý do: %s. Bản trước được giữ nguyên, có mã băm SHA-256 %s.", d.s.Version, strings.TrimSuffix(d.s.Reason, "."), d.s.Replaces))
	}
	return b
}

func text(format string, args ...any) typeset.Para {
	return typeset.Para{Text: fmt.Sprintf(format, args...), Size: body, Align: typeset.Justified, Indent: 28, Before: 4}
}

func heading(s string) typeset.Para {
	return typeset.Para{Text: s, Face: typeset.Bold, Size: body, Before: 10, Keep: true}
}

func date(iso string) string {
	if len(iso) != len("2006-01-02") {
		return iso
	}
	return iso[8:] + "/" + iso[5:7] + "/" + iso[:4]
}

func (d *paper) general() []typeset.Block {
	b := []typeset.Block{heading("I. TÌNH HÌNH CHUNG"),
		text("Từ ngày %s đến hết ngày %s, các cơ quan tiếp nhận %d hồ sơ, giải quyết %d hồ sơ; %d thành phần hồ sơ được dùng lại từ kho, không yêu cầu nộp lại.",
			date(d.s.From), date(d.s.To), d.s.Tally.Received, d.s.Tally.Resolved, d.s.Tally.Reused)}
	if before := d.m.Before; before != nil {
		b = append(b, text("Kỳ trước (tháng %s/%s, bản số %d): tiếp nhận %d hồ sơ, giải quyết %d hồ sơ, dùng lại %d thành phần.",
			before.Month[5:], before.Month[:4], before.Version, before.Tally.Received, before.Tally.Resolved, before.Tally.Reused))
	} else {
		b = append(b, text("Chưa có kỳ trước đã chốt để so sánh."))
	}
	return b
}

// families are the tables of the two families, which are never mixed.
var families = []struct {
	family figures.Family
	title  string
	points bool
}{
	{figures.Everyday, "1. Các tỷ lệ hằng ngày", false},
	{figures.QD766, "2. Nhóm chỉ tiêu “số hóa hồ sơ” theo Quyết định số 766/QĐ-TTg", true},
}

// rates are the figures of the whole house.
func (d *paper) rates() []typeset.Block {
	b := []typeset.Block{heading("II. KẾT QUẢ TOÀN HỆ THỐNG")}
	for _, f := range families {
		t := typeset.Table{Size: small, Before: 4, Head: []string{"Chỉ tiêu", "Tử số", "Mẫu số", "Tỷ lệ (%)", "Kỳ trước (%)", "Tăng, giảm", "Mục tiêu (%)"}}
		if f.points {
			t.Head[6] = "Điểm / tối đa"
		}
		for i, share := range []float64{0.31, 0.1, 0.1, 0.11, 0.12, 0.12, 0.14} {
			t.Cols = append(t.Cols, typeset.Col{Share: share, Align: typeset.Right})
			if i == 0 {
				t.Cols[0].Align = typeset.Left
			}
		}
		for _, x := range report.Family(d.s.Figures, f.family) {
			t.Rows = append(t.Rows, typeset.Row{Cells: d.rate(x, f.points)})
		}
		b = append(b, heading(f.title), t)
	}
	return append(b, typeset.Para{Text: "Tăng, giảm tính bằng điểm phần trăm so với kỳ trước. Dữ liệu chưa thu thập thì không tính và không coi là 0.", Face: typeset.Italic, Size: small, Before: 4})
}

// name is what a figure is called.
func (d *paper) name(key string) string {
	if i, ok := d.m.Indicator(key); ok {
		return i.VI
	}
	return key
}

func (d *paper) rate(x closing.Figure, points bool) []string {
	cells := []string{d.name(x.Key), "–", "–", "–", "–", "–", "–"}
	i, _ := d.m.Indicator(x.Key)
	switch {
	case len(x.Lacks) > 0:
		cells[3] = "chưa thu thập"
	case x.Told:
		cells[1], cells[2], cells[3] = fmt.Sprint(x.Numerator), fmt.Sprint(x.Denominator), x.Percent
		if was, ok := d.m.Was(x); ok {
			cells[4], cells[5] = was.Percent, report.Change(x.Percent, was.Percent)
		}
	}
	switch {
	case points && i.Max > 0:
		cells[6] = fmt.Sprintf("%s / %d", x.Points, i.Max)
	case !points && i.Target > 0:
		cells[6] = fmt.Sprint(i.Target)
	}
	return cells
}

// agencies are the figures of each agency: those over dossiers.
func (d *paper) agencies() []typeset.Block {
	b := []typeset.Block{heading("III. KẾT QUẢ THEO CƠ QUAN TIẾP NHẬN")}
	if len(d.s.Agencies) == 0 {
		return append(b, text("Trong kỳ không có hồ sơ."))
	}
	for _, f := range families {
		var keys []string
		for _, x := range report.Family(d.s.Agencies[0].Figures, f.family) {
			if len(x.Lacks) == 0 {
				if i, ok := d.m.Indicator(x.Key); ok && i.Stands != nil {
					keys = append(keys, x.Key)
				}
			}
		}
		if len(keys) > 0 {
			b = append(b, heading(f.title), d.byAgency(keys, f.family == figures.Everyday))
		}
	}
	return append(b, typeset.Para{Text: "Trong mỗi ô: tỷ lệ phần trăm, sau đó là tử số và mẫu số trong ngoặc. Chỉ tiêu đếm thủ tục chỉ có cho toàn hệ thống.", Face: typeset.Italic, Size: small, Before: 4})
}

func (d *paper) byAgency(keys []string, tally bool) typeset.Table {
	t := typeset.Table{Size: tiny, Before: 4, Head: []string{"Cơ quan"}}
	if tally {
		t.Head = append(t.Head, "Tiếp nhận")
	}
	for _, k := range keys {
		t.Head = append(t.Head, d.name(k))
	}
	first := 0.28
	for i := range t.Head {
		c := typeset.Col{Share: (1 - first) / float64(len(t.Head)-1), Align: typeset.Right}
		if i == 0 {
			c = typeset.Col{Share: first}
		}
		t.Cols = append(t.Cols, c)
	}
	row := func(name string, n int, all []closing.Figure) []string {
		cells := []string{name}
		if tally {
			cells = append(cells, fmt.Sprint(n))
		}
		for _, k := range keys {
			cell := "–"
			for _, x := range all {
				if x.Key == k && x.Told {
					cell = fmt.Sprintf("%s (%d/%d)", x.Percent, x.Numerator, x.Denominator)
				}
			}
			cells = append(cells, cell)
		}
		return cells
	}
	for _, a := range d.s.Agencies {
		t.Rows = append(t.Rows, typeset.Row{Cells: row(d.m.Agency(a.Agency), a.Tally.Received, a.Figures)})
	}
	t.Rows = append(t.Rows, typeset.Row{Cells: row("Toàn hệ thống", d.s.Tally.Received, d.s.Figures), Face: typeset.Bold, Tint: true})
	return t
}
