-- Signed checkpoints of the ledger and their time-stamps are kept, copied to the
-- second store and looked at like all other files.

-- +goose Up
CREATE INDEX log_checkpoints_sum ON log_checkpoints (sum);
CREATE INDEX log_checkpoints_stamp ON log_checkpoints (stamp);

INSERT INTO holdings (store, digest, state, size, seen)
SELECT s.store, f.digest, s.state, -1, MIN(f.at)
FROM (SELECT 'main' AS store, 'kept' AS state UNION ALL SELECT 'second', 'owed') s,
    (SELECT sum AS digest, at FROM log_checkpoints UNION ALL SELECT stamp, at FROM log_checkpoints WHERE stamp <> '') f
GROUP BY s.store, s.state, f.digest
ON CONFLICT (store, digest) DO NOTHING;

-- +goose StatementBegin
CREATE FUNCTION log_checkpoints_held() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO holdings (store, digest, state, size, seen)
    SELECT s.store, f.digest, s.state, -1, NEW.at
    FROM (SELECT 'main' AS store, 'kept' AS state UNION ALL SELECT 'second', 'owed') s, (SELECT NEW.sum AS digest UNION SELECT NEW.stamp) f
    WHERE f.digest <> ''
    ON CONFLICT (store, digest) DO NOTHING;
    DELETE FROM orphans WHERE digest IN (NEW.sum, NEW.stamp);
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER log_checkpoints_held AFTER INSERT OR UPDATE OF stamp ON log_checkpoints
    FOR EACH ROW EXECUTE FUNCTION log_checkpoints_held();
