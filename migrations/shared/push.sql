-- Taking changes in. One row of the answer per change: a code and, where it stands in the workspace's order, its number.
-- Arrays of a batch are unnested side by side in a list of columns: in FROM each would be written out and read again.

-- What this device has sent before, by its own number. As the keeper: a record may have left the sender's hands since.
CREATE OR REPLACE FUNCTION kefu.sent(p_workspace uuid, p_device uuid, p_seq bigint)
RETURNS TABLE (seq bigint, link bytea, code text)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT c.seq, c.link, 'known' FROM kefu.changes c
    WHERE c.workspace = p_workspace AND c.device = p_device AND c.device_seq = p_seq
    UNION ALL
    SELECT NULL, r.link, r.code FROM kefu.refusals r
    WHERE r.workspace = p_workspace AND r.device = p_device AND r.device_seq = p_seq
$$;

-- Brings records, assignments and grants up to the changes numbered after p_from, up to p_to. p_counts and p_moves speak of
-- them in their order: whether it has a say in what the record is, and whether it says who has it in hand, of which the latest
-- by clock counts. Whatever else names assignees names them as its author knew them, and moves nothing.
-- What is there already is looked up key by key (OFFSET 0 keeps it so): of a workspace that is being filled the planner knows
-- nothing, and would read all of it for each batch.
DROP FUNCTION IF EXISTS kefu.settle(uuid, bigint, bigint, bigint[], bigint[]);
CREATE OR REPLACE FUNCTION kefu.settle(p_workspace uuid, p_from bigint, p_to bigint, p_counts boolean[], p_moves boolean[])
RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off
SET plan_cache_mode = force_generic_plan
SET jit = off
AS $$
DECLARE
    touched uuid[];
    handed uuid[];
    hands uuid[];
    lost record;
