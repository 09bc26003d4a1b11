-- How long papers are kept, holds, and the review for disposal: see
-- docs/decisions/0031-retention.md.

-- +goose Up

-- Rules are added and never changed: the next one has a later day.
CREATE TABLE retention_rules (
    id      TEXT PRIMARY KEY,
    kind    TEXT NOT NULL,                     -- empty: every kind without a rule of its own
    years   BIGINT NOT NULL CHECK (years >= 0), -- 0: for ever
    since   TEXT NOT NULL,                     -- YYYY-MM-DD in Viet Nam: holds from this day on
    law     TEXT NOT NULL CHECK (law <> ''),
    article TEXT NOT NULL,
    grade   TEXT NOT NULL,                     -- how well it is proven: P, S, T or I
    note    TEXT NOT NULL,
    who     TEXT NOT NULL CHECK (who <> ''),
    at      BIGINT NOT NULL,
    demo    BIGINT NOT NULL,
    UNIQUE (kind, since)
);

-- What people do about keeping. A hold names one of document, dossier and
-- holder; refers is the act that is answered, of a proposal the rule.
CREATE TABLE retention_acts (
    id       TEXT PRIMARY KEY,
    act      TEXT NOT NULL CHECK (act IN ('hold', 'lift', 'propose', 'approve', 'refuse')),
    document TEXT NOT NULL,
    dossier  TEXT NOT NULL,
    holder   TEXT NOT NULL,
    refers   TEXT NOT NULL,
    who      TEXT NOT NULL CHECK (who <> ''),
    role     TEXT NOT NULL,
    at       BIGINT NOT NULL,
    why      TEXT NOT NULL,
    salt     TEXT NOT NULL, -- opens the ledger's commitment to why
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
    document    TEXT PRIMARY KEY REFERENCES documents (id),
    approval    TEXT NOT NULL,
    rule        TEXT NOT NULL REFERENCES retention_rules (id),
    until       TEXT NOT NULL, -- YYYY-MM-DD: the last day of its time
    proposer    TEXT NOT NULL CHECK (proposer <> ''),
    approver    TEXT NOT NULL CHECK (approver <> '' AND approver <> proposer),
    at          BIGINT NOT NULL,
    certificate TEXT NOT NULL DEFAULT '',
    certified   BIGINT NOT NULL DEFAULT 0,
    demo        BIGINT NOT NULL
);
CREATE INDEX disposals_waiting ON disposals (at) WHERE certificate = '';

-- What the certificate says of each file: gone, or stays since another record
-- has the same bytes.
CREATE TABLE disposal_files (
    document TEXT NOT NULL REFERENCES disposals (document),
    part     TEXT NOT NULL,
    sum      TEXT NOT NULL,
    fate     TEXT NOT NULL,
    PRIMARY KEY (document, part)
);

-- Bytes that have to leave a store, or have left it: due, going or gone.
CREATE TABLE disposed_bytes (
    store  TEXT NOT NULL CHECK (store IN ('main', 'second')),
    digest TEXT NOT NULL,
    state  TEXT NOT NULL,
    was    TEXT NOT NULL,   -- the state of its holding when it was decided
    at     BIGINT NOT NULL, -- when it came to this state
    next   BIGINT NOT NULL, -- not tried before
    said   TEXT NOT NULL,   -- why it is still there
    PRIMARY KEY (store, digest)
) WITHOUT ROWID;
CREATE INDEX disposed_bytes_digest ON disposed_bytes (digest);
CREATE INDEX disposed_bytes_due ON disposed_bytes (next) WHERE state <> 'gone';

-- When the bytes of a document were decided to go; 0: they are kept.
ALTER TABLE documents ADD COLUMN disposed BIGINT NOT NULL DEFAULT 0;

