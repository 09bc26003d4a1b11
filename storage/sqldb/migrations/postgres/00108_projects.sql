-- Backlog projects: see docs/decisions/0068-projects.md.

-- +goose Up
CREATE TABLE projects (
    id         TEXT COLLATE "C" PRIMARY KEY,
    agency     TEXT COLLATE "C" NOT NULL,
    name       TEXT COLLATE "C" NOT NULL,
    shelves    BIGINT NOT NULL,
    decimetres BIGINT NOT NULL,
    dossiers   BIGINT NOT NULL,
    kinds      TEXT COLLATE "C" NOT NULL, -- codes, each between two spaces; empty: all
    from_day   TEXT COLLATE "C" NOT NULL,
    to_day     TEXT COLLATE "C" NOT NULL,
    method     TEXT COLLATE "C" NOT NULL,
    level      TEXT COLLATE "C" NOT NULL,
    aql        TEXT COLLATE "C" NOT NULL,
    reduce     BIGINT NOT NULL,
    who        TEXT COLLATE "C" NOT NULL,
    at         BIGINT NOT NULL,
    ended      BIGINT NOT NULL DEFAULT 0,
    demo       BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX projects_listed ON projects (agency, id);

CREATE TABLE project_people (
    project TEXT COLLATE "C" NOT NULL REFERENCES projects (id),
    person  TEXT COLLATE "C" NOT NULL,
    duty    TEXT COLLATE "C" NOT NULL,
    since   BIGINT NOT NULL,
    PRIMARY KEY (project, person, duty)
);

-- A batch or an import is of one project at most.
CREATE TABLE project_ties (
    source  TEXT COLLATE "C" NOT NULL,
    ref     TEXT COLLATE "C" NOT NULL,
    project TEXT COLLATE "C" NOT NULL REFERENCES projects (id),
    shelf   TEXT COLLATE "C" NOT NULL,
    scanner TEXT COLLATE "C" NOT NULL,
    who     TEXT COLLATE "C" NOT NULL,
    at      BIGINT NOT NULL,
    PRIMARY KEY (source, ref)
);
CREATE INDEX project_ties_listed ON project_ties (project, at);

-- Documents that an import became.
CREATE TABLE archive_papers (
    import   TEXT COLLATE "C" NOT NULL REFERENCES archive_imports (id),
    document TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (import, document)
);

-- Documents of a project, written in the transaction in which they enter.
CREATE TABLE project_papers (
    document TEXT COLLATE "C" PRIMARY KEY,
    project  TEXT COLLATE "C" NOT NULL REFERENCES projects (id),
    source   TEXT COLLATE "C" NOT NULL,
    ref      TEXT COLLATE "C" NOT NULL,
    dossier  TEXT COLLATE "C" NOT NULL,
    who      TEXT COLLATE "C" NOT NULL,
    at       BIGINT NOT NULL,
    planned  BIGINT NOT NULL, -- 1: of a kind of the plan
    lot      BIGINT NOT NULL DEFAULT 0,
    redone   TEXT COLLATE "C" NOT NULL DEFAULT '' -- who looked at it anew after its lot was rejected
);
CREATE INDEX project_papers_lot ON project_papers (project, lot, document);
CREATE INDEX project_papers_dossier ON project_papers (project, dossier);

-- The same, added up: what one person did on one day.
CREATE TABLE project_days (
    project  TEXT COLLATE "C" NOT NULL,
    day      TEXT COLLATE "C" NOT NULL,
    who      TEXT COLLATE "C" NOT NULL,
    papers   BIGINT NOT NULL,
    pages    BIGINT NOT NULL,
    dossiers BIGINT NOT NULL,
    PRIMARY KEY (project, day, who)
);

CREATE TABLE project_lots (
    project TEXT COLLATE "C" NOT NULL REFERENCES projects (id),
    number  BIGINT NOT NULL,
    size    BIGINT NOT NULL,
    sum     TEXT COLLATE "C" NOT NULL, -- of the ids of its papers
    who     TEXT COLLATE "C" NOT NULL,
    at      BIGINT NOT NULL,
    PRIMARY KEY (project, number)
);

CREATE TABLE lot_rounds (
    project  TEXT COLLATE "C" NOT NULL,
    lot      BIGINT NOT NULL,
    number   BIGINT NOT NULL,
    severity TEXT COLLATE "C" NOT NULL,
    letter   TEXT COLLATE "C" NOT NULL,
    level    TEXT COLLATE "C" NOT NULL,
    aql      TEXT COLLATE "C" NOT NULL,
    n        BIGINT NOT NULL,
    accept   BIGINT NOT NULL,
    reject   BIGINT NOT NULL,
    event    TEXT COLLATE "C" NOT NULL,               -- in the ledger, by which it began
    behind   BIGINT NOT NULL,             -- the event stands behind so many others
    place    BIGINT NOT NULL DEFAULT -1,  -- of the event
    seed     TEXT COLLATE "C" NOT NULL DEFAULT '',
    verdict  TEXT COLLATE "C" NOT NULL DEFAULT '',
    judged   BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (project, lot, number)
);

CREATE TABLE lot_picks (
    project  TEXT COLLATE "C" NOT NULL,
    lot      BIGINT NOT NULL,
    round    BIGINT NOT NULL,
    document TEXT COLLATE "C" NOT NULL,
    who      TEXT COLLATE "C" NOT NULL DEFAULT '', -- who looked; empty: nobody yet
    at       BIGINT NOT NULL DEFAULT 0,
    flaws    TEXT COLLATE "C" NOT NULL DEFAULT '', -- codes with spaces between
    PRIMARY KEY (project, lot, round, document)
);

-- What two people typed, until it is settled; then it is gone, since it stands in the
-- document, and what is left is how often each was right.
CREATE TABLE project_entries (
    document TEXT COLLATE "C" NOT NULL,
    turn     BIGINT NOT NULL,
    who      TEXT COLLATE "C" NOT NULL,
    at       BIGINT NOT NULL,
    fields   TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (document, turn)
);

CREATE TABLE project_typists (
    project TEXT COLLATE "C" NOT NULL,
    who     TEXT COLLATE "C" NOT NULL,
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
