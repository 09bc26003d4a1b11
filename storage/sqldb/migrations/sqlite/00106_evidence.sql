-- A renewal of what was sealed renews the evidence beside the statement's signature
-- too: see docs/decisions/0066-figures-at-full-size.md.

-- +goose Up
ALTER TABLE closing_renewals ADD COLUMN evidence TEXT NOT NULL DEFAULT ''; -- SHA-256 of a record (RFC 4998); '': the report alone was renewed
DROP TRIGGER closing_renewals_held;
DROP TRIGGER closing_renewals_let_go;
-- +goose StatementBegin
CREATE TRIGGER closing_renewals_held AFTER INSERT ON closing_renewals
BEGIN
    INSERT INTO holdings (store, digest, state, size, seen)
    SELECT s.store, f.digest, s.state, -1, NEW.at
    FROM (SELECT 'main' AS store, 'kept' AS state UNION ALL SELECT 'second', 'owed') s,
        (SELECT NEW.report AS digest UNION SELECT NEW.evidence WHERE NEW.evidence <> '') f
    WHERE NOT EXISTS (SELECT 1 FROM holdings h WHERE h.store = s.store AND h.digest = f.digest);
    DELETE FROM orphans WHERE digest IN (NEW.report, NEW.evidence);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER closing_renewals_let_go AFTER DELETE ON closing_renewals
BEGIN
    DELETE FROM holdings WHERE digest IN (OLD.report, OLD.evidence)
        AND NOT EXISTS (SELECT 1 FROM made WHERE made.digest = holdings.digest)
        AND NOT EXISTS (SELECT 1 FROM closing_seals c WHERE holdings.digest IN (c.report, c.signature))
        AND NOT EXISTS (SELECT 1 FROM closing_renewals c WHERE holdings.digest IN (c.report, c.evidence));
END;
-- +goose StatementEnd

-- +goose Down
DROP TRIGGER closing_renewals_held;
DROP TRIGGER closing_renewals_let_go;
-- +goose StatementBegin
CREATE TRIGGER closing_renewals_held AFTER INSERT ON closing_renewals
BEGIN
    INSERT INTO holdings (store, digest, state, size, seen)
    SELECT s.store, NEW.report, s.state, -1, NEW.at
    FROM (SELECT 'main' AS store, 'kept' AS state UNION ALL SELECT 'second', 'owed') s
    WHERE NOT EXISTS (SELECT 1 FROM holdings h WHERE h.store = s.store AND h.digest = NEW.report);
    DELETE FROM orphans WHERE digest = NEW.report;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER closing_renewals_let_go AFTER DELETE ON closing_renewals
BEGIN
    DELETE FROM holdings WHERE digest = OLD.report
        AND NOT EXISTS (SELECT 1 FROM made WHERE made.digest = holdings.digest)
        AND NOT EXISTS (SELECT 1 FROM closing_seals c WHERE holdings.digest IN (c.report, c.signature))
        AND NOT EXISTS (SELECT 1 FROM closing_renewals c WHERE c.report = holdings.digest);
END;
-- +goose StatementEnd
ALTER TABLE closing_renewals DROP COLUMN evidence;
