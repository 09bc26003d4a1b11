package specimen

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
)

// Adds is what a paper has beside what its kind asks for, all on its first page
// as far as there is room.
type Adds struct {
	Small   bool // footnotes in small type
	English bool // paragraphs and terms in English between the Vietnamese
	Tables  bool // a table with a head of two rows, merged cells, and cells of many lines
	Hand    bool // remarks written by hand
	Stamped bool // seals over the issuer's name and over the text
	Codes   bool // a QR code and a Code 128 bar code at the foot
}

// adds writes what is added within the body.
func (d *draft) adds() {
	if d.about.Adds == (Adds{}) {
		return
	}
	// A source of its own keeps what the paper says otherwise the same.
	kept := d.rng
	d.rng = rand.New(rand.NewPCG(d.seed, 0xadd5))
	defer func() { d.rng = kept }()
	a := d.about.Adds
	if a.Tables {
		d.mergedTable()
	}
	if a.English {
		back := d.in(English)
		for range 2 {
			d.para(d.say(pick(d, inEnglish())))
		}
		back()
		d.para(d.say("Phần mềm được cung cấp theo mô hình Software as a Service, giao diện Web (Chrome, Firefox), định dạng PDF/A, TIFF, XML; liên hệ: {agency}, email: support@example.vn."))
	}
	if a.Hand {
		d.remarks()
	}
	if a.Small {
		d.footnotes()
	}
}

func inEnglish() []string {
	return []string{
		"This document is issued in two languages; in case of any difference, the Vietnamese text shall prevail over the English translation.",
		"The Contractor shall deliver {n} document scanners within {n} working days after the date of signature and provide a warranty of 24 months.",
		"Please submit the original certificate, a copy of your passport and the application form at the reception desk before {n} December {year}.",
		"Terms and Conditions: payment by bank transfer, 50% in advance and the rest upon acceptance; late delivery is charged at 0.05% per day.",
	}
}

// footnotes are set small below a short rule.
func (d *draft) footnotes() {
	defer d.in(Small)()
	d.need(60)
	d.rule(marginLeft, d.y+2, marginLeft+140, d.y+2, 0.5)
	d.space(6)
	for i, s := range []string{
		"Số liệu tính đến hết {date}; nguồn: Hệ thống thông tin giải quyết thủ tục hành chính của {department}, làm tròn đến {n}%.",
		"Theo khoản 2 Điều {n} và điểm c khoản 1 Điều {n} của {doc}; mã hồ sơ {number}, mức hỗ trợ {m}/người/tháng.",
		"Trường hợp giấy tờ bị rách, nhòe thì ghi rõ vào sổ theo dõi; không tẩy xóa, không dùng bút xóa, không sửa ngày, tháng.",
	} {
		d.flow(d.say(fmt.Sprintf("(%d) %s", i+1, s)), column{left: marginLeft, right: marginRight, size: 8 + 0.75*d.rng.Float64(), leading: 1.15}, 0)
	}
	d.space(6)
}

// remarks are lines printed with a name and filled in by hand.
func (d *draft) remarks() {
	for _, name := range []string{"Ý kiến của lãnh đạo:", "Người tiếp nhận:"} {
		d.need(40)
		d.space(8)
		line, x := d.set(name, upright, d.body, marginLeft, d.y+d.body)
		d.add(line)
		d.rule(x+4, d.y+d.body+3, marginRight, d.y+d.body+3, 0.3)
		back := d.in(Hand)
		size := d.body * (1.1 + 0.25*d.rng.Float64())
		text := pick(d, []string{"Đồng ý, giao phòng chuyên môn xử lý trước {n}/{n}", "Kính chuyển {department}", "Đã nhận đủ hồ sơ, {person}", "Cho kiểm tra lại diện tích {n} m2"})
		written, _ := d.set(d.say(text), hand, size, x+10, d.y+d.body-1)
		for len(written) > 1 && written[len(written)-1].X+written[len(written)-1].Width > marginRight {
			written = written[:len(written)-1]
		}
		d.add(written)
		back()
		d.y += d.body * 1.7
	}
}

// finish puts on what lies over the finished paper, on its first page: seals
// and codes.
func (d *draft) finish() {
	rng := rand.New(rand.NewPCG(d.seed, 0xf1415))
	first := &d.pages[0]
	a := d.about.Adds
	if a.Stamped {
		text := strings.ToUpper(d.about.Agency)
		const radius = 18 / 25.4 * 72
		for _, at := range [][2]float64{
			{marginLeft + 20 + 30*rng.Float64(), marginTop + 14 + 12*rng.Float64()}, // dấu treo, over the issuer's name
			{marginLeft + textWidth*(0.2+0.6*rng.Float64()), PageHeight * (0.4 + 0.2*rng.Float64())},
		} {
			first.seals = append(first.seals, seal{x: at[0], y: at[1], radius: radius, turn: rng.NormFloat64() * 0.2, text: text, seed: rng.Uint64()})
		}
	}
	if !a.Codes {
		return
	}
	holder := fmt.Sprintf("%s||%s|%02d%02d%d|Nam||0107202%d", d.about.HolderNumber, d.about.Holder, 1+rng.IntN(28), 1+rng.IntN(12), 1950+rng.IntN(50), rng.IntN(6))
	const module = 1.25
	foot := marginFoot + 2
	if rows := qrRows(holder); rows != nil {
		size := float64(len(rows)) * module
		first.codes = append(first.codes, placedCode{rows, marginRight - size, PageHeight - 8 - size, module, module})
		d.t.Codes = append(d.t.Codes, Code{"qr", holder, 0})
	}
	bars := "000." + strconv.Itoa(10+rng.IntN(90)) + ".H" + strconv.Itoa(10+rng.IntN(50)) + "-2507" + strconv.Itoa(10+rng.IntN(20)) + "-" + fmt.Sprintf("%04d", rng.IntN(10000))
	first.codes = append(first.codes, placedCode{[]string{code128(bars)}, marginLeft, foot, 0.85, 24})
	d.t.Codes = append(d.t.Codes, Code{"code128", bars, 0})
}
