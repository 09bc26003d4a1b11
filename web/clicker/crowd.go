package clicker

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"sohoa/dossier"
)

// lookAgain is how long a person with nothing to do waits before looking again.
const lookAgain = 300 * time.Millisecond

// Click acts on whatever waits for them until stop is closed: it takes what the
// machine proposes, as a person in a hurry would who has looked.
func (p *Person) Click(ctx context.Context, stop <-chan struct{}) error {
	for {
		tasks, err := p.Tasks(ctx)
		if err != nil {
			return err
		}
		open := 0 // tasks that a click is enough for
		for _, t := range tasks {
			if clickable(t) >= 0 {
				open++
			}
			if err := p.ClickOne(ctx, t); err != nil {
				return err
			}
		}
		select {
		case <-stop:
			return nil
		default:
		}
		if open == 0 {
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(lookAgain):
			}
		}
	}
}

// clickable is the place of the act of t that needs no reason, or -1.
func clickable(t Task) int {
	return slices.IndexFunc(t.Acts, func(a dossier.Act) bool { return !dossier.NeedsReason(a) })
}

// ClickOne does what t waits for, unless it asks for a reason. Somebody being
// faster is no error.
func (p *Person) ClickOne(ctx context.Context, t Task) error {
	i := clickable(t)
	if i < 0 {
		return nil
	}
	fields := map[dossier.FieldName]string{}
	if t.Acts[i] == dossier.Confirm {
		seen, err := p.Look(ctx, t.ID)
		if err != nil {
			return err
		}
		fields[dossier.FieldTitle] = "Giấy tờ" // what a person types who finds no title
		for _, f := range seen.Proposals {
			if f.Name != dossier.FieldHolder { // whose it is the counter has settled
				fields[f.Name] = f.Value
			}
		}
	}
	err := p.Act(ctx, t, t.Acts[i], fields, "")
	var status *StatusError
	if errors.As(err, &status) && status.Code == http.StatusConflict {
		return nil
	}
	return err
}
