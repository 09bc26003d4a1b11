-- Reports of closed months are renewed as documents are: see
-- docs/decisions/0053-figures-again.md.

-- +goose Up

-- One row for each renewal: the report before it, byte for byte, with evidence and
-- a time-stamp after it, with an event of the log of the same id.
CREATE TABLE closing_renewals (
    id      TEXT COLLATE "C" PRIMARY KEY,
    period  TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    n       BIGINT NOT NULL CHECK (n > 0), -- 1 is the first
    report  TEXT COLLATE "C" NOT NULL, -- SHA-256
    at      BIGINT NOT NULL,
    demo    BIGINT NOT NULL,
    UNIQUE (period, version, n),
    FOREIGN KEY (period, version) REFERENCES closing_seals (period, version)
);

-- How long the proof of a report holds, and what keeps us from renewing it. It can
-- be found out again from the file.
CREATE TABLE closing_proofs (
    period        TEXT COLLATE "C" NOT NULL,
    version       BIGINT NOT NULL,
    until         BIGINT NOT NULL, -- 0: nothing is to be renewed
    authority     TEXT COLLATE "C" NOT NULL,
    next_try      BIGINT NOT NULL DEFAULT 0,
    trouble       TEXT COLLATE "C" NOT NULL DEFAULT '',
    trouble_since BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (period, version),
    FOREIGN KEY (period, version) REFERENCES closing_seals (period, version)
);

-- +goose StatementBegin
CREATE FUNCTION closing_renewals_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND OLD.demo = 1 THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'renewals of reports are written once, and kept' USING ERRCODE = 'restrict_violation';
END $$;
-- +goose StatementEnd
CREATE TRIGGER closing_renewals_once BEFORE UPDATE OR DELETE ON closing_renewals
    FOR EACH ROW EXECUTE FUNCTION closing_renewals_once();
CREATE TRIGGER closing_renewals_whole BEFORE TRUNCATE ON closing_renewals EXECUTE FUNCTION never_truncated();

-- Their files are kept and copied like those of documents.
-- +goose StatementBegin
CREATE FUNCTION closing_renewals_held() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO holdings (store, digest, state, size, seen)
    SELECT s.store, NEW.report, s.state, -1, NEW.at
    FROM (SELECT 'main' AS store, 'kept' AS state UNION ALL SELECT 'second', 'owed') s
    ON CONFLICT (store, digest) DO NOTHING;
    DELETE FROM orphans WHERE digest = NEW.report;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER closing_renewals_held AFTER INSERT ON closing_renewals
    FOR EACH ROW EXECUTE FUNCTION closing_renewals_held();
-- +goose StatementBegin
CREATE FUNCTION closing_renewals_let_go() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM holdings WHERE digest = OLD.report
        AND NOT EXISTS (SELECT 1 FROM made WHERE made.digest = holdings.digest)
        AND NOT EXISTS (SELECT 1 FROM closing_seals c WHERE holdings.digest IN (c.report, c.signature))
        AND NOT EXISTS (SELECT 1 FROM closing_renewals c WHERE c.report = holdings.digest);
    RETURN OLD;
END $$;
-- +goose StatementEnd
CREATE TRIGGER closing_renewals_let_go AFTER DELETE ON closing_renewals
    FOR EACH ROW EXECUTE FUNCTION closing_renewals_let_go();

-- +goose Down
DROP TABLE closing_proofs;
DROP TABLE closing_renewals;
DROP FUNCTION closing_renewals_once();
DROP FUNCTION closing_renewals_held();
DROP FUNCTION closing_renewals_let_go();
