package web

// Routes lists the patterns of all addresses of the house, as [http.ServeMux]
// knows them: the only values that a figure about requests may name.
func Routes() []string {
	var patterns []string
	for _, r := range (&server{}).routes() {
		patterns = append(patterns, r.pattern)
	}
	return patterns
}
