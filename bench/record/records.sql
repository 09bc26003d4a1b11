-- Records of many holders, made up by the server itself: psql -v entries=N. A
-- dossier for every four entries, the papers of one holder in two dossiers or so;
-- every hundredth holder is one of the busy (an organisation) with forty entries more; of
-- a hundred entries one was withdrawn or corrected, of a thousand holders one was
-- merged into another. Rows are slim, none is in the ledger, and indexes that no
-- look-up of a record asks are left out.
\set ON_ERROR_STOP on
SET synchronous_commit = off;
SET work_mem = '256MB';
SELECT setseed(0.5);
ALTER TABLE holders DISABLE TRIGGER ALL;
ALTER TABLE dossiers DISABLE TRIGGER ALL;
ALTER TABLE documents DISABLE TRIGGER ALL;
ALTER TABLE entries DISABLE TRIGGER ALL;
ALTER TABLE record_acts DISABLE TRIGGER ALL;
DO $$ DECLARE i record; BEGIN
    FOR i IN SELECT indexname FROM pg_indexes WHERE schemaname = current_schema() AND tablename IN ('documents', 'dossiers') AND indexname NOT LIKE '%pkey' LOOP
        EXECUTE 'DROP INDEX ' || i.indexname;
    END LOOP;
END $$;
INSERT INTO agencies (code, parent, name, tier, demo) VALUES ('A00', NULL, 'Tỉnh', 'province', 0);
INSERT INTO kinds (code, name, demo) SELECT 'K' || n, 'Giấy tờ ' || n, 0 FROM generate_series(0, 19) n;
INSERT INTO procedures (code, name, field, level, result_kind, days, demo) VALUES ('1.000001', 'Thủ tục', 'Hộ tịch', 'full', 'K19', 10, 0);
INSERT INTO components (procedure, slot, place, kind, name, required, digitise)
SELECT '1.000001', 'T' || n, n, 'K' || n, 'Giấy tờ ' || n, 1, 1 FROM generate_series(0, 7) n;
INSERT INTO holders (id, number, name, born, demo)
SELECT 'h' || n, lpad(n::text, 12, '0'), 'Người thứ ' || (n % 5000), (date '1940-01-01' + (n % 28000)::int)::text, 0 FROM generate_series(0, :entries / 3) n;
-- Of whom entry n is: every tenth of one of the busy, else of everybody in turn.
CREATE FUNCTION owner_of(n bigint, entries bigint) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN n % 40 < 4 THEN ((n / 400) * 1000 / 10) % (entries / 3) ELSE (n / 4 * 7919) % (entries / 3) END $$;
INSERT INTO dossiers (code, procedure, receiving, competent, holder, channel, received, due, resolved, demo)
SELECT 'A00-260101-' || n, '1.000001', 'A00', 'A00', 'h' || owner_of(n * 4, :entries), 'direct', 1767225600000 + n, NULL, 1767225600000 + n, 0
FROM generate_series(0, :entries / 4 - 1) n;
INSERT INTO documents (id, dossier, slot, kind, state, version, media, size, pages, received, changed, parts, fields, why, demo)
SELECT 'd' || n, 'A00-260101-' || n / 4, 'T' || n % 4, 'K' || (n * 31 % 20), 'archived', 9, 'image/jpeg', 1, 1, 1767225600000 + n, 1767225600000 + n, '{}', '[]', '', 0
FROM generate_series(0, :entries - 1) n;
INSERT INTO entries (id, holder, kind, document, dossier, added, expires, number, title, issuer, issued)
SELECT 'e' || n, 'h' || owner_of(n / 4 * 4, :entries), 'K' || (n * 31 % 20), 'd' || n, 'A00-260101-' || n / 4, 1767225600000 + n,
    CASE n % 4 WHEN 0 THEN (date '2025-01-01' + (n % 2000)::int)::text ELSE '' END, n || '/GCN-UBND', 'Giấy chứng nhận', 'UBND xã', '2026-01-01'
FROM generate_series(0, :entries - 1) n;
INSERT INTO record_acts (id, act, deed, entry, holder, refers, said, who, role, at, why, salt, demo)
SELECT 'a' || n, CASE n % 2 WHEN 0 THEN 'withdraw' ELSE 'correct' END, 'a' || n, 'e' || n * 100 + n % 97, 'h' || owner_of((n * 100 + n % 97) / 4 * 4, :entries), '',
    CASE n % 2 WHEN 0 THEN '' ELSE '{"number":"1","title":"Giấy","issuer":"","issued":"","expires":"","scope":""}' END, 'p', 'clerk', 1767225600000 + n, 'x', '', 0
FROM generate_series(0, :entries / 100 - 1) n;
INSERT INTO record_acts (id, act, deed, entry, holder, refers, said, who, role, at, why, salt, demo)
SELECT 'm' || n, 'merge', 'm' || n, NULL, 'h' || n * 1000 + 1, 'h' || n * 1000 + 2, '', 'p', 'clerk', 1767225600000 + n, 'x', '', 0
FROM generate_series(0, :entries / 3000 - 1) n;
VACUUM ANALYZE holders, dossiers, documents, entries, record_acts;
