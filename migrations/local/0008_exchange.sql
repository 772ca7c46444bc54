-- The exchange with the shared database: what was sealed once, what came from other devices, and how far.

-- 1: counts in its record · 0: refused, or another version of it counts · -1: what it said is not held here any more
ALTER TABLE changes ADD COLUMN standing INTEGER NOT NULL DEFAULT 1;

CREATE TABLE exchange (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    epoch INTEGER NOT NULL DEFAULT 0,        -- of the workspace, as last heard
    acknowledged INTEGER NOT NULL DEFAULT 0, -- last of this device's envelopes that the shared database has answered for good
    sealed INTEGER NOT NULL DEFAULT 0,       -- last of this device's changes that has its envelope
    offset_ms INTEGER NOT NULL DEFAULT 0,    -- server's clock less ours
    seen TEXT,                               -- greatest stamp that the shared database has taken
    retry INTEGER NOT NULL DEFAULT 0,        -- a key came that something in quarantine waits for
    tried TEXT NOT NULL DEFAULT ''           -- program with which the quarantine was last tried
) STRICT;
INSERT INTO exchange (one) VALUES (1);

CREATE TABLE marks (
    seq INTEGER PRIMARY KEY,                 -- place in the order of the workspace; the greatest is the cursor
    hash BLOB NOT NULL
) STRICT;

-- One for each change that was sealed here or came from elsewhere.
CREATE TABLE envelopes (
    place INTEGER PRIMARY KEY,               -- of the change in `changes`
    device INTEGER NOT NULL,                 -- as there
    seq INTEGER NOT NULL,                    -- number of the envelope in what the device sends
    digest BLOB NOT NULL,
    change BLOB NOT NULL,                    -- id of the change; one may be in two envelopes
    status INTEGER NOT NULL,                 -- 0 to be sent · 1 there · 2 astray · 3 refused · 4 stranded · 5 in another envelope · 6 to be sealed anew
    at INTEGER NOT NULL DEFAULT 0,           -- place in the order of the workspace, present or former
    code TEXT NOT NULL DEFAULT '',           -- why it was refused
    aside INTEGER NOT NULL DEFAULT 0,        -- the refusal was dealt with
    again INTEGER NOT NULL DEFAULT 0,        -- was accepted once
    bare BLOB NOT NULL,                      -- head, nonce, signature; the whole envelope where the change is not held any more
    wraps BLOB                               -- keys that travel with it
) STRICT;
CREATE INDEX envelopes_by_change ON envelopes (change);
CREATE UNIQUE INDEX envelopes_of_own ON envelopes (seq) WHERE device = 1;
CREATE INDEX envelopes_astray ON envelopes (at) WHERE status = 2;
CREATE INDEX envelopes_refused ON envelopes (place) WHERE status = 3;

CREATE TABLE record_keys (
    key BLOB PRIMARY KEY,                    -- its id
    record BLOB NOT NULL,
    epoch INTEGER NOT NULL,
    sealed BLOB NOT NULL,                    -- under a desk key as it travels, or wrapped for this machine
    here INTEGER NOT NULL,                   -- 1: wrapped for this machine
    writable INTEGER NOT NULL,               -- 0: for reading only; a desk has to give it anew
    shown TEXT NOT NULL DEFAULT ''           -- members who had the record in hand while it was in use
) STRICT, WITHOUT ROWID;
CREATE INDEX record_keys_by_record ON record_keys (record, epoch);

CREATE TABLE given_keys (                    -- to whom a record key was sealed by this device
    key BLOB NOT NULL,
    member BLOB NOT NULL,
    device BLOB NOT NULL,
    PRIMARY KEY (key, member, device)
) STRICT, WITHOUT ROWID;

CREATE TABLE quarantine (
    digest BLOB PRIMARY KEY,
    at INTEGER NOT NULL,                     -- place in the order of the workspace
    record BLOB NOT NULL,
    key BLOB NOT NULL,
    reason TEXT NOT NULL,
    bytes BLOB NOT NULL                      -- the envelope
) STRICT, WITHOUT ROWID;

-- Records that a technician's device holds.
CREATE TABLE held (
    record BLOB PRIMARY KEY,
    since INTEGER NOT NULL                   -- place at which it was last given; 0: not fetched whole yet
) STRICT, WITHOUT ROWID;

-- Records in which somebody may have to decide between two values.
CREATE TABLE conflicts (
    row INTEGER PRIMARY KEY
) STRICT;
