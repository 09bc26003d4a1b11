package sweep

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// It sweeps at once and again after each while, says what came of it and nothing of
// nothing, goes on after a failure, and ends without a word when it is to end.
func TestRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, end := context.WithCancel(t.Context())
		broken := errors.New("broken")
		begun := time.Now()
		var at []time.Duration
		var said []int
		failed := 0
		err := Run(ctx, time.Minute, func(ctx context.Context) (int, error) {
			at = append(at, time.Since(begun))
			switch len(at) {
			case 1:
				return 3, nil
			case 2:
				return 0, nil
			case 3:
				return 0, broken
			}
			end()
			return 9, ctx.Err()
		}, func(n int, err error) {
			if errors.Is(err, broken) {
				failed++
				return
			}
			said = append(said, n)
		})
		if err != nil || failed != 1 || !slices.Equal(said, []int{3}) || !slices.Equal(at, []time.Duration{0, time.Minute, 2 * time.Minute, 3 * time.Minute}) {
			t.Errorf("%v %d %v %v", err, failed, said, at)
		}
	})
}

// What is in the way is said once until it is over, and another thing once too; it pauses
// after each sweep, not between their beginnings.
func TestPatient(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, end := context.WithCancel(t.Context())
		away, full := errors.New("away"), errors.New("full")
		faults := []error{away, away, nil, away, full, full, away}
		begun := time.Now()
		var at []time.Duration
		var said []error
		err := Patient(ctx, time.Minute, func(context.Context) error {
			at = append(at, time.Since(begun))
			time.Sleep(time.Minute)
			if len(at) > len(faults) {
				end()
				return errors.New("broken off")
			}
			return faults[len(at)-1]
		}, func(err error) { said = append(said, err) })
		if err != nil || !slices.Equal(said, []error{away, away, full, away}) || at[1] != 2*time.Minute || len(at) != len(faults)+1 {
			t.Errorf("%v %v %v", err, said, at)
		}
	})
}
