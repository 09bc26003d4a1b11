// Package workbook writes figures as a workbook of Office Open XML (ECMA-376):
// numbers as numbers, names as text that no program takes for a formula, the law
// and the meaning of each figure on a sheet of its own.
package workbook

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"sohoa/dossier"
	"sohoa/dossier/figures"
	"sohoa/report"
)

// A Book is what goes into a workbook.
type Book struct {
	Title    string // what and of which period, in a line
	From, To string // first and last day
	Note     string // where the numbers come from
	All      []figures.Measure
	Agencies []Agency
	Words    report.Words

	// Opens says where the dossiers behind a number of an agency, or with "" of all,
	// are listed: a path of the house's pages, or the command that lists them; empty
	// if nothing does. nil: nothing is said of it.
	Opens func(agency dossier.AgencyCode, number string) string

	// Links is the whole address of a page that lists them, of those that stand so or
	// with "" of all, which numbers in the workbook lead to; empty if there is none.
	// nil: the house does not know where people reach it.
	Links func(agency dossier.AgencyCode, number string, why figures.Why) string
}

// An Agency is the figures over the dossiers that one agency received.
type Agency struct {
	Code     dossier.AgencyCode
	Name     string
	Figures  figures.Figures
	Measures []figures.Measure
}

// headOpens is over the paths, or the commands, by which the dossiers behind the
// number before it are listed.
const headOpens = "Hồ sơ đằng sau (đường dẫn hoặc lệnh)"

// The names of the sheets.
const (
	sheetAll      = "Chỉ tiêu"
	sheetAgencies = "Theo cơ quan"
	sheetLaw      = "Căn cứ và giải thích"
)

// Write writes b to w. The same book gives the same bytes.
func Write(w io.Writer, b Book) error {
	s := &sheets{b: b}
	s.all()
	s.agencies()
	s.law()
	if err := write(w, b.Title, s.done); err != nil {
		return fmt.Errorf("workbook: %w", err)
	}
	return nil
}

// sheets fills the sheets of a workbook.
type sheets struct {
	b    Book
	done []*sheet
}

func (s *sheets) begin(name string, widths ...float64) *sheet {
	x := &sheet{name: name, widths: widths}
	s.done = append(s.done, x)
	return x
}

// top writes the title of a sheet and the head of its table, in row 4.
func (s *sheets) top(x *sheet, heads ...string) {
	x.row(s.b.Title)
	x.row(s.b.Note)
	x.row()
	for _, h := range heads {
		x.head(h)
	}
	x.row()
	x.frozen = len(x.rows)
}

// opened is a number that leads to the dossiers that it counts.
func (s *sheets) opened(n int, agency dossier.AgencyCode, number string, why figures.Why) opened {
	if s.b.Links == nil {
		return opened{n, ""}
	}
	return opened{n, s.b.Links(agency, number, why)}
}

func (s *sheets) family(f figures.Family) string {
	return map[figures.Family]string{figures.Everyday: "Hằng ngày", figures.QD766: "QĐ 766/QĐ-TTg"}[f]
}

func (s *sheets) all() {
	x := s.begin(sheetAll, 16, 46, 38, 12, 12, 12, 12, 12, 14, 40, 60)
	heads := []string{"Nhóm", "Chỉ tiêu", "Mã", "Tử số", "Mẫu số", "Tỷ lệ (%)", "Điểm", "Điểm tối đa", "Mục tiêu (%)", "Chưa thu thập"}
	if s.b.Opens != nil {
		heads = append(heads, headOpens)
	}
	s.top(x, heads...)
	for _, m := range s.b.All {
		i := m.Indicator
		cells := []any{s.family(i.Family), i.VI, i.Key, nil, nil, nil, nil, nil, nil, strings.Join(m.Lacks.Names("vi"), "; ")}
		if m.Told() {
			cells[3], cells[4] = s.opened(m.Rate.Numerator, "", i.Key, figures.Counts), s.opened(m.Rate.Denominator, "", i.Key, "")
			cells[5], cells[6] = rate(m.Percent()), rate(m.Points())
		}
		if i.Max > 0 {
			cells[7] = i.Max
		}
		if i.Target > 0 {
			cells[8] = i.Target
		}
		if s.b.Opens != nil && m.Told() {
			cells = append(cells, s.b.Opens("", i.Key))
		}
		x.row(cells...)
	}
}

