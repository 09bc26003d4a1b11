-- How long papers are kept, holds, and the review for disposal: see
-- docs/decisions/0031-retention.md.

-- +goose Up

-- Rules are added and never changed: the next one has a later day.
CREATE TABLE retention_rules (
    id      TEXT COLLATE "C" PRIMARY KEY,
    kind    TEXT COLLATE "C" NOT NULL,                     -- empty: every kind without a rule of its own
    years   BIGINT NOT NULL CHECK (years >= 0), -- 0: for ever
    since   TEXT COLLATE "C" NOT NULL,                     -- YYYY-MM-DD in Viet Nam: holds from this day on
    law     TEXT COLLATE "C" NOT NULL CHECK (law <> ''),
    article TEXT COLLATE "C" NOT NULL,
    grade   TEXT COLLATE "C" NOT NULL,                     -- how well it is proven: P, S, T or I
    note    TEXT COLLATE "C" NOT NULL,
    who     TEXT COLLATE "C" NOT NULL CHECK (who <> ''),
    at      BIGINT NOT NULL,
    demo    BIGINT NOT NULL,
    UNIQUE (kind, since)
);

-- What people do about keeping. A hold names one of document, dossier and
-- holder; refers is the act that is answered, of a proposal the rule.
CREATE TABLE retention_acts (
    id       TEXT COLLATE "C" PRIMARY KEY,
    act      TEXT COLLATE "C" NOT NULL CHECK (act IN ('hold', 'lift', 'propose', 'approve', 'refuse')),
    document TEXT COLLATE "C" NOT NULL,
    dossier  TEXT COLLATE "C" NOT NULL,
    holder   TEXT COLLATE "C" NOT NULL,
    refers   TEXT COLLATE "C" NOT NULL,
    who      TEXT COLLATE "C" NOT NULL CHECK (who <> ''),
    role     TEXT COLLATE "C" NOT NULL,
    at       BIGINT NOT NULL,
    why      TEXT COLLATE "C" NOT NULL,
    salt     TEXT COLLATE "C" NOT NULL, -- opens the ledger's commitment to why
    demo     BIGINT NOT NULL
);
-- Everything is answered once: approved or refused, and not both.
CREATE UNIQUE INDEX retention_answers ON retention_acts (refers) WHERE act IN ('lift', 'approve', 'refuse');
CREATE INDEX retention_acts_document ON retention_acts (document) WHERE document <> '';
CREATE INDEX retention_holds ON retention_acts (id) WHERE act = 'hold';
CREATE INDEX retention_proposals ON retention_acts (id) WHERE act = 'propose';

-- Whoever does any of this takes this row first: a hold and an approval do not
-- pass each other.
CREATE TABLE retention_head (
    id   BIGINT PRIMARY KEY CHECK (id = 1),
    acts BIGINT NOT NULL
);
INSERT INTO retention_head (id, acts) VALUES (1, 0);

-- Documents that were disposed of: decided. certificate is the event that says
-- that their bytes are gone, empty until they are.
CREATE TABLE disposals (
    document    TEXT COLLATE "C" PRIMARY KEY REFERENCES documents (id),
    approval    TEXT COLLATE "C" NOT NULL,
    rule        TEXT COLLATE "C" NOT NULL REFERENCES retention_rules (id),
    until       TEXT COLLATE "C" NOT NULL, -- YYYY-MM-DD: the last day of its time
    proposer    TEXT COLLATE "C" NOT NULL CHECK (proposer <> ''),
    approver    TEXT COLLATE "C" NOT NULL CHECK (approver <> '' AND approver <> proposer),
    at          BIGINT NOT NULL,
    certificate TEXT COLLATE "C" NOT NULL DEFAULT '',
    certified   BIGINT NOT NULL DEFAULT 0,
    demo        BIGINT NOT NULL
);
CREATE INDEX disposals_waiting ON disposals (at) WHERE certificate = '';

