-- What people confirmed of papers of an agency and kind, the newest first: see
-- docs/decisions/0042-precedents.md.

-- +goose Up
CREATE INDEX documents_confirmed ON documents (agency, kind, received) WHERE fields <> '[]';

-- +goose Down
DROP INDEX documents_confirmed;
