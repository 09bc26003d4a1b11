package batch

import (
	"crypto/sha256"
	"fmt"
	"strconv"
	"strings"

	"sohoa/dossier"
)

// A Mark is what the codes on a side say of the sheets that follow it.
type Mark struct {
	Kind    MarkKind
	Dossier dossier.Code
	Slot    dossier.SlotCode
	Number  int // of the separator sheet among those printed together, from 1
	Of      int // how many they are; 0 of a receipt

	// Patch is the code of a sheet that bears its check nowhere: 1/6, 2, 3/T or 4.
	Patch string `json:",omitempty"`
}

// A MarkKind is a kind of sheet that stands between papers. All but the last are the
// house's.
type MarkKind string

// The kinds.
const (
	Component MarkKind = "component" // before a component of a dossier
	Next      MarkKind = "next"      // before a dossier whose receipt or component follows
	Receipt   MarkKind = "receipt"   // the receipt of a dossier (TT 01/2023/TT-VPCP), with its QR code
	Patch     MarkKind = "patch"     // with patch codes: it parts papers where a batch says so ([Parting]), and says nothing of them
)

// head is what the text of a separator's codes begins with.
const head = "SHS1"

// letters of the kinds in a code.
var letters = map[MarkKind]string{Component: "C", Next: "N"}

// Text is what the codes of a separator sheet say: letters that Code 128 and QR
// both have, and a check of 32 bits behind them, so that a code which was misread,
// or is not ours, is none.
func (m Mark) Text() string {
	body := strings.Join([]string{head, letters[m.Kind], string(m.Dossier), string(m.Slot), strconv.Itoa(m.Number), strconv.Itoa(m.Of)}, "/")
	return body + "/" + check(body)
}

func check(body string) string {
	sum := sha256.Sum256([]byte(body))
	return fmt.Sprintf("%X", sum[:4])
}

// ParseMark reads the text of a code. ours says that it looks like one of the
// house's separators; ok, that it is one and bears its check.
func ParseMark(text string) (m Mark, ours, ok bool) {
	if !strings.HasPrefix(text, head+"/") {
		return m, false, false
	}
	at := strings.LastIndexByte(text, '/')
	f := strings.Split(text[:at], "/")
	if len(f) != 6 || check(text[:at]) != text[at+1:] {
		return m, true, false
	}
	n, err1 := strconv.Atoi(f[4])
	of, err2 := strconv.Atoi(f[5])
	for kind, letter := range letters {
		if f[1] == letter {
			m = Mark{Kind: kind, Dossier: dossier.Code(f[2]), Slot: dossier.SlotCode(f[3]), Number: n, Of: of}
		}
	}
	if err1 != nil || err2 != nil || n < 1 || n > of || m.Kind == "" || (m.Kind == Component) != (m.Dossier != "" && m.Slot != "") {
		return Mark{}, true, false
	}
	return m, true, true
}

// ParseReceipt reads the text of a receipt's QR code: seven fields between bars,
// the code of the dossier first. Nothing else of it is kept: it names a person.
func ParseReceipt(text, title, system string) (Mark, bool) {
	f := strings.Split(text, "|")
	if len(f) != 7 || f[0] == "" || f[3] != title || f[4] != system || len(f[0]) > 64 {
		return Mark{}, false
	}
	return Mark{Kind: Receipt, Dossier: dossier.Code(f[0])}, true
}

// A Reader makes a mark of what the codes on a side say.
type Reader struct{ Title, System string } // as receipts say them

// Mark returns the mark of a side with texts as its codes, and patch as its patch code.
// Codes that contradict each other are no mark, and spoiled; so is one of ours that does
// not bear its check while no other says what it should. A patch code counts where no
// sheet of ours is.
func (r Reader) Mark(texts []string, patch string) (m Mark, spoiled bool) {
	bad := false
	for _, t := range texts {
		got, ours, ok := ParseMark(t)
		if !ours {
			got, ok = ParseReceipt(t, r.Title, r.System)
		}
		switch {
		case !ok:
			bad = bad || ours
		case m == Mark{}:
			m = got
		case m != got:
			return Mark{}, true
		}
	}
	if m == (Mark{}) && !bad && patch != "" {
		m = Mark{Kind: Patch, Patch: patch}
	}
	return m, bad && m == Mark{}
}
