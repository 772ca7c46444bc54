-- The board (工作台): one narrow row for each form that still asks for something. It follows the log like `forms`.
CREATE TABLE board (
    row INTEGER PRIMARY KEY,         -- of the record
    state TEXT NOT NULL,
    department TEXT NOT NULL,        -- 责任部门
    handler TEXT NOT NULL,           -- 经办人 by name
    holder TEXT NOT NULL,            -- seat that has it in hand; empty: nobody
    first TEXT NOT NULL,             -- seat that registered it
    offered_to TEXT NOT NULL,        -- seat that a transfer is offered to
    followers TEXT NOT NULL,         -- seats, joined by blanks; the same below
    delegates TEXT NOT NULL,
    owners TEXT NOT NULL,            -- of measures that wait for them
    co_handlers TEXT NOT NULL,       -- 协办 as entered
    chases INTEGER NOT NULL,         -- 督办 lines without reply
    measures INTEGER NOT NULL,       -- not verified
    out_of_place INTEGER NOT NULL,   -- changes without effect
    due INTEGER,                     -- of the strictest clock that no pause holds, milliseconds since 1970 UTC
    marked INTEGER                   -- from when on it waits too long for being dispatched or accepted, the same
) STRICT;
CREATE INDEX board_by_state ON board (state, due, marked);
CREATE INDEX board_by_due ON board (due);
CREATE INDEX board_by_chases ON board (chases) WHERE chases > 0;
CREATE INDEX board_by_measures ON board (measures) WHERE measures > 0;
CREATE INDEX board_by_place ON board (out_of_place) WHERE out_of_place > 0;
CREATE INDEX board_by_offer ON board (offered_to) WHERE offered_to <> '';

-- Records that were folded before there was a process are folded anew, once, up to this row; NULL: all of them are.
ALTER TABLE indexed ADD COLUMN folded INTEGER;
-- By which rules `board` is timed; 0: by none.
ALTER TABLE indexed ADD COLUMN rules INTEGER NOT NULL DEFAULT 0;
-- Up to which row it is; NULL: all of it.
ALTER TABLE indexed ADD COLUMN timed INTEGER;
UPDATE indexed SET place = 0, folded = (SELECT 0 WHERE EXISTS (SELECT 1 FROM records));
