package wire

import (
	"context"

	"sohoa/signing/revinfo"
	"sohoa/signing/taster"
	"sohoa/signing/tsa"
)

// Taste has the answers that stamps and asked get read by t's child before this
// process reads them. Either may be nil.
func Taste(t *taster.Taster, stamps *tsa.Client, asked *revinfo.Client) {
	if stamps != nil {
		stamps.Taste = func(ctx context.Context, answer []byte) error { return t.Taste(ctx, taster.Stamp, answer) }
	}
	if asked != nil {
		asked.Taste = func(ctx context.Context, list bool, answer []byte) error {
			kind := taster.OCSP
			if list {
				kind = taster.CRL
			}
			return t.Taste(ctx, kind, answer)
		}
	}
}
