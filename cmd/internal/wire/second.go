package wire

import (
	"context"
	"errors"
	"fmt"
	"os"

	"sohoa/pdf/pdfa/verapdf"
	"sohoa/workers"
)

// SecondJudge returns veraPDF as the second judge of every PDF/A that is
// written: command is "verapdf" or the path of its command. Without a command
// there is none. That it does not start is an error here and now, before any
// file waits for it.
func SecondJudge(ctx context.Context, command string) (workers.Second, error) {
	if command == "" {
		return nil, nil
	}
	judge, err := verapdf.Find(ctx, command)
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context, f *os.File) error {
		err := judge.Held(ctx, f)
		var no *verapdf.Refused
		if errors.As(err, &no) {
			return fmt.Errorf("%w: %w", workers.ErrOwnCheck, err)
		}
		return err
	}, nil
}
