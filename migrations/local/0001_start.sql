-- The desk's database on this machine. Everything but `drafts`, `preferences` and `files` follows from `changes`.

CREATE TABLE devices (
    no INTEGER PRIMARY KEY,          -- 1 is this device
    id BLOB NOT NULL UNIQUE,
    code TEXT NOT NULL,              -- 终端码
    seq INTEGER NOT NULL DEFAULT 0,  -- head of its log
    link BLOB NOT NULL,
    last TEXT                        -- greatest stamp seen, on any device, when the head was written
) STRICT;

CREATE TABLE records (
    row INTEGER PRIMARY KEY,         -- also the row of `forms` and of `search`
    id BLOB NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    body TEXT NOT NULL               -- the folded record
) STRICT;

CREATE TABLE changes (
    place INTEGER PRIMARY KEY,       -- order of arrival here
    device INTEGER NOT NULL REFERENCES devices (no),
    seq INTEGER NOT NULL,            -- 1, 2, 3, … without gaps
    record INTEGER NOT NULL REFERENCES records (row),
    link BLOB NOT NULL,              -- SHA-256 over the link before and `bytes`
    bytes BLOB NOT NULL              -- the change as it was made
) STRICT;
CREATE UNIQUE INDEX changes_by_device ON changes (device, seq);
CREATE INDEX changes_by_record ON changes (record);

CREATE TABLE serials (
    day TEXT PRIMARY KEY,            -- last 流水 given on a day
    last INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE forms (
    row INTEGER PRIMARY KEY,
    number TEXT NOT NULL,
    received INTEGER NOT NULL,       -- 来电时间, seconds since 1970 UTC
    received_at TEXT NOT NULL,       -- the same as entered, RFC 3339
    customer TEXT NOT NULL,
    customer_key TEXT NOT NULL,      -- pinyin, for sorting
    phone TEXT NOT NULL,
    kind TEXT NOT NULL,
    category TEXT NOT NULL,
    state TEXT NOT NULL,
    channel TEXT NOT NULL,
    receiver TEXT NOT NULL,
    product TEXT NOT NULL,
    excerpt TEXT NOT NULL
) STRICT;
CREATE INDEX forms_by_number ON forms (number);
-- Covers every filter, so that pages and counts never touch the table.
CREATE INDEX forms_by_received ON forms (received, kind, state, channel, category, receiver);
CREATE INDEX forms_by_customer ON forms (customer_key, received);

-- name, text: bigrams of Chinese runs, words of others · py: pinyin and initials · id: numbers, from both ends
CREATE VIRTUAL TABLE search USING fts5 (
    name, text, py, id, tokenize = 'unicode61 remove_diacritics 0', content = '', contentless_delete = 1, prefix = '1'
);

CREATE TABLE files (
    hash TEXT NOT NULL,              -- SHA-256 of the whole
    part INTEGER NOT NULL,           -- 0, 1, 2, … of 256 KiB
    bytes BLOB NOT NULL,
    PRIMARY KEY (hash, part)
) STRICT;

CREATE TABLE drafts (
    id BLOB PRIMARY KEY,
    saved_at TEXT NOT NULL,
    body TEXT NOT NULL
) STRICT;

CREATE TABLE preferences (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
