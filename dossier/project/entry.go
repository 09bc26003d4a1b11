package project

import (
	"slices"

	"sohoa/dossier"
)

// An Entry is what one person typed of a paper.
type Entry struct {
	Turn   int // 1 and 2
	Who    dossier.PersonID
	Fields []dossier.Field
}

// A Difference is a field of which two people typed something else. Neither is
// preferred: whoever settles it looks at the paper.
type Difference struct {
	Name          dossier.FieldName
	First, Second string // empty: nothing was typed
}

// Differences compares what two people typed, in the order of the fields. Values are
// compared as they are kept, in their one form.
func Differences(a, b []dossier.Field) (list []Difference) {
	value := func(all []dossier.Field, n dossier.FieldName) string {
		if i := slices.IndexFunc(all, func(f dossier.Field) bool { return f.Name == n }); i >= 0 {
			return all[i].Value
		}
		return ""
	}
	for _, n := range dossier.FieldNames {
		if x, y := value(a, n), value(b, n); x != y {
			list = append(list, Difference{n, x, y})
		}
	}
	return list
}

// A Typist is how often one person's typing was not what was settled on.
type Typist struct {
	Who    dossier.PersonID
	Papers int // that two typed, and which are settled
	Wrong  int // fields that were settled otherwise
}
