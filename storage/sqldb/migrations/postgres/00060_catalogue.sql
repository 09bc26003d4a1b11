-- The catalogue in time, and who filed a dossier.

-- +goose Up

-- Codes, with commas between them.
ALTER TABLE procedures ADD COLUMN subjects TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE procedures ADD COLUMN tiers TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE procedures ADD COLUMN retention TEXT COLLATE "C" NOT NULL DEFAULT '';

-- How a procedure was served from a day (YYYY-MM-DD) up to another, which is not
-- included; empty: not known since when, or still. Without a row here it is as
-- its own row says, always.
CREATE TABLE procedure_spans (
    procedure TEXT COLLATE "C" NOT NULL REFERENCES procedures (code) ON DELETE CASCADE,
    since     TEXT COLLATE "C" NOT NULL,
    until     TEXT COLLATE "C" NOT NULL,
    level     TEXT COLLATE "C" NOT NULL,
    old       BIGINT NOT NULL, -- level 1 to 4 of before NĐ 42/2022; 0: it was not told as one
    tiers     TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (procedure, since)
);

-- What an agency was, likewise, and into whom it went at the end.
CREATE TABLE agency_spans (
    agency    TEXT COLLATE "C" NOT NULL REFERENCES agencies (code) ON DELETE CASCADE,
    since     TEXT COLLATE "C" NOT NULL,
    until     TEXT COLLATE "C" NOT NULL,
    parent    TEXT COLLATE "C" NOT NULL,
    name      TEXT COLLATE "C" NOT NULL,
    tier      TEXT COLLATE "C" NOT NULL,
    successor TEXT COLLATE "C" REFERENCES agencies (code) ON DELETE SET NULL,
    PRIMARY KEY (agency, since)
);
CREATE INDEX agency_spans_successor ON agency_spans (successor) WHERE successor IS NOT NULL;

-- NULL: the holder filed it.
ALTER TABLE dossiers ADD COLUMN applicant TEXT COLLATE "C" REFERENCES holders (id);
CREATE INDEX dossiers_applicant ON dossiers (applicant) WHERE applicant IS NOT NULL;
