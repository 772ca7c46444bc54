-- The workspace that this machine shares its records with, if any, and what it needs to be believed there. Private halves and
-- received keys lie wrapped once more under a key that follows from the database's own.
CREATE TABLE workspace (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    id BLOB NOT NULL,
    root BLOB NOT NULL,              -- fingerprint of its root
    member BLOB NOT NULL,            -- with whom this device was admitted
    device BLOB NOT NULL,            -- as what; a copied profile goes on under another identity, with the same keys
    seat BLOB NOT NULL,              -- private halves of the device's seat, wrapped
    founder BLOB,                    -- private half of the root, wrapped: on the founding administrator's device only
    address TEXT NOT NULL,           -- host and port
    database TEXT NOT NULL,
    login TEXT NOT NULL,
    password TEXT NOT NULL,
    authority BLOB NOT NULL,         -- certificate (DER); empty for those that the system trusts
    keeps_statements INTEGER NOT NULL, -- 0 behind PgBouncer in transaction mode
    joining TEXT,                    -- the invite, until an administrator admits this device
    since TEXT NOT NULL              -- RFC 3339
) STRICT;

-- The member log as far as this device knows it. It never gets shorter.
CREATE TABLE roster (
    no INTEGER PRIMARY KEY,          -- 1, 2, 3, …
    entry BLOB NOT NULL
) STRICT;

CREATE TABLE desk_keys (
    epoch INTEGER PRIMARY KEY,
    key BLOB NOT NULL                -- wrapped
) STRICT;

-- Invites that this device gave out: a request can be held only against the invite's own secret.
CREATE TABLE invites (
    id BLOB PRIMARY KEY,
    text TEXT NOT NULL,
    roles TEXT NOT NULL,             -- JSON: what the member is to be admitted as
    expires INTEGER NOT NULL,        -- seconds since 1970 UTC
    admitted INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
