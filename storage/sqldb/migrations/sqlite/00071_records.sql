-- What is done with the record of a holder, and corrections: see
-- docs/decisions/0043-records.md.

-- +goose Up

ALTER TABLE holders ADD COLUMN born TEXT NOT NULL DEFAULT ''; -- YYYY-MM-DD, of a person; empty: not known
CREATE INDEX holders_born ON holders (born) WHERE born <> '';
ALTER TABLE entries ADD COLUMN scope TEXT NOT NULL DEFAULT ''; -- where it is valid, as confirmed

-- Entries withdrawn, replaced, corrected; holders merged and split. A row is
-- undone by one of act undo that refers to its deed.
CREATE TABLE record_acts (
    id      TEXT PRIMARY KEY,
    act     TEXT NOT NULL,
    deed    TEXT NOT NULL,   -- id of the first row of an act that has several
    entry   TEXT REFERENCES entries (id),
    holder  TEXT REFERENCES holders (id), -- whose record it is
    refers  TEXT NOT NULL,   -- the entry that replaces, the holder merged into or split off to, the deed undone
    said    TEXT NOT NULL,   -- JSON of a correction; else empty
    who     TEXT NOT NULL CHECK (who <> ''),
    role    TEXT NOT NULL,
    at      BIGINT NOT NULL,
    why     TEXT NOT NULL,
    salt    TEXT NOT NULL,   -- opens the ledger's commitment to why and said
    demo    BIGINT NOT NULL
);
CREATE INDEX record_acts_entry ON record_acts (entry, act) WHERE entry IS NOT NULL;
CREATE INDEX record_acts_holder ON record_acts (holder, act);
CREATE INDEX record_acts_refers ON record_acts (refers, act);
CREATE UNIQUE INDEX record_acts_undone ON record_acts (refers) WHERE act = 'undo';

-- +goose StatementBegin
CREATE TRIGGER record_acts_once BEFORE UPDATE ON record_acts
BEGIN SELECT RAISE(ABORT, 'what is done with a record is written once'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER record_acts_replace BEFORE INSERT ON record_acts
WHEN EXISTS (SELECT 1 FROM record_acts WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'what is done with a record is written once'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER record_acts_kept BEFORE DELETE ON record_acts WHEN OLD.demo <> 1
BEGIN SELECT RAISE(ABORT, 'what is done with a record is kept'); END;
-- +goose StatementEnd

-- +goose Down
DROP TABLE record_acts;
ALTER TABLE entries DROP COLUMN scope;
DROP INDEX holders_born;
ALTER TABLE holders DROP COLUMN born;