BEGIN
    WITH fresh AS MATERIALIZED (
        SELECT c.record, c.kind, c.ms, c.n, c.device, c.state, c.department, c.assignees, c.received, c.due, c.seq,
               p_moves[(c.seq - p_from)::integer] AS moves
        FROM kefu.changes c
        WHERE c.workspace = p_workspace AND c.seq > p_from AND c.seq <= p_to AND p_counts[(c.seq - p_from)::integer]
    ), heads AS (
        SELECT DISTINCT ON (f.record) f.*, count(*) OVER w AS times, max(f.seq) OVER w AS latest, bool_or(f.moves) OVER w AS moved,
               first_value(f.ms) OVER m AS moved_ms, first_value(f.n) OVER m AS moved_n, first_value(f.device) OVER m AS moved_by,
               first_value(f.assignees) OVER m AS given
        FROM fresh f
        WINDOW w AS (PARTITION BY f.record),
               m AS (PARTITION BY f.record ORDER BY f.moves DESC, f.ms DESC, f.n DESC, f.device DESC)
        ORDER BY f.record, f.ms DESC, f.n DESC, f.device DESC
    ), written AS (
        INSERT INTO kefu.records AS r
            (workspace, record, kind, ms, n, device, state, department, assignees, received, due, changes, last, moved_ms,
             moved_n, moved_by)
        SELECT p_workspace, h.record, h.kind, h.ms, h.n, h.device, h.state, h.department,
               CASE WHEN h.moved THEN h.given ELSE h.assignees END, h.received, h.due, h.times, h.latest,
               CASE WHEN h.moved THEN h.moved_ms ELSE 0 END, CASE WHEN h.moved THEN h.moved_n ELSE 0 END,
               CASE WHEN h.moved THEN h.moved_by ELSE '00000000-0000-0000-0000-000000000000' END
        FROM heads h
        ON CONFLICT (workspace, record) DO UPDATE SET
            changes = r.changes + excluded.changes,
            last = excluded.last,
            (ms, n, device, state, department, received, due) = (
                SELECT v.ms, v.n, v.device, v.state, v.department, v.received, v.due
                FROM (VALUES
                    (r.ms, r.n, r.device, r.state, r.department, r.received, r.due),
                    (excluded.ms, excluded.n, excluded.device, excluded.state, excluded.department, excluded.received,
                     excluded.due)
                ) v (ms, n, device, state, department, received, due)
                ORDER BY v.ms DESC, v.n DESC, v.device DESC LIMIT 1),
            (moved_ms, moved_n, moved_by, assignees) = (
                SELECT v.ms, v.n, v.device, v.assignees
                FROM (VALUES
                    (r.moved_ms, r.moved_n, r.moved_by, r.assignees, 0),
                    (excluded.moved_ms, excluded.moved_n, excluded.moved_by, excluded.assignees, 1)
                ) v (ms, n, device, assignees, later)
                ORDER BY v.ms DESC, v.n DESC, v.device DESC, v.later LIMIT 1)
        RETURNING r.record, r.assignees
    ), pairs AS (
        SELECT w.record, m.member FROM written w CROSS JOIN LATERAL unnest(w.assignees) m (member)
    )
    SELECT (SELECT array_agg(w.record) FROM written w), array_agg(p.record), array_agg(p.member) INTO touched, handed, hands
    FROM pairs p;

    FOR lost IN
        SELECT t.record, a.member FROM unnest(touched) t (record) CROSS JOIN LATERAL (
            SELECT g.member FROM kefu.assignments g WHERE g.workspace = p_workspace AND g.record = t.record OFFSET 0
        ) a
        EXCEPT
        SELECT h.record, h.member FROM unnest(handed, hands) h (record, member)
    LOOP
        DELETE FROM kefu.assignments a
        WHERE a.workspace = p_workspace AND a.record = lost.record AND a.member = lost.member;
        DELETE FROM kefu.wraps w WHERE w.workspace = p_workspace AND w.record = lost.record AND w.member = lost.member;
    END LOOP;
    WITH come AS (
        INSERT INTO kefu.assignments (workspace, record, member, since)
        SELECT p_workspace, h.record, h.member, p_to FROM unnest(handed, hands) h (record, member)
        ON CONFLICT DO NOTHING
        RETURNING assignments.record, assignments.member
    )
    INSERT INTO kefu.grants (workspace, member, record)
    SELECT p_workspace, c.member, c.record FROM come c ON CONFLICT DO NOTHING;
END $$;

-- Codes: ok, known; refused for this time: gap (an earlier one of the device is missing), clock (ahead of the server by more than
-- five minutes, and of every change present), forked (the device goes on from another past: a cloned profile); refused for
-- good: seat, role, archived, unassigned, own_matter, rated, erased, kind, size, malformed. Refused for good uses the device's number, so that what
-- follows can go on. p_again: was taken once before; what depends on the present state is not asked again.
-- Several people sit at an office device: it may write in any member's name, and the roles of that member count as far as
-- they are known here. A technician writes in his own name.
CREATE OR REPLACE FUNCTION kefu.push(
    p_workspace uuid, p_device uuid, p_again boolean[], p_seq bigint[], p_change uuid[], p_ms bigint[], p_n bigint[],
    p_received bigint[], p_due bigint[], p_seat uuid[], p_record uuid[], p_schema bigint[], p_suite smallint[], p_kind text[],
    p_act text[], p_state text[], p_department text[], p_assignees text[], p_about uuid[], p_key bytea[], p_previous bytea[], p_link bytea[],
    p_signature bytea[], p_sealed bytea[], p_with integer[], p_wrap_record uuid[], p_wrap_key bytea[], p_wrap_member uuid[],
    p_wrap bytea[])
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
    latest bigint;
    was_last bigint;
    reached bigint;
    reached_link bytea;
    is_desk boolean;
    base bigint;
    top bigint;
    top_chain bytea;
    blocked text;
    verdict text;
    archived boolean;
    mine boolean;
    says boolean;
    erased boolean[];
    erasing bigint[] := '{}';
    codes text[] := '{}';
    seqs bigint[] := '{}';
    chains bytea[] := '{}';
    states text[] := '{}';
    hands boolean[] := '{}';
    counts boolean[] := '{}';
    moves boolean[] := '{}';
