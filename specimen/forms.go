package specimen

import (
	"fmt"
	"strings"
)

// holder prints the holder as forms name them.
func (d *draft) holder(label string) {
	d.t.Holder, d.t.HolderNumber = d.about.Holder, d.about.HolderNumber
	d.field(label, "**"+strings.ToUpper(d.about.Holder)+"**")
	d.field("Số định danh cá nhân", d.about.HolderNumber)
}

func (d *draft) address() string {
	return d.say("Số nhà {n}, tổ {n}, thôn " + pick(d, []string{"Đoài", "Thượng", "Cầu Dứa", "Kỹ Sơn", "Hạ Đỗ"}) + ", {commune}")
}

func (d *draft) licence() {
	d.letterhead("")
	d.title("GIẤY PHÉP XÂY DỰNG", "")
	d.centre("(Sử dụng cho nhà ở riêng lẻ)", italic, 13*d.scale())
	d.space(8)
	d.item("1. Cấp cho:")
	d.holder("Ông (bà)")
	d.field("Địa chỉ thường trú", d.address())
	d.item("2. Được phép xây dựng công trình: nhà ở riêng lẻ.")
	d.item(d.say("Theo thiết kế do Công ty TNHH Tư vấn Xây dựng Kỷ Nguyên lập {date}, gồm các nội dung sau:"))
	for _, s := range []string{"- Vị trí xây dựng: thửa đất số {n}, tờ bản đồ số {n}, xã {commune}, diện tích {n}5,6 m²;",
		"- Cốt nền xây dựng công trình: +0,45 m so với mặt đường hiện hữu;", "- Mật độ xây dựng: {p}, hệ số sử dụng đất: 2,4;",
		"- Chỉ giới đường đỏ, chỉ giới xây dựng: lùi 2,0 m so với ranh lộ giới;", "- Số tầng: 03; chiều cao tối đa: 11,7 m; tổng diện tích sàn: 2{n},4 m²."} {
		d.item(d.say(s))
	}
	d.item(d.say("3. Giấy tờ về đất đai: Giấy chứng nhận quyền sử dụng đất số CS {n}{n}{n}, cấp {date}."))
	d.more()
	d.item("4. Giấy phép này có hiệu lực khởi công xây dựng trong thời hạn 12 tháng kể từ ngày cấp; quá thời hạn trên thì phải đề nghị gia hạn giấy phép xây dựng.")
	d.closing([]string{"Như trên", "Lưu: VT, hồ sơ"}, d.above()...)
}

func (d *draft) certificate() {
	d.letterhead("")
	d.title("GIẤY CHỨNG NHẬN", "")
	d.centre("ĐĂNG KÝ HỘ KINH DOANH", bold, 13.5*d.scale())
	d.t.Title = "GIẤY CHỨNG NHẬN ĐĂNG KÝ HỘ KINH DOANH"
	d.centre(d.say("Đăng ký lần đầu, {date}"), italic, 13*d.scale())
	d.space(8)
	d.field("1. Tên hộ kinh doanh", d.say("**HỘ KINH DOANH "+strings.ToUpper(pick(d, womens()))+" "+strings.ToUpper(pick(d, mens()))+"**"))
	d.field("2. Địa điểm kinh doanh", d.address())
	d.field("3. Ngành, nghề kinh doanh", pick(d, []string{"bán lẻ hàng tạp hóa, sữa, bánh kẹo", "sửa chữa xe máy, rửa xe", "chế biến nước mắm, thủy sản khô", "may mặc, giặt ủi"}))
	d.field("4. Vốn kinh doanh", d.say("{m}"))
	d.item("5. Chủ hộ kinh doanh:")
	d.holder("Họ và tên")
	d.field("Ngày, tháng, năm sinh", d.birthday())
	d.field("Giới tính", pick(d, []string{"Nam", "Nữ"})+"; Dân tộc: "+pick(d, []string{"Kinh", "Tày", "Mường", "Chăm", "Hoa"})+"; Quốc tịch: Việt Nam")
	d.field("Nơi cư trú", d.address())
	d.field("Điện thoại", d.say("09{n} {n}{n} {n}"))
	d.more()
	d.closing(nil, d.above()...)
}

