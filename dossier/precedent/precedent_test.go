package precedent

import (
	"fmt"
	"testing"

	"sohoa/dossier"
)

// confirmed are papers of as many holders, each with one value.
func confirmed(name dossier.FieldName, value string, papers, holders int) (out []Paper) {
	for i := range papers {
		out = append(out, Paper{dossier.HolderID(fmt.Sprint(value, i%holders)), []dossier.Field{{Name: name, Value: value}}})
	}
	return out
}

// What is read almost like the one value that was confirmed is put as people put
// it. What somebody confirmed, what has two neighbours, what differs in what is
// counted, and what stands on too few people's papers stay as they were read.
func TestNear(t *testing.T) {
	issuers := append(confirmed(dossier.FieldIssuer, "UBND phường Tân Lập", 9, 9), confirmed(dossier.FieldIssuer, "UBND xã Hòa Bình", 5, 5)...)
	issuers = append(issuers, confirmed(dossier.FieldIssuer, "UBND xã Hóa Bình", 4, 4)...)
	issuers = append(issuers, confirmed(dossier.FieldIssuer, "UBND phường Tân Lạp", 1, 1)...)
	issuers = append(issuers, confirmed(dossier.FieldIssuer, "Công an quận 3, Thành phố Lớn", 4, 4)...)
	issuers = append(issuers, confirmed(dossier.FieldIssuer, "Chi cục Thuế khu vực II tỉnh Lớn", 4, 4)...)
	issuers = append(issuers, confirmed(dossier.FieldIssuer, "Văn phòng Nguyễn Văn Riêng", 50, 2)...)
	issuers = append(issuers, confirmed(dossier.FieldNumber, "12/QĐ-UBND", 4, 4)...)
	issuers = append(issuers, confirmed(dossier.FieldNumber, "7/2024/NQ-HĐND", 4, 4)...)
	past := Of(issuers)
	for _, row := range []struct {
		name       dossier.FieldName
		read, want string
		times      int
	}{
		{dossier.FieldIssuer, "UBND phường Tần Lập", "UBND phường Tân Lập", 9},
		{dossier.FieldIssuer, "UBND phuờng Tân Lâp", "UBND phường Tân Lập", 9},
		{dossier.FieldIssuer, "UBND phườrg Tân Lập", "UBND phường Tân Lập", 9},
		{dossier.FieldIssuer, "UBND phường Tân Lập", "", 0}, // as confirmed
		{dossier.FieldIssuer, "UBND phường Tân Lạp", "", 0}, // somebody confirmed that once
		{dossier.FieldIssuer, "UBND phường Tân Lộc", "", 0}, // another place
		{dossier.FieldIssuer, "UBND phường Tần", "", 0},
		{dossier.FieldIssuer, "UBND xã Hoa Bình", "", 0}, // two neighbours
		{dossier.FieldIssuer, "Công an quận 5, Thành phố Lớn", "", 0},
		{dossier.FieldIssuer, "Công an quân 3, Thành phố Lớn", "Công an quận 3, Thành phố Lớn", 4},
		{dossier.FieldIssuer, "Chi cục Thuế khu vực I tỉnh Lớn", "", 0},
		{dossier.FieldIssuer, "Văn phòng Nguyễn Văn Riêng", "", 0},
		{dossier.FieldIssuer, "Văn phòng Nguyễn Văn Riếng", "", 0}, // of two people
		{dossier.FieldIssuer, "", "", 0},
		{dossier.FieldNumber, "0345/QD-UBND", "0345/QĐ-UBND", 4},
		{dossier.FieldNumber, "345/QD-UBNĐ", "345/QĐ-UBND", 4},
		{dossier.FieldNumber, "345/2023/NQ-HDND", "345/2023/NQ-HĐND", 4},
		{dossier.FieldNumber, "QD-UBND", "", 0}, // no digits to keep
		{dossier.FieldNumber, "345", "", 0},
		{dossier.FieldSubject, "UBND phường Tần Lập", "", 0},
	} {
		v, ok := past.Near(row.name, row.read)
		if ok != (row.want != "") || v.Text != row.want || v.Times != row.times {
			t.Errorf("%s %q: %+v %v, want %q", row.name, row.read, v, ok, row.want)
		}
	}
}

// Nothing is offered that people's papers do not share, no numbers, and no field
// that may name somebody; the most frequent comes first.
func TestOften(t *testing.T) {
	var papers []Paper
	for _, name := range dossier.FieldNames {
		papers = append(papers, confirmed(name, "12/Hiếm", 90, Enough-1)...)
		papers = append(papers, confirmed(name, "12/Ba", 5, Enough)...)
		papers = append(papers, confirmed(name, "12/Hai", 6, Enough)...)
		papers = append(papers, confirmed(name, "12/Bốn", 3, Enough)...)
		papers = append(papers, confirmed(name, "12/Một", 7, Enough)...)
	}
	past := Of(papers)
	if past.Papers != len(papers) {
		t.Errorf("%d papers of %d", past.Papers, len(papers))
	}
	for _, name := range dossier.FieldNames {
		want := ""
		switch name {
		case dossier.FieldTitle, dossier.FieldIssuer, dossier.FieldScope:
			want = "[{12/Một 7} {12/Hai 6} {12/Ba 5}]"
		default:
			want = "[]"
		}
		if got := fmt.Sprint(past.Often(name)); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
	if n := past.Times(dossier.FieldNumber, "999/Một"); n != 7 {
		t.Errorf("a number's end was confirmed %d times", n)
	}
	if n := past.Times(dossier.FieldIssuer, "12/Hiếm"); n != 0 {
		t.Errorf("a value of two people counts %d times", n)
	}
	if n := past.Times(dossier.FieldHolder, "12/Một"); n != 0 {
		t.Error("numbers of holders are learnt")
	}
}

func TestNothingConfirmed(t *testing.T) {
	past := Of(nil)
	if _, ok := past.Near(dossier.FieldIssuer, "UBND xã"); ok || len(past.Often(dossier.FieldIssuer)) > 0 || past.Times(dossier.FieldIssuer, "UBND xã") > 0 {
		t.Error("it learnt from nothing")
	}
}
