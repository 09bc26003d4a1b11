package quality

import "flag"

var (
	manySeeds = flag.Int("quality-seeds", 1, "papers of each condition")
	firstSeed = flag.Uint64("quality-first", 4000, "first seed; below a million for developing")
	onlyTrial = flag.String("quality-only", "", "conditions by the start of their name; empty for all")
)
