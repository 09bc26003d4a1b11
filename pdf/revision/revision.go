// Package revision appends to PDF files without touching a byte that is there:
// incremental updates (ISO 32000-1, 7.5.6). It is how anything gets into a file
// that may carry a signature, and the only way.
//
// A [File] is read lightly: cross-references and the objects asked for, never
// the page images. An [Update] collects objects to add and to replace, among
// them at most one signature. Prepare copies the file and hashes what the
// signature will cover; Finish writes the tail with the signature in its place.
// The original bytes are always an exact prefix of the result.
//
// The reader meets outside bytes only within children of [sohoa/jail].
package revision

import "errors"

// Kinds of files that are not taken. Callers tell them apart with [errors.Is].
var (
	// ErrDamaged: the bytes are not a PDF as ISO 32000-1 wants it. The reader
	// mends nothing: what two readers could understand in two ways is damaged.
	ErrDamaged = errors.New("damaged PDF")

	// ErrEncrypted: an update of an encrypted file would have to be encrypted.
	ErrEncrypted = errors.New("encrypted PDF")

	// ErrHybrid: the file has both kinds of cross-references at once (7.5.8.4),
	// so that readers see different objects in it.
	ErrHybrid = errors.New("hybrid-reference PDF")

	// ErrLocked: the file forbids what was asked, by a certification without
	// any later change (12.8.2.2), an XFA form (12.7.8), or a field name that
	// is taken.
	ErrLocked = errors.New("PDF does not allow this change")

	// ErrNoPage: the file has fewer pages.
	ErrNoPage = errors.New("no such page")

	// ErrRoom: the signature does not fit the room that was reserved for it.
	ErrRoom = errors.New("signature is larger than its place")
)

// MaxContents is the most bytes a signature may have: the longest string that
// PDF/A allows (ISO 19005-2, 6.1.13).
const MaxContents = 32767
