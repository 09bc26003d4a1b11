-- Times are milliseconds since 1970 UTC. Ids and digests are TEXT made in Go.
-- Flags are 0 or 1. demo marks what the demonstration made.

-- +goose Up
CREATE TABLE agencies (
    code   TEXT PRIMARY KEY,
    parent TEXT REFERENCES agencies (code),
    name   TEXT NOT NULL,
    tier   TEXT NOT NULL,
    demo   BIGINT NOT NULL
);
CREATE INDEX agencies_parent ON agencies (parent);

CREATE TABLE kinds (
    code TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    demo BIGINT NOT NULL
);

CREATE TABLE procedures (
    code        TEXT PRIMARY KEY,
    name        TEXT NOT NULL,
    field       TEXT NOT NULL,
    level       TEXT NOT NULL,
    result_kind TEXT REFERENCES kinds (code), -- NULL: the result is no document
    days        BIGINT NOT NULL,
    demo        BIGINT NOT NULL
);

CREATE TABLE components (
    procedure TEXT NOT NULL REFERENCES procedures (code),
    slot      TEXT NOT NULL,
    place     BIGINT NOT NULL, -- order on the page
    kind      TEXT NOT NULL REFERENCES kinds (code),
    name      TEXT NOT NULL,
    required  BIGINT NOT NULL,
    digitise  BIGINT NOT NULL,
    PRIMARY KEY (procedure, slot)
);

CREATE TABLE people (
    id     TEXT PRIMARY KEY,
    login  TEXT NOT NULL UNIQUE,
    name   TEXT NOT NULL,
    role   TEXT NOT NULL,
    agency TEXT REFERENCES agencies (code),
    hash   TEXT NOT NULL, -- of the password, in its own encoding
    demo   BIGINT NOT NULL
);

CREATE TABLE sessions (
    token  TEXT PRIMARY KEY, -- SHA-256 of what the browser holds
    person TEXT NOT NULL REFERENCES people (id),
    until  BIGINT NOT NULL
);
CREATE INDEX sessions_person ON sessions (person);
CREATE INDEX sessions_until ON sessions (until);

CREATE TABLE holders (
    id     TEXT PRIMARY KEY,
    number TEXT NOT NULL UNIQUE,
    name   TEXT NOT NULL,
    demo   BIGINT NOT NULL
);

CREATE TABLE dossiers (
    code      TEXT PRIMARY KEY,
    procedure TEXT NOT NULL REFERENCES procedures (code),
    receiving TEXT NOT NULL REFERENCES agencies (code),
    competent TEXT NOT NULL REFERENCES agencies (code),
    holder    TEXT NOT NULL REFERENCES holders (id),
    channel   TEXT NOT NULL,
    received  BIGINT NOT NULL,
    due       BIGINT, -- NULL: no appointment
    resolved  BIGINT, -- NULL: open
    demo      BIGINT NOT NULL,
    filled    BIGINT NOT NULL DEFAULT 0 -- counts attempts to fill a slot: one at a time
);
CREATE INDEX dossiers_received ON dossiers (received, code);
CREATE INDEX dossiers_resolved ON dossiers (resolved);
CREATE INDEX dossiers_receiving ON dossiers (receiving, received);
CREATE INDEX dossiers_holder ON dossiers (holder);

-- The newest serial given to a dossier of an agency on a day (YYMMDD).
CREATE TABLE serials (
    agency TEXT NOT NULL REFERENCES agencies (code),
    day    TEXT NOT NULL,
    newest BIGINT NOT NULL,
    PRIMARY KEY (agency, day)
);