func (d *draft) birthday() string {
	return d.about.Date.AddDate(-18-d.rng.IntN(50), 0, -d.rng.IntN(360)).Format("02/01/2006")
}

func (d *draft) birth() {
	d.letterhead("")
	d.title("TRÍCH LỤC KHAI SINH", "")
	d.centre("(BẢN SAO)", bold, 13*d.scale())
	d.space(10)
	d.holder("Họ, chữ đệm, tên")
	born := d.earlier(3000)
	d.field("Ngày, tháng, năm sinh", born.Format("02/01/2006"))
	d.field("Ghi bằng chữ", inWords(born))
	d.field("Giới tính", pick(d, []string{"Nam", "Nữ"})+" Dân tộc: "+pick(d, []string{"Kinh", "Tày", "Mường", "Dao"})+" Quốc tịch: Việt Nam")
	d.field("Nơi sinh", d.say("Trạm Y tế xã {commune}, {place}"))
	d.field("Quê quán", d.address())
	d.field("Họ, chữ đệm, tên người mẹ", d.woman())
	d.field("Năm sinh", fmt.Sprintf("19%d Dân tộc: Kinh Quốc tịch: Việt Nam", d.between(75, 99)))
	d.field("Nơi cư trú", d.address())
	d.field("Họ, chữ đệm, tên người cha", d.man())
	d.field("Năm sinh", fmt.Sprintf("19%d Dân tộc: Kinh Quốc tịch: Việt Nam", d.between(70, 98)))
	d.field("Nơi cư trú", d.address())
	d.field("Đăng ký khai sinh tại", d.about.Agency)
	d.item(d.say("Số: {n}{n} ngày " + born.AddDate(0, 0, 9).Format("02/01/2006")))
	d.more()
	d.item("__(Trích lục này có giá trị sử dụng như bản chính; mỗi lần cải chính sẽ được ghi chú ở mặt sau.)__")
	d.closing(nil, "NGƯỜI KÝ TRÍCH LỤC")
}

func (d *draft) residence() {
	d.letterhead("")
	d.title("XÁC NHẬN THÔNG TIN VỀ CƯ TRÚ", "")
	d.item(d.say("Theo đề nghị của ông (bà) {holder}, {agency} xác nhận thông tin về cư trú như sau:"))
	d.holder("1. Họ, chữ đệm và tên")
	d.field("2. Ngày, tháng, năm sinh", d.birthday())
	d.field("3. Giới tính", pick(d, []string{"Nam", "Nữ"})+"; Dân tộc: "+pick(d, []string{"Kinh", "Ê Đê", "Mường", "Khmer"})+"; Tôn giáo: không; Quốc tịch: Việt Nam")
	d.field("4. Quê quán", d.address())
	d.field("5. Nơi thường trú", d.address())
	d.field("6. Nơi ở hiện tại", d.address())
	d.item("7. Các thành viên trong hộ gia đình:")
	rows := [][]string{{"TT", "Họ, chữ đệm và tên", "Năm sinh", "Quan hệ"}}
	for i, kin := range []string{"Chủ hộ", "Vợ", "Con đẻ", "Mẹ vợ"} {
		name := d.woman()
		if i%2 == 0 {
			name = d.man()
		}
		rows = append(rows, []string{fmt.Sprint(i + 1), name, fmt.Sprint([]int{1968, 1971, 1999, 1946}[i] + d.rng.IntN(6)), kin})
	}
	d.table([]float64{0.08, 0.48, 0.18, 0.26}, rows)
	d.more()
	d.item("8. Giấy xác nhận này có giá trị 01 năm kể từ ngày cấp./.")
	d.closing(nil, d.above()...)
}

