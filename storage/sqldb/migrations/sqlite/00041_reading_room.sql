-- Which auditor may read what, for which purpose, until when: see
-- docs/decisions/0032-reading-room.md.

-- +goose Up

CREATE TABLE grants (
    id      TEXT PRIMARY KEY,
    person  TEXT NOT NULL,
    agency  TEXT NOT NULL,  -- and all below it; empty: see dossier
    dossier TEXT NOT NULL,
    kinds   TEXT NOT NULL,  -- JSON list; null: all
    since   TEXT NOT NULL,  -- dossiers received from this day, YYYY-MM-DD
    till    TEXT NOT NULL,  -- to this day
    purpose TEXT NOT NULL CHECK (purpose <> ''),
    until   BIGINT NOT NULL,
    who     TEXT NOT NULL CHECK (who <> ''),
    role    TEXT NOT NULL,
    at      BIGINT NOT NULL,
    salt    TEXT NOT NULL,  -- opens the ledger's commitment to purpose
    demo    BIGINT NOT NULL,
    CHECK (until > at AND (agency = '') <> (dossier = ''))
);
CREATE INDEX grants_person ON grants (person, until);

-- Grants that somebody ended before their day.
CREATE TABLE grant_ends (
    id      TEXT PRIMARY KEY,
    grantid TEXT NOT NULL UNIQUE REFERENCES grants (id),
    who     TEXT NOT NULL CHECK (who <> ''),
    role    TEXT NOT NULL,
    at      BIGINT NOT NULL,
    why     TEXT NOT NULL,
    salt    TEXT NOT NULL,
    demo    BIGINT NOT NULL
);

-- +goose StatementBegin
CREATE TRIGGER grants_once BEFORE UPDATE ON grants
BEGIN SELECT RAISE(ABORT, 'grants are written once'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER grants_replace BEFORE INSERT ON grants
WHEN EXISTS (SELECT 1 FROM grants WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'grants are written once'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER grants_kept BEFORE DELETE ON grants WHEN OLD.demo <> 1
BEGIN SELECT RAISE(ABORT, 'grants are kept'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER grant_ends_once BEFORE UPDATE ON grant_ends
BEGIN SELECT RAISE(ABORT, 'the end of a grant is written once'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER grant_ends_replace BEFORE INSERT ON grant_ends
WHEN EXISTS (SELECT 1 FROM grant_ends WHERE id = NEW.id OR grantid = NEW.grantid)
BEGIN SELECT RAISE(ABORT, 'the end of a grant is written once'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER grant_ends_kept BEFORE DELETE ON grant_ends WHEN OLD.demo <> 1
BEGIN SELECT RAISE(ABORT, 'the end of a grant is kept'); END;
-- +goose StatementEnd
