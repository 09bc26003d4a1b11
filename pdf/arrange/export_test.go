package arrange

import "context"

// Move and Prove are the two halves of Make.
func (b Bench) Move(ctx context.Context, s []*Source, picks []Pick, out string) error {
	return b.move(ctx, s, picks, out)
}

func (b Bench) Prove(ctx context.Context, s []*Source, picks []Pick, out string) error {
	return b.prove(ctx, s, []Part{{Picks: picks, Out: out}})
}
