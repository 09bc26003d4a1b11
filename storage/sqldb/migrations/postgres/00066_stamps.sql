-- How often the catalogue was changed: who keeps a copy of it looks here whether it
-- is still true, see docs/decisions/0040-figures-at-size.md. Whoever writes these
-- tables counts, the program or anybody else, in the transaction of the change.

-- +goose Up

CREATE TABLE catalogue_stamps (
    what  TEXT COLLATE "C" PRIMARY KEY,
    stamp BIGINT NOT NULL
);
INSERT INTO catalogue_stamps (what, stamp) VALUES ('agencies', 1), ('procedures', 1), ('kinds', 1);

-- +goose StatementBegin
CREATE FUNCTION catalogue_stamped() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE catalogue_stamps SET stamp = stamp + 1 WHERE what = TG_ARGV[0];
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER agencies_stamped AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON agencies
    FOR EACH STATEMENT EXECUTE FUNCTION catalogue_stamped('agencies');
CREATE TRIGGER agency_spans_stamped AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON agency_spans
    FOR EACH STATEMENT EXECUTE FUNCTION catalogue_stamped('agencies');
CREATE TRIGGER procedures_stamped AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON procedures
    FOR EACH STATEMENT EXECUTE FUNCTION catalogue_stamped('procedures');
CREATE TRIGGER components_stamped AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON components
    FOR EACH STATEMENT EXECUTE FUNCTION catalogue_stamped('procedures');
CREATE TRIGGER kinds_stamped AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON kinds
    FOR EACH STATEMENT EXECUTE FUNCTION catalogue_stamped('kinds');

-- +goose Down
DROP TRIGGER agencies_stamped ON agencies;
DROP TRIGGER agency_spans_stamped ON agency_spans;
DROP TRIGGER procedures_stamped ON procedures;
DROP TRIGGER components_stamped ON components;
DROP TRIGGER kinds_stamped ON kinds;
DROP FUNCTION catalogue_stamped();
DROP TABLE catalogue_stamps;
