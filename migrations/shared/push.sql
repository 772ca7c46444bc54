-- Taking changes in. One row of the answer per change: a code and, where it stands in the workspace's order, its number.

-- What this device has sent before, by its own numbers. As the keeper: a record may have left the sender's hands since.
CREATE OR REPLACE FUNCTION kefu.sent(p_workspace uuid, p_device uuid, p_from bigint, p_to bigint)
RETURNS TABLE (device_seq bigint, seq bigint, signature bytea, code text)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT c.device_seq, c.seq, c.signature, 'known' FROM kefu.changes c
    WHERE c.workspace = p_workspace AND c.device = p_device AND c.device_seq BETWEEN p_from AND p_to
    UNION ALL
    SELECT r.device_seq, NULL, r.signature, r.code FROM kefu.refusals r
    WHERE r.workspace = p_workspace AND r.device = p_device AND r.device_seq BETWEEN p_from AND p_to
$$;

-- Brings records, assignments and grants up to the changes numbered after p_from, up to p_to.
CREATE OR REPLACE FUNCTION kefu.settle(p_workspace uuid, p_from bigint, p_to bigint)
RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off
SET plan_cache_mode = force_generic_plan
SET jit = off
AS $$
DECLARE
    touched uuid[];
    held boolean;
BEGIN
    WITH heads AS MATERIALIZED (
        SELECT DISTINCT ON (c.record) c.record, c.kind, c.ms, c.n, c.device, c.state, c.department, c.assignees,
               c.received, c.due, count(*) OVER w AS times, max(c.seq) OVER w AS latest
        FROM kefu.changes c
        WHERE c.workspace = p_workspace AND c.seq > p_from AND c.seq <= p_to
        WINDOW w AS (PARTITION BY c.record)
        ORDER BY c.record, c.ms DESC, c.n DESC, c.device DESC
    ), written AS (
        INSERT INTO kefu.records AS r
            (workspace, record, kind, ms, n, device, state, department, assignees, received, due, changes, last)
        SELECT p_workspace, h.record, h.kind, h.ms, h.n, h.device, h.state, h.department, h.assignees, h.received, h.due,
               h.times, h.latest
        FROM heads h
        ON CONFLICT (workspace, record) DO UPDATE SET
            changes = r.changes + excluded.changes,
            last = excluded.last,
            (ms, n, device, state, department, assignees, received, due) = (
                SELECT v.ms, v.n, v.device, v.state, v.department, v.assignees, v.received, v.due
                FROM (VALUES
                    (r.ms, r.n, r.device, r.state, r.department, r.assignees, r.received, r.due),
                    (excluded.ms, excluded.n, excluded.device, excluded.state, excluded.department, excluded.assignees,
                     excluded.received, excluded.due)
                ) v (ms, n, device, state, department, assignees, received, due)
                ORDER BY v.ms DESC, v.n DESC, v.device DESC LIMIT 1)
        RETURNING r.record, r.assignees
    )
    SELECT array_agg(w.record), bool_or(w.assignees <> '{}') INTO touched, held FROM written w;

    IF NOT held AND NOT EXISTS (
        SELECT FROM kefu.assignments a WHERE a.workspace = p_workspace AND a.record = ANY (touched)
    ) THEN
        RETURN;
    END IF;
    WITH gone AS (
        DELETE FROM kefu.assignments a USING kefu.records r
        WHERE a.workspace = p_workspace AND a.record = ANY (touched)
          AND r.workspace = p_workspace AND r.record = a.record AND a.member <> ALL (r.assignees)
        RETURNING a.record, a.member
    ), come AS (
        INSERT INTO kefu.assignments (workspace, record, member)
        SELECT DISTINCT p_workspace, r.record, m FROM kefu.records r, unnest(r.assignees) m
        WHERE r.workspace = p_workspace AND r.record = ANY (touched)
        ON CONFLICT DO NOTHING
        RETURNING assignments.record, assignments.member
    ), purged AS (
        DELETE FROM kefu.wraps w USING gone g
        WHERE w.workspace = p_workspace AND w.record = g.record AND w.member = g.member
    )
    INSERT INTO kefu.grants (workspace, seq, member, record, given)
    SELECT p_workspace, p_to, g.member, g.record, false FROM gone g
    UNION ALL
    SELECT p_workspace, p_to, c.member, c.record, true FROM come c;
END $$;

-- Codes: ok, known; refused for this time: gap (an earlier one of the device is missing), clock (ahead of the server by more than
-- five minutes), forked (the device goes on from another past: a cloned profile); refused for good: seat, role, archived,
-- unassigned, kind, size, malformed. Refused for good uses the device's number, so that what follows can go on.
CREATE OR REPLACE FUNCTION kefu.push(
    p_workspace uuid, p_device uuid, p_seq bigint[], p_change uuid[], p_ms bigint[], p_n bigint[], p_received bigint[],
    p_due bigint[], p_seat uuid[], p_record uuid[], p_schema bigint[], p_suite smallint[], p_kind text[], p_act text[],
    p_state text[], p_department text[], p_assignees text[], p_key bytea[], p_previous bytea[], p_link bytea[],
    p_signature bytea[], p_sealed bytea[])
