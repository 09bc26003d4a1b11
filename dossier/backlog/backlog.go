// Package backlog holds the words for papers of past years that come into the house
// in bulk: archives that were digitised elsewhere.
package backlog

import (
	"time"

	"sohoa/dossier"
	"sohoa/dossier/digest"
)

// Counts are what came of the rows of an index.
type Counts struct {
	Rows   int   `json:"rows"`
	Taken  int   `json:"taken"`  // papers that are new in the house
	Same   int   `json:"same"`   // papers that stood in their place already
	Twice  int   `json:"twice"`  // taken ones whose file is in the house elsewhere, byte for byte
	Bad    int   `json:"bad"`    // rows of which nothing was taken
	Pages  int   `json:"pages"`  // of taken papers, as are the rest
	Bytes  int64 `json:"bytes"`  //
	Signed int   `json:"signed"` // kept byte for byte, their signatures judged in the line
	Mended int   `json:"mended"` // opened or mended, the file that came kept beside it
}

// Add adds the counts of other rows.
func (c *Counts) Add(o Counts) {
	c.Rows += o.Rows
	c.Taken += o.Taken
	c.Same += o.Same
	c.Twice += o.Twice
	c.Bad += o.Bad
	c.Pages += o.Pages
	c.Bytes += o.Bytes
	c.Signed += o.Signed
	c.Mended += o.Mended
}

// An Import is an archive on its way into the house, or in it.
type Import struct {
	ID     string
	Sum    digest.Digest // of the index: the same index for the same agency is the same import
	Agency dossier.AgencyCode
	Who    dossier.PersonID

	Began, Changed time.Time
	Ended          time.Time // zero: it goes on behind Row
	Row            int       // of the index, up to which all is done
	Counts
}
