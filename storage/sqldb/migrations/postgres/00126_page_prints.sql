-- What the pages of documents look like, whichever way they came, so that a sheet is
-- found again that somebody brings again: see docs/decisions/0080-the-same-sheet.md.

-- +goose Up
-- A page is in side_prints under the number -id, so that one look finds sides and pages.
-- Pages of papers that a batch brought have their sides there.
CREATE TABLE page_prints (
    id       BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    document TEXT COLLATE "C" NOT NULL,
    page     BIGINT NOT NULL, -- from 1
    picture  TEXT COLLATE "C" NOT NULL, -- SHA-256 of the stored picture
    print    BIGINT NOT NULL,
    UNIQUE (document, page)
);
CREATE INDEX page_prints_picture ON page_prints (picture);

-- Documents of which this is not written down yet, those that were read last first.
CREATE TABLE prints_owed (
    document TEXT COLLATE "C" PRIMARY KEY,
    due      BIGINT NOT NULL -- not before; 0: was read before there were prints
);
CREATE INDEX prints_owed_due ON prints_owed (due);

INSERT INTO prints_owed (document, due)
SELECT m.document, 0 FROM made m JOIN documents d ON d.id = m.document WHERE m.part = 'words' AND d.disposed = 0;

-- +goose StatementBegin
CREATE FUNCTION made_words() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO prints_owed (document, due) VALUES (NEW.document, (SELECT at FROM changes WHERE document = NEW.document AND version = NEW.version));
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER made_words AFTER INSERT ON made
    FOR EACH ROW WHEN (NEW.part = 'words') EXECUTE FUNCTION made_words();

-- +goose Down
DROP TRIGGER made_words ON made;
DROP FUNCTION made_words();
DELETE FROM side_prints WHERE side < 0;
DROP TABLE prints_owed;
DROP TABLE page_prints;
