package dossier

import "errors"

// Kinds of failure that callers tell apart, always with [errors.Is]. Anything
// else is a fault of ours: it is logged in full, shown to nobody, and retried
// if a machine met it.
var (
	// ErrNotFound: there is no such dossier, document, record or person.
	ErrNotFound = errors.New("not found")

	// ErrForbidden: the state table, or four eyes, does not let this person do
	// this now.
	ErrForbidden = errors.New("not allowed")

	// ErrConflict: somebody moved the thing since it was read, or the place in
	// the dossier is already filled by another document.
	ErrConflict = errors.New("changed meanwhile")

	// ErrUnfit: the paper itself cannot go on: unreadable, encrypted, blank.
	// Retrying cannot help; a person has to look.
	ErrUnfit = errors.New("unfit")

	// ErrInvalid: a value given by a person is not of its form. The message
	// names the value's name, never a person's data.
	ErrInvalid = errors.New("invalid")
)
