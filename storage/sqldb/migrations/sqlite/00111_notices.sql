-- Who wants to be told how their dossier stands, by which words, and what is told; and
-- what is kept of neighbours: see docs/decisions/0063-neighbours.md.

-- +goose Up
CREATE TABLE notice_templates (
    id      TEXT PRIMARY KEY,
    agency  TEXT NOT NULL, -- empty: the house's own
    kind    TEXT NOT NULL,
    channel TEXT NOT NULL,
    lang    TEXT NOT NULL,
    since   TEXT NOT NULL, -- first day
    subject TEXT NOT NULL,
    body    TEXT NOT NULL,
    who     TEXT NOT NULL,
    at      BIGINT NOT NULL
);
CREATE INDEX notice_templates_of ON notice_templates (kind, channel, lang, agency, since);

INSERT INTO notice_templates (id, agency, kind, channel, lang, since, subject, body, who, at) VALUES
('notice-received-vi', '', 'received', 'mail', 'vi', '2026-01-01', 'Hồ sơ {dossier} đã được tiếp nhận', '{agency} đã tiếp nhận hồ sơ {dossier}.
Ngày hẹn trả kết quả: {due}

Thôi nhận thông báo về hồ sơ này: {stop}
', 'sohoa', 0),
('notice-received-en', '', 'received', 'mail', 'en', '2026-01-01', 'Dossier {dossier} was received', '{agency} has received dossier {dossier}.
Appointment for the result: {due}

To be told nothing more of this dossier: {stop}
', 'sohoa', 0),
('notice-more-vi', '', 'more', 'mail', 'vi', '2026-01-01', 'Hồ sơ {dossier} cần bổ sung giấy tờ', '{agency} cần thêm giấy tờ cho hồ sơ {dossier}. Xem phiếu yêu cầu bổ sung, hoặc hỏi tại nơi tiếp nhận.

Thôi nhận thông báo về hồ sơ này: {stop}
', 'sohoa', 0),
('notice-more-en', '', 'more', 'mail', 'en', '2026-01-01', 'Dossier {dossier} needs more papers', '{agency} needs more papers for dossier {dossier}. See the request form, or ask at the counter.

To be told nothing more of this dossier: {stop}
', 'sohoa', 0),
('notice-signed-vi', '', 'signed', 'mail', 'vi', '2026-01-01', 'Kết quả của hồ sơ {dossier} đã được ký số', 'Kết quả giải quyết hồ sơ {dossier} đã có chữ ký số của cơ quan.

{agency}

Thôi nhận thông báo về hồ sơ này: {stop}
', 'sohoa', 0),
('notice-signed-en', '', 'signed', 'mail', 'en', '2026-01-01', 'The result of dossier {dossier} is signed', 'The result of dossier {dossier} bears the digital signature of the agency.

{agency}

To be told nothing more of this dossier: {stop}
', 'sohoa', 0),
('notice-ready-vi', '', 'ready', 'mail', 'vi', '2026-01-01', 'Hồ sơ {dossier} đã có kết quả', 'Hồ sơ {dossier} đã giải quyết xong. Nhận kết quả tại {agency}, mang theo giấy tiếp nhận.

Thôi nhận thông báo về hồ sơ này: {stop}
', 'sohoa', 0),
('notice-ready-en', '', 'ready', 'mail', 'en', '2026-01-01', 'The result of dossier {dossier} is ready', 'Dossier {dossier} is decided. Fetch the result at {agency}, and bring the receipt.

To be told nothing more of this dossier: {stop}
', 'sohoa', 0);

CREATE TABLE notice_contacts (
    id       TEXT PRIMARY KEY,
    dossier  TEXT NOT NULL REFERENCES dossiers (code),
    channel  TEXT NOT NULL,
    address  TEXT NOT NULL, -- sealed, if the store is; empty once it is forgotten
    shown    TEXT NOT NULL,
    lang     TEXT NOT NULL,
    token    TEXT NOT NULL UNIQUE,
    who      TEXT NOT NULL,
    at       BIGINT NOT NULL,
    ended    BIGINT NOT NULL DEFAULT 0,
    ended_by TEXT NOT NULL DEFAULT ''
);
CREATE INDEX notice_contacts_dossier ON notice_contacts (dossier, at);

CREATE TABLE notices (
    id       TEXT PRIMARY KEY,
    contact  TEXT NOT NULL REFERENCES notice_contacts (id),
    kind     TEXT NOT NULL,
    about    TEXT NOT NULL, -- of each there is one a contact
    standing BIGINT NOT NULL DEFAULT 0, -- 0 waits, 1 sent, 2 delivered, 3 put aside, 4 left out
    tries    BIGINT NOT NULL DEFAULT 0,
    next     BIGINT NOT NULL DEFAULT 0,
    said     TEXT NOT NULL DEFAULT '',
    remote   TEXT NOT NULL DEFAULT '',
    at       BIGINT NOT NULL,
    changed  BIGINT NOT NULL,
    UNIQUE (contact, about)
);
CREATE INDEX notices_due ON notices (next) WHERE standing IN (0, 1);
CREATE INDEX notices_aside ON notices (at, id) WHERE standing = 3;

-- Up to where the ledger was read for what is told.
CREATE TABLE notice_head (
    id    BIGINT PRIMARY KEY CHECK (id = 1),
    place BIGINT NOT NULL
);
INSERT INTO notice_head (id, place) SELECT 1, size FROM log_head WHERE id = 1;

-- What came of speaking to a neighbour last, and what must be kept to be let in again:
-- sealed, if the store is.
CREATE TABLE neighbours (
    name TEXT PRIMARY KEY,
    at   BIGINT NOT NULL DEFAULT 0,
    ok   BIGINT NOT NULL DEFAULT 0,
    said TEXT NOT NULL DEFAULT '',
    kept TEXT NOT NULL DEFAULT ''
);

-- +goose Down
DROP TABLE neighbours;
DROP TABLE notice_head;
DROP TABLE notices;
DROP TABLE notice_contacts;
DROP TABLE notice_templates;
