-- Whose turn it is in the line, see docs/decisions/0045-turns.md.

-- +goose Up

-- The agency that received the paper, and the lane that it goes in (dossier.Lane).
-- Papers of before, and of a program that does not know these columns yet, are
-- one agency without a name.
ALTER TABLE documents ADD COLUMN agency TEXT NOT NULL DEFAULT '';
ALTER TABLE documents ADD COLUMN lane BIGINT NOT NULL DEFAULT 2;
UPDATE documents SET agency = (SELECT d.receiving FROM dossiers d WHERE d.code = documents.dossier)
WHERE state NOT IN ('archived', 'refused');

-- Of what is owed, the first of an agency is found at once, however many it has.
-- The states are those of dossier.Due: a test compares.
CREATE INDEX documents_owed ON documents (lane, agency, next_try, changed, id)
WHERE state IN ('received', 'recognised', 'attested', 'copy-signed', 'approved', 'sealed', 'presented', 'vouched', 'adopted');

-- What is set for an agency, and how much it had of the line; the row '*' is the
-- whole line's. Without a row an agency has the usual share.
CREATE TABLE line_shares (
    agency TEXT PRIMARY KEY,
    weight BIGINT NOT NULL DEFAULT 10,
    paused BIGINT NOT NULL DEFAULT 0,
    rate   BIGINT NOT NULL DEFAULT 0, -- papers a minute at the door; 0: no limit
    served BIGINT NOT NULL DEFAULT 0, -- pages it had, by its weight; of '*' where the line is
    door   BIGINT NOT NULL DEFAULT 0  -- when the next paper would come by the rate, in milliseconds
);

-- +goose Down
DROP TABLE line_shares;
DROP INDEX documents_owed;
ALTER TABLE documents DROP COLUMN lane;
ALTER TABLE documents DROP COLUMN agency;
