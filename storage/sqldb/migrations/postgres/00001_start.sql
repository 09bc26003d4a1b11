-- Times are milliseconds since 1970 UTC. Ids and digests are TEXT COLLATE "C" made in Go.
-- Flags are 0 or 1. demo marks what the demonstration made.

-- +goose Up
CREATE TABLE agencies (
    code   TEXT COLLATE "C" PRIMARY KEY,
    parent TEXT COLLATE "C" REFERENCES agencies (code),
    name   TEXT COLLATE "C" NOT NULL,
    tier   TEXT COLLATE "C" NOT NULL,
    demo   BIGINT NOT NULL
);
CREATE INDEX agencies_parent ON agencies (parent);

CREATE TABLE kinds (
    code TEXT COLLATE "C" PRIMARY KEY,
    name TEXT COLLATE "C" NOT NULL,
    demo BIGINT NOT NULL
);

CREATE TABLE procedures (
    code        TEXT COLLATE "C" PRIMARY KEY,
    name        TEXT COLLATE "C" NOT NULL,
    field       TEXT COLLATE "C" NOT NULL,
    level       TEXT COLLATE "C" NOT NULL,
    result_kind TEXT COLLATE "C" REFERENCES kinds (code), -- NULL: the result is no document
    days        BIGINT NOT NULL,
    demo        BIGINT NOT NULL
);

CREATE TABLE components (
    procedure TEXT COLLATE "C" NOT NULL REFERENCES procedures (code),
    slot      TEXT COLLATE "C" NOT NULL,
    place     BIGINT NOT NULL, -- order on the page
    kind      TEXT COLLATE "C" NOT NULL REFERENCES kinds (code),
    name      TEXT COLLATE "C" NOT NULL,
    required  BIGINT NOT NULL,
    digitise  BIGINT NOT NULL,
    PRIMARY KEY (procedure, slot)
);

CREATE TABLE people (
    id     TEXT COLLATE "C" PRIMARY KEY,
    login  TEXT COLLATE "C" NOT NULL UNIQUE,
    name   TEXT COLLATE "C" NOT NULL,
    role   TEXT COLLATE "C" NOT NULL,
    agency TEXT COLLATE "C" REFERENCES agencies (code),
    hash   TEXT COLLATE "C" NOT NULL, -- of the password, in its own encoding
    demo   BIGINT NOT NULL
);

CREATE TABLE sessions (
    token  TEXT COLLATE "C" PRIMARY KEY, -- SHA-256 of what the browser holds
    person TEXT COLLATE "C" NOT NULL REFERENCES people (id),
    until  BIGINT NOT NULL
);
CREATE INDEX sessions_person ON sessions (person);
CREATE INDEX sessions_until ON sessions (until);

CREATE TABLE holders (
    id     TEXT COLLATE "C" PRIMARY KEY,
    number TEXT COLLATE "C" NOT NULL UNIQUE,
    name   TEXT COLLATE "C" NOT NULL,
    demo   BIGINT NOT NULL
);

CREATE TABLE dossiers (
    code      TEXT COLLATE "C" PRIMARY KEY,
    procedure TEXT COLLATE "C" NOT NULL REFERENCES procedures (code),
    receiving TEXT COLLATE "C" NOT NULL REFERENCES agencies (code),
    competent TEXT COLLATE "C" NOT NULL REFERENCES agencies (code),
    holder    TEXT COLLATE "C" NOT NULL REFERENCES holders (id),
    channel   TEXT COLLATE "C" NOT NULL,
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
    agency TEXT COLLATE "C" NOT NULL REFERENCES agencies (code),
    day    TEXT COLLATE "C" NOT NULL,
    newest BIGINT NOT NULL,
    PRIMARY KEY (agency, day)
);

