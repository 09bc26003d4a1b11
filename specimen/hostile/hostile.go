// Package hostile makes files that mean harm: bombs, circles, lies about
// lengths and sizes, nests without a bottom, and good files cut short or spoilt
// bit by bit. They are what the door, the readers and the drill are tried with.
//
// Every file is a pure function of its kind, its number and the seed: same seed,
// same bytes. None is larger than a few megabytes; what it becomes when somebody
// believes it is another matter. Nothing in here is a program.
package hostile

import (
	"fmt"
	"hash/fnv"
	"iter"
	"math/rand/v2"
)

// A File is one hostile file.
type File struct {
	Kind  string // a name of [Kinds]
	Name  string // kind, number and extension
	Bytes []byte
}

// A kind makes files of one sort. Variant n is another size or form of it; r is
// for what is left to chance.
type kind struct {
	name, ext string
	make      func(r *rand.Rand, n int) []byte
}

func kinds() []kind {
	var all []kind
	for _, group := range [][]kind{bombs, circles, lies, monsters, pictures, spoilt} {
		all = append(all, group...)
	}
	return all
}

// Kinds returns the names of all kinds, in a fixed order.
func Kinds() []string {
	var names []string
	for _, k := range kinds() {
		names = append(names, k.name)
	}
	return names
}

// Files yields each files of every kind, from the variant called first on. One
// is in memory at a time.
func Files(seed uint64, first, each int) iter.Seq[File] {
	return func(yield func(File) bool) {
		for _, k := range kinds() {
			for n := first; n < first+each; n++ {
				if !yield(k.file(seed, n)) {
					return
				}
			}
		}
	}
}

// Of returns variant n of a kind. It panics if there is none of that name.
func Of(name string, seed uint64, n int) File {
	for _, k := range kinds() {
		if k.name == name {
			return k.file(seed, n)
		}
	}
	panic("no hostile file is called " + name)
}

func (k kind) file(seed uint64, n int) File {
	h := fnv.New64a()
	fmt.Fprintf(h, "%s %d", k.name, n)
	return File{k.name, fmt.Sprintf("%s-%d%s", k.name, n, k.ext), k.make(rand.New(rand.NewPCG(seed, h.Sum64())), n)}
}

// grow is a size for variant n: start, then so many times more each, four steps
// in all.
func grow(n, start, times int) int {
	for range n % 4 {
		start *= times
	}
	return start
}
