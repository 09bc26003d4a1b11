// Package national is the payload of the national portal (Cổng Dịch vụ công quốc
// gia), made of what the house knows, at the border and nowhere else: nothing inside
// depends on it. The fields and their codes are those of a practitioners' note, not of
// an official schema (docs/national.schema.json says which). It holds values and pure
// functions only.
package national

import (
	"strconv"
	"strings"
	"time"

	"sohoa/dossier"
)

// Clock is how the payload writes times: yyyyMMddHHmmss, in Viet Nam.
const Clock = "20060102150405"

// A Payload is one dossier as the portal is told of it.
type Payload struct {
	MaHoSo       string `json:"MaHoSo"`
	MaTTHC       string `json:"MaTTHC"`
	TenTTHC      string `json:"TenTTHC"`
	MaLinhVuc    string `json:"MaLinhVuc"`
	KenhThucHien string `json:"KenhThucHien"` // 1 direct, 2 online, 3 post
	ChuHoSo      string `json:"ChuHoSo"`
	LoaiDoiTuong string `json:"LoaiDoiTuong"` // 1 citizen, 2 enterprise, 3 agency, 4 organisation

	NgayTiepNhan    string `json:"NgayTiepNhan"`
	NgayHenTra      string `json:"NgayHenTra"`      // empty: no appointment
	NgayKetThucXuLy string `json:"NgayKetThucXuLy"` // empty: open
	TrangThaiHoSo   string `json:"TrangThaiHoSo"`   // see statuses

	HoSoCoThanhPhanSoHoa        string `json:"HoSoCoThanhPhanSoHoa"`        // 0, 1
	TaiKhoanDuocXacThucVoiVNeID string `json:"TaiKhoanDuocXacThucVoiVNeID"` // 0, 1

	DinhDanhCHS  []Identity `json:"DinhDanhCHS"`
	DSKetNoiCSDL []Database `json:"DSKetNoiCSDL"`

	TaiLieuNop           []Component `json:"TaiLieuNop"`
	DanhSachGiayToKetQua []Result    `json:"DanhSachGiayToKetQua"`
	DanhSachKetQuaSoHoa  []Digitised `json:"DanhSachKetQuaSoHoa"`
}

// An Identity identifies a holder. LoaiDinhDanh: 1 personal number, 2 business code, 3
// code of an agency or organisation; the values are our reading, no note gives them.
type Identity struct {
	LoaiDinhDanh string `json:"LoaiDinhDanh"`
	SoDinhDanh   string `json:"SoDinhDanh"`
}

// A Database is one that was asked while the dossier was handled.
type Database struct {
	MaCSDL string `json:"MaCSDL"`
}

// A Component is a paper handed in. DuocSoHoa and DuocTaiSuDung are two facts: what was
// scanned here, and what was used again (2: an earlier result took its place, whose
// code MaKetQuaThayThe says).
type Component struct {
	TepDinhKemId      string `json:"TepDinhKemId"`
	TenTepDinhKem     string `json:"TenTepDinhKem"`
	IsDeleted         string `json:"IsDeleted"`
	MaThanhPhanHoSo   string `json:"MaThanhPhanHoSo"`
	DuongDanTaiTepTin string `json:"DuongDanTaiTepTin"`
	DuocSoHoa         string `json:"DuocSoHoa"`
	DuocTaiSuDung     string `json:"DuocTaiSuDung"`
	DuocLayTuKhoDMQG  string `json:"DuocLayTuKhoDMQG"`
	MaKetQuaThayThe   string `json:"MaKetQuaThayThe,omitempty"`
}

// A Result is a paper that the agency issued.
type Result struct {
	TenGiayTo            string `json:"TenGiayTo"`
	MaThanhPhanHoSo      string `json:"MaThanhPhanHoSo"`
	GiayToId             string `json:"GiayToId"`
	DuongDanTepTinKetQua string `json:"DuongDanTepTinKetQua"`
	MaGiayToKetQua       string `json:"MaGiayToKetQua"`
}

