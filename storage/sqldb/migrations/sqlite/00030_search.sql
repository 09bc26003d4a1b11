-- What archived papers are found by. The rows are the truth, this is a hint:
-- nothing comes out of a search that the rows do not say as well, and all of it
-- can be made anew (sohoa search rebuild).

-- +goose Up

-- place grows with the archive: the newest archived paper has the greatest.
CREATE TABLE search_docs (
    place    INTEGER PRIMARY KEY,
    document TEXT NOT NULL UNIQUE,
    issued   TEXT NOT NULL -- YYYY-MM-DD or empty
);

-- The text as it stands, for what lexemes do not tell, and to be shown.
CREATE TABLE search_texts (
    place INTEGER PRIMARY KEY,
    body  TEXT NOT NULL
);

-- The lexemes of each paper (package dossier/search), as a set: no places, no
-- copy of the text, no tokenizer but spaces.
CREATE VIRTUAL TABLE search_lexemes USING fts5(
    lexemes, content = '', contentless_delete = 1, detail = none, tokenize = "ascii tokenchars '_'");

-- Papers whose lexemes are not there, or not those of today. stamp counts why.
CREATE TABLE search_owed (
    document TEXT PRIMARY KEY,
    at       BIGINT NOT NULL, -- when it was archived
    stamp    BIGINT NOT NULL,
    due      BIGINT NOT NULL  -- not before; after a failure
) WITHOUT ROWID;
CREATE INDEX search_owed_at ON search_owed (at, document);

-- marked is how far a rebuild has come in noting what is owed: NULL if there is
-- none, '~' if all is noted.
CREATE TABLE search_rebuild (
    id     BIGINT PRIMARY KEY CHECK (id = 1),
    marked TEXT
);
INSERT INTO search_rebuild (id, marked) VALUES (1, NULL);

INSERT INTO search_owed (document, at, stamp, due)
SELECT d.id, COALESCE(e.added, d.changed), 1, 0 FROM documents d LEFT JOIN entries e ON e.document = d.id
WHERE d.state = 'archived';

-- +goose StatementBegin
CREATE TRIGGER search_gone AFTER DELETE ON search_docs
BEGIN
    DELETE FROM search_texts WHERE place = OLD.place;
    DELETE FROM search_lexemes WHERE rowid = OLD.place;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER search_archived AFTER UPDATE OF state ON documents
WHEN NEW.state = 'archived' AND OLD.state <> 'archived'
BEGIN
    INSERT INTO search_owed (document, at, stamp, due) VALUES (NEW.id, NEW.changed, 1, 0)
    ON CONFLICT (document) DO UPDATE SET stamp = search_owed.stamp + 1, due = 0;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER search_brought AFTER INSERT ON documents WHEN NEW.state = 'archived'
BEGIN
    INSERT INTO search_owed (document, at, stamp, due) VALUES (NEW.id, NEW.changed, 1, 0)
    ON CONFLICT (document) DO UPDATE SET stamp = search_owed.stamp + 1, due = 0;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER search_fields AFTER UPDATE OF fields ON documents
WHEN NEW.state = 'archived' AND NEW.fields <> OLD.fields
BEGIN
    INSERT INTO search_owed (document, at, stamp, due) VALUES (NEW.id, NEW.changed, 1, 0)
    ON CONFLICT (document) DO UPDATE SET stamp = search_owed.stamp + 1, due = 0;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER search_withdrawn AFTER UPDATE OF state ON documents
WHEN OLD.state = 'archived' AND NEW.state <> 'archived'
BEGIN
    DELETE FROM search_owed WHERE document = OLD.id;
    DELETE FROM search_docs WHERE document = OLD.id;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER search_deleted AFTER DELETE ON documents
BEGIN
    DELETE FROM search_owed WHERE document = OLD.id;
    DELETE FROM search_docs WHERE document = OLD.id;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER search_renamed AFTER UPDATE OF name, number ON holders
WHEN NEW.name <> OLD.name OR NEW.number <> OLD.number
BEGIN
    INSERT INTO search_owed (document, at, stamp, due)
    SELECT document, added, 1, 0 FROM entries WHERE holder = NEW.id
    ON CONFLICT (document) DO UPDATE SET stamp = search_owed.stamp + 1, due = 0;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER search_moved AFTER UPDATE OF receiving, competent, holder ON dossiers
BEGIN
    INSERT INTO search_owed (document, at, stamp, due)
    SELECT id, changed, 1, 0 FROM documents WHERE dossier = NEW.code AND state = 'archived'
    ON CONFLICT (document) DO UPDATE SET stamp = search_owed.stamp + 1, due = 0;
END;
-- +goose StatementEnd