BEGIN
    SELECT m.* INTO me FROM kefu.mine() m WHERE m.workspace = p_workspace;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no seat here' USING ERRCODE = 'KF401';
    END IF;
    IF NOT me.office AND (cardinality(p_with) > 0 OR EXISTS (SELECT FROM kefu.seats s
        WHERE s.workspace = p_workspace AND s.device = p_device AND s.member <> me.member))
    THEN
        RAISE EXCEPTION 'not for another device' USING ERRCODE = 'KF403';
    END IF;
    IF total NOT BETWEEN 1 AND 1000 OR cardinality(p_with) > 5000
        OR (total > 1 AND (SELECT sum(s) FROM (SELECT octet_length(unnest(p_sealed)) AS s) z) > 2097152)
    THEN
        RAISE EXCEPTION 'at most 1000 changes and 2 MB at a time' USING ERRCODE = 'KF413';
    END IF;
    -- A proof is a signature and at most eight nodes (crates/vault/src/envelopes/proof.rs).
    IF (total <> ANY (ARRAY[cardinality(p_again), cardinality(p_change), cardinality(p_ms), cardinality(p_n),
            cardinality(p_received), cardinality(p_due), cardinality(p_seat), cardinality(p_record), cardinality(p_schema),
            cardinality(p_suite), cardinality(p_kind), cardinality(p_act), cardinality(p_state), cardinality(p_department),
            cardinality(p_assignees), cardinality(p_about), cardinality(p_key), cardinality(p_previous), cardinality(p_link),
            cardinality(p_signature), cardinality(p_sealed)])) IS NOT FALSE
        OR (cardinality(p_with) <> ANY (ARRAY[cardinality(p_wrap_record), cardinality(p_wrap_key),
            cardinality(p_wrap_member), cardinality(p_wrap)])) IS NOT FALSE
        OR EXISTS (SELECT FROM (
                SELECT unnest(p_again), unnest(p_seq), unnest(p_change), unnest(p_ms), unnest(p_n), unnest(p_seat),
                       unnest(p_record), unnest(p_schema), unnest(p_suite), unnest(p_key) AS k, unnest(p_previous) AS p,
                       unnest(p_link) AS l, unnest(p_signature) AS s
            ) u
            WHERE NOT (u IS NOT NULL) OR octet_length(k) <> 16 OR octet_length(p) <> 32 OR octet_length(l) <> 32
                OR octet_length(s) NOT BETWEEN 64 AND 320)
    THEN
        RAISE EXCEPTION 'not a batch of changes' USING ERRCODE = 'KF400';
    END IF;

    -- From here on this is the only push of the workspace, and what follows sees all that were before it.
    SELECT c.changes, c.chain, greatest(c.ms, clock + 300000) INTO base, top_chain, latest
    FROM kefu.counters c WHERE c.workspace = p_workspace FOR UPDATE;
    top := base;
    SELECT d.last, d.link INTO reached, reached_link FROM kefu.devices d WHERE d.workspace = p_workspace AND d.device = p_device;
    IF NOT FOUND THEN
        -- One that no seat has is a copied profile under its new identity.
        INSERT INTO kefu.devices (workspace, device, member)
        VALUES (p_workspace, p_device, coalesce((SELECT s.member FROM kefu.seats s
            WHERE s.workspace = p_workspace AND s.device = p_device ORDER BY s.admitted LIMIT 1), p_seat[1]))
        ON CONFLICT DO NOTHING RETURNING devices.last, devices.link INTO reached, reached_link;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'not for another device' USING ERRCODE = 'KF403';
        END IF;
    END IF;
    was_last := reached;
    erased := kefu.erased(p_workspace, p_record, p_ms);
    SELECT coalesce(bool_or(s.roles <> '{technician}'), true) INTO is_desk FROM kefu.seats s
    WHERE s.workspace = p_workspace AND s.device = p_device;

    FOR fact IN
        SELECT u.ord::integer AS i, u.again, u.own, u.previous, u.link, u.signature, u.state, u.act = 'erase' AS erases,
               lag(u.ord) OVER (PARTITION BY u.record ORDER BY u.ord)::integer AS before,
               r.state = 'archived' AS archived,
               me.member = ANY (r.assignees) AS mine,
               me.member = ANY (u.assignees) AS stays_mine,
               me.office OR EXISTS (SELECT FROM kefu.grants g
                   WHERE g.workspace = p_workspace AND g.member = me.member AND g.record = u.record) AS given,
               u.ms > latest AND NOT (u.again AND me.office) AS ahead,
               CASE WHEN a.act IS NULL THEN me.office ELSE a.assigns END AS assigns,
               coalesce(a.asks OR a.once, false) AS rates,
               CASE WHEN a.act IS NULL
                       -- What every device has is not every device's to write.
                       THEN me.office OR u.kind <> ALL ('{company,crew,knowledge,member,rules,script,template,years}'::text[])
                   ELSE coalesce(a.roles && coalesce(s.roles, o.roles), true) END AS may,
               coalesce(CASE WHEN a.act IS NULL THEN coalesce(s.roles, o.roles) && '{records,filer}'
                   ELSE a.archived && coalesce(s.roles, o.roles) END, true) AS may_archived,
               CASE
                   WHEN (length(u.kind) BETWEEN 1 AND 40 AND length(u.act) BETWEEN 1 AND 40 AND length(u.state) <= 40
                       AND length(u.department) <= 200 AND cardinality(u.assignees) <= 500 AND u.ms BETWEEN 0 AND 1::bigint << 48
                       AND u.n BETWEEN 0 AND 4294967295 AND u.suite BETWEEN 0 AND 255
                       AND u.schema BETWEEN 0 AND 4294967295 AND u.size > 0) IS NOT TRUE THEN 'malformed'
                   WHEN u.size > 300000 THEN 'size'
                   WHEN (NOT me.office AND u.seat <> me.member) OR (s.member IS NULL AND NOT is_desk) THEN 'seat'
                   WHEN coalesce(r.kind, first_value(u.kind) OVER (PARTITION BY u.record ORDER BY u.ord)) <> u.kind THEN 'kind'
               END AS fault
        FROM (
            SELECT v.*, row_number() OVER () AS ord
            FROM (
                SELECT unnest(p_again) AS again, unnest(p_seq) AS own, unnest(p_ms) AS ms, unnest(p_n) AS n,
                       unnest(p_seat) AS seat, unnest(p_record) AS record, unnest(p_schema) AS schema,
                       unnest(p_suite) AS suite, unnest(p_kind) AS kind, unnest(p_act) AS act, unnest(p_state) AS state,
                       unnest(p_department) AS department, unnest(p_assignees)::uuid[] AS assignees,
                       unnest(p_previous) AS previous, unnest(p_link) AS link, unnest(p_signature) AS signature,
                       octet_length(unnest(p_sealed)) AS size
            ) v
        ) u
        LEFT JOIN kefu.seats s ON s.workspace = p_workspace AND s.device = p_device AND s.member = u.seat
        LEFT JOIN (
            SELECT v.member, array_agg(DISTINCT l) AS roles FROM kefu.seats v, unnest(v.roles) l
            WHERE v.workspace = p_workspace AND v.member = ANY (p_seat) GROUP BY v.member
        ) o ON o.member = u.seat
        LEFT JOIN LATERAL (
            SELECT h.kind, h.state, h.assignees FROM kefu.records h
            WHERE h.workspace = p_workspace AND h.record = u.record OFFSET 0
        ) r ON true
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
        verdict := NULL;
        IF blocked IS NOT NULL THEN
            verdict := blocked;
        ELSIF fact.own <= was_last THEN
            SELECT * INTO sent FROM kefu.sent(p_workspace, p_device, fact.own);
            IF NOT FOUND AND fact.again THEN
                NULL; -- it was deleted here, and is given back
            ELSIF NOT FOUND OR sent.link <> fact.link THEN
                verdict := 'forked';
                blocked := 'forked';
            ELSIF sent.code = 'known' OR NOT fact.again THEN
                verdict := sent.code;
                seqs[fact.i] := sent.seq;
            END IF;
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
        END IF;
        IF verdict IS NULL THEN
            verdict := CASE
                WHEN fact.fault IS NOT NULL THEN fact.fault
                -- An emptied place that a put-back backup lost comes back; nothing else does.
                WHEN erased[fact.i] AND NOT fact.erases
                    AND NOT (fact.again AND octet_length(p_sealed[fact.i]) = 32) THEN 'erased'
                WHEN archived AND NOT fact.may_archived THEN CASE WHEN fact.may AND fact.again THEN 'ok' ELSE 'archived' END
                WHEN NOT archived AND NOT fact.may THEN 'role'
                -- Whoever worked on it while it was being given to another has still worked on it.
                WHEN NOT fact.given AND NOT mine AND NOT fact.again THEN 'unassigned'
                ELSE 'ok'
            END;
            IF verdict = 'ok' AND fact.rates THEN
                verdict := coalesce(kefu.barred(p_workspace, p_device, fact.i, fact.again, codes, p_change, p_seat, p_record,
                    p_kind, p_act, p_state, p_about, p_ms, p_n), 'ok');
            END IF;
            IF verdict = 'ok' THEN
                top := top + 1;
                top_chain := sha256(top_chain || fact.signature);
                seqs[fact.i] := top;
                chains[fact.i] := top_chain;
                IF fact.erases THEN
                    erasing := erasing || top;
                END IF;
                says := (me.office OR mine) AND (fact.erases OR NOT erased[fact.i]);
                counts := array_append(counts, says);
                moves := array_append(moves, says AND fact.assigns);
                IF says THEN
                    states[fact.i] := fact.state;
                    IF fact.assigns THEN
                        hands[fact.i] := fact.stays_mine;
                    END IF;
                END IF;
                IF fact.own <= was_last THEN
                    DELETE FROM kefu.refusals f
                    WHERE f.workspace = p_workspace AND f.device = p_device AND f.device_seq = fact.own;
                END IF;
            ELSE
                INSERT INTO kefu.refusals (workspace, device, device_seq, change, link, code)
                VALUES (p_workspace, p_device, fact.own, p_change[fact.i], fact.link, verdict)
                ON CONFLICT (workspace, device, device_seq) DO UPDATE SET code = excluded.code;
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
            suite, kind, act, state, department, assignees, key, previous, link, chain, signature, sealed, about)
        SELECT p_workspace, u.seq, p_device, u.own, u.ms, u.n, u.received, u.due, u.change, u.seat, u.record, u.schema,
            u.suite, u.kind, u.act, u.state, u.department, u.assignees, u.key, u.previous, u.link, u.chain, u.signature,
            u.sealed, u.about
        FROM (
            SELECT unnest(seqs) AS seq, unnest(codes) AS code, unnest(p_seq) AS own, unnest(p_ms) AS ms, unnest(p_n) AS n,
                   unnest(p_received) AS received, unnest(p_due) AS due, unnest(p_change) AS change, unnest(p_seat) AS seat,
                   unnest(p_record) AS record, unnest(p_schema) AS schema, unnest(p_suite) AS suite, unnest(p_kind) AS kind,
                   unnest(p_act) AS act, unnest(p_state) AS state, unnest(p_department) AS department,
                   unnest(p_assignees)::uuid[] AS assignees, unnest(p_key) AS key, unnest(p_previous) AS previous,
                   unnest(p_link) AS link, unnest(chains) AS chain, unnest(p_signature) AS signature,
                   unnest(p_sealed) AS sealed, unnest(p_about) AS about
        ) u
        WHERE u.code = 'ok';
        UPDATE kefu.counters c SET changes = top, chain = top_chain,
            ms = greatest(c.ms, (
                SELECT max(u.ms) FROM (SELECT unnest(p_ms) AS ms, unnest(codes) AS code) u WHERE u.code = 'ok'))
        WHERE c.workspace = p_workspace;
        PERFORM kefu.settle(p_workspace, base, top, counts, moves);
    END IF;
    -- After the assignments: what is sealed to somebody who lost the record goes with them.
    IF cardinality(p_with) > 0 THEN
        INSERT INTO kefu.wraps (workspace, seq, record, key, member, mark, sealed)
        SELECT p_workspace, seqs[w.i], w.record, w.key, coalesce(w.member, '00000000-0000-0000-0000-000000000000'),
            sha256(w.sealed), w.sealed
        FROM (
            SELECT unnest(p_with) AS i, unnest(p_wrap_record) AS record, unnest(p_wrap_key) AS key,
                   unnest(p_wrap_member) AS member, unnest(p_wrap) AS sealed
        ) w
        WHERE seqs[w.i] IS NOT NULL
        ON CONFLICT DO NOTHING;
    END IF;
    IF erasing <> '{}' THEN
        PERFORM kefu.erase(p_workspace, erasing);
    END IF;
    RETURN QUERY SELECT v.c, v.s, clock FROM (SELECT unnest(codes) AS c, unnest(seqs) AS s) v;
