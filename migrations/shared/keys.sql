-- Record keys on their way: wrapped for the desk or sealed to one seat. What is stored once is never replaced.

CREATE OR REPLACE FUNCTION kefu.put_keys(p_workspace uuid, p_record uuid[], p_key bytea[], p_desk integer[], p_member uuid[],
    p_device uuid[], p_sealed bytea[])
RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET lock_timeout = '5s'
AS $$
#variable_conflict use_column
DECLARE
    base bigint;
    added bigint;
BEGIN
    IF NOT EXISTS (SELECT FROM kefu.mine() m WHERE m.workspace = p_workspace AND m.office) THEN
        RAISE EXCEPTION 'for office roles' USING ERRCODE = 'KF403';
    END IF;
    IF cardinality(p_record) > 1000 THEN
        RAISE EXCEPTION 'at most 1000 keys at a time' USING ERRCODE = 'KF413';
    END IF;
    SELECT c.keys INTO base FROM kefu.counters c WHERE c.workspace = p_workspace FOR UPDATE;
    WITH fresh AS (
        SELECT DISTINCT ON (u.record, u.key, u.desk, u.member, u.device) u.*
        FROM unnest(p_record, p_key, p_desk, p_member, p_device, p_sealed) AS u (record, key, desk, member, device, sealed)
        WHERE NOT EXISTS (SELECT FROM kefu.wraps w WHERE w.workspace = p_workspace AND w.record = u.record AND w.key = u.key
            AND w.desk = u.desk AND w.member = u.member AND w.device = u.device)
    ), written AS (
        INSERT INTO kefu.wraps (workspace, no, record, key, desk, member, device, sealed)
        SELECT p_workspace, base + row_number() OVER (), f.record, f.key, f.desk, f.member, f.device, f.sealed FROM fresh f
        RETURNING 1
    )
    SELECT count(*) INTO added FROM written;
    UPDATE kefu.counters c SET keys = base + added WHERE c.workspace = p_workspace AND added > 0;
    RETURN base + added;
END $$;

-- What the caller can unwrap: the desk's and his own seat's. One row at least, as with pull.
CREATE OR REPLACE FUNCTION kefu.keys(p_workspace uuid, p_after bigint, p_page integer)
RETURNS TABLE (upto bigint, no bigint, record uuid, key bytea, desk integer, member uuid, device uuid, sealed bytea)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off
SET jit = off
SET enable_hashjoin = off
SET enable_mergejoin = off
AS $$
#variable_conflict use_column
DECLARE
    me record;
    the_end bigint;
BEGIN
    SELECT m.* INTO me FROM kefu.mine() m WHERE m.workspace = p_workspace;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no seat here' USING ERRCODE = 'KF401';
    END IF;
    IF p_page NOT BETWEEN 1 AND 1000 OR p_page IS NULL OR p_after IS NULL THEN
        RAISE EXCEPTION 'at most 1000 a page' USING ERRCODE = 'KF400';
    END IF;
    SELECT greatest(c.keys, p_after) INTO the_end FROM kefu.counters c WHERE c.workspace = p_workspace;
    RETURN QUERY
    WITH page AS MATERIALIZED (
        SELECT w.* FROM (
            (SELECT * FROM kefu.wraps d WHERE me.office AND d.workspace = p_workspace
                AND d.member = '00000000-0000-0000-0000-000000000000' AND d.no > p_after ORDER BY d.no LIMIT p_page)
            UNION ALL
            (SELECT * FROM kefu.wraps o WHERE o.workspace = p_workspace AND o.member = me.member AND o.device = me.device
                AND o.no > p_after ORDER BY o.no LIMIT p_page)
        ) w ORDER BY w.no LIMIT p_page
    )
    SELECT CASE WHEN (SELECT count(*) FROM page) < p_page THEN the_end ELSE (SELECT max(g.no) FROM page g) END,
        p.no, p.record, p.key, p.desk, p.member, p.device, p.sealed
    FROM (SELECT 1) one LEFT JOIN page p ON true ORDER BY p.no;
END $$;