-- What the certificate says of each file: gone, or stays since another record
-- has the same bytes.
CREATE TABLE disposal_files (
    document TEXT COLLATE "C" NOT NULL REFERENCES disposals (document),
    part     TEXT COLLATE "C" NOT NULL,
    sum      TEXT COLLATE "C" NOT NULL,
    fate     TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (document, part)
);

-- Bytes that have to leave a store, or have left it: due, going or gone.
CREATE TABLE disposed_bytes (
    store  TEXT COLLATE "C" NOT NULL CHECK (store IN ('main', 'second')),
    digest TEXT COLLATE "C" NOT NULL,
    state  TEXT COLLATE "C" NOT NULL,
    was    TEXT COLLATE "C" NOT NULL,   -- the state of its holding when it was decided
    at     BIGINT NOT NULL, -- when it came to this state
    next   BIGINT NOT NULL, -- not tried before
    said   TEXT COLLATE "C" NOT NULL,   -- why it is still there
    PRIMARY KEY (store, digest)
);
CREATE INDEX disposed_bytes_digest ON disposed_bytes (digest);
CREATE INDEX disposed_bytes_due ON disposed_bytes (next) WHERE state <> 'gone';

-- When the bytes of a document were decided to go; 0: they are kept.
ALTER TABLE documents ADD COLUMN disposed BIGINT NOT NULL DEFAULT 0;

-- +goose StatementBegin
CREATE FUNCTION retention_rules_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND OLD.demo = 1 THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'rules are added, never changed' USING ERRCODE = 'restrict_violation';
END $$;
-- +goose StatementEnd
CREATE TRIGGER retention_rules_once BEFORE UPDATE OR DELETE ON retention_rules
    FOR EACH ROW EXECUTE FUNCTION retention_rules_once();
CREATE TRIGGER retention_rules_whole BEFORE TRUNCATE ON retention_rules EXECUTE FUNCTION never_truncated();
-- +goose StatementBegin
CREATE FUNCTION retention_acts_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND OLD.demo = 1 THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'acts of retention are written once, and kept' USING ERRCODE = 'restrict_violation';
END $$;
-- +goose StatementEnd
CREATE TRIGGER retention_acts_once BEFORE UPDATE OR DELETE ON retention_acts
    FOR EACH ROW EXECUTE FUNCTION retention_acts_once();
CREATE TRIGGER retention_acts_whole BEFORE TRUNCATE ON retention_acts EXECUTE FUNCTION never_truncated();
-- +goose StatementBegin
CREATE FUNCTION retention_acts_next() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.act = 'lift' AND NOT EXISTS (SELECT 1 FROM retention_acts WHERE id = NEW.refers AND act = 'hold')
        OR NEW.act IN ('approve', 'refuse') AND NOT EXISTS (SELECT 1 FROM retention_acts WHERE id = NEW.refers AND act = 'propose')
        OR NEW.act = 'approve' AND EXISTS (SELECT 1 FROM retention_acts WHERE id = NEW.refers AND who = NEW.who) THEN
        RAISE EXCEPTION 'two different people review a disposal, and each act answers one' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER retention_acts_next BEFORE INSERT ON retention_acts
    FOR EACH ROW EXECUTE FUNCTION retention_acts_next();
-- +goose StatementBegin
CREATE FUNCTION disposals_approved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM retention_acts a WHERE a.id = NEW.approval AND a.act = 'approve' AND a.document = NEW.document AND a.who = NEW.approver) THEN
        RAISE EXCEPTION 'a disposal is approved, once' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER disposals_approved BEFORE INSERT ON disposals
    FOR EACH ROW EXECUTE FUNCTION disposals_approved();
