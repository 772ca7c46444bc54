-- Every registration writes the head of the log and the last 流水 of the day: they stand in one row, so that it dirties one
-- page less. `serials` keeps the other days'.
ALTER TABLE devices ADD COLUMN day TEXT NOT NULL DEFAULT '';        -- whose 流水 is given out; empty: none was given yet
ALTER TABLE devices ADD COLUMN serial INTEGER NOT NULL DEFAULT 0;   -- last one of that day

UPDATE devices SET day = s.day, serial = s.last FROM (SELECT day, last FROM serials ORDER BY day DESC LIMIT 1) s WHERE no = 1;
DELETE FROM serials WHERE day = (SELECT day FROM devices WHERE no = 1);