RETURNS TABLE (code text, seq bigint, now_ms bigint)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET lock_timeout = '5s'
SET enable_seqscan = off
SET plan_cache_mode = force_generic_plan
SET jit = off
AS $$
#variable_conflict use_column
DECLARE
    me record;
    fact record;
    sent record;
    total integer := cardinality(p_seq);
    clock bigint := floor(extract(epoch FROM clock_timestamp()) * 1000);
    was_last bigint;
    reached bigint;
    reached_link bytea;
    base bigint;
    top bigint;
    top_chain bytea;
    blocked text;
    verdict text;
    archived boolean;
    mine boolean;
    codes text[] := '{}';
    seqs bigint[] := '{}';
    chains bytea[] := '{}';
    states text[] := '{}';
    hands boolean[] := '{}';
BEGIN
    SELECT m.* INTO me FROM kefu.mine() m WHERE m.workspace = p_workspace;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no seat here' USING ERRCODE = 'KF401';
    END IF;
    IF NOT me.office AND p_device <> me.device THEN
        RAISE EXCEPTION 'not for another device' USING ERRCODE = 'KF403';
    END IF;
    IF total NOT BETWEEN 1 AND 200 OR (SELECT sum(octet_length(s)) FROM unnest(p_sealed) s) > 524288 THEN
        RAISE EXCEPTION 'at most 200 changes and 512 KB at a time' USING ERRCODE = 'KF413';
    END IF;
    IF (total <> ALL (ARRAY[cardinality(p_change), cardinality(p_ms), cardinality(p_n), cardinality(p_received),
            cardinality(p_due), cardinality(p_seat), cardinality(p_record), cardinality(p_schema), cardinality(p_suite),
            cardinality(p_kind), cardinality(p_act), cardinality(p_state), cardinality(p_department),
            cardinality(p_assignees), cardinality(p_key), cardinality(p_previous), cardinality(p_link),
            cardinality(p_signature), cardinality(p_sealed)])) IS NOT FALSE
        OR EXISTS (SELECT FROM unnest(p_key, p_previous, p_link, p_signature) u (k, p, l, s)
            WHERE (octet_length(k) = 16 AND octet_length(p) = 32 AND octet_length(l) = 32 AND octet_length(s) = 64)
                IS NOT TRUE)
        OR EXISTS (SELECT FROM unnest(p_seq, p_change, p_ms, p_n, p_seat, p_record, p_schema, p_suite) u
            WHERE NOT (u IS NOT NULL))
    THEN
        RAISE EXCEPTION 'not a batch of changes' USING ERRCODE = 'KF400';
    END IF;

    -- From here on this is the only push of the workspace, and what follows sees all that were before it.
    SELECT c.changes, c.chain INTO base, top_chain FROM kefu.counters c WHERE c.workspace = p_workspace FOR UPDATE;
    top := base;
    SELECT d.last, d.link INTO reached, reached_link FROM kefu.devices d WHERE d.workspace = p_workspace AND d.device = p_device;
    IF NOT FOUND THEN
        IF NOT EXISTS (SELECT FROM kefu.seats s WHERE s.workspace = p_workspace AND s.device = p_device) THEN
            RAISE EXCEPTION 'no such device' USING ERRCODE = 'KF404';
        END IF;
        INSERT INTO kefu.devices (workspace, device) VALUES (p_workspace, p_device)
        RETURNING devices.last, devices.link INTO reached, reached_link;
    END IF;
    was_last := reached;

    FOR fact IN
        SELECT u.ord::integer AS i, u.own, u.previous, u.link, u.signature, u.state,
               lag(u.ord) OVER (PARTITION BY u.record ORDER BY u.ord)::integer AS before,
               r.state = 'archived' AS archived,
               me.member = ANY (r.assignees) AS mine,
               me.member = ANY (u.assignees) AS stays_mine,
               u.ms > clock + 300000 AS ahead,
               CASE WHEN a.act IS NULL THEN true ELSE a.roles && s.roles END AS may,
               CASE WHEN a.act IS NULL THEN s.roles && '{records,filer}' ELSE a.archived && s.roles END AS may_archived,
               CASE
                   WHEN (length(u.kind) BETWEEN 1 AND 40 AND length(u.act) BETWEEN 1 AND 40 AND length(u.state) <= 40
                       AND length(u.department) <= 200 AND cardinality(u.assignees) <= 50 AND u.ms BETWEEN 0 AND 1::bigint << 48
                       AND u.n BETWEEN 0 AND 4294967295 AND u.size > 0) IS NOT TRUE THEN 'malformed'
                   WHEN u.size > 300000 THEN 'size'
                   WHEN s.member IS NULL OR (NOT me.office AND u.seat <> me.member) THEN 'seat'
                   WHEN coalesce(r.kind, first_value(u.kind) OVER (PARTITION BY u.record ORDER BY u.ord)) <> u.kind THEN 'kind'
               END AS fault
        FROM (
            SELECT v.ord, v.own, v.ms, v.n, v.seat, v.record, v.kind, v.act, v.state, v.department,
                   v.assignees::uuid[] AS assignees, v.previous, v.link, v.signature, v.size
            FROM unnest(p_seq, p_ms, p_n, p_seat, p_record, p_kind, p_act, p_state, p_department, p_assignees, p_previous,
                p_link, p_signature, (SELECT array_agg(octet_length(z) ORDER BY o) FROM unnest(p_sealed)
                    WITH ORDINALITY AS y (z, o)))
                WITH ORDINALITY AS v (own, ms, n, seat, record, kind, act, state, department, assignees, previous, link,
                    signature, size, ord)
        ) u
        LEFT JOIN kefu.seats s ON s.workspace = p_workspace AND s.device = p_device AND s.member = u.seat
        LEFT JOIN kefu.records r ON r.workspace = p_workspace AND r.record = u.record
        LEFT JOIN kefu.acts a ON a.kind = u.kind AND a.act = u.act
        ORDER BY u.ord
    LOOP
        -- As it stands after what came before it in this batch.
        archived := coalesce(states[fact.before] = 'archived', fact.archived, false);
        mine := coalesce(hands[fact.before], fact.mine, false);
        states := array_append(states, CASE WHEN archived THEN 'archived' ELSE '' END);
        hands := array_append(hands, mine);
        seqs := array_append(seqs, NULL);
        chains := array_append(chains, NULL);
        IF fact.own <= was_last THEN
            SELECT * INTO sent FROM kefu.sent(p_workspace, p_device, fact.own, fact.own);
            IF FOUND AND sent.signature = fact.signature THEN
                verdict := sent.code;
                seqs[fact.i] := sent.seq;
            ELSE
                verdict := 'forked';
                blocked := 'forked';
            END IF;
        ELSIF blocked IS NOT NULL THEN
            verdict := blocked;
        ELSIF fact.own <> reached + 1 THEN
            verdict := 'gap';
            blocked := 'gap';
        ELSIF fact.previous <> reached_link THEN
            verdict := 'forked';
            blocked := 'forked';
        ELSIF fact.ahead AND fact.fault IS NULL THEN
            verdict := 'clock';
            blocked := 'gap';
        ELSE
            reached := fact.own;
            reached_link := fact.link;
            verdict := CASE
                WHEN fact.fault IS NOT NULL THEN fact.fault
                WHEN NOT me.office AND NOT mine THEN 'unassigned'
                WHEN archived AND NOT fact.may_archived THEN 'archived'
                WHEN NOT archived AND NOT fact.may THEN 'role'
                ELSE 'ok'
            END;
            IF verdict = 'ok' THEN
                top := top + 1;
                top_chain := sha256(top_chain || fact.signature);
                seqs[fact.i] := top;
                chains[fact.i] := top_chain;
                states[fact.i] := fact.state;
                hands[fact.i] := fact.stays_mine;
            ELSE
                INSERT INTO kefu.refusals (workspace, device, device_seq, change, signature, code)
                VALUES (p_workspace, p_device, fact.own, p_change[fact.i], fact.signature, verdict);
            END IF;
        END IF;
        codes := array_append(codes, verdict);
    END LOOP;

    IF reached > was_last THEN
        UPDATE kefu.devices d SET last = reached, link = reached_link
        WHERE d.workspace = p_workspace AND d.device = p_device;
    END IF;
    IF top > base THEN
        INSERT INTO kefu.changes (workspace, seq, device, device_seq, ms, n, received, due, change, seat, record, schema,
            suite, kind, act, state, department, assignees, key, previous, chain, signature, sealed)
        SELECT p_workspace, u.seq, p_device, u.own, u.ms, u.n, u.received, u.due, u.change, u.seat, u.record, u.schema,
            u.suite, u.kind, u.act, u.state, u.department, u.assignees::uuid[], u.key, u.previous, u.chain, u.signature,
            u.sealed
        FROM unnest(seqs, chains, codes, p_seq, p_change, p_ms, p_n, p_received, p_due, p_seat, p_record, p_schema,
            p_suite, p_kind, p_act, p_state, p_department, p_assignees, p_key, p_previous, p_signature, p_sealed)
            AS u (seq, chain, code, own, change, ms, n, received, due, seat, record, schema, suite, kind, act, state,
                department, assignees, key, previous, signature, sealed)
        WHERE u.code = 'ok';
        UPDATE kefu.counters c SET changes = top, chain = top_chain WHERE c.workspace = p_workspace;
        PERFORM kefu.settle(p_workspace, base, top);
    END IF;
    RETURN QUERY SELECT v.c, v.s, clock FROM unnest(codes, seqs) WITH ORDINALITY AS v (c, s, o) ORDER BY v.o;
END $$;
