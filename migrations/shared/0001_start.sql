-- The tables of the shared database. Every key begins with the workspace, so that one workspace can lie on one shard and no
-- statement ever crosses two. What a customer said or is stands only in `sealed`, which nobody here can open.
-- Run by the installer as the owner of the schema, once; what may change later stands in 0002_…, never here.

CREATE TABLE kefu.version (
    one      boolean PRIMARY KEY DEFAULT true CHECK (one),
    number   integer NOT NULL,          -- the newest migration that was run
    oldest   integer NOT NULL           -- programs below this number are sent away
);

CREATE TABLE kefu.workspaces (
    workspace uuid PRIMARY KEY,
    root      bytea NOT NULL CHECK (octet_length(root) = 32),   -- public key that signs the roster
    epoch     integer NOT NULL DEFAULT 1,                        -- raised by hand when a backup was put back
    created   timestamptz NOT NULL DEFAULT now()
);

-- One row per workspace, raised inside the transaction that writes: numbers come dense and in the order of commit, so a
-- reader's cursor never passes a row that commits later. A sequence would let it.
CREATE TABLE kefu.counters (
    workspace uuid PRIMARY KEY REFERENCES kefu.workspaces,
    changes   bigint NOT NULL DEFAULT 0,
    chain     bytea NOT NULL DEFAULT decode(repeat('00', 32), 'hex'),
    ms        bigint NOT NULL DEFAULT 0,                              -- greatest stamp of a change present
    roster    bigint NOT NULL DEFAULT 0,
    link      bytea NOT NULL DEFAULT decode(repeat('00', 32), 'hex') -- hash of the last roster entry
) WITH (fillfactor = 10);                                            -- every update stays on its page

-- A member on one device: what row security asks first.
CREATE TABLE kefu.seats (
    workspace   uuid NOT NULL REFERENCES kefu.workspaces,
    login       name NOT NULL,
    member      uuid NOT NULL,
    device      uuid NOT NULL,
    roles       text[] NOT NULL,
    status      text NOT NULL DEFAULT 'active',
    certificate bytea NOT NULL,
    admitted    timestamptz NOT NULL DEFAULT now(),
    seen        timestamptz,
    PRIMARY KEY (workspace, login),
    UNIQUE (workspace, device, member)
) WITH (fillfactor = 50);
CREATE INDEX seats_login ON kefu.seats (login);

-- What was decided about members, signed and chained by administrators' devices; kept here only for delivery.
CREATE TABLE kefu.roster (
    workspace uuid NOT NULL REFERENCES kefu.workspaces,
    no        bigint NOT NULL,
    entry     bytea NOT NULL,
    link      bytea NOT NULL CHECK (octet_length(link) = 32),
    PRIMARY KEY (workspace, no)
);

CREATE TABLE kefu.invites (
    workspace   uuid NOT NULL REFERENCES kefu.workspaces,
    invite      uuid NOT NULL,
    login       name NOT NULL,
    status      text NOT NULL DEFAULT 'open',   -- open, joined, admitted, withdrawn
    expires     timestamptz NOT NULL,
    request     bytea,                          -- the new seat's public keys, under the secret of the invite
    answer      bytea,                          -- sealed to the new seat
    PRIMARY KEY (workspace, invite)
);
CREATE INDEX invites_login ON kefu.invites (login);

-- How far each device's own numbering reached here. A copied profile goes on under an identity that no seat has.
CREATE TABLE kefu.devices (
    workspace uuid NOT NULL REFERENCES kefu.workspaces,
    device    uuid NOT NULL,
    member    uuid NOT NULL,         -- with whom it came
    last      bigint NOT NULL DEFAULT 0,
    link      bytea NOT NULL DEFAULT decode(repeat('00', 32), 'hex'),  -- hash of the change `last`
    PRIMARY KEY (workspace, device)
) WITH (fillfactor = 50);

CREATE TABLE kefu.changes (
    workspace  uuid NOT NULL,
    seq        bigint NOT NULL,
    device     uuid NOT NULL,
    device_seq bigint NOT NULL,
    ms         bigint NOT NULL,
    n          bigint NOT NULL,
    received   bigint,
    due        bigint,
    change     uuid NOT NULL,
    seat       uuid NOT NULL,
    record     uuid NOT NULL,
    schema     bigint NOT NULL,
    suite      smallint NOT NULL,
    kind       text NOT NULL,
    act        text NOT NULL,
    state      text NOT NULL,
    department text NOT NULL,
    assignees  uuid[] NOT NULL,
    key        bytea NOT NULL,
    previous   bytea NOT NULL,
    link       bytea NOT NULL,       -- digest of the envelope: by device, number and this a change is known
    chain      bytea NOT NULL,       -- SHA-256 of the chain before it and the signature: what a put-back backup cannot repeat
    signature  bytea NOT NULL,
    sealed     bytea NOT NULL,
    about      uuid,                 -- the form that a return visit asks after: who handled it must not rate it
    PRIMARY KEY (workspace, seq),
    UNIQUE (workspace, device, device_seq)
);
CREATE INDEX changes_record ON kefu.changes (workspace, record, seq);
ALTER TABLE kefu.changes ALTER COLUMN sealed SET STORAGE EXTERNAL;  -- ciphertext does not get smaller

