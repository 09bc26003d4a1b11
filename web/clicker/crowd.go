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
		for _, t := range tasks {
			if err := p.ClickOne(ctx, t); err != nil {
				return err
			}
		}
		select {
		case <-stop:
			return nil
		default:
		}
		if len(tasks) == 0 {
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(lookAgain):
			}
		}
	}
}

// ClickOne does what t waits for. Somebody being faster is no error.
func (p *Person) ClickOne(ctx context.Context, t Task) error {
	i := slices.IndexFunc(t.Acts, func(a dossier.Act) bool { return a != dossier.Refuse })
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
			fields[f.Name] = f.Value
		}
	}
	err := p.Act(ctx, t, t.Acts[i], fields, "")
	var status *StatusError
	if errors.As(err, &status) && status.Code == http.StatusConflict {
		return nil
	}
	return err
}
