-- Giving changes out. Pages are read by the primary key; the plan is pinned, because after a bulk load the statistics are wrong.
-- A scan that is switched off costs so much on paper that just-in-time compilation would begin: that is switched off, too.

-- Which of the marks and of the device's own numbers are true here: 0 where none is.
CREATE OR REPLACE FUNCTION kefu.hello(p_workspace uuid, p_program integer, p_device uuid, p_marks bigint[], p_hashes bytea[],
    p_own bigint[], p_digests bytea[])
RETURNS TABLE (now_ms bigint, number integer, oldest integer, epoch integer, last bigint, matched bigint, own bigint,
    roster bigint, roles text[])
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
    IF (cardinality(p_marks) <= 200 AND cardinality(p_own) <= 200) IS NOT TRUE THEN
        RAISE EXCEPTION 'at most 200 marks' USING ERRCODE = 'KF413';
    END IF;
    UPDATE kefu.seats s SET seen = now() WHERE s.workspace = p_workspace AND s.login = session_user
        AND (s.seen IS NULL OR s.seen < now() - interval '1 minute');
    -- The chain is compared here, because a technician may not see the change that stands at his cursor.
    RETURN QUERY SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint, v.number, v.oldest, w.epoch, c.changes,
        coalesce((SELECT max(k.seq) FROM unnest(p_marks, p_hashes) k (seq, hash)
            WHERE kefu.chain_at(p_workspace, k.seq) = k.hash), 0),
        coalesce((SELECT max(k.seq) FROM unnest(p_own, p_digests) k (seq, digest)
            WHERE (SELECT s.link FROM kefu.sent(p_workspace, p_device, k.seq) s) = k.digest), 0),
        c.roster, me.roles
    FROM kefu.version v, kefu.workspaces w
    JOIN kefu.counters c ON c.workspace = w.workspace
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

-- What came after p_after, if the chain stood at p_hash there: rows of several sorts in one answer, so that they are of one moment.
--   page      where the cursor stands after it (seq, key: the chain there) and whether more follows (suite 1); one row, the first
--   change    by number; to technicians only those of records in their hands
--   wrap      record keys that the caller can open: record, key, sealed; seat nil: under the desk key
--   assigned  after the last page: all that a technician has in hand, and since which number
--   diverged  instead of everything: the chain is another
-- A page ends after 4 MB. A function that is STABLE reads all of this from one snapshot.
CREATE OR REPLACE FUNCTION kefu.pull(p_workspace uuid, p_after bigint, p_hash bytea, p_page integer)
RETURNS TABLE (sort text, seq bigint, device uuid, device_seq bigint, ms bigint, n bigint, received bigint, due bigint,
    change uuid, seat uuid, record uuid, schema bigint, suite smallint, kind text, act text, state text, department text,
    assignees uuid[], key bytea, previous bytea, signature bytea, sealed bytea, about uuid)
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
    reached bigint;
    more boolean;