CREATE TABLE documents (
    id          TEXT COLLATE "C" PRIMARY KEY,
    dossier     TEXT COLLATE "C" NOT NULL REFERENCES dossiers (code),
    slot        TEXT COLLATE "C" NOT NULL,
    kind        TEXT COLLATE "C" NOT NULL REFERENCES kinds (code),
    state       TEXT COLLATE "C" NOT NULL,
    version     BIGINT NOT NULL,
    media       TEXT COLLATE "C" NOT NULL,
    size        BIGINT NOT NULL,
    pages       BIGINT NOT NULL,
    received    BIGINT NOT NULL,
    changed     BIGINT NOT NULL,
    parts       TEXT COLLATE "C" NOT NULL, -- JSON {part: digest}: all that table made holds for it
    fields      TEXT COLLATE "C" NOT NULL, -- JSON, the confirmed ones
    why         TEXT COLLATE "C" NOT NULL,
    trouble     TEXT COLLATE "C" NOT NULL DEFAULT '',
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
    id       TEXT COLLATE "C" PRIMARY KEY,
    holder   TEXT COLLATE "C" NOT NULL REFERENCES holders (id),
    kind     TEXT COLLATE "C" NOT NULL REFERENCES kinds (code),
    document TEXT COLLATE "C" NOT NULL UNIQUE REFERENCES documents (id),
    dossier  TEXT COLLATE "C" NOT NULL REFERENCES dossiers (code),
    added    BIGINT NOT NULL,
    expires  TEXT COLLATE "C" NOT NULL, -- YYYY-MM-DD or empty
    number   TEXT COLLATE "C" NOT NULL,
    title    TEXT COLLATE "C" NOT NULL,
    issuer   TEXT COLLATE "C" NOT NULL,
    issued   TEXT COLLATE "C" NOT NULL
);
CREATE INDEX entries_holder ON entries (holder, added);

CREATE TABLE reuses (
    dossier TEXT COLLATE "C" NOT NULL REFERENCES dossiers (code),
    slot    TEXT COLLATE "C" NOT NULL,
    entry   TEXT COLLATE "C" NOT NULL REFERENCES entries (id),
    PRIMARY KEY (dossier, slot)
);
CREATE INDEX reuses_entry ON reuses (entry);

-- The ledger. Its rows are written once; see the triggers below.
CREATE TABLE changes (
    document TEXT COLLATE "C" NOT NULL REFERENCES documents (id),
    version  BIGINT NOT NULL,
    act      TEXT COLLATE "C" NOT NULL,
    role     TEXT COLLATE "C" NOT NULL,
    who      TEXT COLLATE "C" NOT NULL CHECK (who <> ''),
    at       BIGINT NOT NULL,
    fields   TEXT COLLATE "C" NOT NULL,
    why      TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (document, version)
);

-- The files a change brought. A part is made once and never replaced.
CREATE TABLE made (
    document TEXT COLLATE "C" NOT NULL,
    version  BIGINT NOT NULL,
    part     TEXT COLLATE "C" NOT NULL,
    digest   TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (document, part),
    FOREIGN KEY (document, version) REFERENCES changes (document, version)
);
CREATE INDEX made_change ON made (document, version);
CREATE INDEX made_digest ON made (digest);

CREATE TABLE intents (
    id       TEXT COLLATE "C" PRIMARY KEY,
    document TEXT COLLATE "C" NOT NULL REFERENCES documents (id),
    version  BIGINT NOT NULL,
    purpose  TEXT COLLATE "C" NOT NULL,
    to_sign  TEXT COLLATE "C" NOT NULL,
    signer   TEXT COLLATE "C" NOT NULL,
    at       BIGINT NOT NULL
);
CREATE INDEX intents_document ON intents (document);

CREATE TABLE events (
    id      TEXT COLLATE "C" PRIMARY KEY,
    dossier TEXT COLLATE "C" REFERENCES dossiers (code), -- NULL: an event of the house
    act     TEXT COLLATE "C" NOT NULL,
    who     TEXT COLLATE "C" NOT NULL CHECK (who <> ''),
    at      BIGINT NOT NULL,
    slot    TEXT COLLATE "C" NOT NULL,
    entry   TEXT COLLATE "C" NOT NULL,
    amount  BIGINT NOT NULL -- of rows, with a removal
);
CREATE INDEX events_dossier ON events (dossier, at);

