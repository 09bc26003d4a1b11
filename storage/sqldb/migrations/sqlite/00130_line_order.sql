-- Who came first is served to the end, see docs/decisions/0091-to-the-end.md.

-- +goose Up

-- Of what is owed, the first of an agency is found at once, however many it has: the
-- one that was received first, whatever was done for it since.
DROP INDEX documents_owed;
CREATE INDEX documents_owed ON documents (lane, agency, next_try, received, id)
WHERE state IN ('received', 'recognised', 'attested', 'copy-signed', 'approved', 'sealed', 'presented', 'vouched', 'adopted');

-- +goose Down
DROP INDEX documents_owed;
CREATE INDEX documents_owed ON documents (lane, agency, next_try, changed, id)
WHERE state IN ('received', 'recognised', 'attested', 'copy-signed', 'approved', 'sealed', 'presented', 'vouched', 'adopted');
