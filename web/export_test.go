package web

import "io/fs"

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
