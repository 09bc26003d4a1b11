package wire

import (
	"errors"
	"fmt"
	"testing"

	"sohoa/dossier"
	"sohoa/jail"
	"sohoa/signing/tsa"
	"sohoa/workers"
)

func TestTrouble(t *testing.T) {
	for _, row := range []struct {
		err  error
		want string
	}{
		{fmt.Errorf("%w: %w", dossier.ErrUnfit, &jail.Refusal{Code: "damaged", Text: "cut short", Page: 3}), "damaged:3: cut short"},
		{&jail.Refusal{Code: "blank", Text: "nothing on it"}, "blank: nothing on it"},
		{fmt.Errorf("time-stamp: %w", tsa.ErrUnavailable), "tsa: the time-stamp authority does not answer"},
		{fmt.Errorf("%w 3 times", workers.ErrBrokeOff), "broke-off: the machine broke off on this paper several times in a row"},
		{errors.New("disk at /secret/Nguyễn Văn A is full"), "retry: something broke on our side; it is tried again"},
	} {
		if got := trouble(row.err); got != row.want {
			t.Errorf("trouble(%v) = %q", row.err, got)
		}
	}
}
