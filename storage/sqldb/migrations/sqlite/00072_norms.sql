-- Rules of law that are data, each from a day on: see docs/decisions/0043-records.md.

-- +goose Up

CREATE TABLE norms (
    id      TEXT PRIMARY KEY,
    sort    TEXT NOT NULL,   -- ground, code, form
    name    TEXT NOT NULL,   -- kind of paper, or number of a form; empty: all
    since   TEXT NOT NULL,   -- YYYY-MM-DD
    said    TEXT NOT NULL,   -- what it says: see dossier/norm
    law     TEXT NOT NULL,
    article TEXT NOT NULL,
    grade   TEXT NOT NULL,
    note    TEXT NOT NULL,
    who     TEXT NOT NULL CHECK (who <> ''),
    at      BIGINT NOT NULL,
    demo    BIGINT NOT NULL
);
CREATE UNIQUE INDEX norms_day ON norms (sort, name, since);

-- +goose StatementBegin
CREATE TRIGGER norms_once BEFORE UPDATE ON norms
BEGIN SELECT RAISE(ABORT, 'a rule of law is written once'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER norms_replace BEFORE INSERT ON norms
WHEN EXISTS (SELECT 1 FROM norms WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'a rule of law is written once'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER norms_kept BEFORE DELETE ON norms WHEN OLD.demo <> 1
BEGIN SELECT RAISE(ABORT, 'a rule of law is kept'); END;
-- +goose StatementEnd

-- +goose Down
DROP TABLE norms;