BEGIN
    SELECT m.* INTO me FROM kefu.mine() m WHERE m.workspace = p_workspace;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no seat here' USING ERRCODE = 'KF401';
    END IF;
    IF p_page NOT BETWEEN 1 AND 500 OR p_page IS NULL OR p_after IS NULL THEN
        RAISE EXCEPTION 'at most 500 a page' USING ERRCODE = 'KF400';
    END IF;
    IF kefu.chain_at(p_workspace, p_after) IS DISTINCT FROM p_hash THEN
        sort := 'diverged';
        RETURN NEXT;
        RETURN;
    END IF;
    -- Where the page ends: by count, by size, or with everything.
    IF me.office THEN
        SELECT max(z.seq) INTO reached FROM (
            SELECT c.seq, sum(octet_length(c.sealed)) OVER (ORDER BY c.seq) - octet_length(c.sealed) AS before
            FROM (SELECT h.seq, h.sealed FROM kefu.changes h WHERE h.workspace = p_workspace AND h.seq > p_after
                ORDER BY h.seq LIMIT p_page) c
        ) z WHERE z.before < 4194304;
        -- In the order of the primary key: unordered, the index by records seemed as good, and was read whole at the end.
        more := EXISTS (SELECT FROM (
            SELECT h.seq FROM kefu.changes h WHERE h.workspace = p_workspace AND h.seq > reached ORDER BY h.seq LIMIT 1) x);
    ELSE
        -- Record by record: what he has in hand is little, what lies between may be a million.
        SELECT max(z.seq) INTO reached FROM (
            SELECT c.seq, sum(octet_length(c.sealed)) OVER (ORDER BY c.seq) - octet_length(c.sealed) AS before
            FROM (
                SELECT x.seq, x.sealed FROM kefu.assignments a CROSS JOIN LATERAL (
                    SELECT h.seq, h.sealed FROM kefu.changes h
                    WHERE h.workspace = a.workspace AND h.record = a.record AND h.seq > p_after ORDER BY h.seq LIMIT p_page
                ) x
                WHERE a.workspace = p_workspace AND a.member = me.member
                ORDER BY x.seq LIMIT p_page
            ) c
        ) z WHERE z.before < 4194304;
        more := EXISTS (
            SELECT FROM kefu.assignments a CROSS JOIN LATERAL (
                SELECT h.seq FROM kefu.changes h
                WHERE h.workspace = a.workspace AND h.record = a.record AND h.seq > reached ORDER BY h.seq LIMIT 1
            ) x
            WHERE a.workspace = p_workspace AND a.member = me.member);
    END IF;
    IF NOT more THEN
        SELECT greatest(c.changes, p_after) INTO reached FROM kefu.counters c WHERE c.workspace = p_workspace;
    END IF;
    sort := 'page';
    seq := reached;
    key := kefu.chain_at(p_workspace, reached);
    suite := more::integer;
    RETURN NEXT;
    IF me.office THEN
        RETURN QUERY SELECT 'change', c.seq, c.device, c.device_seq, c.ms, c.n, c.received, c.due, c.change, c.seat, c.record,
            c.schema, c.suite, c.kind, c.act, c.state, c.department, c.assignees, c.key, c.previous, c.signature, c.sealed, c.about
        FROM kefu.changes c WHERE c.workspace = p_workspace AND c.seq > p_after AND c.seq <= reached ORDER BY c.seq;
        RETURN QUERY SELECT 'wrap', w.seq, NULL::uuid, NULL::bigint, NULL::bigint, NULL::bigint, NULL::bigint, NULL::bigint,
            NULL::uuid, w.member, w.record, NULL::bigint, NULL::smallint, NULL, NULL, NULL, NULL, NULL::uuid[], w.key,
            NULL::bytea, NULL::bytea, w.sealed, NULL::uuid
        FROM kefu.wraps w WHERE w.workspace = p_workspace AND w.member = '00000000-0000-0000-0000-000000000000'
            AND w.seq > p_after AND w.seq <= reached ORDER BY w.seq;
    ELSE
        RETURN QUERY SELECT 'change', c.seq, c.device, c.device_seq, c.ms, c.n, c.received, c.due, c.change, c.seat, c.record,
            c.schema, c.suite, c.kind, c.act, c.state, c.department, c.assignees, c.key, c.previous, c.signature, c.sealed, c.about
        FROM kefu.assignments a CROSS JOIN LATERAL (
            SELECT h.* FROM kefu.changes h WHERE h.workspace = a.workspace AND h.record = a.record
                AND h.seq > p_after AND h.seq <= reached ORDER BY h.seq LIMIT p_page
        ) c
        WHERE a.workspace = p_workspace AND a.member = me.member ORDER BY c.seq;
        RETURN QUERY SELECT 'wrap', w.seq, NULL::uuid, NULL::bigint, NULL::bigint, NULL::bigint, NULL::bigint, NULL::bigint,
            NULL::uuid, w.member, w.record, NULL::bigint, NULL::smallint, NULL, NULL, NULL, NULL, NULL::uuid[], w.key,
            NULL::bytea, NULL::bytea, w.sealed, NULL::uuid
        FROM kefu.wraps w WHERE w.workspace = p_workspace AND w.member = me.member
            AND w.seq > p_after AND w.seq <= reached ORDER BY w.seq;
        IF NOT more THEN
            -- A row more, for a technician who has nothing in hand.
            RETURN QUERY SELECT 'assigned', a.since, NULL::uuid, NULL::bigint, NULL::bigint, NULL::bigint, NULL::bigint,
                NULL::bigint, NULL::uuid, NULL::uuid, a.record, NULL::bigint, NULL::smallint, NULL, NULL, NULL, NULL,
                NULL::uuid[], NULL::bytea, NULL::bytea, NULL::bytea, NULL::bytea, NULL::uuid
            FROM (SELECT 1) one LEFT JOIN kefu.assignments a ON a.workspace = p_workspace AND a.member = me.member
            ORDER BY a.record;
        END IF;
    END IF;
END $$;

-- Fetched ahead of a first load: who asks, so that he can sit down, and what was written to last of forms, visits and sheets,
-- the last first. As far as the last 2 000 changes tell, by the primary key.
CREATE OR REPLACE FUNCTION kefu.newest(p_workspace uuid, p_most integer)
RETURNS TABLE (record uuid)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off
SET jit = off
AS $$
#variable_conflict use_column
DECLARE
    me record;
BEGIN
    SELECT m.* INTO me FROM kefu.mine() m WHERE m.workspace = p_workspace AND m.office;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'for office roles' USING ERRCODE = 'KF403';
    END IF;
    IF (p_most BETWEEN 1 AND 200) IS NOT TRUE THEN
        RAISE EXCEPTION 'at most 200 records' USING ERRCODE = 'KF400';
    END IF;
    record := me.member;
    RETURN NEXT;
    RETURN QUERY SELECT x.record FROM (
        SELECT l.record, l.kind, l.seq FROM kefu.changes l WHERE l.workspace = p_workspace ORDER BY l.seq DESC LIMIT 2000
    ) x
    WHERE x.kind IN ('form', 'visit', 'service') GROUP BY x.record ORDER BY max(x.seq) DESC LIMIT p_most;
