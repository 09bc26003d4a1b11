package child

import (
	"testing"
	"time"

	"sohoa/ocr"
)

// A child that is free goes to who goes ahead, however many wait already, and to nobody
// else if nobody does.
func TestAheadIsNext(t *testing.T) {
	p := &Pool{slots: make(chan *slot, 1), ahead: make(chan *slot), done: make(chan struct{})}
	p.give(&slot{})
	busy, err := p.take(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	order := make(chan string, 4)
	wait := func(who string) {
		ctx := t.Context()
		if who == "ahead" {
			ctx = ocr.WithAhead(ctx)
		}
		go func() {
			s, err := p.take(ctx)
			if err != nil {
				t.Error(who, err)
				return
			}
			order <- who
			p.give(s)
		}()
		time.Sleep(50 * time.Millisecond) // it stands in the line then
	}
	for _, who := range []string{"first", "second", "ahead", "third"} {
		wait(who)
	}
	p.give(busy)
	for _, want := range []string{"ahead", "first", "second", "third"} {
		select {
		case got := <-order:
			if got != want {
				t.Errorf("%s comes where %s should", got, want)
			}
		case <-time.After(5 * time.Second):
			t.Fatal("nobody gets the child that is free")
		}
	}
	if s, err := p.take(ocr.WithAhead(t.Context())); s == nil || err != nil {
		t.Error("who goes ahead gets no child that is free:", err)
	}
}
