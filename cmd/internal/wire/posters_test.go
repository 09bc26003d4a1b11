package wire

import (
	"bytes"
	"fmt"
	"image"
	"strings"
	"testing"

	"sohoa/dossier"
	"sohoa/dossier/payment"
	"sohoa/ocr/codes"
	"sohoa/pdf/pdfa"
	"sohoa/pdf/typeset"
	"sohoa/web"
)

// read returns what the codes on the first page of a file say.
func read(t *testing.T, file []byte, dpi string) (all []string) {
	t.Helper()
	pgm := poppled(t, file, "pdftoppm", "-r", dpi, "-gray", "-f", "1", "-l", "1", "FILE")
	var width, height, most int
	if _, err := fmt.Sscanf(pgm[:40], "P5\n%d %d\n%d", &width, &height, &most); err != nil {
		t.Fatal(err)
	}
	m := image.NewGray(image.Rect(0, 0, width, height))
	copy(m.Pix, pgm[len(pgm)-width*height:])
	found, err := codes.Find(m)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range found {
		all = append(all, c.Text)
	}
	return all
}

// The receipt of a dossier with a fee bears the payment code beside its own; a program
// that reads codes reads both from its picture.
func TestReceiptAsksForTheFee(t *testing.T) {
	printed, err := prints(formFont)
	if err != nil {
		t.Fatal(err)
	}
	due := payment.Due{Account: payment.Account{BIN: "970403", Number: "0011012345678", Name: "UBND xã Vĩnh Nghĩa"}, Fee: payment.Fee{Amount: 180000, Law: "NQ 1/2026/NQ-HĐND"}}
	pay := &web.Pay{Due: due, Order: due.Order("H60.12-261120-0001")}
	if pay.QR, err = pay.Order.QR(); err != nil {
		t.Fatal(err)
	}
	r := web.Receipt{Dossier: dossier.Dossier{Code: "H60.12-261120-0001", Procedure: "1.004222", Received: printedAt}, Procedure: dossier.Procedure{Code: "1.004222", Name: "Xác nhận"},
		Receiving: dossier.Agency{Name: "UBND xã"}, Holder: dossier.Holder{Number: "001090012345", Name: "Nguyễn Văn Mẫu"}, Officer: "Vũ Thị Mỵ", At: printedAt, Pay: pay}
	var b bytes.Buffer
	if err := printed.receipt(&b, r); err != nil {
		t.Fatal(err)
	}
	got := strings.Join(read(t, b.Bytes(), "200"), "\n")
	if !strings.Contains(got, pay.QR) || !strings.Contains(got, "H60.12-261120-0001|1.004222|") {
		t.Errorf("the codes say %q", got)
	}
	if text := flat(poppled(t, b.Bytes(), "pdftotext", "-layout", "FILE", "-")); !strings.Contains(text, "180.000 đồng") || !strings.Contains(text, "0011012345678") {
		t.Errorf("%s", text)
	}
}

// Posters are PDF/A by our own check, on the paper that was asked for, and lead where they
// say.
func TestPosters(t *testing.T) {
	fonts, err := typeset.LoadFonts(formFont)
	if err != nil {
		t.Fatal(err)
	}
	p := web.Poster{Agency: dossier.Agency{Code: "H60.12", Name: "Ủy ban nhân dân xã Vĩnh Nghĩa"}, Address: "https://sohoa.example.vn/public/procedures/1.004222", Fee: &payment.Fee{Amount: 15000, Law: "NQ 1"},
		Procedure: dossier.Procedure{Code: "1.004222", Name: "Đăng ký thường trú", Days: 7, Components: []dossier.Component{{Name: "Tờ khai thay đổi thông tin cư trú", Required: true}, {Name: "Giấy ủy quyền"}}}}
	for size, paper := range map[string]string{"a4": "(A4)", "a3": "(A3)"} {
		var b, again bytes.Buffer
		contents, err := writePosters(&b, fonts, []web.Poster{p, p}, size, printedAt)
		if err != nil {
			t.Fatal(err)
		}
		if err := pdfa.Check(bytes.NewReader(b.Bytes()), int64(b.Len()), contents...); err != nil {
			t.Errorf("%s: %v", size, err)
		}
		if _, err := writePosters(&again, fonts, []web.Poster{p, p}, size, printedAt); err != nil || !bytes.Equal(b.Bytes(), again.Bytes()) {
			t.Errorf("%s: twice gives other bytes: %v", size, err)
		}
		if got := read(t, b.Bytes(), "100"); len(got) != 1 || got[0] != p.Address {
			t.Errorf("%s: the code says %v", size, got)
		}
		info := poppled(t, b.Bytes(), "pdfinfo", "FILE")
		if !strings.Contains(info, paper) || !strings.Contains(info, "Pages:           2") {
			t.Errorf("%s: %s", size, info)
		}
		text := flat(poppled(t, b.Bytes(), "pdftotext", "FILE", "-"))
		for _, want := range []string{"Đăng ký thường trú", "1. Tờ khai thay đổi thông tin cư trú", "2. Giấy ủy quyền (nếu có)", "7 ngày làm việc", "15.000 đồng"} {
			if !strings.Contains(text, want) {
				t.Errorf("%s: no %q in %s", size, want, text)
			}
		}
	}
}
