-- Two documents of the same bytes (a report that says nothing, the same paper
-- twice) may be put at the same moment: who comes second finds the holding
-- there when the first is done, which a look before the insert did not see.

-- +goose Up

-- +goose StatementBegin
CREATE OR REPLACE FUNCTION made_held() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO holdings (store, digest, state, size, seen)
    SELECT s.store, NEW.digest, s.state, -1, (SELECT at FROM changes WHERE document = NEW.document AND version = NEW.version)
    FROM (SELECT 'main' AS store, 'kept' AS state UNION ALL SELECT 'second', 'owed') s
    ON CONFLICT (store, digest) DO NOTHING;
    DELETE FROM orphans WHERE digest = NEW.digest;
    RETURN NEW;
END $$;
-- +goose StatementEnd
