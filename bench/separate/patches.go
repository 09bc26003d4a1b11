package main

import (
	"math/rand/v2"

	"sohoa/dossier/batch"
	"sohoa/specimen"
)

// patchSeeds lie behind those of other sheets.
const patchSeeds = 20_000

// patchCalled are the kinds as a sheet tells them that may lie upside down.
var patchCalled = map[string]string{"1": "1/6", "2": "2", "3": "3/T", "4": "4", "T": "3/T", "6": "1/6"}

// patched makes a sheet with patch codes; every third is an ordinary paper, with tables,
// bars, seals and whatever else there is, on which there is nothing to find.
func patched(press *specimen.Press, all []fault, seed uint64, i int) (at int, got, want batch.Mark, spoiled bool, err error) {
	r := rand.New(rand.NewPCG(seed, 60))
	at = i / 3 % len(all)
	f := all[at]
	var sheet *specimen.Sheet
	if i%3 == 2 {
		kinds := specimen.Kinds()
		adds := specimen.Adds{Tables: r.IntN(2) == 0, Codes: r.IntN(2) == 0, Stamped: r.IntN(2) == 0}
		sheet, at = press.Paper(kinds[r.IntN(len(kinds))], seed, specimen.About{Adds: adds}).Only(0), len(all)
	} else {
		kind := specimen.PatchKinds()[r.IntN(6)]
		how := specimen.Patched{Long: 72 + 108*r.Float64(), Edges: 2 + r.IntN(3), Abreast: r.IntN(4) == 0, Written: r.IntN(2) == 0}
		want = batch.Mark{Kind: batch.Patch, Patch: patchCalled[kind]}
		sheet = press.PatchSheet(kind, how)
	}
	got, spoiled, err = seen(sheet, f, r, seed)
	return at, got, want, spoiled, err
}