-- +goose StatementBegin
CREATE FUNCTION disposals_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF OLD.demo = 1 THEN
            RETURN OLD;
        END IF;
    ELSIF OLD.certificate = '' AND OLD.document = NEW.document AND OLD.approval = NEW.approval AND OLD.rule = NEW.rule AND OLD.until = NEW.until
        AND OLD.proposer = NEW.proposer AND OLD.approver = NEW.approver AND OLD.at = NEW.at AND OLD.demo = NEW.demo THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a disposal is written once, and kept' USING ERRCODE = 'restrict_violation';
END $$;
-- +goose StatementEnd
CREATE TRIGGER disposals_once BEFORE UPDATE OR DELETE ON disposals
    FOR EACH ROW EXECUTE FUNCTION disposals_once();
CREATE TRIGGER disposals_whole BEFORE TRUNCATE ON disposals EXECUTE FUNCTION never_truncated();
-- +goose StatementBegin
CREATE FUNCTION disposal_files_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND EXISTS (SELECT 1 FROM disposals WHERE document = OLD.document AND demo = 1) THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'a certificate is written once, and kept' USING ERRCODE = 'restrict_violation';
END $$;
-- +goose StatementEnd
CREATE TRIGGER disposal_files_once BEFORE UPDATE OR DELETE ON disposal_files
    FOR EACH ROW EXECUTE FUNCTION disposal_files_once();
CREATE TRIGGER disposal_files_whole BEFORE TRUNCATE ON disposal_files EXECUTE FUNCTION never_truncated();
-- +goose StatementBegin
CREATE FUNCTION documents_disposed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.disposed <> OLD.disposed AND (OLD.disposed <> 0 OR NOT EXISTS (SELECT 1 FROM disposals WHERE document = OLD.id)) THEN
        RAISE EXCEPTION 'a document is disposed of once, by a disposal' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER documents_disposed BEFORE UPDATE OF disposed ON documents
    FOR EACH ROW EXECUTE FUNCTION documents_disposed();

-- What is disposed of is found no more, and never owed to the index again.
-- +goose StatementBegin
CREATE FUNCTION search_disposed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.disposed <> 0 AND OLD.disposed = 0 THEN
        DELETE FROM search_owed WHERE document = OLD.id;
        DELETE FROM search_docs WHERE document = OLD.id;
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER search_disposed AFTER UPDATE OF disposed ON documents
    FOR EACH ROW EXECUTE FUNCTION search_disposed();
-- +goose StatementBegin
CREATE FUNCTION search_owed_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM documents WHERE id = NEW.document AND disposed <> 0) THEN
        RETURN NULL;
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER search_owed_kept BEFORE INSERT ON search_owed
    FOR EACH ROW EXECUTE FUNCTION search_owed_kept();

-- Bytes that another record names by now stay. Those that are leaving, or left
-- a moment ago, cannot be named: whoever did may have put them before they went.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION made_held() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO holdings (store, digest, state, size, seen)
    SELECT s.store, NEW.digest, s.state, -1, (SELECT at FROM changes WHERE document = NEW.document AND version = NEW.version)
    FROM (SELECT 'main' AS store, 'kept' AS state UNION ALL SELECT 'second', 'owed') s
    ON CONFLICT (store, digest) DO NOTHING;
    DELETE FROM orphans WHERE digest = NEW.digest;
    DELETE FROM disposed_bytes b WHERE b.digest = NEW.digest
        AND (b.state = 'due' OR b.state = 'gone' AND b.at <= (SELECT at FROM changes WHERE document = NEW.document AND version = NEW.version) - 120000);
    IF EXISTS (SELECT 1 FROM disposed_bytes b WHERE b.digest = NEW.digest) THEN
        RAISE EXCEPTION 'these bytes are being disposed of' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION made_let_go() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM made m JOIN documents d ON d.id = m.document WHERE m.digest = OLD.digest AND d.disposed = 0)
        AND NOT EXISTS (SELECT 1 FROM closings WHERE OLD.digest IN (digest, facts)) THEN
        DELETE FROM holdings WHERE digest = OLD.digest;
    END IF;
    RETURN OLD;
END $$;
-- +goose StatementEnd
