package dossier

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// A Card is what the QR code of a citizen's card says (CCCD gắn chip, thẻ Căn
// cước): number | old number | name | date of birth | sex | residence | date of
// issue, days as ddMMyyyy. All of it is personal.
type Card struct {
	Number  string // 12 digits
	Old     string // 9 digits of the card before, or empty
	Name    string // NFC
	Born    time.Time
	Male    bool
	Address string
	Issued  time.Time // zero if the code does not tell

	// Odd says what a person should look at: a place of birth registration that
	// is not known, fields beyond the seven. Codes, no values.
	Odd []string
}

const (
	cardFields = 7
	mostCard   = 1000 // letters of a code
)

// ReadCard reads the text of a card's QR code. It believes no field by its place
// alone: the number must agree with sex and date of birth (NĐ 137/2015/NĐ-CP Điều
// 13; Luật Căn cước 26/2023 Điều 12), so that a field that is missing, shifted or
// doubled is an error and never another person. There is no check digit. Errors
// wrap [ErrInvalid] and repeat nothing of the code.
func ReadCard(text string, now time.Time) (Card, error) {
	wrong := func(what string) (Card, error) {
		return Card{}, fmt.Errorf("%w: code of a citizen's card: %s", ErrInvalid, what)
	}
	text = norm.NFC.String(strings.TrimSpace(text))
	if len([]rune(text)) > mostCard || strings.ContainsFunc(text, func(r rune) bool { return unicode.IsControl(r) || r == unicode.ReplacementChar }) {
		return wrong("too long, or with letters that none has")
	}
	f := strings.Split(text, "|")
	if len(f) < cardFields-1 {
		return wrong("fields are missing")
	}
	for i := range f {
		f[i] = strings.Join(strings.Fields(f[i]), " ")
	}
	c := Card{Number: f[0], Old: f[1], Name: f[2], Address: f[5]}
	switch {
	case len(c.Number) != 12 || !onlyDigits(c.Number):
		return wrong("the number has not 12 digits")
	case c.Old != "" && (len(c.Old) != 9 || !onlyDigits(c.Old)):
		return wrong("the old number has not 9 digits")
	case !personName(c.Name):
		return wrong("the name is none")
	case c.Address != "" && onlyDigits(c.Address):
		return wrong("the residence is a number")
	}
	var err error
	if c.Born, err = cardDay(f[3]); err != nil || c.Born.After(now) {
		return wrong("the date of birth is none")
	}
	if c.Male, err = cardSex(f[4]); err != nil {
		return wrong("the sex is not told")
	}
	if century := int(c.Number[3]-'0') / 2; (c.Number[3]-'0')%2 == 0 != c.Male || 1900+100*century != c.Born.Year()/100*100 || c.Number[4:6] != c.Born.Format("06") {
		return wrong("the number does not agree with sex and date of birth")
	}
	if len(f) >= cardFields && f[6] != "" {
		if c.Issued, err = cardDay(f[6]); err != nil || c.Issued.After(now) || c.Issued.Before(c.Born) {
			return wrong("the date of issue is none")
		}
	}
	if place, _ := strconv.Atoi(c.Number[:3]); place < 1 || place > 96 {
		c.Odd = append(c.Odd, "place")
	}
	if len(f) > cardFields {
		c.Odd = append(c.Odd, "fields")
	}
	return c, nil
}

func onlyDigits(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

// personName reports whether s can be a name: letters, spaces and what stands
// between parts of foreign ones.
func personName(s string) bool {
	letters := 0
	for _, r := range s {
		switch {
		case unicode.IsLetter(r):
			letters++
		case !unicode.Is(unicode.Mn, r) && !strings.ContainsRune(" '’.-", r):
			return false
		}
	}
	return letters >= 2 && len([]rune(s)) <= 100
}

func cardDay(s string) (time.Time, error) {
	if len(s) != 8 || !onlyDigits(s) {
		return time.Time{}, ErrInvalid
	}
	return time.ParseInLocation("02012006", s, VietNam)
}

func cardSex(s string) (male bool, err error) {
	switch strings.ToLower(s) {
	case "nam":
		return true, nil
	case "nữ":
		return false, nil
	}
	return false, ErrInvalid
}
