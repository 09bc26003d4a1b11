-- A country's dossiers of five years, made up by the server itself: psql -v
-- dossiers=N -v rows=MONTHS -v seed=S. One root, 34 provinces with 98 communes and two centres
-- each (a centre takes in a tenth of its province's dossiers), 300 procedures, of
-- which few are asked for often, and five officers at each agency. Rows are
-- slim: no papers, no ledger; where each dossier stands is drawn. Of the last
-- :rows months dossiers are rows, of the others cells alone.
\set ON_ERROR_STOP on
SET synchronous_commit = off;
SET work_mem = '256MB';
SET maintenance_work_mem = '1GB';
SET TimeZone = 'Asia/Ho_Chi_Minh';
SELECT setseed(:seed);
ALTER TABLE dossiers DISABLE TRIGGER ALL;
DROP INDEX dossiers_received, dossiers_resolved, dossiers_receiving, dossiers_holder, dossiers_procedure, figure_cells_resolved, figure_cells_received;
-- Keys, and what refers to them, are made anew when all rows are there.
CREATE TABLE put_back AS
SELECT contype, format('ALTER TABLE %s ADD CONSTRAINT %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid)) AS add,
    format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname) AS drop
FROM pg_constraint WHERE confrelid = 'dossiers'::regclass OR contype = 'p' AND conrelid IN ('dossiers'::regclass, 'figure_cells'::regclass);
SELECT drop FROM put_back ORDER BY contype \gexec
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

-- A month of thirty days is drawn once, and every month of the five years is that
-- one moved along: what came in, by the part of the month at which it did, and when
-- it was resolved, as months after its own and a part of one. A row's standing is
-- that of a dossier resolved.
CREATE UNLOGGED TABLE drawn AS
SELECT i, at, ag, proc, off, a < 0.4 AS online, floor(at + took / 30)::int AS later, at + took / 30 - floor(at + took / 30) AS upto,
    CASE WHEN a < 0.4 THEN 1 ELSE 0 END + CASE WHEN proc % 10 = 0 THEN 0 WHEN b < 0.85 THEN 2 + 4 + 8 ELSE 2 END +
    CASE WHEN proc % 8 = 0 THEN 0 WHEN c < 0.7 THEN 16 + 32 ELSE 16 END + CASE WHEN took <= 10 THEN 512 + 1024 ELSE 512 END +
    CASE WHEN proc % 10 > 0 AND b < 0.85 AND d < 0.1 THEN 65536 ELSE 0 END AS standing
FROM (SELECT i, i::float8 / (:dossiers / 60) AS at,
        (100 + 100 * floor(34 * random()) + CASE WHEN random() < 0.2 THEN floor(2 * random()) ELSE 2 + floor(98 * random()) END)::int AS ag,
        floor(300 * random() ^ 3)::int AS proc, 1 + floor(5 * random())::int AS off,
        LEAST(8 * -ln(1 - random()), 149) AS took, random() AS a, random() AS b, random() AS c, random() AS d
    FROM generate_series(0, :dossiers / 60 - 1) i) x ORDER BY i;
ANALYZE drawn;

-- The cells of a month; later is how many months after it, -1: open.
CREATE UNLOGGED TABLE drawn_cells (node text COLLATE "C", grain int, later int, procedure text COLLATE "C", officer text COLLATE "C", tally text);
CREATE FUNCTION begins(m int) RETURNS bigint LANGUAGE sql STABLE AS
    $$ SELECT extract(epoch FROM make_timestamptz(2021, 12, 1, 0, 0, 0, 'Asia/Ho_Chi_Minh') + make_interval(months => m))::bigint * 1000 $$;
CREATE PROCEDURE draw_cells(m int, today bigint) LANGUAGE plpgsql AS $$
BEGIN
    CREATE TEMP TABLE ends ON COMMIT DROP AS SELECT k AS later, begins(m + k) AS first, begins(m + k + 1) - begins(m + k) AS size FROM generate_series(0, 6) k;
    CREATE TEMP TABLE counted ON COMMIT DROP AS
    SELECT ag, CASE WHEN open THEN -1 ELSE later END AS later, proc, off, CASE WHEN open THEN standing & ~(32 + 512 + 1024) ELSE standing END AS standing, COUNT(*) AS many
    FROM (SELECT *, first + size * upto >= today AS open FROM drawn JOIN ends USING (later)) x GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5;
    ANALYZE counted;
    TRUNCATE drawn_cells;
    INSERT INTO drawn_cells
    SELECT n.code, 1, later, p.code, n.code || '/' || off, tally
    FROM (SELECT ag, later, proc, off, string_agg(standing || ':' || many, ' ') AS tally FROM counted GROUP BY 1, 2, 3, 4) x
        JOIN agency_n n USING (ag) JOIN procedure_n p USING (proc) ORDER BY 1, 3, 4, 5;
    INSERT INTO drawn_cells
    SELECT node, 2 * up, later, '', '', string_agg(standing || ':' || many, ' ' ORDER BY standing)
    FROM (SELECT node, up, later, standing, SUM(many)::bigint AS many
        FROM (SELECT ag, later, standing, SUM(many)::bigint AS many FROM counted GROUP BY 1, 2, 3) y JOIN node_n USING (ag) GROUP BY 1, 2, 3, 4) x
    GROUP BY node, up, later ORDER BY 1, 3;
    INSERT INTO drawn_cells
    SELECT node, 3, later, p.code, '', string_agg(standing || ':' || many, ' ' ORDER BY standing)
    FROM (SELECT node, later, proc, standing, SUM(many)::bigint AS many FROM (
            SELECT 'A00.' || lpad((ag / 100)::text, 2, '0') AS node, later, proc, standing, SUM(many)::bigint AS many FROM counted GROUP BY ag / 100, 2, 3, 4
            UNION ALL SELECT 'A00', later, proc, standing, SUM(many)::bigint FROM counted GROUP BY 2, 3, 4) y
        GROUP BY 1, 2, 3, 4) x JOIN procedure_n p USING (proc)
    GROUP BY node, later, p.code ORDER BY 1, 3, 4;
END $$;

-- One month: its dossiers, and its cells. Only the last months have dossiers as
-- rows, if so asked.
CREATE PROCEDURE fill(m int, total bigint, rows int) LANGUAGE plpgsql AS $$
DECLARE
    month int := 2021 * 12 + 11 + m;
    began bigint := begins(m);
    today bigint := extract(epoch FROM make_timestamptz(2026, 11, 26, 12, 0, 0, 'Asia/Ho_Chi_Minh')) * 1000;
    size bigint := LEAST(begins(m + 1), today) - began;
BEGIN
    IF m = 0 OR m > 53 THEN -- in the last months some are open
        CALL draw_cells(m, today);
    END IF;
    INSERT INTO figure_cells (node, grain, received, resolved, procedure, officer, tally)
    SELECT node, grain, month, CASE later WHEN -1 THEN 0 ELSE month + later END, procedure, officer, tally FROM drawn_cells;
    IF m >= 60 - rows THEN
        CREATE TEMP TABLE until ON COMMIT DROP AS SELECT k AS later, begins(m + k) AS first, begins(m + k + 1) - begins(m + k) AS length FROM generate_series(0, 6) k;
        INSERT INTO dossiers (code, procedure, receiving, competent, holder, channel, received, due, resolved, demo, officer, standing, month_received, month_resolved)
        SELECT n.code || '-' || to_char(to_timestamp(came / 1000), 'YYMMDD') || '-' || (100000000 + m * total + i)::text, p.code, n.code, n.code, 'h',
            CASE WHEN online THEN 'online' ELSE 'direct' END, came,
            CASE WHEN went >= today THEN came + 864000000 WHEN standing & 1024 > 0 THEN GREATEST(came + 864000000, went) ELSE LEAST(came + 864000000, went - 1) END,
            CASE WHEN went < today THEN went END, 0, n.code || '/' || off,
            CASE WHEN went < today THEN standing ELSE standing & ~(32 + 512 + 1024) END, month, CASE WHEN went < today THEN month + later ELSE 0 END
        FROM (SELECT d.*, began + (size * at)::bigint AS came, first + (length * upto)::bigint AS went FROM drawn d JOIN until USING (later) ORDER BY i) x
            JOIN agency_n n USING (ag) JOIN procedure_n p USING (proc);
    END IF;
    COMMIT;
END $$;
SELECT format('CALL fill(%s, %s, %s)', m, :dossiers / 60, :rows) FROM generate_series(0, 59) m \gexec
DROP PROCEDURE fill, draw_cells;
DROP FUNCTION begins;
DROP TABLE agency_n, procedure_n, node_n, drawn, drawn_cells;
SELECT add FROM put_back ORDER BY contype DESC \gexec
DROP TABLE put_back;
CREATE INDEX dossiers_receiving ON dossiers (receiving, received);
CREATE INDEX figure_cells_resolved ON figure_cells (node, grain, resolved, received) WHERE resolved <> received;
CREATE INDEX figure_cells_received ON figure_cells (received);
ALTER TABLE dossiers ENABLE TRIGGER ALL;
VACUUM ANALYZE;