-- Nothing that is written once can be written again, whoever asks: not by
-- UPDATE, not by REPLACE, and not by DELETE unless the row belongs to a
-- demonstration. What belongs to one is said when a dossier is received, and
-- cannot be said later.

-- +goose StatementBegin
CREATE FUNCTION dossiers_demo() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.demo <> NEW.demo OR OLD.code <> NEW.code THEN
        RAISE EXCEPTION 'a dossier stays what it was received as' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER dossiers_demo BEFORE UPDATE OF demo, code ON dossiers
    FOR EACH ROW EXECUTE FUNCTION dossiers_demo();
-- +goose StatementBegin
CREATE FUNCTION dossiers_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.demo <> 1 THEN
        RAISE EXCEPTION 'dossiers are kept' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN OLD;
END $$;
-- +goose StatementEnd
CREATE TRIGGER dossiers_kept BEFORE DELETE ON dossiers
    FOR EACH ROW EXECUTE FUNCTION dossiers_kept();
-- +goose StatementBegin
CREATE FUNCTION dossiers_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM dossiers WHERE code = NEW.code) THEN
        RAISE EXCEPTION 'a dossier stays what it was received as' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER dossiers_once BEFORE INSERT ON dossiers
    FOR EACH ROW EXECUTE FUNCTION dossiers_once();

-- +goose StatementBegin
CREATE FUNCTION documents_demo() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.demo <> NEW.demo OR OLD.id <> NEW.id OR OLD.dossier <> NEW.dossier OR OLD.slot <> NEW.slot THEN
        RAISE EXCEPTION 'a document stays in its place' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER documents_demo BEFORE UPDATE OF demo, id, dossier, slot ON documents
    FOR EACH ROW EXECUTE FUNCTION documents_demo();
-- +goose StatementBegin
CREATE FUNCTION documents_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.demo <> 1 THEN
        RAISE EXCEPTION 'documents are kept' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN OLD;
END $$;
-- +goose StatementEnd
CREATE TRIGGER documents_kept BEFORE DELETE ON documents
    FOR EACH ROW EXECUTE FUNCTION documents_kept();
-- +goose StatementBegin
CREATE FUNCTION documents_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM documents WHERE id = NEW.id)
        OR NEW.demo <> (SELECT demo FROM dossiers WHERE code = NEW.dossier) THEN
        RAISE EXCEPTION 'a document is new, and of its dossier''s kind' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER documents_once BEFORE INSERT ON documents
    FOR EACH ROW EXECUTE FUNCTION documents_once();

-- +goose StatementBegin
CREATE FUNCTION entries_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'entries are written once' USING ERRCODE = 'restrict_violation';
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER entries_once BEFORE UPDATE ON entries
    FOR EACH ROW EXECUTE FUNCTION entries_once();
-- +goose StatementBegin
CREATE FUNCTION entries_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM documents WHERE id = OLD.document AND demo = 1) THEN
        RAISE EXCEPTION 'entries are kept' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN OLD;
END $$;
-- +goose StatementEnd
CREATE TRIGGER entries_kept BEFORE DELETE ON entries
    FOR EACH ROW EXECUTE FUNCTION entries_kept();

-- +goose StatementBegin
CREATE FUNCTION changes_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the ledger is written once' USING ERRCODE = 'restrict_violation';
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER changes_once BEFORE UPDATE ON changes
    FOR EACH ROW EXECUTE FUNCTION changes_once();
-- +goose StatementBegin
CREATE FUNCTION changes_replace() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM changes WHERE document = NEW.document AND version = NEW.version) THEN
        RAISE EXCEPTION 'the ledger is written once' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER changes_replace BEFORE INSERT ON changes
    FOR EACH ROW EXECUTE FUNCTION changes_replace();
-- +goose StatementBegin
CREATE FUNCTION changes_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM documents WHERE id = OLD.document AND demo = 1) THEN
        RAISE EXCEPTION 'the ledger is kept' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN OLD;
