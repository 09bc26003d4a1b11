-- A file that was discarded from the tray can be taken back for some hours: see
-- docs/decisions/0077-undo.md. gone is when it was discarded, in milliseconds; 0: it was not.

-- +goose Up
ALTER TABLE drops ADD COLUMN gone BIGINT NOT NULL DEFAULT 0;
-- +goose StatementBegin
CREATE FUNCTION drops_held_again() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO holdings (store, digest, state, size, seen)
    SELECT s.store, NEW.digest, s.state, -1, OLD.gone
    FROM (SELECT 'main' AS store, 'kept' AS state UNION ALL SELECT 'second', 'owed') s
    ON CONFLICT (store, digest) DO NOTHING;
    DELETE FROM orphans WHERE digest = NEW.digest;
    IF EXISTS (SELECT 1 FROM disposed_bytes b WHERE b.digest = NEW.digest) THEN
        RAISE EXCEPTION 'these bytes are being disposed of' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER drops_held_again AFTER UPDATE OF digest ON drops FOR EACH ROW WHEN (OLD.digest = '' AND NEW.digest <> '') EXECUTE FUNCTION drops_held_again();

-- +goose Down
DROP TRIGGER drops_held_again ON drops;
DROP FUNCTION drops_held_again();
ALTER TABLE drops DROP COLUMN gone;
