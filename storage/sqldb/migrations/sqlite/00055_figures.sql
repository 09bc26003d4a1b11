-- The figures counted beforehand, see docs/decisions/0036-rollups.md. The
-- dossiers are the truth; all of this can be made anew from them.

-- +goose Up

-- How a dossier is counted: by whom it was received, where it stands
-- (dossier/figures.Standing; NULL: it is not counted yet), and the months (twelve
-- times the year, and the month from 0 on) in which it was received and resolved.
ALTER TABLE dossiers ADD COLUMN officer TEXT NOT NULL DEFAULT '';
ALTER TABLE dossiers ADD COLUMN standing BIGINT;
ALTER TABLE dossiers ADD COLUMN month_received BIGINT NOT NULL DEFAULT 0;
ALTER TABLE dossiers ADD COLUMN month_resolved BIGINT NOT NULL DEFAULT 0; -- 0: open
UPDATE dossiers SET officer = COALESCE((SELECT MIN(e.who) FROM events e WHERE e.dossier = dossiers.code AND e.act = 'received'), '');
CREATE INDEX dossiers_procedure ON dossiers (procedure, receiving, received);

-- Dossiers that were received, and resolved, in the same months. grain says what
-- is told apart, and whose they are:
--   0 the agency's own              1 its own, by procedure and officer
--   2 of those under it, all depths 3 of those under it, by procedure
-- tally has how many stand how: "standing:number" by standing, with a space
-- between them. A cell of nothing has no row.
CREATE TABLE figure_cells (
    node      TEXT NOT NULL,
    grain     BIGINT NOT NULL,
    received  BIGINT NOT NULL,
    resolved  BIGINT NOT NULL,
    procedure TEXT NOT NULL,
    officer   TEXT NOT NULL,
    tally     TEXT NOT NULL CHECK (tally <> ''),
    PRIMARY KEY (node, grain, received, resolved, procedure, officer)
);
CREATE INDEX figure_cells_resolved ON figure_cells (node, grain, resolved) WHERE resolved <> received;
CREATE INDEX figure_cells_received ON figure_cells (received);

-- What acts have added and taken away, written in their transactions and not in
-- the cells yet: so that nobody who acts waits for another. Cells and these
-- together are the figures.
CREATE TABLE figure_pending (
    id        TEXT PRIMARY KEY,
    receiving TEXT NOT NULL,
    procedure TEXT NOT NULL,
    officer   TEXT NOT NULL,
    received  BIGINT NOT NULL,
    resolved  BIGINT NOT NULL,
    standing  BIGINT NOT NULL,
    n         BIGINT NOT NULL
);

-- Procedures that ask for something else than when their dossiers were counted,
-- and the agencies up to which these were counted anew.
CREATE TABLE figure_owed (
    procedure TEXT PRIMARY KEY,
    stamp     BIGINT NOT NULL, -- counts the changes
    done      TEXT NOT NULL
);
INSERT INTO figure_owed (procedure, stamp, done)
SELECT code, 1, '' FROM procedures p WHERE EXISTS (SELECT 1 FROM dossiers d WHERE d.procedure = p.code);

-- Whoever writes cells takes this row first.
CREATE TABLE figure_head (
    id    BIGINT PRIMARY KEY CHECK (id = 1),
    folds BIGINT NOT NULL
);
INSERT INTO figure_head (id, folds) VALUES (1, 0);