END $$;

-- Record keys that are needed without a change: a technician has another device, or who gave him a key has left. Those
-- concerned fetch the record anew. For office roles.
CREATE OR REPLACE FUNCTION kefu.put_wraps(p_workspace uuid, p_record uuid[], p_key bytea[], p_member uuid[], p_sealed bytea[])
RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET lock_timeout = '5s'
AS $$
DECLARE
    top bigint;
BEGIN
    IF NOT EXISTS (SELECT FROM kefu.mine() m WHERE m.workspace = p_workspace AND m.office) THEN
        RAISE EXCEPTION 'for office roles' USING ERRCODE = 'KF403';
    END IF;
    IF cardinality(p_record) > 1000 THEN
        RAISE EXCEPTION 'at most 1000 keys at a time' USING ERRCODE = 'KF413';
    END IF;
    SELECT c.changes INTO top FROM kefu.counters c WHERE c.workspace = p_workspace FOR UPDATE;
    INSERT INTO kefu.wraps (workspace, seq, record, key, member, mark, sealed)
    SELECT p_workspace, top, w.record, w.key, coalesce(w.member, '00000000-0000-0000-0000-000000000000'), sha256(w.sealed),
        w.sealed
    FROM unnest(p_record, p_key, p_member, p_sealed) AS w (record, key, member, sealed)
    ON CONFLICT DO NOTHING;
    PERFORM kefu.give_again(p_workspace, p_record, p_member, top);
END $$;

-- Another place of giving makes a technician's device fetch the whole record.
CREATE OR REPLACE FUNCTION kefu.give_again(p_workspace uuid, p_record uuid[], p_member uuid[], p_top bigint)
RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
    UPDATE kefu.assignments a SET since = greatest(a.since + 1, p_top)
    WHERE a.workspace = p_workspace
      AND (a.record, a.member) IN (SELECT r, m FROM unnest(p_record, p_member) u (r, m) WHERE m IS NOT NULL)
$$;
