-- A country's dossiers of five years, made up by the server itself: psql -v
-- dossiers=N -v seed=S. One root, 34 provinces with 98 communes and two centres
-- each (a centre takes in a tenth of its province's dossiers), 300 procedures, of
-- which few are asked for often, and five officers at each agency. Rows are
-- slim: no papers, no ledger; where each dossier stands is drawn.
\set ON_ERROR_STOP on
SET synchronous_commit = off;
SET work_mem = '256MB';
SET TimeZone = 'Asia/Ho_Chi_Minh';
SELECT setseed(:seed);
ALTER TABLE dossiers DISABLE TRIGGER ALL;
DROP INDEX dossiers_received, dossiers_resolved, dossiers_receiving, dossiers_holder, dossiers_procedure, figure_cells_resolved, figure_cells_received;
INSERT INTO agencies (code, parent, name, tier, demo) VALUES ('A00', NULL, 'Cả nước', 'province', 0);
INSERT INTO agencies (code, parent, name, tier, demo)
SELECT 'A00.' || lpad(p::text, 2, '0'), 'A00', 'Tỉnh ' || p, 'province', 0 FROM generate_series(1, 34) p;
INSERT INTO agencies (code, parent, name, tier, demo)
SELECT 'A00.' || lpad(p::text, 2, '0') || '.' || lpad(c::text, 2, '0'), 'A00.' || lpad(p::text, 2, '0'), 'Xã ' || c, 'commune', 0
FROM generate_series(1, 34) p, generate_series(0, 99) c;
INSERT INTO kinds (code, name, demo) VALUES ('DON', 'Đơn', 0), ('QD', 'Quyết định', 0);
INSERT INTO procedures (code, name, field, level, result_kind, days, demo)
SELECT '1.' || lpad(n::text, 6, '0'), 'Thủ tục ' || n, 'Hộ tịch', CASE n % 3 WHEN 0 THEN 'partial' ELSE 'full' END, CASE n % 8 WHEN 0 THEN NULL ELSE 'QD' END, 10, 0
FROM generate_series(0, 299) n;
INSERT INTO components (procedure, slot, place, kind, name, required, digitise)
SELECT code, 'T1', 0, 'DON', 'Đơn', 1, CASE WHEN substr(code, 3)::int % 10 = 0 THEN 0 ELSE 1 END FROM procedures;
INSERT INTO holders (id, number, name, demo) VALUES ('h', '001', 'Người nộp', 0);
INSERT INTO people (id, login, name, role, agency, hash, demo)
SELECT a.code || '/' || o, a.code || '/' || o, 'Cán bộ ' || o || ' ' || a.code, 'counter', a.code, '', 0
FROM agencies a, generate_series(1, 5) o WHERE length(a.code) = 9;

CREATE UNLOGGED TABLE agency_n AS SELECT substr(code, 5, 2)::int * 100 + substr(code, 8, 2)::int AS ag, code FROM agencies WHERE length(code) = 9;
CREATE UNLOGGED TABLE procedure_n AS SELECT substr(code, 3)::int AS proc, code FROM procedures;
CREATE UNLOGGED TABLE node_n AS SELECT ag, code AS node, 0 AS up FROM agency_n UNION ALL SELECT ag, left(code, 6), 1 FROM agency_n UNION ALL SELECT ag, 'A00', 1 FROM agency_n;
ANALYZE agency_n, procedure_n, node_n;

-- One month: what came in, by the moment at which it did, and its cells.
CREATE PROCEDURE fill(m int, total bigint, first bigint) LANGUAGE plpgsql AS $$
DECLARE
    month int := 2021 * 12 + 11 + m;
    began bigint := extract(epoch FROM make_timestamptz(2021, 12, 1, 0, 0, 0, 'Asia/Ho_Chi_Minh') + make_interval(months => m)) * 1000;
    ended bigint := extract(epoch FROM make_timestamptz(2021, 12, 1, 0, 0, 0, 'Asia/Ho_Chi_Minh') + make_interval(months => m + 1)) * 1000;
    today bigint := extract(epoch FROM make_timestamptz(2026, 11, 26, 12, 0, 0, 'Asia/Ho_Chi_Minh')) * 1000;
BEGIN
    CREATE TEMP TABLE drawn ON COMMIT DROP AS
    SELECT i, (began + (LEAST(ended, today) - began) * i / total)::bigint AS received,
        (100 + 100 * floor(34 * random()) + CASE WHEN random() < 0.2 THEN floor(2 * random()) ELSE 2 + floor(98 * random()) END)::int AS ag,
        floor(300 * random() ^ 3)::int AS proc, 1 + floor(5 * random())::int AS off,
        (86400000 * 8 * -ln(1 - random()))::bigint AS took, random() AS a, random() AS b, random() AS c, random() AS d
    FROM generate_series(0, total - 1) i;
    CREATE TEMP TABLE made ON COMMIT DROP AS
    SELECT i, ag, proc, off, a < 0.4 AS online, received, CASE WHEN received + took < today THEN received + took END AS resolved,
        CASE WHEN received + took >= today THEN 0 WHEN received + took < ended THEN month
            ELSE extract(year FROM to_timestamp((received + took) / 1000))::int * 12 + extract(month FROM to_timestamp((received + took) / 1000))::int - 1 END AS until,
        CASE WHEN a < 0.4 THEN 1 ELSE 0 END +
        CASE WHEN proc % 10 = 0 THEN 0 WHEN b < 0.85 THEN 2 + 4 + 8 ELSE 2 END +
        CASE WHEN proc % 8 = 0 THEN 0 WHEN received + took < today AND c < 0.7 THEN 16 + 32 ELSE 16 END +
        CASE WHEN received + took >= today THEN 0 WHEN took <= 86400000::bigint * 10 THEN 512 + 1024 ELSE 512 END +
        CASE WHEN proc % 10 > 0 AND b < 0.85 AND d < 0.1 THEN 65536 ELSE 0 END AS standing
    FROM drawn;
    INSERT INTO dossiers (code, procedure, receiving, competent, holder, channel, received, due, resolved, demo, officer, standing, month_received, month_resolved)
    SELECT n.code || '-' || to_char(to_timestamp(received / 1000), 'YYMMDD') || '-' || (100000000 + first + i)::text, p.code, n.code, n.code, 'h',
        CASE WHEN online THEN 'online' ELSE 'direct' END, received, received + 864000000, resolved, 0, n.code || '/' || off, standing, month, until
    FROM made JOIN agency_n n USING (ag) JOIN procedure_n p USING (proc);
    CREATE TEMP TABLE counted ON COMMIT DROP AS
    SELECT ag, until, proc, off, standing, COUNT(*) AS many FROM made GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5;
    ANALYZE counted;
    INSERT INTO figure_cells (node, grain, received, resolved, procedure, officer, tally)
    SELECT n.code, 1, month, until, p.code, n.code || '/' || off, tally
    FROM (SELECT ag, until, proc, off, string_agg(standing || ':' || many, ' ') AS tally FROM counted GROUP BY 1, 2, 3, 4) x
        JOIN agency_n n USING (ag) JOIN procedure_n p USING (proc) ORDER BY 1, 4, 5, 6;
    INSERT INTO figure_cells (node, grain, received, resolved, procedure, officer, tally)
    SELECT node, 2 * up, month, until, '', '', string_agg(standing || ':' || many, ' ' ORDER BY standing)
    FROM (SELECT node, up, until, standing, SUM(many)::bigint AS many
        FROM (SELECT ag, until, standing, SUM(many)::bigint AS many FROM counted GROUP BY 1, 2, 3) y JOIN node_n USING (ag) GROUP BY 1, 2, 3, 4) x
    GROUP BY node, up, until ORDER BY 1, 4;
    INSERT INTO figure_cells (node, grain, received, resolved, procedure, officer, tally)
    SELECT node, 3, month, until, p.code, '', string_agg(standing || ':' || many, ' ' ORDER BY standing)
    FROM (SELECT node, until, proc, standing, SUM(many)::bigint AS many FROM (
            SELECT 'A00.' || lpad((ag / 100)::text, 2, '0') AS node, until, proc, standing, SUM(many)::bigint AS many FROM counted GROUP BY ag / 100, 2, 3, 4
            UNION ALL SELECT 'A00', until, proc, standing, SUM(many)::bigint FROM counted GROUP BY 2, 3, 4) y
        GROUP BY 1, 2, 3, 4) x JOIN procedure_n p USING (proc)
    GROUP BY node, until, p.code ORDER BY 1, 4, 5;
    COMMIT;
END $$;
SELECT format('CALL fill(%s, %s, %s)', m, :dossiers / 60, m * (:dossiers / 60)) FROM generate_series(0, 59) m \gexec
DROP PROCEDURE fill;
DROP TABLE agency_n, procedure_n, node_n;
CREATE INDEX dossiers_receiving ON dossiers (receiving, received);
CREATE INDEX figure_cells_resolved ON figure_cells (node, grain, resolved) WHERE resolved <> received;
CREATE INDEX figure_cells_received ON figure_cells (received);
ALTER TABLE dossiers ENABLE TRIGGER ALL;
VACUUM ANALYZE;
