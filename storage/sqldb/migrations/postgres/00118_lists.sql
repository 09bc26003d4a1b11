-- Lists of papers are read in their order, and stop where a page is full: see
-- docs/decisions/0071-classes-of-paper.md.

-- +goose Up
CREATE INDEX documents_changed ON documents (changed, id);
CREATE INDEX documents_troubled ON documents (changed, id) WHERE trouble <> '';

-- +goose Down
DROP INDEX documents_troubled;
DROP INDEX documents_changed;
