package web

import (
	"io/fs"
	"os"
	"regexp"
	"sync"

	"sohoa/dossier"
)

// Patterns lists the patterns of all routes.
func Patterns() []string {
	var all []string
	for _, r := range (&server{}).routes() {
		all = append(all, r.pattern)
	}
	return all
}

// Words returns every text by key, as {vi, en}.
func Words() map[string][2]string {
	all := map[string][2]string{}
	for key, w := range words() {
		all[key] = [2]string{w.vi, w.en}
	}
	return all
}

// Files are the embedded templates and static files.
func Files() fs.FS { return files }

// Functions of time and periods that tests look at.
var (
	SpanOf   = spanOf
	SpanName = spanName
)

// HashAt is [HashPassword] at another cost.
var HashAt = hashAt

// CheapHash is [HashPassword] at next to no cost, for people who log in often.
func CheapHash(password string) string { return hashAt(password, 64, 1, 1) }

// Derived returns the costs of the passwords that were hashed while do ran.
func Derived(do func()) (costs [][3]uint32) {
	was, mu := derive, sync.Mutex{}
	derive = func(password, salt []byte, passes, memory uint32, lanes uint8, length uint32) []byte {
		mu.Lock()
		defer mu.Unlock()
		costs = append(costs, [3]uint32{memory, passes, uint32(lanes)})
		return was(password, salt, passes, memory, lanes, length)
	}
	defer func() { derive = was }()
	do()
	return costs
}

// Secured is what every answer goes through.
var Secured = secured

// CookieName is that of a session.
func CookieName(tls bool) string { return (&server{Deps: Deps{Secure: tls}}).cookieName() }

// BigRoutes lists the routes that take large bodies.
func BigRoutes() []string { return bigRoutes }

// Keyed lists the rights that a key of a program can have.
func Keyed() (names []string) {
	for _, r := range keyed {
		names = append(names, "`"+string(r)+"`")
	}
	return names
}

// A RightRow is a right as docs/rights.md shows it.
type RightRow struct {
	Name, Words string
	Roles       []dossier.Role
}

// Rights lists all rights but that of nobody in particular, with the words of
// their comments.
func Rights() (rows []RightRow) {
	src, err := os.ReadFile("rights.go")
	if err != nil {
		panic(err)
	}
	for _, m := range regexp.MustCompile(`(?m)^\t\w+ +right = "([^"]+)" +// (.+)$`).FindAllStringSubmatch(string(src), -1) {
		if right(m[1]) != open {
			rows = append(rows, RightRow{m[1], m[2], rights[right(m[1])]})
		}
	}
	if len(rows) != len(rights) {
		panic("a right has no words")
	}
	return rows
}
