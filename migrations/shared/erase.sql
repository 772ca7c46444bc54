-- Erasure: what was sealed of a record is destroyed here, and its digest put in its place. Numbers, signatures and chains stay, so
-- that every cursor and every device goes on; and devices accept such a place only with the erasing change that is signed.

CREATE INDEX IF NOT EXISTS changes_erased ON kefu.changes (workspace, record) WHERE act = 'erase';

-- Whether records were erased so that a change of this stamp is not taken any more: what tells of one matter for good; of
-- customers and products, which go on, what was written before.
CREATE OR REPLACE FUNCTION kefu.erased(p_workspace uuid, p_record uuid[], p_ms bigint[])
RETURNS boolean[]
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off
SET jit = off
AS $$
    SELECT array_agg(EXISTS (
        SELECT FROM kefu.changes c JOIN kefu.acts a ON a.kind = c.kind AND a.act = 'erase'
        WHERE c.workspace = p_workspace AND c.record = u.record AND c.act = 'erase'
          AND (c.kind NOT IN ('customer', 'product') OR c.ms >= u.ms)) ORDER BY u.ord)
    FROM unnest(p_record, p_ms) WITH ORDINALITY AS u (record, ms, ord)
$$;

-- Destroys what stood before the erasing changes with these numbers. Whoever sent them was found to be one who may; the keys
-- that nothing needs any more go along.
CREATE OR REPLACE FUNCTION kefu.erase(p_workspace uuid, p_seqs bigint[])
RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off
SET plan_cache_mode = force_generic_plan
SET jit = off
AS $$
DECLARE
    it record;
    goes_on boolean;
BEGIN
    -- Found by their numbers, and only then asked what they are (OFFSET 0 keeps it so): by the index of erasing changes, every
    -- one that there ever was would be read.
    FOR it IN SELECT c.record, c.kind, c.seq FROM unnest(p_seqs) u (seq) CROSS JOIN LATERAL (
            SELECT h.record, h.kind, h.seq, h.act FROM kefu.changes h
            WHERE h.workspace = p_workspace AND h.seq = u.seq OFFSET 0
        ) c JOIN kefu.acts a ON a.kind = c.kind AND a.act = c.act
        WHERE c.act = 'erase'
    LOOP
        goes_on := it.kind IN ('customer', 'product');
        -- Where a record goes on, the last erasing change says what is left of those before it.
        UPDATE kefu.changes c SET sealed = c.link
        WHERE c.workspace = p_workspace AND c.record = it.record AND c.seq < it.seq AND (goes_on OR c.act <> 'erase');
        IF NOT goes_on THEN
            DELETE FROM kefu.chunks h WHERE h.workspace = p_workspace AND h.record = it.record;
            DELETE FROM kefu.wraps w WHERE w.workspace = p_workspace AND w.record = it.record AND NOT EXISTS (
                SELECT FROM kefu.changes c WHERE c.workspace = p_workspace AND c.record = it.record AND c.act = 'erase'
                    AND c.key = w.key);
        END IF;
    END LOOP;
END $$;