-- +goose StatementBegin
CREATE TRIGGER retention_rules_once BEFORE UPDATE ON retention_rules
BEGIN SELECT RAISE(ABORT, 'rules are added, never changed'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER retention_rules_replace BEFORE INSERT ON retention_rules
WHEN EXISTS (SELECT 1 FROM retention_rules WHERE id = NEW.id OR kind = NEW.kind AND since = NEW.since)
BEGIN SELECT RAISE(ABORT, 'rules are added, never changed'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER retention_rules_kept BEFORE DELETE ON retention_rules WHEN OLD.demo <> 1
BEGIN SELECT RAISE(ABORT, 'rules are kept'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER retention_acts_once BEFORE UPDATE ON retention_acts
BEGIN SELECT RAISE(ABORT, 'acts of retention are written once'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER retention_acts_kept BEFORE DELETE ON retention_acts WHEN OLD.demo <> 1
BEGIN SELECT RAISE(ABORT, 'acts of retention are kept'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER retention_acts_next BEFORE INSERT ON retention_acts
WHEN EXISTS (SELECT 1 FROM retention_acts WHERE id = NEW.id)
  OR NEW.act = 'lift' AND NOT EXISTS (SELECT 1 FROM retention_acts WHERE id = NEW.refers AND act = 'hold')
  OR NEW.act IN ('approve', 'refuse') AND NOT EXISTS (SELECT 1 FROM retention_acts WHERE id = NEW.refers AND act = 'propose')
  OR NEW.act = 'approve' AND EXISTS (SELECT 1 FROM retention_acts WHERE id = NEW.refers AND who = NEW.who)
BEGIN SELECT RAISE(ABORT, 'two different people review a disposal, and each act answers one'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER disposals_approved BEFORE INSERT ON disposals
WHEN EXISTS (SELECT 1 FROM disposals WHERE document = NEW.document)
  OR NOT EXISTS (SELECT 1 FROM retention_acts a WHERE a.id = NEW.approval AND a.act = 'approve' AND a.document = NEW.document AND a.who = NEW.approver)
BEGIN SELECT RAISE(ABORT, 'a disposal is approved, once'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER disposals_once BEFORE UPDATE ON disposals
WHEN OLD.certificate <> '' OR OLD.document <> NEW.document OR OLD.approval <> NEW.approval OR OLD.rule <> NEW.rule OR OLD.until <> NEW.until
  OR OLD.proposer <> NEW.proposer OR OLD.approver <> NEW.approver OR OLD.at <> NEW.at OR OLD.demo <> NEW.demo
BEGIN SELECT RAISE(ABORT, 'a disposal is written once'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER disposals_kept BEFORE DELETE ON disposals WHEN OLD.demo <> 1
BEGIN SELECT RAISE(ABORT, 'disposals are kept'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER disposal_files_once BEFORE UPDATE ON disposal_files
BEGIN SELECT RAISE(ABORT, 'a certificate is written once'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER disposal_files_kept BEFORE DELETE ON disposal_files
WHEN NOT EXISTS (SELECT 1 FROM disposals WHERE document = OLD.document AND demo = 1)
BEGIN SELECT RAISE(ABORT, 'a certificate is kept'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER documents_disposed BEFORE UPDATE OF disposed ON documents
WHEN NEW.disposed <> OLD.disposed AND (OLD.disposed <> 0 OR NOT EXISTS (SELECT 1 FROM disposals WHERE document = OLD.id))
BEGIN SELECT RAISE(ABORT, 'a document is disposed of once, by a disposal'); END;
-- +goose StatementEnd

-- What is disposed of is found no more, and never owed to the index again.
-- +goose StatementBegin
CREATE TRIGGER search_disposed AFTER UPDATE OF disposed ON documents
WHEN NEW.disposed <> 0 AND OLD.disposed = 0
BEGIN
    DELETE FROM search_owed WHERE document = OLD.id;
    DELETE FROM search_docs WHERE document = OLD.id;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER search_owed_kept AFTER INSERT ON search_owed
WHEN EXISTS (SELECT 1 FROM documents WHERE id = NEW.document AND disposed <> 0)
BEGIN DELETE FROM search_owed WHERE document = NEW.document; END;
-- +goose StatementEnd

-- Bytes that another record names by now stay. Those that are leaving, or left
-- a moment ago, cannot be named: whoever did may have put them before they went.
DROP TRIGGER made_held;
-- +goose StatementBegin
CREATE TRIGGER made_held AFTER INSERT ON made
BEGIN
    INSERT INTO holdings (store, digest, state, size, seen)
    SELECT s.store, NEW.digest, s.state, -1, (SELECT at FROM changes WHERE document = NEW.document AND version = NEW.version)
    FROM (SELECT 'main' AS store, 'kept' AS state UNION ALL SELECT 'second', 'owed') s
    WHERE NOT EXISTS (SELECT 1 FROM holdings h WHERE h.store = s.store AND h.digest = NEW.digest);
    DELETE FROM orphans WHERE digest = NEW.digest;
    SELECT RAISE(ABORT, 'these bytes are being disposed of') WHERE EXISTS (SELECT 1 FROM disposed_bytes b WHERE b.digest = NEW.digest
        AND (b.state = 'going' OR b.state = 'gone' AND b.at > (SELECT at FROM changes WHERE document = NEW.document AND version = NEW.version) - 120000));
    DELETE FROM disposed_bytes WHERE digest = NEW.digest;
END;
-- +goose StatementEnd
DROP TRIGGER made_let_go;
-- +goose StatementBegin
CREATE TRIGGER made_let_go AFTER DELETE ON made
WHEN NOT EXISTS (SELECT 1 FROM made m JOIN documents d ON d.id = m.document WHERE m.digest = OLD.digest AND d.disposed = 0)
 AND NOT EXISTS (SELECT 1 FROM closings WHERE OLD.digest IN (digest, facts))
BEGIN DELETE FROM holdings WHERE digest = OLD.digest; END;
-- +goose StatementEnd
