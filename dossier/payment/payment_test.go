package payment

import (
	"strings"
	"testing"
)

// The examples of NAPAS' description of VietQR (static and dynamic, to an account), as
// many public programs repeat them, and one of a public account for donations.
func TestPublicExamples(t *testing.T) {
	for want, o := range map[string]Order{
		"00020101021138570010A00000072701270006970403011300110123456780208QRIBFTTA53037045802VN63049E6F": {BIN: "970403", Account: "0011012345678"},
		"00020101021238570010A00000072701270006970403011300110123456780208QRIBFTTA530370454061800005802VN62340107NPS68690819thanh toan don hang63042E2E": {
			BIN: "970403", Account: "0011012345678", Amount: 180000, Bill: "NPS6869", Purpose: "thanh toan don hang"},
		"00020101021238570010A00000072701270006970415011300110019324180208QRIBFTTA530370454061200005802VN62170813ung ho lu lut6304C15C": {
			BIN: "970415", Account: "0011001932418", Amount: 120000, Purpose: "ung ho lu lut"},
	} {
		if got, err := o.QR(); err != nil || got != want {
			t.Errorf("%+v:\n%s, %v\n%s", o, got, err, want)
		}
	}
}

// CRC-16/CCITT-FALSE of the nine digits (the catalogue of CRCs' check value).
func TestSum(t *testing.T) {
	if got := crc("123456789"); got != 0x29B1 {
		t.Errorf("%04X", got)
	}
}

// What a code cannot say is refused and not cut.
func TestRefused(t *testing.T) {
	good := Order{BIN: "970403", Account: "0011012345678", Amount: 1000, Bill: "B", Purpose: "P"}
	for why, change := range map[string]func(*Order){
		"bank":      func(o *Order) { o.BIN = "97040" },
		"account":   func(o *Order) { o.Account = "0011 012" },
		"long":      func(o *Order) { o.Account = strings.Repeat("1", 20) },
		"less":      func(o *Order) { o.Amount = -1 },
		"more":      func(o *Order) { o.Amount = MostAmount + 1 },
		"bill":      func(o *Order) { o.Bill = strings.Repeat("1", 26) },
		"purpose":   func(o *Order) { o.Purpose = "hồ sơ" },
		"a control": func(o *Order) { o.Purpose = "a\nb" },
	} {
		o := good
		if change(&o); true {
			if got, err := o.QR(); err == nil {
				t.Errorf("%s: %s", why, got)
			}
		}
	}
	if got := Purpose("H60.12-261120-0001"); got != "HS H6012 261120 0001" {
		t.Error(got)
	}
	if got := Dong(1500000) + Dong(0) + Dong(999); got != "1.500.000 đồng0 đồng999 đồng" {
		t.Error(got)
	}
}
