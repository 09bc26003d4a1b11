// Package handover lays a backlog project out as the report with which its work is
// handed over, in Vietnamese, in the form of NĐ 30/2020/NĐ-CP, Phụ lục I: PDF/A-2u with
// real text, and as CSV. It names no price: what work is worth is agreed elsewhere.
package handover

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/project"
	"sohoa/dossier/sampling"
	"sohoa/pdf/pdfa"
	"sohoa/pdf/typeset"
	"sohoa/report"
)

// A Report is a project with what was counted of it at a moment.
type Report struct {
	project.Project
	Agency   dossier.Agency
	At       time.Time
	Who      string // by name, who asked for it
	Progress project.Progress
	Forecast project.Forecast
	Days     []project.Day // what all did, oldest first
	Shares   []project.Share
	Lots     []project.Lot
	Quality  project.Quality
	Typists  []project.Typist
	People   map[dossier.PersonID]string
	Kinds    map[dossier.KindCode]string
	Demo     bool
}

func (r Report) person(id dossier.PersonID) string {
	if n := r.People[id]; n != "" {
		return n
	}
	return string(id)
}

// Write writes r to w as PDF/A. The same report gives the same bytes. It returns what
// [pdfa.Check] holds the file against.
func Write(w io.Writer, fonts typeset.Fonts, r Report, words report.Words) ([]pdfa.Content, error) {
	d := &paper{r, words}
	pages, err := typeset.Pages(fonts, d.blocks())
	if err != nil {
		return nil, fmt.Errorf("report of project %s: %w", r.ID, err)
	}
	out := pdfa.New(w, pdfa.Meta{Title: title, Identifier: "urn:uuid:" + string(r.ID), Created: r.At.In(dossier.VietNam), Record: pdfa.Record{Agency: string(r.Agency.Code)}})
	for _, p := range pages {
		if err := out.Add(p); err != nil {
			return nil, fmt.Errorf("report of project %s: %w", r.ID, err)
		}
	}
	return out.Contents(), out.Close()
}

const (
	title = "Biên bản bàn giao kết quả số hóa hồ sơ tồn"
	body  = 13
	small = 11
	tiny  = 10
)

type paper struct {
	Report
	words report.Words
}

func (d *paper) blocks() []typeset.Block {
	b := d.head()
	b = append(b, d.plan()...)
	b = append(b, d.done()...)
	b = append(b, d.shares()...)
	b = append(b, d.lots()...)
	b = append(b, d.quality()...)
	return append(b, d.proof()...)
}

func text(format string, args ...any) typeset.Para {
	return typeset.Para{Text: fmt.Sprintf(format, args...), Size: body, Align: typeset.Justified, Indent: 28, Before: 4}
}

func heading(s string) typeset.Para {
	return typeset.Para{Text: s, Face: typeset.Bold, Size: body, Before: 10, Keep: true}
}

func date(iso string) string {
	if len(iso) != len(time.DateOnly) {
		return "–"
	}
	return iso[8:] + "/" + iso[5:7] + "/" + iso[:4]
}

// number writes n with one decimal, as people write it here.
func number(n float64) string {
	return strings.Replace(strconv.FormatFloat(n, 'f', 1, 64), ".", ",", 1)
}

func (d *paper) head() []typeset.Block {
	at := d.At.In(dossier.VietNam)
	month := at.Format("01")
	if at.Month() > 2 {
		month = strconv.Itoa(int(at.Month()))
	}
	left := []typeset.Para{{Text: strings.ToUpper(d.Agency.Name), Face: typeset.Bold, Size: body, Align: typeset.Centre, Under: 0.4},
		{Text: "Số: ………/BB-………", Size: body, Align: typeset.Centre, Before: 6}}
	right := []typeset.Para{
		{Text: "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", Face: typeset.Bold, Size: 12, Align: typeset.Centre},
		{Text: "Độc lập - Tự do - Hạnh phúc", Face: typeset.Bold, Size: body, Align: typeset.Centre, Under: 1},
		{Text: fmt.Sprintf("…………, ngày %02d tháng %s năm %d", at.Day(), month, at.Year()), Face: typeset.Italic, Size: body, Align: typeset.Centre, Before: 6},
	}
	b := []typeset.Block{typeset.Columns{Left: left, Right: right, Share: 0.42},
		typeset.Para{Text: "BIÊN BẢN", Face: typeset.Bold, Size: 14, Align: typeset.Centre, Before: 18},
		typeset.Para{Text: "Bàn giao kết quả số hóa hồ sơ tồn: " + d.Name, Face: typeset.Bold, Size: 14, Align: typeset.Centre, Under: 0.4}}
	if d.Demo {
		b = append(b, typeset.Para{Text: "DỮ LIỆU THỬ, KHÔNG CÓ GIÁ TRỊ", Face: typeset.Bold, Size: 14, Align: typeset.Centre, Before: 6})
	}
	return b
}