func (d *draft) application() {
	a := d.about
	d.t.Subject, d.t.Place = a.Subject, a.Place
	d.nationOnly()
	d.title("ĐƠN ĐỀ NGHỊ", upperFirst(a.Subject))
	d.centre("Kính gửi: "+a.Agency, upright, d.body)
	d.space(8)
	d.holder("Tên tôi là")
	d.field("Sinh ngày", d.birthday())
	d.field("Nơi cư trú", d.address())
	d.field("Điện thoại liên hệ", d.say("09{n} {n}{n} {n}"))
	d.para(d.say("Tôi làm đơn này kính đề nghị {agency} xem xét, giải quyết việc {subject}. Lý do: giấy tờ của gia đình đã cũ, bị mối mọt, nhòe chữ, không thể sử dụng khi làm thủ tục {procedure}."))
	d.para(d.say("Hồ sơ gửi kèm gồm: bản sao giấy chứng nhận quyền sử dụng đất; giấy tờ của cha, mẹ; 04 tấm ảnh hiện trạng; các giấy tờ khác nếu cơ quan yêu cầu."))
	d.more()
	d.para("Tôi cam đoan những lời khai trên là đúng sự thật, nếu sai tôi xin hoàn toàn chịu trách nhiệm trước pháp luật. Kính mong được giúp đỡ, tôi xin chân thành cảm ơn./.")
	d.space(8)
	d.need(180)
	col := column{left: marginRight - 240, right: marginRight, size: 13 * d.scale(), style: italic, centred: true}
	lines, y := d.inColumn(col, d.dated(), d.y)
	d.add(lines...)
	col.style = bold
	d.y = d.signs(col, []string{"NGƯỜI LÀM ĐƠN"}, a.Holder, y+2)
	d.t.Signer, d.t.Office = a.Holder, "NGƯỜI LÀM ĐƠN"
}

func (d *draft) contract() {
	a := d.about
	d.t.Subject, d.t.Number, d.t.Place = a.Subject, a.Number, a.Place
	d.nationOnly()
	d.title("HỢP ĐỒNG", "Về việc "+a.Subject)
	d.centre("Số: "+a.Number, upright, 13*d.scale())
	d.space(6)
	d.para("__Căn cứ Bộ luật Dân sự ngày 24 tháng 11 năm 2015;__")
	d.para("Hôm nay, " + inWords(a.Date) + ", tại " + a.Place + ", chúng tôi gồm có:")
	d.para("**BÊN A: " + strings.ToUpper(a.Agency) + "**")
	d.item("Đại diện: ông (bà) " + a.Signer + "; chức vụ: " + strings.ToLower(a.Office) + "; địa chỉ: " + d.address() + ".")
	d.para("**BÊN B: CÔNG TY TNHH DỊCH VỤ KỸ THUẬT " + strings.ToUpper(pick(d, mens())) + "**")
	d.holder("Đại diện")
	d.item("Địa chỉ: " + d.address() + ".")
	d.para(d.say("**Điều 1.** Bên A giao, bên B nhận thực hiện việc {subject} với khối lượng {N} trang; hoàn thành trong {n} ngày."))
	d.para(d.say("**Điều 2.** Giá trị hợp đồng là {m}, đã gồm thuế giá trị gia tăng; thanh toán bằng chuyển khoản thành hai đợt, mỗi đợt 50%."))
	d.more()
	d.para("**Điều 3.** Hai bên cam kết thực hiện đúng các điều khoản đã ghi; bên vi phạm phải bồi thường và chịu phạt 8% giá trị phần nghĩa vụ bị vi phạm. Hợp đồng lập thành 04 bản, mỗi bên giữ 02 bản, có hiệu lực kể từ ngày ký./.")
	d.t.Signer, d.t.Office = a.Signer, "ĐẠI DIỆN BÊN A"
	d.signSides(side{"ĐẠI DIỆN BÊN A", a.Signer}, side{"ĐẠI DIỆN BÊN B", a.Holder})
	if !a.Plain {
		d.seal(marginLeft+70, d.y-58)
	}
}
