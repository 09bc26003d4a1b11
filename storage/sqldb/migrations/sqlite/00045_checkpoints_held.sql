-- Signed checkpoints of the ledger and their time-stamps are kept, copied to the
-- second store and looked at like all other files.

-- +goose Up
CREATE INDEX log_checkpoints_sum ON log_checkpoints (sum);
CREATE INDEX log_checkpoints_stamp ON log_checkpoints (stamp);

INSERT INTO holdings (store, digest, state, size, seen)
SELECT s.store, f.digest, s.state, -1, MIN(f.at)
FROM (SELECT 'main' AS store, 'kept' AS state UNION ALL SELECT 'second', 'owed') s,
    (SELECT sum AS digest, at FROM log_checkpoints UNION ALL SELECT stamp, at FROM log_checkpoints WHERE stamp <> '') f
WHERE NOT EXISTS (SELECT 1 FROM holdings h WHERE h.store = s.store AND h.digest = f.digest)
GROUP BY s.store, s.state, f.digest;

-- +goose StatementBegin
CREATE TRIGGER log_checkpoints_held AFTER INSERT ON log_checkpoints
BEGIN
    INSERT INTO holdings (store, digest, state, size, seen)
    SELECT s.store, f.digest, s.state, -1, NEW.at
    FROM (SELECT 'main' AS store, 'kept' AS state UNION ALL SELECT 'second', 'owed') s, (SELECT NEW.sum AS digest UNION SELECT NEW.stamp) f
    WHERE f.digest <> '' AND NOT EXISTS (SELECT 1 FROM holdings h WHERE h.store = s.store AND h.digest = f.digest);
    DELETE FROM orphans WHERE digest IN (NEW.sum, NEW.stamp);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER log_checkpoints_stamped AFTER UPDATE OF stamp ON log_checkpoints WHEN NEW.stamp <> ''
BEGIN
    INSERT INTO holdings (store, digest, state, size, seen)
    SELECT s.store, NEW.stamp, s.state, -1, NEW.at
    FROM (SELECT 'main' AS store, 'kept' AS state UNION ALL SELECT 'second', 'owed') s
    WHERE NOT EXISTS (SELECT 1 FROM holdings h WHERE h.store = s.store AND h.digest = NEW.stamp);
    DELETE FROM orphans WHERE digest = NEW.stamp;
END;
-- +goose StatementEnd
