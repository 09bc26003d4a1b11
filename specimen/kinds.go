package specimen

import (
	"fmt"
	"strconv"
	"strings"
)

// recipes returns how a kind is written.
func recipes(k Kind) recipe {
	about := []string{
		"phê duyệt kết quả {procedure} đợt {n} năm {year}", "triển khai số hóa hồ sơ, kết quả giải quyết thủ tục hành chính năm {year}",
		"hỗ trợ khắc phục thiệt hại do mưa lũ tại xã {commune}", "chỉnh lý, số hóa tài liệu giấy của các đơn vị cũ sau sắp xếp",
		"kiểm tra, rà soát hồ sơ {procedure}", "sửa chữa, nâng cấp đường giao thông nông thôn xã {commune}"}
	switch k {
	case Decision:
		return recipe{"QĐ", false, (*draft).decision, about}
	case Letter:
		return recipe{"VP", false, (*draft).letter, about}
	case Proposal:
		return recipe{"TTr", false, (*draft).proposal, about}
	case Report:
		return recipe{"BC", false, (*draft).report, []string{"kết quả giải quyết thủ tục hành chính quý III năm {year}", "kết quả số hóa sổ hộ tịch năm {year} trên địa bàn"}}
	case Notice:
		return recipe{"TB", false, (*draft).notice, []string{"lịch tiếp nhận hồ sơ {procedure}", "niêm yết công khai hồ sơ {procedure} tại xã {commune}"}}
	case Minutes:
		return recipe{"BB", false, (*draft).minutes, []string{"kiểm tra hiện trạng sử dụng đất tại xã {commune}", "họp xét duyệt hồ sơ {procedure}"}}
	case Licence:
		return recipe{"GPXD", true, (*draft).licence, nil}
	case Certificate:
		return recipe{"GCN", true, (*draft).certificate, nil}
	case Application:
		return recipe{"", false, (*draft).application, []string{"cấp bản sao trích lục khai sinh", "xác nhận tình trạng nhà ở, đất ở", "cải chính hộ tịch", "hỗ trợ kinh phí sửa nhà"}}
	case BirthExtract:
		return recipe{"TLKS", true, (*draft).birth, nil}
	case Contract:
		return recipe{"HĐ", false, (*draft).contract, []string{"thuê máy quét và dịch vụ số hóa tài liệu", "cung cấp văn phòng phẩm, sổ sách, biểu mẫu"}}
	case Residence:
		return recipe{"XN", true, (*draft).residence, nil}
	}
	panic("specimen: no kind is called " + string(k))
}

func (d *draft) decision() {
	d.t.Subject = d.about.Subject
	d.letterhead("")
	d.title("QUYẾT ĐỊNH", "Về việc "+d.about.Subject)
	d.centre(d.chief(), bold, 13.5*d.scale())
	d.space(4)
	for _, i := range []int{0, 2, 4} {
		d.para("__" + d.say(bases()[i]) + "__")
	}
	d.para(d.say("__Theo đề nghị của Chánh Văn phòng tại Tờ trình số {n}/TTr-VP {date}.__"))
	d.centre("QUYẾT ĐỊNH:", bold, 13.5*d.scale())
	d.space(3)
	d.para(d.say("**Điều 1.** Chấp thuận nội dung {subject}; đối tượng áp dụng: ông (bà) {holder}, số định danh cá nhân {number}, cư trú tại {place}; tổng kinh phí thực hiện {m}."))
	d.para(d.say("**Điều 2.** Giao {department} hướng dẫn, theo dõi, kiểm tra việc thực hiện; kịp thời tháo gỡ khó khăn, vướng mắc phát sinh."))
	d.t.Holder, d.t.HolderNumber = d.about.Holder, d.about.HolderNumber
	d.more()
	d.para("**Điều 3.** Quyết định này có hiệu lực kể từ ngày ký. Chánh Văn phòng, Thủ trưởng các cơ quan, đơn vị và cá nhân có liên quan chịu trách nhiệm thi hành Quyết định này./.")
	d.closing([]string{"Như Điều 3", "Cổng thông tin điện tử", "Lưu: VT, " + d.desk()}, d.above()...)
}

// chief is who takes a decision, in capitals.
func (d *draft) chief() string {
	return d.about.Office + " " + strings.ToUpper(d.about.Agency)
}

// above is what stands over the office of who signs: TM. for a committee.
func (d *draft) above() []string {
	if committee(d.about.Agency) && d.about.Office == "CHỦ TỊCH" {
		return []string{"TM. ỦY BAN NHÂN DÂN"}
	}
	return nil
}

func (d *draft) desk() string { return pick(d, []string{"NC", "KSTT", "HCTP", "TH", "VX"}) }

func (d *draft) letter() {
	d.t.Subject = d.about.Subject
	d.letterhead("V/v " + d.about.Subject)
	d.space(8)
	d.centre(d.say("Kính gửi: {department} và Ủy ban nhân dân các xã, phường"), upright, d.body)
	d.space(8)
	d.para(d.say("Thực hiện {doc} của Ủy ban nhân dân tỉnh, {agency} đề nghị các cơ quan, đơn vị triển khai một số nội dung sau:"))
	for i := 1; i <= 4; i++ {
		d.para(fmt.Sprintf("%d. %s", i, d.once(general())))
	}
	d.more()
	d.para(d.say("Trong quá trình thực hiện, nếu có khó khăn, vướng mắc, đề nghị phản ánh kịp thời về {agency} để được hướng dẫn, giải quyết./."))
	d.closing([]string{"Như trên", "Lãnh đạo cơ quan (để báo cáo)", "Lưu: VT, " + d.desk()}, d.above()...)
}

