-- Closed months that the agency has sealed, see docs/decisions/0035-outputs.md.

-- +goose Up

-- One row for each version of a closed month that is sealed: its report (a PDF)
-- and the signature beside its statement, with an event of the log of the same id.
CREATE TABLE closing_seals (
    id        TEXT COLLATE "C" PRIMARY KEY,
    period    TEXT COLLATE "C" NOT NULL,
    version   BIGINT NOT NULL,
    report    TEXT COLLATE "C" NOT NULL, -- SHA-256
    signature TEXT COLLATE "C" NOT NULL, -- SHA-256
    agency    TEXT COLLATE "C" NOT NULL,
    at        BIGINT NOT NULL,
    demo      BIGINT NOT NULL,
    UNIQUE (period, version),
    FOREIGN KEY (period, version) REFERENCES closings (period, version)
);

-- A key is about to be asked for one of these.
CREATE TABLE closing_intents (
    id      TEXT COLLATE "C" PRIMARY KEY,
    period  TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    purpose TEXT COLLATE "C" NOT NULL,
    to_sign TEXT COLLATE "C" NOT NULL,
    signer  TEXT COLLATE "C" NOT NULL,
    at      BIGINT NOT NULL,
    demo    BIGINT NOT NULL,
    FOREIGN KEY (period, version) REFERENCES closings (period, version)
);
CREATE INDEX closing_intents_signer ON closing_intents (signer, at);

-- +goose StatementBegin
CREATE FUNCTION seals_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND OLD.demo = 1 THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'seals and their intents are written once, and kept' USING ERRCODE = 'restrict_violation';
END $$;
-- +goose StatementEnd
CREATE TRIGGER closing_seals_once BEFORE UPDATE OR DELETE ON closing_seals
    FOR EACH ROW EXECUTE FUNCTION seals_once();
CREATE TRIGGER closing_intents_once BEFORE UPDATE OR DELETE ON closing_intents
    FOR EACH ROW EXECUTE FUNCTION seals_once();
CREATE TRIGGER closing_seals_whole BEFORE TRUNCATE ON closing_seals EXECUTE FUNCTION never_truncated();
CREATE TRIGGER closing_intents_whole BEFORE TRUNCATE ON closing_intents EXECUTE FUNCTION never_truncated();

-- A key's uses are counted wherever they were.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION intents_limit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM key_limits WHERE signer = NEW.signer FOR UPDATE; -- who uses the same key waits here
    IF EXISTS (
        SELECT 1 FROM key_limits k WHERE k.signer = NEW.signer AND k.uses <=
        (SELECT COUNT(*) FROM intents i WHERE i.signer = NEW.signer AND (k.period = 0 OR i.at > NEW.at - k.period)) +
        (SELECT COUNT(*) FROM closing_intents i WHERE i.signer = NEW.signer AND (k.period = 0 OR i.at > NEW.at - k.period))) THEN
        RAISE EXCEPTION 'the key was used as often as it may' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER closing_intents_limit BEFORE INSERT ON closing_intents
    FOR EACH ROW EXECUTE FUNCTION intents_limit();

-- The files of a seal are kept and copied like those of documents.
-- +goose StatementBegin
CREATE FUNCTION closing_seals_held() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO holdings (store, digest, state, size, seen)
    SELECT s.store, f.digest, s.state, -1, NEW.at
    FROM (SELECT 'main' AS store, 'kept' AS state UNION ALL SELECT 'second', 'owed') s, (SELECT NEW.report AS digest UNION SELECT NEW.signature) f
    ON CONFLICT (store, digest) DO NOTHING;
    DELETE FROM orphans WHERE digest IN (NEW.report, NEW.signature);
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER closing_seals_held AFTER INSERT ON closing_seals
    FOR EACH ROW EXECUTE FUNCTION closing_seals_held();
-- +goose StatementBegin
CREATE FUNCTION closing_seals_let_go() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM holdings WHERE digest IN (OLD.report, OLD.signature)
        AND NOT EXISTS (SELECT 1 FROM made WHERE made.digest = holdings.digest)
        AND NOT EXISTS (SELECT 1 FROM closings c WHERE holdings.digest IN (c.digest, c.facts))
        AND NOT EXISTS (SELECT 1 FROM closing_seals c WHERE holdings.digest IN (c.report, c.signature));
    RETURN OLD;
END $$;
-- +goose StatementEnd
CREATE TRIGGER closing_seals_let_go AFTER DELETE ON closing_seals
    FOR EACH ROW EXECUTE FUNCTION closing_seals_let_go();
