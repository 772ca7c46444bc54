-- Files that records name, exchanged with the shared database piece by piece.

-- Last of this device's envelopes whose files are there, as far as this device had them.
ALTER TABLE exchange ADD COLUMN carried INTEGER NOT NULL DEFAULT 0;

-- Files that changes of other devices name.
CREATE TABLE awaited (
    hash TEXT NOT NULL,                      -- SHA-256, hexadecimal
    record BLOB NOT NULL,
    key BLOB NOT NULL,                       -- id of the key of the change; where the pieces lie follows from it
    size INTEGER NOT NULL,                   -- bytes
    eager INTEGER NOT NULL,                  -- 1: fetched without being asked for, until it is here
    asked INTEGER NOT NULL DEFAULT 0,        -- when it was not there yet, milliseconds since 1970 UTC
    PRIMARY KEY (hash, record, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX awaited_eager ON awaited (asked) WHERE eager = 1;
CREATE INDEX awaited_by_record ON awaited (record);

-- Pieces of files that are on their way; gone once the file is whole.
CREATE TABLE pieces (
    hash TEXT NOT NULL,
    piece INTEGER NOT NULL,
    bytes BLOB NOT NULL,
    PRIMARY KEY (hash, piece)
) STRICT, WITHOUT ROWID;
