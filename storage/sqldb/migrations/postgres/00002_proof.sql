-- How long the proof of an archived document holds, and since when a document
-- is in trouble.

-- +goose Up

-- NULL: not looked at yet, as of all that was archived before this column was
-- there; 0: nothing is to be renewed.
ALTER TABLE documents ADD COLUMN proof_until BIGINT;
ALTER TABLE documents ADD COLUMN proof_by TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE documents ADD COLUMN trouble_since BIGINT NOT NULL DEFAULT 0;

-- Most documents of a house are archived: those whose day has come are found
-- without looking at the rest.
CREATE INDEX documents_proof ON documents (proof_until, id) WHERE proof_until > 0;
CREATE INDEX documents_unproven ON documents (id) WHERE state = 'archived' AND proof_until IS NULL;
