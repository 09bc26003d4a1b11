package dossier

// Stamps count how often parts of the catalogue were changed, by whichever process: what was
// made of them is still true while they are the same.
type Stamps struct{ Agencies, Kinds, Procedures, Restrictions int64 }