CREATE TABLE documents (
    id          TEXT PRIMARY KEY,
    dossier     TEXT NOT NULL REFERENCES dossiers (code),
    slot        TEXT NOT NULL,
    kind        TEXT NOT NULL REFERENCES kinds (code),
    state       TEXT NOT NULL,
    version     BIGINT NOT NULL,
    media       TEXT NOT NULL,
    size        BIGINT NOT NULL,
    pages       BIGINT NOT NULL,
    received    BIGINT NOT NULL,
    changed     BIGINT NOT NULL,
    parts       TEXT NOT NULL, -- JSON {part: digest}: all that table made holds for it
    fields      TEXT NOT NULL, -- JSON, the confirmed ones
    why         TEXT NOT NULL,
    trouble     TEXT NOT NULL DEFAULT '',
    epoch       BIGINT NOT NULL DEFAULT 0, -- number of the newest lease
    lease_until BIGINT NOT NULL DEFAULT 0,
    attempts    BIGINT NOT NULL DEFAULT 0, -- claims without an outcome
    next_try    BIGINT NOT NULL DEFAULT 0,
    demo        BIGINT NOT NULL
);
-- One live document fills a slot; refused ones stay beside it.
CREATE UNIQUE INDEX documents_live ON documents (dossier, slot) WHERE state <> 'refused';
CREATE INDEX documents_dossier ON documents (dossier, slot, state);
CREATE INDEX documents_state ON documents (state, changed);

CREATE TABLE entries (
    id       TEXT PRIMARY KEY,
    holder   TEXT NOT NULL REFERENCES holders (id),
    kind     TEXT NOT NULL REFERENCES kinds (code),
    document TEXT NOT NULL UNIQUE REFERENCES documents (id),
    dossier  TEXT NOT NULL REFERENCES dossiers (code),
    added    BIGINT NOT NULL,
    expires  TEXT NOT NULL, -- YYYY-MM-DD or empty
    number   TEXT NOT NULL,
    title    TEXT NOT NULL,
    issuer   TEXT NOT NULL,
    issued   TEXT NOT NULL
);
CREATE INDEX entries_holder ON entries (holder, added);

CREATE TABLE reuses (
    dossier TEXT NOT NULL REFERENCES dossiers (code),
    slot    TEXT NOT NULL,
    entry   TEXT NOT NULL REFERENCES entries (id),
    PRIMARY KEY (dossier, slot)
);
CREATE INDEX reuses_entry ON reuses (entry);

-- The ledger. Its rows are written once; see the triggers below.
CREATE TABLE changes (
    document TEXT NOT NULL REFERENCES documents (id),
    version  BIGINT NOT NULL,
    act      TEXT NOT NULL,
    role     TEXT NOT NULL,
    who      TEXT NOT NULL CHECK (who <> ''),
    at       BIGINT NOT NULL,
    fields   TEXT NOT NULL,
    why      TEXT NOT NULL,
    PRIMARY KEY (document, version)
);

-- The files a change brought. A part is made once and never replaced.
CREATE TABLE made (
    document TEXT NOT NULL,
    version  BIGINT NOT NULL,
    part     TEXT NOT NULL,
    digest   TEXT NOT NULL,
    PRIMARY KEY (document, part),
    FOREIGN KEY (document, version) REFERENCES changes (document, version)
);
CREATE INDEX made_change ON made (document, version);
CREATE INDEX made_digest ON made (digest);

CREATE TABLE intents (
    id       TEXT PRIMARY KEY,
    document TEXT NOT NULL REFERENCES documents (id),
    version  BIGINT NOT NULL,
    purpose  TEXT NOT NULL,
    to_sign  TEXT NOT NULL,
    signer   TEXT NOT NULL,
    at       BIGINT NOT NULL
);
CREATE INDEX intents_document ON intents (document);

CREATE TABLE events (
    id      TEXT PRIMARY KEY,
    dossier TEXT REFERENCES dossiers (code), -- NULL: an event of the house
    act     TEXT NOT NULL,
    who     TEXT NOT NULL CHECK (who <> ''),
    at      BIGINT NOT NULL,
    slot    TEXT NOT NULL,
    entry   TEXT NOT NULL,
    amount  BIGINT NOT NULL -- of rows, with a removal
);
CREATE INDEX events_dossier ON events (dossier, at);

-- Nothing that is written once can be written again, whoever asks: not by
-- UPDATE, not by REPLACE, and not by DELETE unless the row belongs to a
-- demonstration. What belongs to one is said when a dossier is received, and
-- cannot be said later.