END $$;

-- All changes of one record after p_after, with its keys after the last page; for technicians only one in their hands. The first row
-- says since which number (0 for the office) and whether more follows.
CREATE OR REPLACE FUNCTION kefu.pull_record(p_workspace uuid, p_record uuid, p_after bigint, p_page integer)
RETURNS TABLE (sort text, seq bigint, device uuid, device_seq bigint, ms bigint, n bigint, received bigint, due bigint,
    change uuid, seat uuid, record uuid, schema bigint, suite smallint, kind text, act text, state text, department text,
    assignees uuid[], key bytea, previous bytea, signature bytea, sealed bytea, about uuid)
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
    reached bigint;
    more boolean;
BEGIN
    SELECT m.* INTO me FROM kefu.mine() m WHERE m.workspace = p_workspace;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no seat here' USING ERRCODE = 'KF401';
    END IF;
    IF p_page NOT BETWEEN 1 AND 500 OR p_page IS NULL OR p_after IS NULL THEN
        RAISE EXCEPTION 'at most 500 a page' USING ERRCODE = 'KF400';
    END IF;
    SELECT a.since INTO seq FROM kefu.assignments a
    WHERE a.workspace = p_workspace AND a.record = p_record AND a.member = me.member;
    IF NOT FOUND AND NOT me.office THEN
        RAISE EXCEPTION 'not in your hands' USING ERRCODE = 'KF403';
    END IF;
    SELECT coalesce(max(z.seq), p_after) INTO reached FROM (
        SELECT c.seq, sum(octet_length(c.sealed)) OVER (ORDER BY c.seq) - octet_length(c.sealed) AS before
        FROM (SELECT h.seq, h.sealed FROM kefu.changes h WHERE h.workspace = p_workspace AND h.record = p_record
            AND h.seq > p_after ORDER BY h.seq LIMIT p_page) c
    ) z WHERE z.before < 4194304;
    more := EXISTS (SELECT FROM kefu.changes h
        WHERE h.workspace = p_workspace AND h.record = p_record AND h.seq > reached);
    sort := 'whole';
    seq := coalesce(seq, 0);
    suite := more::integer;
    RETURN NEXT;
    RETURN QUERY SELECT 'change', c.seq, c.device, c.device_seq, c.ms, c.n, c.received, c.due, c.change, c.seat, c.record,
        c.schema, c.suite, c.kind, c.act, c.state, c.department, c.assignees, c.key, c.previous, c.signature, c.sealed, c.about
    FROM kefu.changes c WHERE c.workspace = p_workspace AND c.record = p_record AND c.seq > p_after AND c.seq <= reached
    ORDER BY c.seq;
    IF NOT more THEN
        RETURN QUERY SELECT 'wrap', w.seq, NULL::uuid, NULL::bigint, NULL::bigint, NULL::bigint, NULL::bigint, NULL::bigint,
            NULL::uuid, w.member, w.record, NULL::bigint, NULL::smallint, NULL, NULL, NULL, NULL, NULL::uuid[], w.key,
            NULL::bytea, NULL::bytea, w.sealed, NULL::uuid
        FROM kefu.wraps w WHERE w.workspace = p_workspace AND w.record = p_record
            -- IS TRUE: by the record's index, not by that of all that lies under the desk key.
            AND (w.member = CASE WHEN me.office THEN '00000000-0000-0000-0000-000000000000' ELSE me.member END) IS TRUE
        ORDER BY w.seq;
    END IF;
END $$;

-- The first change of a device that no seat has: an administrator's device looks by it whose copied profile that is.
CREATE OR REPLACE FUNCTION kefu.first_of(p_workspace uuid, p_device uuid)
RETURNS TABLE (sort text, seq bigint, device uuid, device_seq bigint, ms bigint, n bigint, received bigint, due bigint,
    change uuid, seat uuid, record uuid, schema bigint, suite smallint, kind text, act text, state text, department text,
    assignees uuid[], key bytea, previous bytea, signature bytea, sealed bytea, about uuid)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off
SET jit = off
AS $$
#variable_conflict use_column
BEGIN
    IF NOT EXISTS (SELECT FROM kefu.mine() m WHERE m.workspace = p_workspace AND m.office) THEN
        RAISE EXCEPTION 'for office roles' USING ERRCODE = 'KF403';
    END IF;
    RETURN QUERY SELECT 'change', c.seq, c.device, c.device_seq, c.ms, c.n, c.received, c.due, c.change, c.seat, c.record,
        c.schema, c.suite, c.kind, c.act, c.state, c.department, c.assignees, c.key, c.previous, c.signature, c.sealed, c.about
    FROM kefu.changes c WHERE c.workspace = p_workspace AND c.device = p_device ORDER BY c.device_seq LIMIT 1;
END $$;
