-- Giving changes out. Pages are read by the primary key; the plan is pinned, because after a bulk load the statistics are wrong.
-- A scan that is switched off costs so much on paper that just-in-time compilation would begin: that is switched off, too.

CREATE OR REPLACE FUNCTION kefu.hello(p_workspace uuid, p_program integer, p_cursor bigint)
RETURNS TABLE (now_ms bigint, number integer, oldest integer, epoch integer, last bigint, chain bytea, device_last bigint,
    device_link bytea, keys bigint, roster bigint, roles text[])
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off
SET jit = off
AS $$
#variable_conflict use_column
DECLARE
    me record;
BEGIN
    SELECT m.* INTO me FROM kefu.mine() m WHERE m.workspace = p_workspace;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no seat here' USING ERRCODE = 'KF401';
    END IF;
    UPDATE kefu.seats s SET seen = now() WHERE s.workspace = p_workspace AND s.login = session_user
        AND (s.seen IS NULL OR s.seen < now() - interval '1 minute');
    -- The chain is told to whoever knew it at his cursor; a technician may not see the change that stands there.
    RETURN QUERY SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint, v.number, v.oldest, w.epoch, c.changes,
        CASE WHEN p_cursor = c.changes THEN c.chain ELSE kefu.chain_at(p_workspace, p_cursor) END,
        coalesce(d.last, 0), coalesce(d.link, decode(repeat('00', 32), 'hex')), c.keys, c.roster, me.roles
    FROM kefu.version v, kefu.workspaces w
    JOIN kefu.counters c ON c.workspace = w.workspace
    LEFT JOIN kefu.devices d ON d.workspace = w.workspace AND d.device = me.device
    WHERE w.workspace = p_workspace;
END $$;

-- The chain after one change; all zeros before the first, null beyond the last.
CREATE OR REPLACE FUNCTION kefu.chain_at(p_workspace uuid, p_seq bigint)
RETURNS bytea
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT CASE WHEN p_seq = 0 THEN decode(repeat('00', 32), 'hex')
        ELSE (SELECT c.chain FROM kefu.changes c WHERE c.workspace = p_workspace AND c.seq = p_seq) END
$$;

-- One row at least, without a change where there is none; `upto` is where the cursor stands after the page: at the end of
-- everything where the page is not full, because technicians are not shown all numbers. A page ends after 4 MB.
CREATE OR REPLACE FUNCTION kefu.pull(p_workspace uuid, p_after bigint, p_page integer)
RETURNS TABLE (upto bigint, chain bytea, seq bigint, device uuid, device_seq bigint, ms bigint, n bigint, received bigint,
    due bigint, change uuid, seat uuid, record uuid, schema bigint, suite smallint, kind text, act text, state text,
    department text, assignees uuid[], key bytea, previous bytea, signature bytea, sealed bytea)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off
SET jit = off
SET enable_bitmapscan = off
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
    IF p_page NOT BETWEEN 1 AND 500 OR p_page IS NULL OR p_after IS NULL THEN
        RAISE EXCEPTION 'at most 500 a page' USING ERRCODE = 'KF400';
    END IF;
    -- A function that is STABLE reads all of this from one snapshot, so no change can commit between the two.
    SELECT greatest(c.changes, p_after) INTO the_end FROM kefu.counters c WHERE c.workspace = p_workspace;
    IF me.office THEN
        RETURN QUERY
        WITH page AS MATERIALIZED (
            SELECT c.* FROM kefu.changes c WHERE c.workspace = p_workspace AND c.seq > p_after ORDER BY c.seq LIMIT p_page
        ), sized AS (
            SELECT g.*, sum(octet_length(g.sealed)) OVER (ORDER BY g.seq) - octet_length(g.sealed) AS before FROM page g
        ), kept AS (
            SELECT z.* FROM sized z WHERE z.before < 4194304
        )
        SELECT q.upto, q.chain, p.seq, p.device, p.device_seq, p.ms, p.n, p.received, p.due,
            p.change, p.seat, p.record, p.schema, p.suite, p.kind, p.act, p.state, p.department, p.assignees, p.key,
            p.previous, p.signature, p.sealed
        FROM (
            SELECT CASE WHEN (SELECT count(*) FROM kept) < p_page THEN CASE WHEN (SELECT count(*) FROM kept)
                = (SELECT count(*) FROM page) THEN the_end END END AS all_of_it,
                (SELECT max(k.seq) FROM kept k) AS reached
        ) e
        CROSS JOIN LATERAL (
            SELECT coalesce(e.all_of_it, e.reached) AS upto, kefu.chain_at(p_workspace, coalesce(e.all_of_it, e.reached)) AS chain
            OFFSET 0
        ) q
        LEFT JOIN kept p ON true
        ORDER BY p.seq;
    ELSE
        -- Record by record: what he has in hand is little, what lies between may be a million.
        RETURN QUERY
        WITH page AS MATERIALIZED (
            SELECT c.* FROM kefu.assignments a CROSS JOIN LATERAL (
                SELECT h.* FROM kefu.changes h
                WHERE h.workspace = a.workspace AND h.record = a.record AND h.seq > p_after ORDER BY h.seq LIMIT p_page
            ) c
            WHERE a.workspace = p_workspace AND a.member = me.member
            ORDER BY c.seq LIMIT p_page
        ), sized AS (
            SELECT g.*, sum(octet_length(g.sealed)) OVER (ORDER BY g.seq) - octet_length(g.sealed) AS before FROM page g
        ), kept AS (
            SELECT z.* FROM sized z WHERE z.before < 4194304
        )
        SELECT q.upto, q.chain, p.seq, p.device, p.device_seq, p.ms, p.n, p.received, p.due,
            p.change, p.seat, p.record, p.schema, p.suite, p.kind, p.act, p.state, p.department, p.assignees, p.key,
            p.previous, p.signature, p.sealed
        FROM (
            SELECT CASE WHEN (SELECT count(*) FROM kept) < p_page THEN CASE WHEN (SELECT count(*) FROM kept)
                = (SELECT count(*) FROM page) THEN the_end END END AS all_of_it,
                (SELECT max(k.seq) FROM kept k) AS reached
        ) e
        CROSS JOIN LATERAL (
            SELECT coalesce(e.all_of_it, e.reached) AS upto, kefu.chain_at(p_workspace, coalesce(e.all_of_it, e.reached)) AS chain
            OFFSET 0
        ) q
        LEFT JOIN kept p ON true
        ORDER BY p.seq;
    END IF;
