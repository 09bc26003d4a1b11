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