func (d *paper) plan() []typeset.Block {
	kinds := "mọi loại"
	if len(d.Plan.Kinds) > 0 {
		var names []string
		for _, k := range d.Plan.Kinds {
			n := d.Report.Kinds[k]
			if n == "" {
				n = string(k)
			}
			names = append(names, n)
		}
		kinds = strings.Join(names, "; ")
	}
	b := []typeset.Block{heading("I. KẾ HOẠCH"),
		text("Từ ngày %s đến ngày %s: %d hồ sơ; loại giấy tờ: %s.", date(d.From), date(d.To), d.Dossiers, kinds)}
	if d.Shelves > 0 || d.Decimetres > 0 {
		b = append(b, text("Khối lượng do đơn vị đo: %d giá, %s mét giá.", d.Shelves, number(float64(d.Decimetres)/10)))
	}
	if s, ok := project.Began(d.Agency.Tier); ok {
		b = append(b, text("Theo %s, cơ quan cấp này số hóa hồ sơ mới từ ngày %s; hồ sơ tiếp nhận trước ngày đó là hồ sơ tồn.", s.Law, date(s.Day)))
	}
	return b
}

func (d *paper) done() []typeset.Block {
	n := d.Progress
	b := []typeset.Block{heading("II. KẾT QUẢ ĐẾM TỪ KHO"),
		text("%d hồ sơ trên %d theo kế hoạch; %d giấy tờ, %d trang; %d lô quét (%d xong), %d kho cũ nhập vào (%d xong); %d giá đã quét xong.",
			n.Dossiers, d.Dossiers, n.Papers, n.Pages, n.Batches, n.BatchesDone, n.Imports, n.ImportsDone, n.Shelves)}
	if n.Others > 0 {
		b = append(b, text("Ngoài ra %d giấy tờ thuộc loại không nằm trong kế hoạch, không tính ở trên.", n.Others))
	}
	f := d.Forecast
	if f.Finish != "" && f.Left > 0 {
		late := "chưa nói được"
		if f.Late != "" {
			late = date(f.Late)
		}
		b = append(b, text("Còn %d hồ sơ. Trung bình %d ngày làm việc gần đây: %s hồ sơ một ngày. Nếu giữ như vậy thì xong ngày %s, trong khoảng từ %s đến %s (khoảng tin cậy 95%%).",
			f.Left, f.Days, number(f.Rate), date(f.Finish), date(f.Early), late))
	}
	return b
}

func columns(n int, first float64) []typeset.Col {
	cols := []typeset.Col{{Share: first}}
	for range n - 1 {
		cols = append(cols, typeset.Col{Share: (1 - first) / float64(n-1), Align: typeset.Right})
	}
	return cols
}

// perDay is how many papers somebody did a working day; of who began today nobody knows.
func perDay(s project.Share) string {
	if s.Days == 0 {
		return "–"
	}
	return number(s.Rate)
}

func (d *paper) shares() []typeset.Block {
	b := []typeset.Block{heading("III. THEO NGƯỜI LÀM")}
	if len(d.Shares) == 0 {
		return append(b, text("Chưa có giấy tờ nào."))
	}
	t := typeset.Table{Size: small, Before: 4, Head: []string{"Người đưa vào", "Giấy tờ", "Trang", "Hồ sơ", "Giấy tờ mỗi ngày"}, Cols: columns(5, 0.4)}
	for _, s := range d.Report.Shares {
		t.Rows = append(t.Rows, typeset.Row{Cells: []string{d.person(s.Who), strconv.Itoa(s.Papers), strconv.Itoa(s.Pages), strconv.Itoa(s.Dossiers), perDay(s)}})
	}
	b = append(b, t)
	if len(d.Typists) > 0 {
		t := typeset.Table{Size: small, Before: 8, Head: []string{"Người nhập", "Giấy tờ", "Trường phải sửa"}, Cols: columns(3, 0.5)}
		for _, x := range d.Typists {
			t.Rows = append(t.Rows, typeset.Row{Cells: []string{d.person(x.Who), strconv.Itoa(x.Papers), strconv.Itoa(x.Wrong)}})
		}
		b = append(b, t)
	}
	return b
}

