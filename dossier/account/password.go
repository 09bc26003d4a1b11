package account

import (
	"fmt"
	"strings"
	"unicode"

	"sohoa/dossier"
)

// Lengths of a password in characters (NIST SP 800-63B section 5.1.1.2: at
// least 8, and no rules of composition; longer here, since it may be all there
// is between a stranger and an agency's signature).
const (
	LeastPassword = 12
	MostPassword  = 200
)

// common are passwords and parts of them that are tried first: what is made of
// them and of digits alone is refused.
var common = strings.Fields(`
password passw0rd pssword pssw0rd matkhau matkhẩu mậtkhẩu matkhaumoi admin administrator quantri quantrivien
welcome letmein iloveyou qwerty qwertyuiop qwertyui asdfgh asdfghjkl zxcvbnm abcdef abcdefgh abcxyz abc
vietnam vietnamese hanoi hochiminh saigon danang haiphong cantho congan ubnd uybannhandan motcua vanthu canbo
sohoa sohóa sốhóa hoso hồsơ dichvucong chinhphu xinchao anhyeuem emyeuanh yeuem test test123 secret default
changeme doimatkhau temporary guest user root login master monkey dragon football sunshine princess
chaoban hethong nhanvien giamdoc chutich bimat congviec`)

// CheckPassword says why a password is not taken, wrapping [dossier.ErrInvalid];
// the reason is one of short, long, common and login.
func CheckPassword(password, login string) error {
	n := len([]rune(password))
	bare := strings.ToLower(strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, password))
	switch {
	case n < LeastPassword:
		return &WeakPassword{"short"}
	case n > MostPassword:
		return &WeakPassword{"long"}
	case login != "" && strings.Contains(strings.ToLower(password), strings.ToLower(login)):
		return &WeakPassword{"login"}
	case isCommon(bare) || repeats([]rune(password)) || runs([]rune(password)):
		return &WeakPassword{"common"}
	}
	return nil
}

// A WeakPassword is a password that is not taken.
type WeakPassword struct{ Reason string }

func (w *WeakPassword) Error() string { return "password: " + w.Reason }

// Unwrap makes it a [dossier.ErrInvalid].
func (w *WeakPassword) Unwrap() error { return fmt.Errorf("%w", dossier.ErrInvalid) }

// isCommon reports whether letters are made of common words and digits.
func isCommon(bare string) bool {
	made := map[int]bool{0: true} // byte offsets up to which it is
	for i, r := range bare {
		if !made[i] {
			continue
		}
		if unicode.IsDigit(r) {
			made[i+len(string(r))] = true
		}
		for _, word := range common {
			if strings.HasPrefix(bare[i:], word) {
				made[i+len(word)] = true
			}
		}
	}
	return made[len(bare)]
}

// repeats reports whether a password is a few characters again and again.
func repeats(r []rune) bool {
	for n := 1; n <= 4; n++ {
		same := true
		for i := n; i < len(r) && same; i++ {
			same = r[i] == r[i-n]
		}
		if same {
			return true
		}
	}
	return false
}

// runs reports whether each character follows the one before, as in a counting
// or in the alphabet, forwards or backwards.
func runs(r []rune) bool {
	for _, step := range []rune{1, -1} {
		whole := true
		for i := 1; i < len(r) && whole; i++ {
			whole = r[i]-r[i-1] == step || r[i-1] == '9' && r[i] == '0' || r[i-1] == '0' && r[i] == '9'
		}
		if whole {
			return true
		}
	}
	return false
}
