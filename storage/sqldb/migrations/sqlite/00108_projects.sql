-- Backlog projects: see docs/decisions/0068-projects.md.

-- +goose Up
CREATE TABLE projects (
    id         TEXT PRIMARY KEY,
    agency     TEXT NOT NULL,
    name       TEXT NOT NULL,
    shelves    BIGINT NOT NULL,
    decimetres BIGINT NOT NULL,
    dossiers   BIGINT NOT NULL,
    kinds      TEXT NOT NULL, -- codes, each between two spaces; empty: all
    from_day   TEXT NOT NULL,
    to_day     TEXT NOT NULL,
    method     TEXT NOT NULL,
    level      TEXT NOT NULL,
    aql        TEXT NOT NULL,
    reduce     BIGINT NOT NULL,
    who        TEXT NOT NULL,
    at         BIGINT NOT NULL,
    ended      BIGINT NOT NULL DEFAULT 0,
    demo       BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX projects_listed ON projects (agency, id);

CREATE TABLE project_people (
    project TEXT NOT NULL REFERENCES projects (id),
    person  TEXT NOT NULL,
    duty    TEXT NOT NULL,
    since   BIGINT NOT NULL,
    PRIMARY KEY (project, person, duty)
);

-- A batch or an import is of one project at most.
CREATE TABLE project_ties (
    source  TEXT NOT NULL,
    ref     TEXT NOT NULL,
    project TEXT NOT NULL REFERENCES projects (id),
    shelf   TEXT NOT NULL,
    scanner TEXT NOT NULL,
    who     TEXT NOT NULL,
    at      BIGINT NOT NULL,
    PRIMARY KEY (source, ref)
);
CREATE INDEX project_ties_listed ON project_ties (project, at);

-- Documents that an import became.
CREATE TABLE archive_papers (
    import   TEXT NOT NULL REFERENCES archive_imports (id),
    document TEXT NOT NULL,
    PRIMARY KEY (import, document)
);

-- Documents of a project, written in the transaction in which they enter.
CREATE TABLE project_papers (
    document TEXT PRIMARY KEY,
    project  TEXT NOT NULL REFERENCES projects (id),
    source   TEXT NOT NULL,
    ref      TEXT NOT NULL,
    dossier  TEXT NOT NULL,
    who      TEXT NOT NULL,
    at       BIGINT NOT NULL,
    planned  BIGINT NOT NULL, -- 1: of a kind of the plan
    lot      BIGINT NOT NULL DEFAULT 0,
    redone   TEXT NOT NULL DEFAULT '' -- who looked at it anew after its lot was rejected
);
CREATE INDEX project_papers_lot ON project_papers (project, lot, document);
CREATE INDEX project_papers_dossier ON project_papers (project, dossier);

-- The same, added up: what one person did on one day.
CREATE TABLE project_days (
    project  TEXT NOT NULL,
    day      TEXT NOT NULL,
    who      TEXT NOT NULL,
    papers   BIGINT NOT NULL,
    pages    BIGINT NOT NULL,
    dossiers BIGINT NOT NULL,
    PRIMARY KEY (project, day, who)
);

CREATE TABLE project_lots (
    project TEXT NOT NULL REFERENCES projects (id),
    number  BIGINT NOT NULL,
    size    BIGINT NOT NULL,
    sum     TEXT NOT NULL, -- of the ids of its papers
    who     TEXT NOT NULL,
    at      BIGINT NOT NULL,
    PRIMARY KEY (project, number)
);

CREATE TABLE lot_rounds (
    project  TEXT NOT NULL,
    lot      BIGINT NOT NULL,
    number   BIGINT NOT NULL,
    severity TEXT NOT NULL,
    letter   TEXT NOT NULL,
    level    TEXT NOT NULL,
    aql      TEXT NOT NULL,
    n        BIGINT NOT NULL,
    accept   BIGINT NOT NULL,
    reject   BIGINT NOT NULL,
    event    TEXT NOT NULL,               -- in the ledger, by which it began
    behind   BIGINT NOT NULL,             -- the event stands behind so many others
    place    BIGINT NOT NULL DEFAULT -1,  -- of the event
    seed     TEXT NOT NULL DEFAULT '',
    verdict  TEXT NOT NULL DEFAULT '',
    judged   BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (project, lot, number)
);

CREATE TABLE lot_picks (
    project  TEXT NOT NULL,
    lot      BIGINT NOT NULL,
    round    BIGINT NOT NULL,
    document TEXT NOT NULL,
    who      TEXT NOT NULL DEFAULT '', -- who looked; empty: nobody yet
    at       BIGINT NOT NULL DEFAULT 0,
    flaws    TEXT NOT NULL DEFAULT '', -- codes with spaces between
    PRIMARY KEY (project, lot, round, document)
);

-- What two people typed, until it is settled; then it is gone, since it stands in the
-- document, and what is left is how often each was right.
CREATE TABLE project_entries (
    document TEXT NOT NULL,
    turn     BIGINT NOT NULL,
    who      TEXT NOT NULL,
    at       BIGINT NOT NULL,
    fields   TEXT NOT NULL,
    PRIMARY KEY (document, turn)
);

CREATE TABLE project_typists (
    project TEXT NOT NULL,
    who     TEXT NOT NULL,
    papers  BIGINT NOT NULL,
    wrong   BIGINT NOT NULL,
    PRIMARY KEY (project, who)
);

-- +goose Down
DROP TABLE project_typists;
DROP TABLE project_entries;
DROP TABLE lot_picks;
DROP TABLE lot_rounds;
DROP TABLE project_lots;
DROP TABLE project_days;
DROP TABLE project_papers;
DROP TABLE archive_papers;
DROP TABLE project_ties;
DROP TABLE project_people;
DROP TABLE projects;
