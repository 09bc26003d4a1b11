-- Papers that are kept and do not count as digitised.

-- +goose Up

-- Why it does not count (dossier.Flaw), as the event says with which that was
-- found; empty: it counts.
ALTER TABLE documents ADD COLUMN flaw TEXT COLLATE "C" NOT NULL DEFAULT '';