// A Digitised is what a digitised paper says: one to one with TT 01/2023/TT-VPCP Điều
// 9.2.
type Digitised struct {
	MaTTHC          string `json:"MaTTHC"`
	LoaiDoiTuong    string `json:"LoaiDoiTuong"`
	LoaiDinhDanhCHS string `json:"LoaiDinhDanhCHS"`
	MaChuGiayTo     string `json:"MaChuGiayTo"`
	MaCoQuan        string `json:"MaCoQuan"`
	MaGiayTo        string `json:"MaGiayTo"`
	TenGiayTo       string `json:"TenGiayTo"`    // 5000 letters at most
	KyHieuGiayTo    string `json:"KyHieuGiayTo"` // 100 letters at most
	TrichYeu        string `json:"TrichYeu"`
	NgayCap         string `json:"NgayCap"`
	ThoiHanHieuLuc  string `json:"ThoiHanHieuLuc,omitempty"`
	PhamViHieuLuc   string `json:"PhamViHieuLuc"`
	NgaySoHoa       string `json:"NgaySoHoa"`
	TenChuGiayTo    string `json:"TenChuGiayTo"`
}

// Facts are what a payload is made of.
type Facts struct {
	Dossier   dossier.Dossier
	Procedure dossier.Procedure
	Holder    dossier.Holder
	Fillings  []dossier.Filling
	Fields    map[dossier.DocumentID][]dossier.Field // confirmed
	Codes     map[dossier.DocumentID]string          // of results
	Link      func(dossier.DocumentID) string        // where a file is taken; behind a login
}

// statuses are 1 received, 2 being handled, 3 decided: our reading of a field whose
// values no note gives.
func status(f Facts) string {
	switch {
	case !f.Dossier.Resolved.IsZero():
		return "3"
	case f.Procedure.Code != "" && len(f.Fillings) > 0:
		return "2"
	}
	return "1"
}

var channels = map[dossier.Channel]string{dossier.Direct: "1", dossier.Online: "2", dossier.Post: "3"}

// SubjectOf tells what somebody is by their number: twelve digits are a person's, ten or
// thirteen a business's, a letter and two digits an agency's.
func SubjectOf(number string) (subject, identity string) {
	digits := strings.Trim(number, "0123456789") == ""
	switch {
	case digits && len(number) == 12:
		return "1", "1"
	case strings.Trim(number, "0123456789-") == "" && (len(number) == 10 || len(number) == 13 || len(number) == 14):
		return "2", "2"
	case strings.HasPrefix(number, "Z"):
		return "4", "3"
	}
	return "3", "3"
}

func at(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(dossier.VietNam).Format(Clock)
}

func flag(b bool) string {
	if b {
		return "1"
	}
	return "0"
}

// day is a confirmed day as the payload writes times.
func day(s string) string {
	t, err := time.ParseInLocation(time.DateOnly, s, dossier.VietNam)
	if err != nil {
		return ""
	}
	return at(t)
}

func cut(s string, letters int) string {
	r := []rune(s)
	return string(r[:min(len(r), letters)])
}

