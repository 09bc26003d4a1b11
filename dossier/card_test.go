package dossier

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/unicode/norm"
)

// someCard makes a card by chance, and the fields of its code.
func someCard(r *rand.Rand) (Card, []string) {
	born := time.Date(1930+r.IntN(95), time.Month(1+r.IntN(12)), 1+r.IntN(28), 0, 0, 0, 0, VietNam)
	c := Card{Male: r.IntN(2) == 0, Born: born, Issued: time.Date(2025, time.Month(1+r.IntN(12)), 1+r.IntN(28), 0, 0, 0, 0, VietNam)}
	d := 2 * (born.Year()/100 - 19)
	sex := "Nam"
	if !c.Male {
		sex, d = "Nữ", d+1
	}
	c.Number = fmt.Sprintf("%03d%d%s%06d", 1+r.IntN(96), d, born.Format("06"), r.IntN(1_000_000))
	if r.IntN(3) > 0 {
		c.Old = fmt.Sprintf("%09d", r.IntN(1_000_000_000))
	}
	pick := func(list ...string) string { return list[r.IntN(len(list))] }
	c.Name = pick("Nguyễn", "Trần", "Đặng", "Ma", "H’Hen", "Y-Phôn") + " " + pick("Thị", "Văn", "Quỳnh") + " " + pick("Bưởi", "Nghĩa", "Ánh", "Vỹ")
	c.Address = pick("Thôn 3, xã Vĩnh Nghĩa, tỉnh Hòa Lâm", "12/7 Lê Lợi, phường Đông Sơn")
	return c, []string{c.Number, c.Old, c.Name, born.Format("02012006"), sex, c.Address, c.Issued.Format("02012006")}
}

// Five hundred codes, three in four of them spoiled in one of many ways: what is
// read is the very person or nobody.
func TestCards(t *testing.T) {
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, VietNam)
	r := rand.New(rand.NewPCG(8, 500))
	spoil := []func(f []string) []string{
		func(f []string) []string { return f[1:] },                                                       // shifted left
		func(f []string) []string { return append([]string{""}, f...) },                                  // shifted right
		func(f []string) []string { return slices.Delete(slices.Clone(f), 1, 2) },                        // without the bars of an empty field
		func(f []string) []string { return slices.Insert(slices.Clone(f), 2, f[2]) },                     // doubled within
		func(f []string) []string { return append(slices.Clone(f), f...) },                               // two codes on end: the first is whole
		func(f []string) []string { f[3], f[6] = f[6], f[3]; return f },                                  // days changed places
		func(f []string) []string { f[0], f[1] = f[1], f[0]; return f },                                  // numbers changed places
		func(f []string) []string { f[4] = map[string]string{"Nam": "Nữ", "Nữ": "Nam"}[f[4]]; return f }, // another sex
		func(f []string) []string { f[0] = f[0][:11]; return f },                                         // a digit lost
		func(f []string) []string {
			f[0] = f[0][:4] + fmt.Sprintf("%02d", (int(f[0][5]-'0')+11)%100) + f[0][6:]
			return f
		}, // another year
		func(f []string) []string { f[3] = "31022000"; return f },
		func(f []string) []string { f[2] = "'; DROP TABLE holders; --"; return f },
		func(f []string) []string { f[2] = "<script>"; return f },
		func(f []string) []string { f[2] = strings.Repeat("Ă", 5000); return f },
		func(f []string) []string { f[5] = "\x00\x1b[2J"; return f },
		func(f []string) []string { f[2] = norm.NFD.String(f[2]); return f }, // the very person
		func(f []string) []string { f[6] = ""; return f },                    // not told
		func(f []string) []string { return append(f, "more", "and more") },   // new cards
		func(f []string) []string { return []string{strings.Repeat("|", 900)} },
		func(f []string) []string { return []string{"\xff\xfe|", f[0]} },
	}
	read, refused := 0, 0
	for i := range 500 {
		want, fields := someCard(r)
		if i%4 > 0 {
			fields = spoil[i%len(spoil)](fields)
		}
		got, err := ReadCard(strings.Join(fields, "|"), now)
		if err != nil {
			if refused++; !errors.Is(err, ErrInvalid) || strings.Contains(err.Error(), want.Number) || strings.Contains(err.Error(), want.Name) {
				t.Errorf("%d: the error is of another kind, or tells the person: %v", i, err)
			}
			if i%4 == 0 {
				t.Errorf("a good code is refused: %v", err)
			}
			continue
		}
		read++
		if got.Number != want.Number || got.Name != want.Name || got.Old != want.Old || !got.Born.Equal(want.Born) || got.Male != want.Male || got.Address != want.Address ||
			!got.Issued.IsZero() && !got.Issued.Equal(want.Issued) {
			t.Errorf("%d: another person than the card's (spoiled by %d)", i, i%len(spoil))
		}
	}
	if read < 150 || refused < 200 {
		t.Errorf("%d read, %d refused: the codes are not spoiled", read, refused)
	}
	c, err := ReadCard("997301000001|​|Nguyễn Văn An|01012001|Nữ|Pháp|01012025", now)
	if err == nil {
		t.Errorf("an old number of unseen letters is taken: %v", c.Odd)
	}
	if c, err := ReadCard("997301000001||Nguyễn Văn An|01012001|Nữ|Pháp|01012025", now); err != nil || !slices.Equal(c.Odd, []string{"place"}) {
		t.Errorf("a birth abroad: %v, %v", c.Odd, err)
	}
}

// Both generations of cards, with and without an old number, and a reader that hands
// letters and marks over apart (NFD): the person's words come out composed (NFC, UAX #15).
func TestCardsComposed(t *testing.T) {
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, VietNam)
	for _, text := range []string{
		"008199012345|071234567|Nguyễn Thị Đằng|01011999|Nữ|Thôn Hạ Đỗ, xã Vĩnh Nghĩa, tỉnh Tuyên Quang|02032021",                            // CCCD gắn chip
		"008199012345||Nguyễn Thị Đằng|01011999|Nữ|Thôn Hạ Đỗ, xã Vĩnh Nghĩa, tỉnh Tuyên Quang|02032025||Cha: Nguyễn Văn Ẩn|Mẹ: Trần Thị Mỵ", // thẻ căn cước, with more
	} {
		for name, form := range map[string]norm.Form{"NFC": norm.NFC, "NFD": norm.NFD} {
			c, err := ReadCard(form.String(text), now)
			if err != nil {
				t.Fatal(name, err)
			}
			if c.Name != "Nguyễn Thị Đằng" || c.Address != "Thôn Hạ Đỗ, xã Vĩnh Nghĩa, tỉnh Tuyên Quang" || !norm.NFC.IsNormalString(c.Name+c.Address) || c.Male || c.Number != "008199012345" {
				t.Errorf("%s: %+q", name, c.Name)
			}
		}
	}
}

func FuzzCard(f *testing.F) {
	f.Add("008199012345||Nguyễn Văn An|01011999|Nữ|Xã|01012025")
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, VietNam)
	f.Fuzz(func(t *testing.T, s string) {
		if c, err := ReadCard(s, now); err == nil && (len(c.Number) != 12 || c.Name == "" || !strings.Contains(norm.NFC.String(s), c.Number)) {
			t.Errorf("%+v", c)
		}
	})
}
