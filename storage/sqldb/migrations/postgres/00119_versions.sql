-- Procedures have versions: what was received under one keeps it. And what the national
-- database tells of procedures: see docs/decisions/0072-procedures-and-population.md.

-- +goose Up
ALTER TABLE procedures ADD COLUMN version BIGINT NOT NULL DEFAULT 0; -- in force
ALTER TABLE dossiers ADD COLUMN version BIGINT NOT NULL DEFAULT 0;   -- of its procedure, under which it was received
ALTER TABLE components ADD COLUMN version BIGINT NOT NULL DEFAULT 0;
ALTER TABLE components DROP CONSTRAINT components_pkey, ADD PRIMARY KEY (procedure, version, slot);

-- Versions that are past; the one in force is the procedure's own row. Only ever added to.
CREATE TABLE procedure_versions (
    procedure   TEXT COLLATE "C" NOT NULL REFERENCES procedures (code),
    version     BIGINT NOT NULL,
    until       BIGINT NOT NULL, -- the moment from which the next one holds
    name        TEXT COLLATE "C" NOT NULL,
    field       TEXT COLLATE "C" NOT NULL,
    result_kind TEXT COLLATE "C" REFERENCES kinds (code),
    days        BIGINT NOT NULL,
    subjects    TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (procedure, version)
);

-- What the national database tells of procedures, as it was read last; gone: the whole
-- list was read since, and it is not in it.
CREATE TABLE national_procedures (
    code TEXT COLLATE "C" PRIMARY KEY,
    body TEXT COLLATE "C" NOT NULL,
    seen BIGINT NOT NULL,
    gone BIGINT NOT NULL DEFAULT 0
);

-- What a person decided of a difference: since is the day from which it is to hold; empty:
-- it is left out, as long as it is the same difference.
CREATE TABLE national_orders (
    code  TEXT COLLATE "C" PRIMARY KEY,
    sum   TEXT COLLATE "C" NOT NULL, -- SHA-256 of the difference that was seen
    since TEXT COLLATE "C" NOT NULL,
    who   TEXT COLLATE "C" NOT NULL,
    role  TEXT COLLATE "C" NOT NULL,
    at    BIGINT NOT NULL
);

-- +goose Down
DROP TABLE national_orders;
DROP TABLE national_procedures;
DROP TABLE procedure_versions;
ALTER TABLE components DROP CONSTRAINT components_pkey, ADD PRIMARY KEY (procedure, slot);
ALTER TABLE components DROP COLUMN version;
ALTER TABLE dossiers DROP COLUMN version;
ALTER TABLE procedures DROP COLUMN version;