// Of makes the payload of a dossier: the same facts give the same bytes.
func Of(f Facts) Payload {
	d := f.Dossier
	subject, identity := SubjectOf(f.Holder.Number)
	p := Payload{MaHoSo: string(d.Code), MaTTHC: string(d.Procedure), TenTTHC: f.Procedure.Name, MaLinhVuc: f.Procedure.Field, KenhThucHien: channels[d.Channel],
		ChuHoSo: f.Holder.Name, LoaiDoiTuong: subject, NgayTiepNhan: at(d.Received), NgayHenTra: at(d.Due), NgayKetThucXuLy: at(d.Resolved), TrangThaiHoSo: status(f),
		TaiKhoanDuocXacThucVoiVNeID: "0", DinhDanhCHS: []Identity{{identity, f.Holder.Number}}, DSKetNoiCSDL: []Database{},
		TaiLieuNop: []Component{}, DanhSachGiayToKetQua: []Result{}, DanhSachKetQuaSoHoa: []Digitised{}}
	scanned := false
	for _, x := range f.Fillings {
		doc, reused := x.Document, x.Reused != nil
		archived := doc != nil && doc.State == dossier.Archived && doc.Disposed.IsZero() && doc.Flaw == ""
		switch {
		case x.Slot == dossier.ResultSlot && archived:
			p.DanhSachGiayToKetQua = append(p.DanhSachGiayToKetQua, Result{TenGiayTo: cut(x.Name, 5000), MaThanhPhanHoSo: string(x.Slot), GiayToId: string(doc.ID),
				DuongDanTepTinKetQua: f.Link(doc.ID), MaGiayToKetQua: f.Codes[doc.ID]})
		case x.Slot == dossier.ResultSlot:
		case reused:
			p.TaiLieuNop = append(p.TaiLieuNop, Component{TepDinhKemId: string(x.Reused.Document), TenTepDinhKem: x.Name, IsDeleted: "0", MaThanhPhanHoSo: string(x.Slot),
				DuongDanTaiTepTin: f.Link(x.Reused.Document), DuocSoHoa: "0", DuocTaiSuDung: "2", DuocLayTuKhoDMQG: "0", MaKetQuaThayThe: f.Codes[x.Reused.Document]})
		case archived:
			scanned = true
			p.TaiLieuNop = append(p.TaiLieuNop, Component{TepDinhKemId: string(doc.ID), TenTepDinhKem: x.Name, IsDeleted: "0", MaThanhPhanHoSo: string(x.Slot),
				DuongDanTaiTepTin: f.Link(doc.ID), DuocSoHoa: "1", DuocTaiSuDung: "0", DuocLayTuKhoDMQG: "0"})
		}
		if archived {
			p.DanhSachKetQuaSoHoa = append(p.DanhSachKetQuaSoHoa, digitised(f, p, *doc))
		}
	}
	p.HoSoCoThanhPhanSoHoa = flag(scanned)
	return p
}

func digitised(f Facts, p Payload, d dossier.Document) Digitised {
	v := map[dossier.FieldName]string{}
	for _, x := range f.Fields[d.ID] {
		v[x.Name] = x.Value
	}
	return Digitised{MaTTHC: p.MaTTHC, LoaiDoiTuong: p.LoaiDoiTuong, LoaiDinhDanhCHS: p.DinhDanhCHS[0].LoaiDinhDanh, MaChuGiayTo: f.Holder.Number,
		MaCoQuan: string(f.Dossier.Competent), MaGiayTo: string(d.Kind), TenGiayTo: cut(v[dossier.FieldTitle], 5000), KyHieuGiayTo: cut(v[dossier.FieldNumber], 100),
		TrichYeu: v[dossier.FieldSubject], NgayCap: day(v[dossier.FieldIssued]), ThoiHanHieuLuc: day(v[dossier.FieldExpires]), PhamViHieuLuc: v[dossier.FieldScope],
		NgaySoHoa: at(d.Received), TenChuGiayTo: f.Holder.Name}
}

// A Receipt is what the portal answers.
type Receipt struct {
	ID     string `json:"MaBienNhan"`
	MaHoSo string `json:"MaHoSo"`
}

// A Delivery is what is owed to the portal of one dossier.
type Delivery struct {
	Dossier dossier.Code
	Owed    int64 // grows with each change of what is to be said
	Sent    int64 // Owed, as it stood when what was acknowledged was made
	Tries   int   // since then
	Next    time.Time
	Said    string // why the last one failed: a word
	Receipt string
	Sum     string // SHA-256 of what was acknowledged
	At      time.Time
}

// Pause is how long after a failure the next try is: a minute, doubled each time, a day
// at most.
func Pause(tries int) time.Duration {
	p := time.Minute << min(max(tries-1, 0), 11)
	return min(p, 24*time.Hour)
}

// Key is what tells the portal that two deliveries say the same: a dossier and which
// state of it.
func (d Delivery) Key() string { return string(d.Dossier) + "/" + strconv.FormatInt(d.Owed, 10) }
