package drop

import (
	"context"
	"io"
	"path/filepath"
	"time"

	"sohoa/dossier/drop"
)

// How long an inbox may take to answer before that is told, how often it is looked
// whether it does, and how long one that does not answer is waited for at the end.
const (
	silentAfter = 30 * time.Second
	silentEvery = 50 * time.Millisecond
	leftAfter   = 3 * time.Second
)

// Run looks at the inbox until ctx ends. A network share that is mounted to wait for its
// server (NFS, "hard") holds whoever asks it, and no deadline helps: then it is told which
// inbox it is, and told again when it answers, and the end of the house does not wait for
// it. Others go on, as each has a loop of its own.
func (w *Watch) Run(ctx context.Context) error {
	over := make(chan struct{})
	go func() {
		defer close(over)
		w.looks(ctx)
	}()
	clock := time.NewTicker(silentEvery)
	defer clock.Stop()
	limit, silent := w.Silent, false
	if limit == 0 {
		limit = silentAfter
	}
	for {
		select {
		case <-over:
			return nil
		case <-clock.C:
		}
		owed := w.unanswered()
		switch {
		case ctx.Err() != nil:
			if owed > leftAfter {
				w.Log.ErrorContext(ctx, "inbox left, as it does not answer", "inbox", w.Inbox.ID)
				return nil
			}
		case !silent && owed > limit:
			silent = true
			w.Log.ErrorContext(ctx, "inbox does not answer", "inbox", w.Inbox.ID, "for", owed.Round(time.Second))
			w.tellAs(ctx, drop.Silent)
		case silent && owed <= limit:
			silent = false
			w.Log.InfoContext(ctx, "inbox answers again", "inbox", w.Inbox.ID)
		}
	}
}

// tellAs says in the tray what is in the way of the whole folder, beside what waits there.
// The next look that comes to its end says otherwise. A scanner's box is the house's own
// directory, and its name would tell nobody anything.
func (w *Watch) tellAs(ctx context.Context, code string) {
	if w.Inbox.Source != drop.Folder {
		return
	}
	w.saying.Lock()
	defer w.saying.Unlock()
	folder := drop.Drop{Agency: w.Inbox.Agency, Source: w.Inbox.Source, Name: drop.CleanName(filepath.Base(w.Inbox.Dir)), Code: code}
	if err := w.say(ctx, append(w.waiting[:len(w.waiting):len(w.waiting)], folder)); err != nil && ctx.Err() == nil {
		w.Log.ErrorContext(ctx, "not told what is in the way of an inbox", "inbox", w.Inbox.ID, "err", err)
	}
}

// ask notes that the inbox is asked for something, and returns what notes the answer.
func (w *Watch) ask() (answered func()) {
	w.asked.Store(w.Taker.Door.Now().UnixNano())
	return w.answered
}

func (w *Watch) answered() { w.asked.Store(0) }

// unanswered is how long the inbox owes an answer.
func (w *Watch) unanswered() time.Duration {
	at := w.asked.Load()
	if at == 0 {
		return 0
	}
	return w.Taker.Door.Now().Sub(time.Unix(0, at))
}

// asking asks an inbox for the bytes of a file.
type asking struct {
	w    *Watch
	from io.Reader
}

// Read reads on.
func (a asking) Read(p []byte) (int, error) {
	defer a.w.ask()()
	return a.from.Read(p)
}