-- Changes that were refused for good: their numbers are used, so that what follows on the device can go on.
CREATE TABLE kefu.refusals (
    workspace  uuid NOT NULL,
    device     uuid NOT NULL,
    device_seq bigint NOT NULL,
    change     uuid NOT NULL,
    link       bytea NOT NULL,
    code       text NOT NULL,
    refused    timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (workspace, device, device_seq)
);

-- What is known of a record in clear: as its latest change by clock says, whatever the order of arrival.
CREATE TABLE kefu.records (
    workspace  uuid NOT NULL,
    record     uuid NOT NULL,
    kind       text NOT NULL,
    ms         bigint NOT NULL,
    n          bigint NOT NULL,
    device     uuid NOT NULL,
    state      text NOT NULL,
    department text NOT NULL,
    assignees  uuid[] NOT NULL,
    received   bigint,
    due        bigint,
    changes    bigint NOT NULL,
    last       bigint NOT NULL,      -- number of its last change
    moved_ms   bigint NOT NULL,      -- stamp of the latest change that moved `assignees`; zeros where none did yet
    moved_n    bigint NOT NULL,
    moved_by   uuid NOT NULL,
    PRIMARY KEY (workspace, record)
) WITH (fillfactor = 80);

-- Who has a record in hand now: what technicians may see.
CREATE TABLE kefu.assignments (
    workspace uuid NOT NULL,
    record    uuid NOT NULL,
    member    uuid NOT NULL,
    since     bigint NOT NULL,       -- number of the change that gave it; another one says: fetch the whole of it again
    PRIMARY KEY (workspace, record, member)
);
CREATE INDEX assignments_member ON kefu.assignments (workspace, member, record);

-- Who ever had a record in hand: what he did before he heard that it was taken from him is still taken in.
CREATE TABLE kefu.grants (
    workspace uuid NOT NULL,
    member    uuid NOT NULL,
    record    uuid NOT NULL,
    PRIMARY KEY (workspace, member, record)
);

-- Record keys, sealed: under the desk key (nil member) or to a technician. Numbered like the change they came with, so that
-- one cursor serves both.
CREATE TABLE kefu.wraps (
    workspace uuid NOT NULL,
    seq       bigint NOT NULL,
    record    uuid NOT NULL,
    key       bytea NOT NULL CHECK (octet_length(key) = 16),
    member    uuid NOT NULL,
    mark      bytea NOT NULL,        -- of `sealed`: the same is kept once
    sealed    bytea NOT NULL CHECK (octet_length(sealed) <= 1024),
    PRIMARY KEY (workspace, record, key, member, mark)
);
CREATE INDEX wraps_seq ON kefu.wraps (workspace, member, seq);

-- Desk keys by epoch: sealed to an office seat, or (nil member and device) the epoch before under this one.
CREATE TABLE kefu.desk_keys (
    workspace uuid NOT NULL REFERENCES kefu.workspaces,
    epoch     integer NOT NULL,
    member    uuid NOT NULL,
    device    uuid NOT NULL,
    sealed    bytea NOT NULL CHECK (octet_length(sealed) <= 1024),
    PRIMARY KEY (workspace, epoch, member, device)
);

-- Attachments: sealed pieces under the record that they belong to.
CREATE TABLE kefu.chunks (
    workspace uuid NOT NULL,
    record    uuid NOT NULL,
    file      bytea NOT NULL CHECK (octet_length(file) = 32),
    piece     integer NOT NULL CHECK (piece >= 0),
    pieces    integer NOT NULL CHECK (pieces > piece AND pieces <= 100),
    sealed    bytea NOT NULL CHECK (octet_length(sealed) BETWEEN 1 AND 300000),
    PRIMARY KEY (workspace, record, file, piece)
);
ALTER TABLE kefu.chunks ALTER COLUMN sealed SET STORAGE EXTERNAL;

-- Coarse copy of the process table of crates/domain: who may send which act. Filled from acts.sql at every install.
CREATE TABLE kefu.acts (
    kind     text NOT NULL,
    act      text NOT NULL,
    roles    text[] NOT NULL,
    archived text[] NOT NULL,       -- those of them who may on a record in the archive, too
    assigns  boolean NOT NULL,      -- whether it moves who has the record in hand
    handles  boolean NOT NULL,      -- whether it makes its author one of those who handled a form
    spares   text[] NOT NULL,       -- but not where the form stands so after it
    asks     boolean NOT NULL,      -- of a return visit: not for those who handled what it asks after
    once     boolean NOT NULL,      -- a record has it once
    PRIMARY KEY (kind, act)
);