func (s *sheets) agencies() {
	x := s.begin(sheetAgencies, 14, 46)
	heads := []string{"Mã cơ quan", "Cơ quan"}
	for _, h := range []string{"Hồ sơ tiếp nhận", "Hồ sơ giải quyết", "Thành phần dùng lại"} {
		if heads = append(heads, h); s.b.Opens != nil {
			heads = append(heads, headOpens)
		}
	}
	var keys []string
	for _, m := range s.b.All {
		if m.Indicator.Stands != nil && m.Lacks == 0 {
			keys = append(keys, m.Indicator.Key)
			heads = append(heads, m.Indicator.VI+": tử số", "mẫu số", "%")
			if s.b.Opens != nil {
				heads = append(heads, headOpens)
			}
		}
	}
	s.top(x, heads...)
	// Of more agencies than a sheet has links, denominators lead nowhere: a number
	// beside each does.
	all := len(s.b.Agencies)*(3+2*len(keys)) <= mostLinks
	under := func(a dossier.AgencyCode, key string, n int) opened {
		if !all {
			return opened{n, ""}
		}
		return s.opened(n, a, key, "")
	}
	for _, a := range s.b.Agencies {
		cells := []any{string(a.Code), a.Name}
		for _, n := range []struct {
			key string
			is  int
		}{{"received", a.Figures.Received}, {"resolved", a.Figures.Resolved}, {"reused", a.Figures.Reused}} {
			if cells = append(cells, s.opened(n.is, a.Code, n.key, figures.Counts)); s.b.Opens != nil {
				cells = append(cells, s.b.Opens(a.Code, n.key))
			}
		}
		for _, k := range keys {
			i := slices.IndexFunc(a.Measures, func(m figures.Measure) bool { return m.Indicator.Key == k })
			if i < 0 {
				cells = append(cells, nil, nil, nil)
			} else {
				m := a.Measures[i]
				cells = append(cells, s.opened(m.Rate.Numerator, a.Code, k, figures.Counts), under(a.Code, k, m.Rate.Denominator), rate(m.Percent()))
			}
			if s.b.Opens != nil {
				cells = append(cells, s.b.Opens(a.Code, k))
			}
		}
		x.row(cells...)
	}
}

func (s *sheets) law() {
	x := s.begin(sheetLaw, 46, 38, 90, 46, 30, 12, 16, 16, 60)
	s.top(x, "Chỉ tiêu", "Mã", "Cách tính", "Căn cứ", "Mức chắc chắn", "Số thập phân", "Có hiệu lực từ", "Đến trước", "Đứng ngoài mẫu số")
	for _, m := range s.b.All {
		i := m.Indicator
		x.row(i.VI, i.Key, s.b.Words("define."+i.Key), figures.VietnameseLaw(i.Law), s.b.Words("grade."+string(i.Grade)), i.Decimals, day(i.From), day(i.To), s.outside(m.Outside))
	}
	x.row()
	x.row("Kỳ: từ " + s.b.From + " đến hết " + s.b.To + ", giờ Việt Nam. Hai nhóm chỉ tiêu không trộn với nhau. Dữ liệu chưa thu thập thì để trống, không phải 0.")
}

func (s *sheets) outside(all map[figures.Why]int) string {
	var parts []string
	for _, w := range slices.Sorted(maps.Keys(all)) {
		parts = append(parts, fmt.Sprintf("%s: %d", s.b.Words("why."+string(w)), all[w]))
	}
	return strings.Join(parts, "; ")
}