// verdicts are what becomes of a lot, in the words of TCVN 7790-1.
var verdicts = map[sampling.Verdict]string{sampling.Open: "đang xem", sampling.Accepted: "nhận", sampling.Rejected: "không nhận, làm lại cả lô"}

var severities = map[sampling.Severity]string{sampling.Normal: "thường", sampling.Tightened: "ngặt", sampling.Reduced: "giảm"}

func (d *paper) lots() []typeset.Block {
	if d.Method == project.Double {
		return []typeset.Block{heading("IV. KIỂM TRA"), text("Trường dữ liệu của từng giấy tờ do hai người nhập riêng; chỗ khác nhau do người thứ ba xem giấy tờ rồi định. Còn %d giấy tờ chưa định.", d.Progress.Unsettled)}
	}
	b := []typeset.Block{heading("IV. KIỂM TRA THEO LÔ"),
		text("Phương án lấy mẫu một lần theo TCVN 7790-1:2007 (ISO 2859-1:1999), bậc kiểm tra %s, AQL %s%% giấy tờ không phù hợp. Mẫu do sổ cái chọn: không ai định trước được giấy tờ nào bị xem.", d.Level, strings.Replace(d.AQL, ".", ",", 1))}
	if len(d.Lots) == 0 {
		return append(b, text("Chưa có lô nào."))
	}
	t := typeset.Table{Size: tiny, Before: 4, Head: []string{"Lô, lần", "Giấy tờ", "Kiểm tra", "Mẫu", "Ac/Re", "Không phù hợp", "Kết luận"}, Cols: columns(7, 0.1)}
	for _, l := range d.Report.Lots {
		for _, r := range l.Rounds {
			t.Rows = append(t.Rows, typeset.Row{Cells: []string{fmt.Sprintf("%d, %d", l.Number, r.Number), strconv.Itoa(l.Size), severities[r.Severity], strconv.Itoa(r.N),
				fmt.Sprintf("%d/%d", r.Accept, r.Reject), fmt.Sprintf("%d trên %d", r.Nonconforming, r.Checked), verdicts[r.Verdict]}})
		}
	}
	return append(b, t)
}

func (d *paper) quality() []typeset.Block {
	q := d.Quality
	b := []typeset.Block{heading("V. CHẤT LƯỢNG")}
	if q.All.Papers == 0 {
		return append(b, text("Chưa có giấy tờ nào trong mẫu được xem."))
	}
	b = append(b, text("Trong %d giấy tờ đã xem có %d giấy tờ không phù hợp, %d khuyết tật: %s khuyết tật trên một trăm giấy tờ.", q.All.Papers, q.All.Bad, q.All.Defects, number(q.All.PerHundred())))
	table := func(first string, list []project.Tally, name func(string) string) {
		t := typeset.Table{Size: small, Before: 6, Head: []string{first, "Đã xem", "Khuyết tật", "Trên một trăm"}, Cols: columns(4, 0.46)}
		for _, x := range list {
			t.Rows = append(t.Rows, typeset.Row{Cells: []string{name(x.Key), strconv.Itoa(x.Papers), strconv.Itoa(x.Defects), number(x.PerHundred())}})
		}
		if len(list) > 0 {
			b = append(b, t)
		}
	}
	table("Khuyết tật", q.ByFlaw, func(k string) string { return d.words("projects.flaw." + k) })
	table("Người đưa vào", q.ByPerson, func(k string) string { return d.person(dossier.PersonID(k)) })
	table("Máy quét", q.ByScanner, func(k string) string {
		if k == "" {
			return "không ghi"
		}
		return k
	})
	return b
}

