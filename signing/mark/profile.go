package mark

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"
)

// A Kind names the occasion of a signature.
type Kind string

// The occasions.
const (
	CopyOfficer  Kind = "copy-officer"  // the officer who scanned a paper
	CopyAgency   Kind = "copy-agency"   // the agency that attests the copy
	Result       Kind = "result"        // who is competent issues a result
	ResultAgency Kind = "result-agency" // the agency seals a result that is signed
	Attachment   Kind = "attachment"    // the agency signs what goes with a document, in a file of its own
	Figures      Kind = "figures"       // the agency seals the report of a closed month
)

// A Corner is where a mark stands.
type Corner string

// The corners of a page, and the place of a hand's signature.
const (
	TopLeft     Corner = "top-left"
	TopRight    Corner = "top-right"
	BottomLeft  Corner = "bottom-left"
	BottomRight Corner = "bottom-right"
	AboveName   Corner = "above-name"   // between the signer's title and name
	OnSignature Corner = "on-signature" // over the signature that is there
)

// A Move is how far a mark may stand from its corner, in millimetres of the
// page as it is seen.
type Move struct {
	Edge  float64 // from the edges, where nothing is in the way
	Least float64 // from the edges, at the least
	Along float64 // along the upper or lower edge, towards the other corner
	Down  float64 // away from that edge
	Clear float64 // from ink
}

// A Hue is the colour that the law asks of a picture.
type Hue string

// The hues.
const (
	Blue Hue = "blue"
	Red  Hue = "red"
)

// A Slot is the place of a picture in a mark.
type Slot struct {
	Hue   Hue
	Over  float64 // share of the signature's width that it covers, from the left
	High  float64 // millimetres at the most; 0: true size, whatever there is room for
	Broad float64 // likewise
}

// A Profile says how a mark of a kind looks, from a day on. Nothing of it is in
// the code that draws.
type Profile struct {
	Kind   Kind
	Page   int // 1: the first; -1: the last
	Corner Corner
	Move   Move

	Lines    []string // {form}, {name}, {number}, {time}; none: pictures
	Size     float64  // of letters, points
	Leading  float64  // from line to line, points
	Colour   [3]float64
	Pictures map[string]Slot // by name: signature, seal

	Form   string // what {form} is unless the request says
	Reason string // for the signature's dictionary, and how the file tells later who has signed

	Personal bool // a person's, not an agency's
	After    Kind // which signature must be there before; empty: none

	From string // first day, YYYY-MM-DD
	Law  string
}

// SignaturePicture and SealPicture are the names of pictures in a profile.
const (
	SignaturePicture = "signature"
	SealPicture      = "seal"
)

var corner = Move{Edge: 7, Least: 3, Along: 70, Down: 45, Clear: 0.7}

