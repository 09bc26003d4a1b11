package tongue_test

import (
	"strings"
	"testing"

	"sohoa/pdf/tongue"
	"sohoa/specimen"
)

const law = `ỦY BAN NHÂN DÂN XÃ VĨNH THỊNH CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM Độc lập - Tự do - Hạnh phúc
Căn cứ Luật Tổ chức chính quyền địa phương ngày 19 tháng 6 năm 2025; Căn cứ Nghị định số 30/2020/NĐ-CP về công tác văn thư;
giặt gìn quyển khuya nghiêng thuở quạu xoèn uể oải`

func TestVerdicts(t *testing.T) {
	for _, row := range []struct {
		text string
		want tongue.Verdict
	}{
		{law, tongue.Vietnamese},
		{"UBND THANH PHO DA NANG CONG Hcok xA HOI CHU NGHIA VIET NAM Doc lap Tu do Hanh phuc Can cu Luat To chuc chinh quyen dia phuong", tongue.Unmarked},
		{"UY BAN NHAN DAN CONG HOA xA H@I CHU NGHiA VIET NAM Déc lap — Tự do — Hanh phic Can ctr Luat To chtre chinh quyén dia phwong ngay 19 thang 6", tongue.Garbled},
		{"Céng hßa x· héi chñ nghÜa ViÖt Nam §éc lËp - Tù do - H¹nh phóc C¨n cø LuËt Tæ chøc chÝnh quyÒn ®Þa ph­¬ng ngµy 19 th¸ng 6", tongue.Garbled},
		{"wkh txlfn eurzq ira mxpsv RYHU WKH ODCB GRJ dqg wkhq lw uxqv dzdb djdlq wr wkh iruhvw", tongue.Garbled},
		{"The committee shall submit the report to the council before the end of the month, and the council may ask for other papers", tongue.English},
		{"Trang 1/3 HĐ-2026", tongue.Few},
		{"\ue001\ue002 \ue003 \ue010\ue011", tongue.Garbled},
	} {
		m := tongue.Of(strings.Fields(row.text))
		if got := m.Verdict(); got != row.want {
			t.Errorf("%.40s…: %s, not %s: %+v", row.text, got, row.want, m)
		}
	}
}

// TestPapersAreVietnamese holds the sounds against whole generated papers.
func TestPapersAreVietnamese(t *testing.T) {
	press, err := specimen.NewPress()
	if err != nil {
		t.Fatal(err)
	}
	lowest := 1.0
	for seed := range uint64(60) {
		kinds := specimen.Kinds()
		sheet := press.Paper(kinds[seed%uint64(len(kinds))], seed, specimen.About{})
		m := tongue.Of(strings.Fields(strings.Join(sheet.Truth.Pages, "\n")))
		if m.Verdict() != tongue.Vietnamese {
			t.Errorf("seed %d: %s %+v", seed, m.Verdict(), m)
		}
		lowest = min(lowest, float64(m.Vietnamese)/float64(m.Words))
	}
	if lowest < 0.95 {
		t.Errorf("only %.3f of a paper's words could be Vietnamese", lowest)
	}
}
