package dossier

// A Happening is what is told to who watches: that a document moved, that pages of it
// were read, or that something was done to a dossier. It has ids and how the document
// then stood, and nothing of a person.
type Happening struct {
	Place    int64 // of its event in the ledger; of pages that were read, of the newest
	Act      string
	Of       Dossier // its code, procedure, agencies, and when it was received: what decides who may see it
	Document DocumentID
	Slot     SlotCode
	Kind     KindCode // of the document
	State    State    // that a move led to; empty of what was done to the dossier
	Version  int64

	Done, Pages int // pages that are read, of so many; 0: it is about none
}

// PagesRead is the act of a [Happening] that tells of pages that were read.
const PagesRead = "pages-read"
