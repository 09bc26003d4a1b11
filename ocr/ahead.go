package ocr

import "context"

type aheadKey struct{}

// WithAhead returns a context under which pages go before those that wait for a free
// reader without it: somebody stands at the counter, or their agency has nothing else
// under way.
func WithAhead(ctx context.Context) context.Context { return context.WithValue(ctx, aheadKey{}, true) }

// Ahead reports whether ctx is of [WithAhead].
func Ahead(ctx context.Context) bool {
	ahead, _ := ctx.Value(aheadKey{}).(bool)
	return ahead
}
