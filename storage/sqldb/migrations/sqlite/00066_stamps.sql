-- How often the catalogue was changed: who keeps a copy of it looks here whether it
-- is still true, see docs/decisions/0040-figures-at-size.md. Whoever writes these
-- tables counts, the program or anybody else, in the transaction of the change.

-- +goose Up

CREATE TABLE catalogue_stamps (
    what  TEXT PRIMARY KEY,
    stamp BIGINT NOT NULL
);
INSERT INTO catalogue_stamps (what, stamp) VALUES ('agencies', 1), ('procedures', 1), ('kinds', 1);

-- +goose StatementBegin
CREATE TRIGGER agencies_stamped_insert AFTER INSERT ON agencies
BEGIN
    UPDATE catalogue_stamps SET stamp = stamp + 1 WHERE what = 'agencies';
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER agencies_stamped_update AFTER UPDATE ON agencies
BEGIN
    UPDATE catalogue_stamps SET stamp = stamp + 1 WHERE what = 'agencies';
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER agencies_stamped_delete AFTER DELETE ON agencies
BEGIN
    UPDATE catalogue_stamps SET stamp = stamp + 1 WHERE what = 'agencies';
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER agency_spans_stamped_insert AFTER INSERT ON agency_spans
BEGIN
    UPDATE catalogue_stamps SET stamp = stamp + 1 WHERE what = 'agencies';
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER agency_spans_stamped_update AFTER UPDATE ON agency_spans
BEGIN
    UPDATE catalogue_stamps SET stamp = stamp + 1 WHERE what = 'agencies';
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER agency_spans_stamped_delete AFTER DELETE ON agency_spans
BEGIN
    UPDATE catalogue_stamps SET stamp = stamp + 1 WHERE what = 'agencies';
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER procedures_stamped_insert AFTER INSERT ON procedures
BEGIN
    UPDATE catalogue_stamps SET stamp = stamp + 1 WHERE what = 'procedures';
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER procedures_stamped_update AFTER UPDATE ON procedures
BEGIN
    UPDATE catalogue_stamps SET stamp = stamp + 1 WHERE what = 'procedures';
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER procedures_stamped_delete AFTER DELETE ON procedures
BEGIN
    UPDATE catalogue_stamps SET stamp = stamp + 1 WHERE what = 'procedures';
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER components_stamped_insert AFTER INSERT ON components
BEGIN
    UPDATE catalogue_stamps SET stamp = stamp + 1 WHERE what = 'procedures';
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER components_stamped_update AFTER UPDATE ON components
BEGIN
    UPDATE catalogue_stamps SET stamp = stamp + 1 WHERE what = 'procedures';
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER components_stamped_delete AFTER DELETE ON components
BEGIN
    UPDATE catalogue_stamps SET stamp = stamp + 1 WHERE what = 'procedures';
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER kinds_stamped_insert AFTER INSERT ON kinds
BEGIN
    UPDATE catalogue_stamps SET stamp = stamp + 1 WHERE what = 'kinds';
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER kinds_stamped_update AFTER UPDATE ON kinds
BEGIN
    UPDATE catalogue_stamps SET stamp = stamp + 1 WHERE what = 'kinds';
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER kinds_stamped_delete AFTER DELETE ON kinds
BEGIN
    UPDATE catalogue_stamps SET stamp = stamp + 1 WHERE what = 'kinds';
END;
-- +goose StatementEnd

-- +goose Down
DROP TRIGGER agencies_stamped_insert;
DROP TRIGGER agencies_stamped_update;
DROP TRIGGER agencies_stamped_delete;
DROP TRIGGER agency_spans_stamped_insert;
DROP TRIGGER agency_spans_stamped_update;
DROP TRIGGER agency_spans_stamped_delete;
DROP TRIGGER procedures_stamped_insert;
DROP TRIGGER procedures_stamped_update;
DROP TRIGGER procedures_stamped_delete;
DROP TRIGGER components_stamped_insert;
DROP TRIGGER components_stamped_update;
DROP TRIGGER components_stamped_delete;
DROP TRIGGER kinds_stamped_insert;
DROP TRIGGER kinds_stamped_update;
DROP TRIGGER kinds_stamped_delete;
DROP TABLE catalogue_stamps;
