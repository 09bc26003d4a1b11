-- Classes of paper that are not for everybody: see docs/decisions/0071-classes-of-paper.md.

-- +goose Up

CREATE TABLE restrictions (
    id     TEXT PRIMARY KEY,
    person TEXT NOT NULL,  -- an account; empty: see role and agency
    role   TEXT NOT NULL,  -- empty: every role
    agency TEXT NOT NULL,  -- and all below it; empty: every agency
    mode   TEXT NOT NULL CHECK (mode IN ('not', 'only')),
    kinds  TEXT NOT NULL,  -- JSON list of codes; null: none is named
    fields TEXT NOT NULL,  -- JSON list of fields of procedures
    why    TEXT NOT NULL CHECK (why <> ''),
    who    TEXT NOT NULL CHECK (who <> ''),
    byrole TEXT NOT NULL,
    at     BIGINT NOT NULL,
    salt   TEXT NOT NULL,  -- opens the ledger's commitment to why
    demo   BIGINT NOT NULL,
    CHECK ((person = '') <> (role = '' AND agency = ''))
);

-- That a rule ends is asked for, and done by another.
CREATE TABLE restriction_ends (
    id          TEXT PRIMARY KEY,
    restriction TEXT NOT NULL REFERENCES restrictions (id),
    act         TEXT NOT NULL CHECK (act IN ('ask', 'end')),
    who         TEXT NOT NULL CHECK (who <> ''),
    byrole      TEXT NOT NULL,
    at          BIGINT NOT NULL,
    why         TEXT NOT NULL,
    salt        TEXT NOT NULL,
    demo        BIGINT NOT NULL,
    UNIQUE (restriction, act)
);

INSERT INTO catalogue_stamps (what, stamp) VALUES ('restrictions', 1);

-- +goose StatementBegin
CREATE TRIGGER restrictions_once BEFORE UPDATE ON restrictions
BEGIN SELECT RAISE(ABORT, 'restrictions are written once'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER restrictions_replace BEFORE INSERT ON restrictions
WHEN EXISTS (SELECT 1 FROM restrictions WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'restrictions are written once'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER restrictions_kept BEFORE DELETE ON restrictions WHEN OLD.demo <> 1
BEGIN SELECT RAISE(ABORT, 'restrictions are kept'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER restriction_ends_once BEFORE UPDATE ON restriction_ends
BEGIN SELECT RAISE(ABORT, 'the end of a restriction is written once'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER restriction_ends_replace BEFORE INSERT ON restriction_ends
WHEN EXISTS (SELECT 1 FROM restriction_ends WHERE id = NEW.id OR restriction = NEW.restriction AND act = NEW.act)
BEGIN SELECT RAISE(ABORT, 'the end of a restriction is written once'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER restriction_ends_four_eyes BEFORE INSERT ON restriction_ends
WHEN NEW.act = 'end' AND NOT EXISTS (SELECT 1 FROM restriction_ends a WHERE a.restriction = NEW.restriction AND a.act = 'ask' AND a.who <> NEW.who)
BEGIN SELECT RAISE(ABORT, 'a restriction is ended by another than who asked'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER restriction_ends_kept BEFORE DELETE ON restriction_ends WHEN OLD.demo <> 1
BEGIN SELECT RAISE(ABORT, 'the end of a restriction is kept'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER restrictions_stamped_insert AFTER INSERT ON restrictions
BEGIN UPDATE catalogue_stamps SET stamp = stamp + 1 WHERE what = 'restrictions'; END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER restrictions_stamped_delete AFTER DELETE ON restrictions
BEGIN UPDATE catalogue_stamps SET stamp = stamp + 1 WHERE what = 'restrictions'; END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER restriction_ends_stamped_insert AFTER INSERT ON restriction_ends
BEGIN UPDATE catalogue_stamps SET stamp = stamp + 1 WHERE what = 'restrictions'; END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER restriction_ends_stamped_delete AFTER DELETE ON restriction_ends
BEGIN UPDATE catalogue_stamps SET stamp = stamp + 1 WHERE what = 'restrictions'; END;
-- +goose StatementEnd

-- +goose Down
DROP TABLE restriction_ends;
DROP TABLE restrictions;
DELETE FROM catalogue_stamps WHERE what = 'restrictions';
