-- Reports of closed months are renewed as documents are: see
-- docs/decisions/0053-figures-again.md.

-- +goose Up

-- One row for each renewal: the report before it, byte for byte, with evidence and
-- a time-stamp after it, with an event of the log of the same id.
CREATE TABLE closing_renewals (
    id      TEXT PRIMARY KEY,
    period  TEXT NOT NULL,
    version BIGINT NOT NULL,
    n       BIGINT NOT NULL CHECK (n > 0), -- 1 is the first
    report  TEXT NOT NULL, -- SHA-256
    at      BIGINT NOT NULL,
    demo    BIGINT NOT NULL,
    UNIQUE (period, version, n),
    FOREIGN KEY (period, version) REFERENCES closing_seals (period, version)
);

-- How long the proof of a report holds, and what keeps us from renewing it. It can
-- be found out again from the file.
CREATE TABLE closing_proofs (
    period        TEXT NOT NULL,
    version       BIGINT NOT NULL,
    until         BIGINT NOT NULL, -- 0: nothing is to be renewed
    authority     TEXT NOT NULL,
    next_try      BIGINT NOT NULL DEFAULT 0,
    trouble       TEXT NOT NULL DEFAULT '',
    trouble_since BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (period, version),
    FOREIGN KEY (period, version) REFERENCES closing_seals (period, version)
);

-- +goose StatementBegin
CREATE TRIGGER closing_renewals_once BEFORE UPDATE ON closing_renewals
BEGIN SELECT RAISE(ABORT, 'renewals of reports are written once'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER closing_renewals_replace BEFORE INSERT ON closing_renewals
WHEN EXISTS (SELECT 1 FROM closing_renewals WHERE id = NEW.id OR period = NEW.period AND version = NEW.version AND n = NEW.n)
BEGIN SELECT RAISE(ABORT, 'renewals of reports are written once'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER closing_renewals_kept BEFORE DELETE ON closing_renewals WHEN OLD.demo <> 1
BEGIN SELECT RAISE(ABORT, 'renewals of reports are kept'); END;
-- +goose StatementEnd

-- Their files are kept and copied like those of documents.
-- +goose StatementBegin
CREATE TRIGGER closing_renewals_held AFTER INSERT ON closing_renewals
BEGIN
    INSERT INTO holdings (store, digest, state, size, seen)
    SELECT s.store, NEW.report, s.state, -1, NEW.at
    FROM (SELECT 'main' AS store, 'kept' AS state UNION ALL SELECT 'second', 'owed') s
    WHERE NOT EXISTS (SELECT 1 FROM holdings h WHERE h.store = s.store AND h.digest = NEW.report);
    DELETE FROM orphans WHERE digest = NEW.report;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER closing_renewals_let_go AFTER DELETE ON closing_renewals
BEGIN
    DELETE FROM holdings WHERE digest = OLD.report
        AND NOT EXISTS (SELECT 1 FROM made WHERE made.digest = holdings.digest)
        AND NOT EXISTS (SELECT 1 FROM closing_seals c WHERE holdings.digest IN (c.report, c.signature))
        AND NOT EXISTS (SELECT 1 FROM closing_renewals c WHERE c.report = holdings.digest);
END;
-- +goose StatementEnd

-- +goose Down
DROP TABLE closing_proofs;
DROP TABLE closing_renewals;