END $$;

-- All changes of one record that the caller may see, for a record that came into his hands late.
CREATE OR REPLACE FUNCTION kefu.pull_record(p_workspace uuid, p_record uuid, p_after bigint, p_page integer)
RETURNS TABLE (upto bigint, chain bytea, seq bigint, device uuid, device_seq bigint, ms bigint, n bigint, received bigint,
    due bigint, change uuid, seat uuid, record uuid, schema bigint, suite smallint, kind text, act text, state text,
    department text, assignees uuid[], key bytea, previous bytea, signature bytea, sealed bytea)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off
SET jit = off
SET enable_bitmapscan = off
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
    IF p_page NOT BETWEEN 1 AND 500 OR p_page IS NULL OR p_after IS NULL THEN
        RAISE EXCEPTION 'at most 500 a page' USING ERRCODE = 'KF400';
    END IF;
    IF NOT me.office AND NOT EXISTS (SELECT FROM kefu.assignments a
        WHERE a.workspace = p_workspace AND a.record = p_record AND a.member = me.member)
    THEN
        RAISE EXCEPTION 'not in your hands' USING ERRCODE = 'KF403';
    END IF;
    SELECT greatest(c.changes, p_after) INTO the_end FROM kefu.counters c WHERE c.workspace = p_workspace;
    RETURN QUERY
    WITH page AS MATERIALIZED (
        SELECT c.* FROM kefu.changes c
        WHERE c.workspace = p_workspace AND c.record = p_record AND c.seq > p_after ORDER BY c.seq LIMIT p_page
    ), sized AS (
        SELECT g.*, sum(octet_length(g.sealed)) OVER (ORDER BY g.seq) - octet_length(g.sealed) AS before FROM page g
    ), kept AS (
        SELECT z.* FROM sized z WHERE z.before < 4194304
    )
    SELECT q.upto, q.chain, p.seq, p.device, p.device_seq, p.ms, p.n, p.received, p.due,
        p.change, p.seat, p.record, p.schema, p.suite, p.kind, p.act, p.state, p.department, p.assignees, p.key,
        p.previous, p.signature, p.sealed
    FROM (
        SELECT CASE WHEN (SELECT count(*) FROM kept) < p_page THEN CASE WHEN (SELECT count(*) FROM kept)
            = (SELECT count(*) FROM page) THEN the_end END END AS all_of_it,
            (SELECT max(k.seq) FROM kept k) AS reached
    ) e
    CROSS JOIN LATERAL (
            SELECT coalesce(e.all_of_it, e.reached) AS upto, kefu.chain_at(p_workspace, coalesce(e.all_of_it, e.reached)) AS chain
            OFFSET 0
        ) q
    LEFT JOIN kept p ON true
    ORDER BY p.seq;
END $$;

-- What came into the caller's hands and left them, numbered like the changes that did it.
CREATE OR REPLACE FUNCTION kefu.grants(p_workspace uuid, p_after bigint, p_upto bigint)
RETURNS TABLE (seq bigint, record uuid, given boolean)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off
SET jit = off
AS $$
#variable_conflict use_column
DECLARE
    me record;
BEGIN
    SELECT m.* INTO me FROM kefu.mine() m WHERE m.workspace = p_workspace;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no seat here' USING ERRCODE = 'KF401';
    END IF;
    RETURN QUERY SELECT g.seq, g.record, g.given FROM kefu.grants g
        WHERE g.workspace = p_workspace AND g.member = me.member AND g.seq > p_after AND g.seq <= p_upto
        ORDER BY g.seq;
END $$;

-- The changes that were refused for good, so that a gap in a device's numbers can be told from an omission.
CREATE OR REPLACE FUNCTION kefu.refused(p_workspace uuid, p_device uuid, p_after bigint)
RETURNS TABLE (device_seq bigint, change uuid, code text)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
    IF NOT EXISTS (SELECT FROM kefu.mine() m WHERE m.workspace = p_workspace) THEN
        RAISE EXCEPTION 'no seat here' USING ERRCODE = 'KF401';
    END IF;
    RETURN QUERY SELECT r.device_seq, r.change, r.code FROM kefu.refusals r
        WHERE r.workspace = p_workspace AND r.device = p_device AND r.device_seq > p_after
        ORDER BY r.device_seq LIMIT 500;
END $$;
