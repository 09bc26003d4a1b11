// Package payment writes the text of a payment QR code: EMVCo Merchant-Presented Mode as
// NAPAS has it for transfers to an account (VietQR). It is a text on paper: no money is
// handled here, nobody is asked whether it came, and a code that was paid twice was paid
// twice. Values and pure functions only.
package payment

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"sohoa/dossier"
	"sohoa/pattern"
)

// An Account is where fees of an agency are paid to, from a day on.
type Account struct {
	ID     string
	Agency dossier.AgencyCode // and of those below without one of their own
	BIN    string             // six digits of the bank, as NAPAS lists it
	Number string             // of the account
	Name   string             // whose it is, as the receipt says
	Since  string             // YYYY-MM-DD, the first day
	Ended  bool               // from Since on there is none
	Who    dossier.PersonID
	At     time.Time
}

// A Fee is what a procedure costs, from a day on.
type Fee struct {
	ID        string
	Procedure dossier.ProcedureCode
	Amount    int64 // đồng; 0: nothing
	Since     string
	Law       string // by which rule
	Who       dossier.PersonID
	At        time.Time
}

var (
	bin    = pattern.Late(`^\d{6}$`)
	number = pattern.Late(`^[A-Z0-9]{1,19}$`)
)

// MostAmount is the most that a fee may be: thirteen characters are what field 54 holds.
const MostAmount = 1_000_000_000

// Check says what is wrong with an account, wrapping [dossier.ErrInvalid].
func (a Account) Check() error {
	_, err := time.Parse(time.DateOnly, a.Since)
	if err != nil || !a.Ended && (!bin().MatchString(a.BIN) || !number().MatchString(a.Number) || strings.TrimSpace(a.Name) == "" || len(a.Name) > 200) {
		return fmt.Errorf("%w: an account is six digits of a bank, letters and digits, whose it is and a day", dossier.ErrInvalid)
	}
	return nil
}

// Check says what is wrong with a fee, wrapping [dossier.ErrInvalid].
func (f Fee) Check() error {
	if _, err := time.Parse(time.DateOnly, f.Since); err != nil || f.Amount < 0 || f.Amount > MostAmount || strings.TrimSpace(f.Law) == "" || len(f.Law) > 200 {
		return fmt.Errorf("%w: a fee is an amount, by which rule, and a day", dossier.ErrInvalid)
	}
	return nil
}

// An Order is what a code says.
type Order struct {
	BIN, Account string
	Amount       int64  // đồng; 0: whoever pays says how much
	Bill         string // number of the bill; empty: none
	Purpose      string // what the transfer says; empty: nothing
}

// Fields of EMVCo QRCPS Merchant-Presented Mode 1.1 table 3.1, and of NAPAS under 38.
const (
	aid      = "A000000727" // NAPAS
	toOwner  = "QRIBFTTA"   // fast transfer to an account
	dong     = "704"        // ISO 4217
	most     = 99
	mostText = 25 // of 62-01 and 62-08
)

// QR returns the text of the code. What it cannot say wraps [dossier.ErrInvalid].
func (o Order) QR() (string, error) {
	a := Account{BIN: o.BIN, Number: o.Account, Name: "-", Since: "2000-01-01"}
	if a.Check() != nil || o.Amount < 0 || o.Amount > MostAmount || len(o.Bill) > mostText || len(o.Purpose) > mostText || !ascii(o.Bill+o.Purpose) {
		return "", fmt.Errorf("%w: what a payment code says", dossier.ErrInvalid)
	}
	var b strings.Builder
	put(&b, "00", "01")
	if o.Amount > 0 {
		put(&b, "01", "12") // for this payment
	} else {
		put(&b, "01", "11")
	}
	put(&b, "38", field("00", aid)+field("01", field("00", o.BIN)+field("01", o.Account))+field("02", toOwner))
	put(&b, "53", dong)
	if o.Amount > 0 {
		put(&b, "54", strconv.FormatInt(o.Amount, 10))
	}
	put(&b, "58", "VN")
	more := ""
	if o.Bill != "" {
		more += field("01", o.Bill)
	}
	if o.Purpose != "" {
		more += field("08", o.Purpose)
	}
	if more != "" {
		put(&b, "62", more)
	}
	b.WriteString("6304")
	return b.String() + fmt.Sprintf("%04X", crc(b.String())), nil
}

func put(b *strings.Builder, id, value string) { b.WriteString(field(id, value)) }

// field is one object: its id, the length in two digits, the value.
func field(id, value string) string { return fmt.Sprintf("%s%02d%s", id, min(len(value), most), value) }

// crc is the check sum of field 63: ISO/IEC 13239 with polynomial 1021 and initial value
// FFFF (CRC-16/CCITT-FALSE), over everything before its value.
func crc(text string) uint16 {
	sum := uint16(0xFFFF)
	for _, c := range []byte(text) {
		sum ^= uint16(c) << 8
		for range 8 {
			if sum&0x8000 != 0 {
				sum = sum<<1 ^ 0x1021
			} else {
				sum <<= 1
			}
		}
	}
	return sum
}

func ascii(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r > '~' })
}

// Purpose is what a transfer for a dossier says: its code, letters and digits only, since
// banks drop the rest.
func Purpose(code dossier.Code) string {
	fold := norm.NFD.String(strings.ToUpper(string(code)))
	s := strings.Map(func(r rune) rune {
		switch {
		case r < 128 && (unicode.IsLetter(r) || unicode.IsDigit(r)):
			return r
		case r == '-':
			return ' '
		}
		return -1
	}, fold)
	if s = "HS " + s; len(s) > mostText {
		s = s[:mostText]
	}
	return s
}

// A Due is what the receipt of a dossier asks for.
type Due struct {
	Account Account
	Fee     Fee
}

// Order returns what its code says.
func (d Due) Order(code dossier.Code) Order {
	o := Order{BIN: d.Account.BIN, Account: d.Account.Number, Amount: d.Fee.Amount, Purpose: Purpose(code)}
	if len(code) <= mostText {
		o.Bill = string(code)
	}
	return o
}

// Dong writes an amount as people read it: 1.500.000 đồng.
func Dong(amount int64) string {
	s := strconv.FormatInt(amount, 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "." + s[i:]
	}
	return s + " đồng"
}