func (d *draft) proposal() {
	d.t.Subject = d.about.Subject
	d.letterhead("")
	d.title("TỜ TRÌNH", "Về việc "+d.about.Subject)
	d.centre(d.say("Kính gửi: Hội đồng nhân dân và Ủy ban nhân dân cấp trên"), upright, d.body)
	d.space(6)
	d.para(d.say("Thực hiện {doc}, {agency} kính trình xem xét, phê duyệt chủ trương {subject} với các nội dung chủ yếu như sau:"))
	d.para(d.once(general()))
	for _, s := range []string{"a) Máy quét tài liệu khổ A3 tốc độ {n} trang/phút: 02 chiếc, đơn giá {m};", "b) Máy trạm xử lý ảnh: 04 bộ, đơn giá {m};",
		"c) Thiết bị lưu trữ dung lượng {n} TB: 01 bộ, đơn giá {m};", "d) Phần mềm nhận dạng ký tự quang học tiếng Việt: 01 hệ thống, {m}."} {
		d.para(d.say(s))
	}
	d.para(d.once(general()))
	d.more()
	d.para(d.say("{agency} kính trình xem xét, quyết định./."))
	d.closing([]string{"Như trên", "Phòng Tài chính - Kế hoạch", "Lưu: VT"}, d.above()...)
}

func (d *draft) report() {
	d.t.Subject = d.about.Subject
	d.letterhead("")
	d.title("BÁO CÁO", upperFirst(d.about.Subject))
	d.para(d.say("Thực hiện {doc}, {agency} báo cáo kết quả thực hiện tính đến hết {date} như sau:"))
	rows := [][]string{{"TT", "Tên đơn vị", "Tiếp nhận", "Đúng hạn", "Quá hạn", "Tỷ lệ"}}
	for i, n := 1, d.between(6, 10); i <= n; i++ {
		all := d.between(120, 9800)
		late := all * d.between(0, 90) / 1000
		rows = append(rows, []string{strconv.Itoa(i), d.say("UBND xã {commune}"), grouped(all), grouped(all - late), grouped(late),
			fmt.Sprintf("%d,%d%%", (all-late)*100/all, (all-late)*1000/all%10)})
	}
	d.table([]float64{0.07, 0.37, 0.15, 0.15, 0.13, 0.13}, rows)
	d.para(d.once(general()))
	d.more()
	d.para(d.say("Phương hướng năm tới: tiếp tục hoàn thành khối lượng còn lại; cập nhật, kết nối, chia sẻ với cơ sở dữ liệu quốc gia về dân cư theo quy định./."))
	d.closing([]string{"UBND tỉnh", "Lưu: VT, " + d.desk()}, d.above()...)
}

func upperFirst(s string) string {
	r := []rune(s)
	return strings.ToUpper(string(r[:1])) + string(r[1:])
}

func (d *draft) notice() {
	d.t.Subject = d.about.Subject
	d.letterhead("")
	d.title("THÔNG BÁO", "Về việc "+d.about.Subject)
	d.para(d.say("Căn cứ {doc}; xét đề nghị của bộ phận tiếp nhận và trả kết quả, {agency} thông báo như sau:"))
	for i := 1; i <= 3; i++ {
		d.para(fmt.Sprintf("%d. %s", i, d.once(general())))
	}
	d.para(d.say("4. Hồ sơ của ông (bà) {holder}, số định danh cá nhân {number}, được trả kết quả kể từ 8 giờ 00 phút {date}."))
	d.t.Holder, d.t.HolderNumber = d.about.Holder, d.about.HolderNumber
	d.more()
	d.para(d.say("{agency} thông báo để các tổ chức, cá nhân có liên quan biết và thực hiện./."))
	d.closing([]string{"Như trên", "Đài truyền thanh cơ sở", "Lưu: VT"}, d.above()...)
}

func (d *draft) minutes() {
	d.t.Subject = d.about.Subject
	d.letterhead("")
	d.title("BIÊN BẢN", upperFirst(d.about.Subject))
	d.para(d.say("Hôm nay, vào hồi 8 giờ 30 phút, " + inWords(d.about.Date) + ", tại trụ sở {agency}, chúng tôi gồm:"))
	secretary := d.person()
	d.para("1. Ông (bà) " + d.about.Signer + " - Tổ trưởng, chủ trì;")
	d.para("2. Ông (bà) " + secretary + " - Thư ký;")
	d.para("3. Ông (bà) " + d.about.Holder + " - Chủ sử dụng đất, số định danh cá nhân " + d.about.HolderNumber + ".")
	d.t.Holder, d.t.HolderNumber = d.about.Holder, d.about.HolderNumber
	for range 3 {
		d.para(d.once(general()))
	}
	d.more()
	d.para("Biên bản được lập thành 03 bản có giá trị như nhau, đọc lại cho những người có tên trên cùng nghe, công nhận đúng và ký tên dưới đây. Buổi làm việc kết thúc vào hồi 11 giờ 15 phút cùng ngày./.")
	d.t.Signer, d.t.Office = d.about.Signer, "TỔ TRƯỞNG"
	d.signSides(side{"CHỦ SỬ DỤNG ĐẤT", d.about.Holder}, side{"THƯ KÝ", secretary}, side{"TỔ TRƯỞNG", d.about.Signer})
}
