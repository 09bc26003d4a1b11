-- What the counter decided of components counts in the figures, see
-- docs/decisions/0040-figures-at-size.md.

-- +goose Up

CREATE INDEX events_decided ON events (dossier, slot, at, id) WHERE act = 'decided';

-- The dossiers of procedures of which something was decided are counted anew.
INSERT INTO figure_owed (procedure, stamp, done)
SELECT DISTINCT d.procedure, CAST(1 AS BIGINT), '' FROM dossiers d JOIN events e ON e.dossier = d.code WHERE e.act = 'decided'
ON CONFLICT (procedure) DO UPDATE SET stamp = figure_owed.stamp + 1, done = '';

-- +goose Down
-- A program of before asks for components whatever was decided of them.
INSERT INTO figure_owed (procedure, stamp, done)
SELECT DISTINCT d.procedure, CAST(1 AS BIGINT), '' FROM dossiers d JOIN events e ON e.dossier = d.code WHERE e.act = 'decided'
ON CONFLICT (procedure) DO UPDATE SET stamp = figure_owed.stamp + 1, done = '';
DROP INDEX events_decided;