// Profiles are the rules, of each kind the newest first.
var Profiles = [...]Profile{
	{Kind: CopyOfficer, Page: 1, Corner: TopLeft, Move: corner, Lines: []string{"{name}", "{time}"}, Size: 10, Leading: 11.5,
		Reason: "Số hóa giấy tờ", Personal: true, From: "2023-05-25",
		Law: "TT 01/2023/TT-VPCP Điều 8 khoản 1: tên người quét, thời gian quét, góc trên bên trái trang đầu"},
	{Kind: CopyAgency, Page: 1, Corner: TopRight, Move: corner, Lines: []string{"{form}", "{name}", "{time}"}, Size: 10, Leading: 11.5,
		Form: "SAO Y", Reason: "Sao y giấy tờ", After: CopyOfficer, From: "2023-05-25",
		Law: "NĐ 30/2020/NĐ-CP Phụ lục I Phần II mục I điểm k.2: hình thức sao, tên cơ quan, thời gian ký theo ISO 8601, không hiển thị hình ảnh, Times New Roman, in thường, đứng, cỡ 10, màu đen; TT 01/2023/TT-VPCP Điều 8 khoản 1: người quét ký trước khi chuyển đi"},
	{Kind: CopyAgency, Page: 1, Corner: TopRight, Move: corner, Lines: []string{"{form}", "{name}", "{time}"}, Size: 10, Leading: 11.5,
		Form: "SAO Y", Reason: "Sao y giấy tờ", From: "2020-03-05",
		Law: "NĐ 30/2020/NĐ-CP Phụ lục I Phần II mục I điểm k.2, Điều 25 khoản 1 điểm c"},
	{Kind: Result, Page: -1, Corner: AboveName, Move: Move{Clear: 0.5},
		Pictures: map[string]Slot{SignaturePicture: {Hue: Blue, High: 22, Broad: 60}, SealPicture: {Hue: Red, Over: 1.0 / 3}},
		Reason:   "Ký ban hành", Personal: true, From: "2020-03-05",
		Law: "NĐ 30/2020/NĐ-CP Phụ lục I Phần II mục I: chữ ký số của người có thẩm quyền là hình ảnh chữ ký màu xanh, .png nền trong suốt, giữa chức vụ và họ tên; chữ ký số của cơ quan là hình ảnh dấu màu đỏ, kích thước bằng kích thước thực tế của dấu, .png nền trong suốt, trùm lên khoảng 1/3 hình ảnh chữ ký số của người có thẩm quyền về bên trái"},
	{Kind: ResultAgency, Page: -1, Corner: OnSignature,
		Pictures: map[string]Slot{SealPicture: {Hue: Red, Over: 1.0 / 3}}, Reason: "Đóng dấu", After: Result, From: "2020-03-05",
		Law: "NĐ 30/2020/NĐ-CP Phụ lục I Phần II mục I: hình ảnh dấu màu đỏ, kích thước thực tế, trùm khoảng 1/3 chữ ký về bên trái; Điều 32 khoản 2: văn thư chỉ đóng dấu văn bản đã có chữ ký của người có thẩm quyền"},
	{Kind: Attachment, Page: 1, Corner: TopRight, Move: corner, Lines: []string{"{number}", "{time}"}, Size: 10, Leading: 11.5,
		Reason: "Ký văn bản kèm theo", From: "2020-03-05",
		Law: "NĐ 30/2020/NĐ-CP Phụ lục I, văn bản kèm theo không cùng tệp tin: góc trên bên phải trang đầu, không hiển thị hình ảnh, số và ký hiệu văn bản, thời gian ký theo ISO 8601, Times New Roman, in thường, đứng, cỡ 10, màu đen (lời văn chưa đối chiếu được với bản gốc)"},
	{Kind: Figures, Page: 1, Corner: TopRight, Move: corner, Lines: []string{"{name}", "{time}"}, Size: 10, Leading: 11.5,
		Reason: "Chốt số liệu", From: "2020-03-05",
		Law: "NĐ 30/2020/NĐ-CP Phụ lục I, hình thức chữ ký số không hiển thị hình ảnh: tên cơ quan, thời gian ký theo ISO 8601, Times New Roman, in thường, đứng, cỡ 10, màu đen. Không văn bản nào quy định riêng cho báo cáo do máy lập: chưa có số, chưa có chữ ký của người có thẩm quyền, nên không dùng hình ảnh dấu"},
}

// Of returns the profile of a kind that is in force at a time.
func Of(k Kind, at time.Time) (Profile, error) {
	day := at.In(Vietnam).Format(time.DateOnly)
	for _, p := range Profiles {
		if p.Kind == k && p.From <= day {
			return p, nil
		}
	}
	return Profile{}, fmt.Errorf("no mark of kind %q on %s", k, day)
}

// KindOf returns whose signature one with a reason is, by the profiles of all
// times; empty if it is nobody's.
func KindOf(reason string) Kind {
	i := slices.IndexFunc(Profiles[:], func(p Profile) bool { return p.Reason == reason })
	if i < 0 {
		return ""
	}
	return Profiles[i].Kind
}

// Personal reports whether signatures of a kind are a person's.
func Personal(k Kind) bool {
	return slices.ContainsFunc(Profiles[:], func(p Profile) bool { return p.Kind == k && p.Personal })
}

// Vietnam is the time zone of marks: UTC+7 all year.
var Vietnam = time.FixedZone("+07", 7*3600)

// Words are what is put in a profile's places.
type Words struct {
	Form   string // empty: the profile's
	Name   string
	Number string // số, ký hiệu of the main document
	At     time.Time
}

// Text returns the lines of the mark, NFC. Lines that come out empty are left
// out.
func (p Profile) Text(w Words) []string {
	if w.Form == "" {
		w.Form = p.Form
	}
	put := strings.NewReplacer("{form}", w.Form, "{name}", w.Name, "{number}", w.Number,
		"{time}", w.At.In(Vietnam).Format("2006-01-02T15:04:05-07:00"))
	var lines []string
	for _, l := range p.Lines {
		if l = norm.NFC.String(strings.Join(strings.Fields(put.Replace(l)), " ")); l != "" {
			lines = append(lines, l)
		}
	}
	return lines
}
