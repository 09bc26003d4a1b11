-- What is done with the record of a holder, and corrections: see
-- docs/decisions/0043-records.md.

-- +goose Up

ALTER TABLE holders ADD COLUMN born TEXT COLLATE "C" NOT NULL DEFAULT ''; -- YYYY-MM-DD, of a person; empty: not known
CREATE INDEX holders_born ON holders (born) WHERE born <> '';
ALTER TABLE entries ADD COLUMN scope TEXT COLLATE "C" NOT NULL DEFAULT ''; -- where it is valid, as confirmed

-- Entries withdrawn, replaced, corrected; holders merged and split. A row is
-- undone by one of act undo that refers to its deed.
CREATE TABLE record_acts (
    id      TEXT COLLATE "C" PRIMARY KEY,
    act     TEXT COLLATE "C" NOT NULL,
    deed    TEXT COLLATE "C" NOT NULL,   -- id of the first row of an act that has several
    entry   TEXT COLLATE "C" REFERENCES entries (id),
    holder  TEXT COLLATE "C" REFERENCES holders (id), -- whose record it is
    refers  TEXT COLLATE "C" NOT NULL,   -- the entry that replaces, the holder merged into or split off to, the deed undone
    said    TEXT COLLATE "C" NOT NULL,   -- JSON of a correction; else empty
    who     TEXT COLLATE "C" NOT NULL CHECK (who <> ''),
    role    TEXT COLLATE "C" NOT NULL,
    at      BIGINT NOT NULL,
    why     TEXT COLLATE "C" NOT NULL,
    salt    TEXT COLLATE "C" NOT NULL,   -- opens the ledger's commitment to why and said
    demo    BIGINT NOT NULL
);
CREATE INDEX record_acts_entry ON record_acts (entry, act) WHERE entry IS NOT NULL;
CREATE INDEX record_acts_holder ON record_acts (holder, act);
CREATE INDEX record_acts_refers ON record_acts (refers, act);
CREATE UNIQUE INDEX record_acts_undone ON record_acts (refers) WHERE act = 'undo';

-- +goose StatementBegin
CREATE FUNCTION record_acts_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND OLD.demo = 1 THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'what is done with a record is written once, and kept' USING ERRCODE = 'restrict_violation';
END $$;
-- +goose StatementEnd
CREATE TRIGGER record_acts_once BEFORE UPDATE OR DELETE ON record_acts
    FOR EACH ROW EXECUTE FUNCTION record_acts_once();
CREATE TRIGGER record_acts_whole BEFORE TRUNCATE ON record_acts EXECUTE FUNCTION never_truncated();

-- +goose Down
DROP TABLE record_acts;
DROP FUNCTION record_acts_once();
ALTER TABLE entries DROP COLUMN scope;
DROP INDEX holders_born;
ALTER TABLE holders DROP COLUMN born;
