package workers

import (
	"context"

	"sohoa/dossier"
)

type documentKey struct{}

// WithDocument says within ctx which document a stage works on, for those who
// hand out keys.
func WithDocument(ctx context.Context, id dossier.DocumentID) context.Context {
	return context.WithValue(ctx, documentKey{}, id)
}

// DocumentOf returns the document a stage works on, or none.
func DocumentOf(ctx context.Context) dossier.DocumentID {
	id, _ := ctx.Value(documentKey{}).(dossier.DocumentID)
	return id
}
