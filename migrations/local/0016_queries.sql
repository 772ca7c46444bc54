-- Whom the open 待核实 lines of a form ask (R71): seats, else names or departments, a line break around each; empty: nobody.
ALTER TABLE board ADD COLUMN asked TEXT NOT NULL DEFAULT '';
CREATE INDEX board_by_asked ON board (row) WHERE asked <> '';

-- Questions of a newer desk that came to an earlier program were kept without effect: folded and entered anew, once.
UPDATE indexed SET place = 0, folded = (SELECT 0 WHERE EXISTS (SELECT 1 FROM records));