END $$;
-- +goose StatementEnd
CREATE TRIGGER changes_kept BEFORE DELETE ON changes
    FOR EACH ROW EXECUTE FUNCTION changes_kept();

-- +goose StatementBegin
CREATE FUNCTION made_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the ledger is written once' USING ERRCODE = 'restrict_violation';
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER made_once BEFORE UPDATE ON made
    FOR EACH ROW EXECUTE FUNCTION made_once();
-- +goose StatementBegin
CREATE FUNCTION made_replace() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM made WHERE document = NEW.document AND part = NEW.part) THEN
        RAISE EXCEPTION 'a part is made once' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER made_replace BEFORE INSERT ON made
    FOR EACH ROW EXECUTE FUNCTION made_replace();
-- +goose StatementBegin
CREATE FUNCTION made_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM documents WHERE id = OLD.document AND demo = 1) THEN
        RAISE EXCEPTION 'the ledger is kept' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN OLD;
END $$;
-- +goose StatementEnd
CREATE TRIGGER made_kept BEFORE DELETE ON made
    FOR EACH ROW EXECUTE FUNCTION made_kept();

-- +goose StatementBegin
CREATE FUNCTION intents_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'intents are written once' USING ERRCODE = 'restrict_violation';
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER intents_once BEFORE UPDATE ON intents
    FOR EACH ROW EXECUTE FUNCTION intents_once();
-- +goose StatementBegin
CREATE FUNCTION intents_replace() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM intents WHERE id = NEW.id) THEN
        RAISE EXCEPTION 'intents are written once' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER intents_replace BEFORE INSERT ON intents
    FOR EACH ROW EXECUTE FUNCTION intents_replace();
-- +goose StatementBegin
CREATE FUNCTION intents_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM documents WHERE id = OLD.document AND demo = 1) THEN
        RAISE EXCEPTION 'intents are kept' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN OLD;
END $$;
-- +goose StatementEnd
CREATE TRIGGER intents_kept BEFORE DELETE ON intents
    FOR EACH ROW EXECUTE FUNCTION intents_kept();

-- +goose StatementBegin
CREATE FUNCTION events_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'events are written once' USING ERRCODE = 'restrict_violation';
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER events_once BEFORE UPDATE ON events
    FOR EACH ROW EXECUTE FUNCTION events_once();
-- +goose StatementBegin
CREATE FUNCTION events_replace() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM events WHERE id = NEW.id) THEN
        RAISE EXCEPTION 'events are written once' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER events_replace BEFORE INSERT ON events
    FOR EACH ROW EXECUTE FUNCTION events_replace();
-- +goose StatementBegin
CREATE FUNCTION events_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM dossiers WHERE code = OLD.dossier AND demo = 1) THEN
        RAISE EXCEPTION 'events are kept' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN OLD;
END $$;
-- +goose StatementEnd
CREATE TRIGGER events_kept BEFORE DELETE ON events
    FOR EACH ROW EXECUTE FUNCTION events_kept();

-- Rows go one by one and are asked each time; no table is emptied at once.
-- +goose StatementBegin
CREATE FUNCTION never_truncated() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'what is written once is kept' USING ERRCODE = 'restrict_violation';
END $$;
-- +goose StatementEnd
CREATE TRIGGER dossiers_whole BEFORE TRUNCATE ON dossiers EXECUTE FUNCTION never_truncated();
CREATE TRIGGER documents_whole BEFORE TRUNCATE ON documents EXECUTE FUNCTION never_truncated();
CREATE TRIGGER entries_whole BEFORE TRUNCATE ON entries EXECUTE FUNCTION never_truncated();
CREATE TRIGGER changes_whole BEFORE TRUNCATE ON changes EXECUTE FUNCTION never_truncated();
CREATE TRIGGER made_whole BEFORE TRUNCATE ON made EXECUTE FUNCTION never_truncated();
CREATE TRIGGER intents_whole BEFORE TRUNCATE ON intents EXECUTE FUNCTION never_truncated();
CREATE TRIGGER events_whole BEFORE TRUNCATE ON events EXECUTE FUNCTION never_truncated();
