-- Closed months that the agency has sealed, see docs/decisions/0035-outputs.md.

-- +goose Up

-- One row for each version of a closed month that is sealed: its report (a PDF)
-- and the signature beside its statement, with an event of the log of the same id.
CREATE TABLE closing_seals (
    id        TEXT PRIMARY KEY,
    period    TEXT NOT NULL,
    version   BIGINT NOT NULL,
    report    TEXT NOT NULL, -- SHA-256
    signature TEXT NOT NULL, -- SHA-256
    agency    TEXT NOT NULL,
    at        BIGINT NOT NULL,
    demo      BIGINT NOT NULL,
    UNIQUE (period, version),
    FOREIGN KEY (period, version) REFERENCES closings (period, version)
);

-- A key is about to be asked for one of these.
CREATE TABLE closing_intents (
    id      TEXT PRIMARY KEY,
    period  TEXT NOT NULL,
    version BIGINT NOT NULL,
    purpose TEXT NOT NULL,
    to_sign TEXT NOT NULL,
    signer  TEXT NOT NULL,
    at      BIGINT NOT NULL,
    demo    BIGINT NOT NULL,
    FOREIGN KEY (period, version) REFERENCES closings (period, version)
);
CREATE INDEX closing_intents_signer ON closing_intents (signer, at);

-- +goose StatementBegin
CREATE TRIGGER closing_seals_once BEFORE UPDATE ON closing_seals
BEGIN SELECT RAISE(ABORT, 'seals are written once'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER closing_seals_replace BEFORE INSERT ON closing_seals
WHEN EXISTS (SELECT 1 FROM closing_seals WHERE id = NEW.id OR period = NEW.period AND version = NEW.version)
BEGIN SELECT RAISE(ABORT, 'seals are written once'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER closing_seals_kept BEFORE DELETE ON closing_seals WHEN OLD.demo <> 1
BEGIN SELECT RAISE(ABORT, 'seals are kept'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER closing_intents_once BEFORE UPDATE ON closing_intents
BEGIN SELECT RAISE(ABORT, 'intents are written once'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER closing_intents_replace BEFORE INSERT ON closing_intents
WHEN EXISTS (SELECT 1 FROM closing_intents WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'intents are written once'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER closing_intents_kept BEFORE DELETE ON closing_intents WHEN OLD.demo <> 1
BEGIN SELECT RAISE(ABORT, 'intents are kept'); END;
-- +goose StatementEnd

-- A key's uses are counted wherever they were.
DROP TRIGGER intents_limit;
-- +goose StatementBegin
CREATE TRIGGER intents_limit BEFORE INSERT ON intents
WHEN EXISTS (
    SELECT 1 FROM key_limits k WHERE k.signer = NEW.signer AND k.uses <=
        (SELECT COUNT(*) FROM intents i WHERE i.signer = NEW.signer AND (k.period = 0 OR i.at > NEW.at - k.period)) +
        (SELECT COUNT(*) FROM closing_intents i WHERE i.signer = NEW.signer AND (k.period = 0 OR i.at > NEW.at - k.period)))
BEGIN SELECT RAISE(ABORT, 'the key was used as often as it may'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER closing_intents_limit BEFORE INSERT ON closing_intents
WHEN EXISTS (
    SELECT 1 FROM key_limits k WHERE k.signer = NEW.signer AND k.uses <=
        (SELECT COUNT(*) FROM intents i WHERE i.signer = NEW.signer AND (k.period = 0 OR i.at > NEW.at - k.period)) +
        (SELECT COUNT(*) FROM closing_intents i WHERE i.signer = NEW.signer AND (k.period = 0 OR i.at > NEW.at - k.period)))
BEGIN SELECT RAISE(ABORT, 'the key was used as often as it may'); END;
-- +goose StatementEnd

-- The files of a seal are kept and copied like those of documents.
-- +goose StatementBegin
CREATE TRIGGER closing_seals_held AFTER INSERT ON closing_seals
BEGIN
    INSERT INTO holdings (store, digest, state, size, seen)
    SELECT s.store, f.digest, s.state, -1, NEW.at
    FROM (SELECT 'main' AS store, 'kept' AS state UNION ALL SELECT 'second', 'owed') s, (SELECT NEW.report AS digest UNION SELECT NEW.signature) f
    WHERE NOT EXISTS (SELECT 1 FROM holdings h WHERE h.store = s.store AND h.digest = f.digest);
    DELETE FROM orphans WHERE digest IN (NEW.report, NEW.signature);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER closing_seals_let_go AFTER DELETE ON closing_seals
BEGIN
    DELETE FROM holdings WHERE digest IN (OLD.report, OLD.signature)
        AND NOT EXISTS (SELECT 1 FROM made WHERE made.digest = holdings.digest)
        AND NOT EXISTS (SELECT 1 FROM closings c WHERE holdings.digest IN (c.digest, c.facts))
        AND NOT EXISTS (SELECT 1 FROM closing_seals c WHERE holdings.digest IN (c.report, c.signature));
END;
-- +goose StatementEnd
