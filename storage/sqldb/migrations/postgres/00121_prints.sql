-- Looking for prints reads the key alone: of pages that lie far apart in the table some
-- 250 were read for one look. See docs/decisions/0073-batches-at-size.md.

-- +goose Up
CREATE UNIQUE INDEX side_prints_all ON side_prints (band, bits, side) INCLUDE (print);
ALTER TABLE side_prints DROP CONSTRAINT side_prints_pkey;
ALTER TABLE side_prints ADD CONSTRAINT side_prints_pkey PRIMARY KEY USING INDEX side_prints_all;

-- +goose Down
ALTER TABLE side_prints DROP CONSTRAINT side_prints_pkey;
ALTER TABLE side_prints ADD PRIMARY KEY (band, bits, side);
