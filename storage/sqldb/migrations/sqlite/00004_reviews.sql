-- Who looked at what was read badly.

-- +goose Up
CREATE TABLE reviews (
    document TEXT PRIMARY KEY REFERENCES documents (id),
    who      TEXT NOT NULL CHECK (who <> ''),
    at       BIGINT NOT NULL
);

-- Most papers are read well: those that are not are found without the rest.
CREATE INDEX made_doubts ON made (document) WHERE part = 'doubts';

-- +goose StatementBegin
CREATE TRIGGER reviews_once BEFORE UPDATE ON reviews
BEGIN SELECT RAISE(ABORT, 'a review is written once'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER reviews_kept BEFORE DELETE ON reviews
WHEN NOT EXISTS (SELECT 1 FROM documents WHERE id = OLD.document AND demo = 1)
BEGIN SELECT RAISE(ABORT, 'reviews are kept'); END;
-- +goose StatementEnd
