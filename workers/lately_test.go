package workers

import (
	"testing"
	"time"

	"sohoa/dossier/digest"
	"sohoa/ocr"
)

// What was read is given away once for each time that it was noted, by the digest of its
// words; a full shelf takes no more until somebody asked or what is there has grown old.
func TestLately(t *testing.T) {
	sum := func(i int) digest.Digest { return digest.Of([]byte{byte(i)}) }
	now := time.Unix(0, 0)
	l := &Lately{}
	paper := make([]ocr.Page, mostLately/4)
	paper[1] = ocr.Page{Index: 1, Picture: "p", Print: 7}
	for i := range 5 {
		l.note(sum(i), paper, now)
	}
	l.note(sum(0), paper, now) // a second paper with the same words
	for i, want := range []int{2, 1, 1, 1, 0} {
		for n := range want + 1 {
			pages, ok := l.read(sum(i))
			looks, seen := l.looked(sum(i))
			if there := n < want; ok != there || seen != there || there && (len(pages) != len(paper) || looks[1] != (look{1, false, "", 7, "p"})) {
				t.Errorf("paper %d, time %d: words %t, looks %t", i, n, ok, seen)
			}
		}
	}
	for i := range 4 {
		l.note(sum(i), paper, now)
	}
	if l.note(sum(4), paper, now.Add(longLately)); l.words.held[sum(4)].times != 0 {
		t.Error("more is kept than has room")
	}
	if l.note(sum(4), paper, now.Add(longLately+1)); len(l.words.held) != 1 || l.words.pages != len(paper) {
		t.Errorf("%d old papers are kept, %d pages", len(l.words.held), l.words.pages)
	}
	var none *Lately
	none.note(sum(1), paper, now)
	if _, ok := none.read(sum(1)); ok {
		t.Error("nobody remembers something")
	}
}
