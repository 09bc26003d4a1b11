-- Procedures have versions: what was received under one keeps it. And what the national
-- database tells of procedures: see docs/decisions/0072-procedures-and-population.md.

-- +goose Up
ALTER TABLE procedures ADD COLUMN version BIGINT NOT NULL DEFAULT 0; -- in force
ALTER TABLE dossiers ADD COLUMN version BIGINT NOT NULL DEFAULT 0;   -- of its procedure, under which it was received
CREATE TABLE versioned_components (
    procedure TEXT NOT NULL REFERENCES procedures (code),
    slot      TEXT NOT NULL,
    place     BIGINT NOT NULL, -- order on the page
    kind      TEXT NOT NULL REFERENCES kinds (code),
    name      TEXT NOT NULL,
    required  BIGINT NOT NULL,
    digitise  BIGINT NOT NULL,
    version   BIGINT NOT NULL DEFAULT 0, -- last, as PostgreSQL has it: a backup of one engine goes into the other
    PRIMARY KEY (procedure, version, slot)
);
INSERT INTO versioned_components (procedure, slot, place, kind, name, required, digitise) SELECT procedure, slot, place, kind, name, required, digitise FROM components;
DROP TABLE components;
ALTER TABLE versioned_components RENAME TO components;
-- +goose StatementBegin
CREATE TRIGGER components_stamped_insert AFTER INSERT ON components
BEGIN
    UPDATE catalogue_stamps SET stamp = stamp + 1 WHERE what = 'procedures';
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER components_stamped_update AFTER UPDATE ON components
BEGIN
    UPDATE catalogue_stamps SET stamp = stamp + 1 WHERE what = 'procedures';
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER components_stamped_delete AFTER DELETE ON components
BEGIN
    UPDATE catalogue_stamps SET stamp = stamp + 1 WHERE what = 'procedures';
END;
-- +goose StatementEnd

-- Versions that are past; the one in force is the procedure's own row. Only ever added to.
CREATE TABLE procedure_versions (
    procedure   TEXT NOT NULL REFERENCES procedures (code),
    version     BIGINT NOT NULL,
    until       BIGINT NOT NULL, -- the moment from which the next one holds
    name        TEXT NOT NULL,
    field       TEXT NOT NULL,
    result_kind TEXT REFERENCES kinds (code),
    days        BIGINT NOT NULL,
    subjects    TEXT NOT NULL,
    PRIMARY KEY (procedure, version)
);

-- What the national database tells of procedures, as it was read last; gone: the whole
-- list was read since, and it is not in it.
CREATE TABLE national_procedures (
    code TEXT PRIMARY KEY,
    body TEXT NOT NULL,
    seen BIGINT NOT NULL,
    gone BIGINT NOT NULL DEFAULT 0
);

-- What a person decided of a difference: since is the day from which it is to hold; empty:
-- it is left out, as long as it is the same difference.
CREATE TABLE national_orders (
    code  TEXT PRIMARY KEY,
    sum   TEXT NOT NULL, -- SHA-256 of the difference that was seen
    since TEXT NOT NULL,
    who   TEXT NOT NULL,
    role  TEXT NOT NULL,
    at    BIGINT NOT NULL
);

-- +goose Down
DROP TABLE national_orders;
DROP TABLE national_procedures;
DROP TABLE procedure_versions;
CREATE TABLE plain_components (
    procedure TEXT NOT NULL REFERENCES procedures (code),
    slot      TEXT NOT NULL,
    place     BIGINT NOT NULL, -- order on the page
    kind      TEXT NOT NULL REFERENCES kinds (code),
    name      TEXT NOT NULL,
    required  BIGINT NOT NULL,
    digitise  BIGINT NOT NULL,
    PRIMARY KEY (procedure, slot)
);
INSERT INTO plain_components (procedure, slot, place, kind, name, required, digitise) SELECT procedure, slot, place, kind, name, required, digitise FROM components;
DROP TABLE components;
ALTER TABLE plain_components RENAME TO components;
-- +goose StatementBegin
CREATE TRIGGER components_stamped_insert AFTER INSERT ON components
BEGIN
    UPDATE catalogue_stamps SET stamp = stamp + 1 WHERE what = 'procedures';
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER components_stamped_update AFTER UPDATE ON components
BEGIN
    UPDATE catalogue_stamps SET stamp = stamp + 1 WHERE what = 'procedures';
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER components_stamped_delete AFTER DELETE ON components
BEGIN
    UPDATE catalogue_stamps SET stamp = stamp + 1 WHERE what = 'procedures';
END;
-- +goose StatementEnd
ALTER TABLE dossiers DROP COLUMN version;
ALTER TABLE procedures DROP COLUMN version;
