package fixity

import "time"

// A Plain report is what programs read: the same from the page and the command.
type Plain struct {
	At       time.Time      `json:"at"`
	Days     int            `json:"days"`
	Bad      int64          `json:"bad"`
	Overdue  bool           `json:"overdue"`
	Stores   []PlainTally   `json:"stores"`
	Files    []PlainFile    `json:"files"` // the first that are not right
	Findings []PlainFinding `json:"findings"`
}

// A PlainTally is one store.
type PlainTally struct {
	Store    Store           `json:"store"`
	Counts   map[State]int64 `json:"counts"`
	Bytes    int64           `json:"bytes"`
	Oldest   time.Time       `json:"oldestLook,omitzero"`
	Waiting  time.Time       `json:"owedSince,omitzero"`
	Walked   time.Time       `json:"orphansLookedForAt,omitzero"`
	Orphans  int64           `json:"orphans"`
	Prunable int64           `json:"prunable"`
}

// A PlainFile is one file that is not right.
type PlainFile struct {
	Store Store     `json:"store"`
	Sum   string    `json:"sha256"`
	State State     `json:"state"`
	Seen  time.Time `json:"seen"`
}

// A PlainFinding is one finding.
type PlainFinding struct {
	At       time.Time `json:"at"`
	Store    Store     `json:"store"`
	Sum      string    `json:"sha256"`
	What     What      `json:"what"`
	Evidence string    `json:"evidence,omitempty"`
	Who      string    `json:"who"`
}

// Plain puts a report into the form that programs read.
func (r Report) Plain() Plain {
	p := Plain{At: r.At, Days: r.Policy.Days(), Bad: r.CountBad(), Overdue: r.Overdue(),
		Stores: []PlainTally{}, Files: []PlainFile{}, Findings: []PlainFinding{}}
	for _, t := range r.Stores {
		p.Stores = append(p.Stores, PlainTally{t.Store, t.Counts, t.Bytes, t.Oldest, t.Waiting, t.Walk.Ended, t.Orphans, t.Prunable})
	}
	for _, h := range r.Bad {
		p.Files = append(p.Files, PlainFile{h.Store, h.Digest.String(), h.State, h.Seen})
	}
	for _, f := range r.Findings {
		p.Findings = append(p.Findings, PlainFinding{f.At, f.Store, f.Digest.String(), f.What, f.Evidence, f.Who})
	}
	return p
}

// Days is how many days all files are looked at in.
func (p Policy) Days() int { return int(p.Every / (24 * time.Hour)) }
