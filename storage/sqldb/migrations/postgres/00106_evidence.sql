-- A renewal of what was sealed renews the evidence beside the statement's signature
-- too: see docs/decisions/0066-figures-at-full-size.md.

-- +goose Up
ALTER TABLE closing_renewals ADD COLUMN evidence TEXT COLLATE "C" NOT NULL DEFAULT ''; -- SHA-256 of a record (RFC 4998); '': the report alone was renewed

-- +goose StatementBegin
CREATE OR REPLACE FUNCTION closing_renewals_held() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO holdings (store, digest, state, size, seen)
    SELECT s.store, f.digest, s.state, -1, NEW.at
    FROM (SELECT 'main' AS store, 'kept' AS state UNION ALL SELECT 'second', 'owed') s,
        (SELECT NEW.report AS digest UNION SELECT NEW.evidence WHERE NEW.evidence <> '') f
    ON CONFLICT (store, digest) DO NOTHING;
    DELETE FROM orphans WHERE digest IN (NEW.report, NEW.evidence);
    RETURN NEW;
END $$;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION closing_renewals_let_go() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM holdings WHERE digest IN (OLD.report, OLD.evidence)
        AND NOT EXISTS (SELECT 1 FROM made WHERE made.digest = holdings.digest)
        AND NOT EXISTS (SELECT 1 FROM closing_seals c WHERE holdings.digest IN (c.report, c.signature))
        AND NOT EXISTS (SELECT 1 FROM closing_renewals c WHERE holdings.digest IN (c.report, c.evidence));
    RETURN OLD;
END $$;
-- +goose StatementEnd

-- +goose Down
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION closing_renewals_held() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO holdings (store, digest, state, size, seen)
    SELECT s.store, NEW.report, s.state, -1, NEW.at
    FROM (SELECT 'main' AS store, 'kept' AS state UNION ALL SELECT 'second', 'owed') s
    ON CONFLICT (store, digest) DO NOTHING;
    DELETE FROM orphans WHERE digest = NEW.report;
    RETURN NEW;
END $$;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION closing_renewals_let_go() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM holdings WHERE digest = OLD.report
        AND NOT EXISTS (SELECT 1 FROM made WHERE made.digest = holdings.digest)
        AND NOT EXISTS (SELECT 1 FROM closing_seals c WHERE holdings.digest IN (c.report, c.signature))
        AND NOT EXISTS (SELECT 1 FROM closing_renewals c WHERE c.report = holdings.digest);
    RETURN OLD;
END $$;
-- +goose StatementEnd
ALTER TABLE closing_renewals DROP COLUMN evidence;
