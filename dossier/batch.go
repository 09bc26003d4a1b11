package dossier

import "time"

// A BatchID names a batch.
type BatchID string

// MostInBatch is how many documents one act may be ordered on at once.
const MostInBatch = 500

// NotOrdered is the problem of an item whose act has not been performed yet: it
// stays so if the house broke off in the middle of the batch.
const NotOrdered = "not-ordered"

// A Batch is one act that a person ordered on many documents at once. Each has
// its own change in the ledger, its own intents and its own outcome; the batch
// only says what was ordered together.
type Batch struct {
	ID    BatchID
	Act   Act
	Who   PersonID
	At    time.Time
	Items []BatchItem // in the order they were listed
}

// A BatchItem is one document of a batch.
type BatchItem struct {
	Document DocumentID
	Version  int64  // as it was seen
	Problem  string // code of what kept it from being ordered; empty: it was
}