func (d *paper) proof() []typeset.Block {
	b := []typeset.Block{heading("VI. ĐỐI CHIẾU"), text("Mã dự án %s. Mọi con số trên đếm từ dòng của kho lúc %s, người lấy: %s.", d.ID, d.At.In(dossier.VietNam).Format("15 giờ 04 phút, ngày 02/01/2006"), d.Who)}
	for _, l := range d.Report.Lots {
		r := l.Last()
		if r.Seed != "" {
			b = append(b, typeset.Para{Text: fmt.Sprintf("Lô %d lần %d: sự kiện thứ %d của sổ cái, mã băm các giấy tờ %s, hạt chọn mẫu %s.", l.Number, r.Number, r.Place, l.Sum, r.Seed), Size: tiny, Before: 3})
		}
	}
	return append(b, typeset.Columns{Share: 0.5, Left: []typeset.Para{{Text: "BÊN GIAO", Face: typeset.Bold, Size: body, Align: typeset.Centre, Before: 18}, {Text: "(ký, ghi rõ họ tên)", Face: typeset.Italic, Size: small, Align: typeset.Centre}},
		Right: []typeset.Para{{Text: "BÊN NHẬN", Face: typeset.Bold, Size: body, Align: typeset.Centre, Before: 18}, {Text: "(ký, ghi rõ họ tên)", Face: typeset.Italic, Size: small, Align: typeset.Centre}}})
}

// CSV writes r as a table: what a line is about, of what, and its number. It begins with
// the mark by which spreadsheets know UTF-8.
func CSV(w io.Writer, r Report) error {
	if _, err := io.WriteString(w, "\ufeff"); err != nil {
		return err
	}
	out := csv.NewWriter(w)
	put := func(about, of, what string, n any) {
		_ = out.Write([]string{about, plain(of), what, fmt.Sprint(n)}) // kept until Error
	}
	put("mục", "của", "số liệu", "giá trị")
	put("kế hoạch", r.Name, "hồ sơ", r.Dossiers)
	n := r.Progress
	for _, x := range []struct {
		what string
		n    int
	}{{"hồ sơ", n.Dossiers}, {"giấy tờ", n.Papers}, {"trang", n.Pages}, {"lô quét", n.Batches}, {"lô quét xong", n.BatchesDone}, {"kho nhập", n.Imports}, {"kho nhập xong", n.ImportsDone}, {"giá xong", n.Shelves}, {"giấy tờ loại khác", n.Others}} {
		put("kết quả", "", x.what, x.n)
	}
	for _, d := range r.Days {
		put("ngày", d.Day, "giấy tờ", d.Papers)
		put("ngày", d.Day, "hồ sơ", d.Dossiers)
	}
	for _, s := range r.Shares {
		put("người", r.person(s.Who), "giấy tờ", s.Papers)
		put("người", r.person(s.Who), "trang", s.Pages)
	}
	for _, l := range r.Lots {
		for _, x := range l.Rounds {
			of := fmt.Sprintf("lô %d lần %d", l.Number, x.Number)
			put(of, "", "giấy tờ", l.Size)
			put(of, "", "mẫu", x.N)
			put(of, "", "không phù hợp", x.Nonconforming)
			put(of, "", "kết luận", verdicts[x.Verdict])
		}
	}
	for _, t := range r.Quality.ByPerson {
		put("khuyết tật theo người", r.person(dossier.PersonID(t.Key)), "trên một trăm", number(t.PerHundred()))
	}
	for _, t := range r.Quality.ByScanner {
		put("khuyết tật theo máy quét", t.Key, "trên một trăm", number(t.PerHundred()))
	}
	for _, t := range r.Quality.ByFlaw {
		put("khuyết tật", t.Key, "trên một trăm", number(t.PerHundred()))
	}
	for _, t := range r.Typists {
		put("người nhập", r.person(t.Who), "giấy tờ", t.Papers)
		put("người nhập", r.person(t.Who), "trường phải sửa", t.Wrong)
	}
	out.Flush()
	return out.Error()
}

// plain keeps a spreadsheet from taking what somebody wrote for a formula.
func plain(s string) string {
	if s != "" && strings.ContainsAny(s[:1], "=+-@\t\r") {
		return "'" + s
	}
	return s
}
