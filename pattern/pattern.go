// Package pattern has the regular expressions of this house compiled when they
// are first asked for, and not when the program starts: every child of package
// jail is a start of this program, and most of them match nothing.
package pattern

import (
	"regexp"
	"sync"
)

// Late returns a function that compiles expr once, at its first call, and hands
// out the same expression ever after; it may be called from anywhere at once. An
// expression that is none panics there, as [regexp.MustCompile] does: TestAll
// compiles all that the house has.
func Late(expr string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expr) })
}
