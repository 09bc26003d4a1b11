-- A file that was discarded from the tray can be taken back for some hours: see
-- docs/decisions/0077-undo.md. gone is when it was discarded, in milliseconds; 0: it was not.

-- +goose Up
ALTER TABLE drops ADD COLUMN gone INTEGER NOT NULL DEFAULT 0;
-- +goose StatementBegin
CREATE TRIGGER drops_held_again AFTER UPDATE OF digest ON drops WHEN OLD.digest = '' AND NEW.digest <> ''
BEGIN
    INSERT INTO holdings (store, digest, state, size, seen)
    SELECT s.store, NEW.digest, s.state, -1, OLD.gone
    FROM (SELECT 'main' AS store, 'kept' AS state UNION ALL SELECT 'second', 'owed') s
    WHERE NOT EXISTS (SELECT 1 FROM holdings h WHERE h.store = s.store AND h.digest = NEW.digest);
    DELETE FROM orphans WHERE digest = NEW.digest;
    SELECT RAISE(ABORT, 'these bytes are being disposed of') WHERE EXISTS (SELECT 1 FROM disposed_bytes b WHERE b.digest = NEW.digest);
END;
-- +goose StatementEnd

-- +goose Down
DROP TRIGGER drops_held_again;
ALTER TABLE drops DROP COLUMN gone;