-- +goose StatementBegin
CREATE TRIGGER dossiers_demo BEFORE UPDATE OF demo, code ON dossiers
WHEN OLD.demo <> NEW.demo OR OLD.code <> NEW.code
BEGIN SELECT RAISE(ABORT, 'a dossier stays what it was received as'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER dossiers_kept BEFORE DELETE ON dossiers WHEN OLD.demo <> 1
BEGIN SELECT RAISE(ABORT, 'dossiers are kept'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER dossiers_once BEFORE INSERT ON dossiers
WHEN EXISTS (SELECT 1 FROM dossiers WHERE code = NEW.code)
BEGIN SELECT RAISE(ABORT, 'a dossier stays what it was received as'); END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER documents_demo BEFORE UPDATE OF demo, id, dossier, slot ON documents
WHEN OLD.demo <> NEW.demo OR OLD.id <> NEW.id OR OLD.dossier <> NEW.dossier OR OLD.slot <> NEW.slot
BEGIN SELECT RAISE(ABORT, 'a document stays in its place'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER documents_kept BEFORE DELETE ON documents WHEN OLD.demo <> 1
BEGIN SELECT RAISE(ABORT, 'documents are kept'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER documents_once BEFORE INSERT ON documents
WHEN EXISTS (SELECT 1 FROM documents WHERE id = NEW.id)
  OR NEW.demo <> (SELECT demo FROM dossiers WHERE code = NEW.dossier)
BEGIN SELECT RAISE(ABORT, 'a document is new, and of its dossier''s kind'); END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER entries_once BEFORE UPDATE ON entries
BEGIN SELECT RAISE(ABORT, 'entries are written once'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER entries_kept BEFORE DELETE ON entries
WHEN NOT EXISTS (SELECT 1 FROM documents WHERE id = OLD.document AND demo = 1)
BEGIN SELECT RAISE(ABORT, 'entries are kept'); END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER changes_once BEFORE UPDATE ON changes
BEGIN SELECT RAISE(ABORT, 'the ledger is written once'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER changes_replace BEFORE INSERT ON changes
WHEN EXISTS (SELECT 1 FROM changes WHERE document = NEW.document AND version = NEW.version)
BEGIN SELECT RAISE(ABORT, 'the ledger is written once'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER changes_kept BEFORE DELETE ON changes
WHEN NOT EXISTS (SELECT 1 FROM documents WHERE id = OLD.document AND demo = 1)
BEGIN SELECT RAISE(ABORT, 'the ledger is kept'); END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER made_once BEFORE UPDATE ON made
BEGIN SELECT RAISE(ABORT, 'the ledger is written once'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER made_replace BEFORE INSERT ON made
WHEN EXISTS (SELECT 1 FROM made WHERE document = NEW.document AND part = NEW.part)
BEGIN SELECT RAISE(ABORT, 'a part is made once'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER made_kept BEFORE DELETE ON made
WHEN NOT EXISTS (SELECT 1 FROM documents WHERE id = OLD.document AND demo = 1)
BEGIN SELECT RAISE(ABORT, 'the ledger is kept'); END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER intents_once BEFORE UPDATE ON intents
BEGIN SELECT RAISE(ABORT, 'intents are written once'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER intents_replace BEFORE INSERT ON intents
WHEN EXISTS (SELECT 1 FROM intents WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'intents are written once'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER intents_kept BEFORE DELETE ON intents
WHEN NOT EXISTS (SELECT 1 FROM documents WHERE id = OLD.document AND demo = 1)
BEGIN SELECT RAISE(ABORT, 'intents are kept'); END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER events_once BEFORE UPDATE ON events
BEGIN SELECT RAISE(ABORT, 'events are written once'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER events_replace BEFORE INSERT ON events
WHEN EXISTS (SELECT 1 FROM events WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'events are written once'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER events_kept BEFORE DELETE ON events
WHEN NOT EXISTS (SELECT 1 FROM dossiers WHERE code = OLD.dossier AND demo = 1)
BEGIN SELECT RAISE(ABORT, 'events are kept'); END;
-- +goose StatementEnd
