-- Members: inviting, joining, admitting, changing, revoking. What the roster says is signed by administrators' devices and
-- verified by everyone's; here it is only kept in order, and the logins follow it.

-- Appends to the roster, if nobody else did since p_previous was read.
CREATE OR REPLACE FUNCTION kefu.append(p_workspace uuid, p_entry bytea, p_previous bytea, p_link bytea)
RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    place bigint;
BEGIN
    UPDATE kefu.counters c SET roster = c.roster + 1, link = p_link
    WHERE c.workspace = p_workspace AND c.link = p_previous RETURNING c.roster INTO place;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the roster has moved on' USING ERRCODE = 'KF409';
    END IF;
    INSERT INTO kefu.roster (workspace, no, entry, link) VALUES (p_workspace, place, p_entry, p_link);
    RETURN place;
END $$;

-- Stops whoever is no administrator here.
CREATE OR REPLACE FUNCTION kefu.administers(p_workspace uuid)
RETURNS void
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM kefu.mine() m WHERE m.workspace = p_workspace AND m.admin) THEN
        RAISE EXCEPTION 'for administrators' USING ERRCODE = 'KF403';
    END IF;
END $$;

-- Makes a login for a member. Takes a SCRAM verifier only, so that no password ever stands in a statement or a log.
CREATE OR REPLACE FUNCTION kefu.make_login(p_login text, p_verifier text, p_until timestamptz)
RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF (p_login ~ '^kefu_[a-z0-9]{8,40}$' AND p_verifier ~ '^SCRAM-SHA-256\$[0-9]+:[A-Za-z0-9+/=]+\$[A-Za-z0-9+/=]+:[A-Za-z0-9+/=]+$')
        IS NOT TRUE
    THEN
        RAISE EXCEPTION 'not a login' USING ERRCODE = 'KF400';
    END IF;
    EXECUTE format('CREATE ROLE %I LOGIN CONNECTION LIMIT 4 PASSWORD %L VALID UNTIL %L IN ROLE kefu_member',
        p_login, p_verifier, p_until);
    -- He can lift these himself; reap() is for those who do.
    EXECUTE format('ALTER ROLE %I SET statement_timeout = ''60s''', p_login);
    EXECUTE format('ALTER ROLE %I SET idle_in_transaction_session_timeout = ''15s''', p_login);
EXCEPTION WHEN duplicate_object THEN
    RAISE EXCEPTION 'this login exists' USING ERRCODE = 'KF409';
END $$;

-- The workspace with its founder. For whoever administers the server: members have no right to call it.
CREATE OR REPLACE FUNCTION kefu.create_workspace(p_workspace uuid, p_root bytea, p_login text, p_verifier text, p_member uuid,
    p_device uuid, p_roles text[], p_certificate bytea, p_entry bytea[], p_link bytea[])
RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF (cardinality(p_entry) BETWEEN 1 AND 20 AND cardinality(p_entry) = cardinality(p_link)) IS NOT TRUE THEN
        RAISE EXCEPTION 'no roster' USING ERRCODE = 'KF400';
    END IF;
    INSERT INTO kefu.workspaces (workspace, root) VALUES (p_workspace, p_root);
    INSERT INTO kefu.counters (workspace) VALUES (p_workspace);
    PERFORM kefu.make_login(p_login, p_verifier, 'infinity');
    FOR i IN 1 .. cardinality(p_entry) LOOP
        PERFORM kefu.append(p_workspace, p_entry[i], coalesce(p_link[i - 1], decode(repeat('00', 32), 'hex')), p_link[i]);
    END LOOP;
    INSERT INTO kefu.seats (workspace, login, member, device, roles, certificate)
    VALUES (p_workspace, p_login, p_member, p_device, p_roles, p_certificate);
EXCEPTION WHEN unique_violation THEN
    RAISE EXCEPTION 'this workspace exists' USING ERRCODE = 'KF409';
END $$;

CREATE OR REPLACE FUNCTION kefu.invite(p_workspace uuid, p_invite uuid, p_login text, p_verifier text, p_expires timestamptz)
RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM kefu.administers(p_workspace);
    IF (p_expires BETWEEN now() AND now() + interval '30 days') IS NOT TRUE THEN
        RAISE EXCEPTION 'an invite lasts 30 days at most' USING ERRCODE = 'KF400';
    END IF;
    PERFORM kefu.make_login(p_login, p_verifier, p_expires);
    INSERT INTO kefu.invites (workspace, invite, login, expires) VALUES (p_workspace, p_invite, p_login, p_expires);
EXCEPTION WHEN unique_violation THEN
    RAISE EXCEPTION 'this invite exists' USING ERRCODE = 'KF409';
END $$;

-- Lays down the new seat's request, once, with the login of the invite.
CREATE OR REPLACE FUNCTION kefu.join(p_workspace uuid, p_invite uuid, p_request bytea)
RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF (octet_length(p_request) <= 8192) IS NOT TRUE THEN
        RAISE EXCEPTION 'not a request' USING ERRCODE = 'KF400';
    END IF;
    UPDATE kefu.invites i SET status = 'joined', request = p_request
    WHERE i.workspace = p_workspace AND i.invite = p_invite AND i.login = session_user AND i.status = 'open'
      AND i.expires > now();
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the invite is used, over or not yours' USING ERRCODE = 'KF410';
    END IF;
END $$;

-- What the administrator's device laid down for the new seat; null until it did.
CREATE OR REPLACE FUNCTION kefu.answer(p_workspace uuid, p_invite uuid)
RETURNS bytea
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT i.answer FROM kefu.invites i
    WHERE i.workspace = p_workspace AND i.invite = p_invite AND i.login = session_user AND i.status = 'admitted'
$$;

CREATE OR REPLACE FUNCTION kefu.requests(p_workspace uuid)
RETURNS TABLE (invite uuid, status text, expires_ms bigint, request bytea)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
    PERFORM kefu.administers(p_workspace);
    RETURN QUERY SELECT i.invite, i.status, floor(extract(epoch FROM i.expires) * 1000)::bigint, i.request FROM kefu.invites i
        WHERE i.workspace = p_workspace AND i.status IN ('open', 'joined') ORDER BY i.expires;
END $$;

-- Takes an invite back, or refuses who asks with it: nobody comes in with it any more.
CREATE OR REPLACE FUNCTION kefu.withdraw(p_workspace uuid, p_invite uuid)
RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    the_login name;
BEGIN
    PERFORM kefu.administers(p_workspace);
    UPDATE kefu.invites i SET status = 'withdrawn'
    WHERE i.workspace = p_workspace AND i.invite = p_invite AND i.status IN ('open', 'joined') RETURNING i.login INTO the_login;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no such invite' USING ERRCODE = 'KF404';
    END IF;
    EXECUTE format('ALTER ROLE %I NOLOGIN', the_login);
END $$;

-- Lets the joined seat in: its login gets rights, the roster its entry, the seat its answer. Without an entry it is one that
-- the roster has already, whose login was lost: from here on it comes with that of the invite.
CREATE OR REPLACE FUNCTION kefu.admit(p_workspace uuid, p_invite uuid, p_member uuid, p_device uuid, p_roles text[],
    p_certificate bytea, p_answer bytea, p_entry bytea, p_previous bytea, p_link bytea)
RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    the_login name;
    lost_login name;
    place bigint;
BEGIN
    PERFORM kefu.administers(p_workspace);
    IF p_entry IS NOT NULL THEN
        place := kefu.append(p_workspace, p_entry, p_previous, p_link);
    END IF;
    UPDATE kefu.invites i SET status = 'admitted', answer = p_answer
    WHERE i.workspace = p_workspace AND i.invite = p_invite AND i.status = 'joined' RETURNING i.login INTO the_login;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'nobody joined with this invite' USING ERRCODE = 'KF410';
    END IF;
    SELECT s.login INTO lost_login FROM kefu.seats s
    WHERE p_entry IS NULL AND s.workspace = p_workspace AND s.member = p_member AND s.device = p_device;
    IF FOUND AND to_regrole(quote_ident(lost_login)) IS NOT NULL THEN
        EXECUTE format('ALTER ROLE %I NOLOGIN', lost_login);
    END IF;
    -- A member who comes back to a device that he sat at before takes his old place there.
    INSERT INTO kefu.seats AS s (workspace, login, member, device, roles, certificate)
    VALUES (p_workspace, the_login, p_member, p_device, p_roles, p_certificate)
    ON CONFLICT (workspace, device, member) DO UPDATE SET login = excluded.login, roles = excluded.roles,
        certificate = excluded.certificate, status = 'active', admitted = now(), seen = NULL
        WHERE s.status <> 'active' OR p_entry IS NULL;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'this seat is taken' USING ERRCODE = 'KF409';
    END IF;
    -- His roles are those of all his devices.
    UPDATE kefu.seats s SET roles = p_roles
    WHERE s.workspace = p_workspace AND s.member = p_member AND s.status = 'active' AND s.roles <> p_roles;
    EXECUTE format('ALTER ROLE %I VALID UNTIL ''infinity''', the_login);
    RETURN place;
END $$;

-- Sets a member's roles on all his devices, with the entry that says so. Called by itself by whoever administers the server,
-- for an administrator by the recovery kit: members have no right to it.
CREATE OR REPLACE FUNCTION kefu.set_roles(p_workspace uuid, p_member uuid, p_roles text[], p_entry bytea, p_previous bytea,
    p_link bytea)
RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    place bigint;
BEGIN
    place := kefu.append(p_workspace, p_entry, p_previous, p_link);
    UPDATE kefu.seats s SET roles = p_roles
    WHERE s.workspace = p_workspace AND s.member = p_member AND s.status = 'active';
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no such member' USING ERRCODE = 'KF404';
    END IF;
    RETURN place;
END $$;

CREATE OR REPLACE FUNCTION kefu.change_roles(p_workspace uuid, p_member uuid, p_roles text[], p_entry bytea, p_previous bytea,
    p_link bytea)
RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM kefu.administers(p_workspace);
    RETURN kefu.set_roles(p_workspace, p_member, p_roles, p_entry, p_previous, p_link);
END $$;

-- Ends every seat that fits: of a member, on a device, or the one that is both. Status, login and open sessions.
CREATE OR REPLACE FUNCTION kefu.revoke(p_workspace uuid, p_member uuid, p_device uuid, p_entry bytea, p_previous bytea,
    p_link bytea)
RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    the_login name;
    place bigint;
    found_any boolean := false;
BEGIN
    PERFORM kefu.administers(p_workspace);
    place := kefu.append(p_workspace, p_entry, p_previous, p_link);
    FOR the_login IN
        UPDATE kefu.seats s SET status = 'revoked'
        WHERE s.workspace = p_workspace AND s.status = 'active' AND coalesce(p_member, p_device) IS NOT NULL
          AND (p_member IS NULL OR s.member = p_member) AND (p_device IS NULL OR s.device = p_device)
        RETURNING s.login
    LOOP
        found_any := true;
        EXECUTE format('ALTER ROLE %I NOLOGIN', the_login);
        PERFORM pg_terminate_backend(a.pid) FROM pg_stat_activity a
        WHERE a.usename = the_login AND a.pid <> pg_backend_pid();
    END LOOP;
    IF NOT found_any THEN
        RAISE EXCEPTION 'no such member' USING ERRCODE = 'KF404';
    END IF;
    -- Keys that nobody can open any more: of members who have no seat left.
    DELETE FROM kefu.wraps w WHERE w.workspace = p_workspace AND w.member IN (
        SELECT s.member FROM kefu.seats s WHERE s.workspace = p_workspace AND s.member = p_member
        UNION SELECT s.member FROM kefu.seats s WHERE s.workspace = p_workspace AND s.device = p_device
        EXCEPT SELECT s.member FROM kefu.seats s WHERE s.workspace = p_workspace AND s.status = 'active');
    RETURN place;
END $$;

-- An entry of the roster that nothing here follows from.
CREATE OR REPLACE FUNCTION kefu.note(p_workspace uuid, p_entry bytea, p_previous bytea, p_link bytea)
RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM kefu.administers(p_workspace);
    RETURN kefu.append(p_workspace, p_entry, p_previous, p_link);
END $$;

-- Lays down the desk key of an epoch for the seats that hold it from now on, and (nil) the one before under it.
CREATE OR REPLACE FUNCTION kefu.hand_desk_key(p_workspace uuid, p_epoch integer, p_member uuid[], p_device uuid[], p_sealed bytea[])
RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM kefu.administers(p_workspace);
    INSERT INTO kefu.desk_keys (workspace, epoch, member, device, sealed)
    SELECT p_workspace, p_epoch, k.member, k.device, k.sealed
    FROM unnest(p_member, p_device, p_sealed) AS k (member, device, sealed) ON CONFLICT DO NOTHING;
END $$;

CREATE OR REPLACE FUNCTION kefu.turn_desk_key(p_workspace uuid, p_epoch integer, p_member uuid[], p_device uuid[],
    p_sealed bytea[], p_entry bytea, p_previous bytea, p_link bytea)
RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    place bigint;
BEGIN
    place := kefu.note(p_workspace, p_entry, p_previous, p_link);
    PERFORM kefu.hand_desk_key(p_workspace, p_epoch, p_member, p_device, p_sealed);
    RETURN place;
END $$;

-- What an office seat can open of them.
CREATE OR REPLACE FUNCTION kefu.desk_keys(p_workspace uuid)
RETURNS TABLE (epoch integer, own boolean, sealed bytea)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    me record;
BEGIN
    SELECT m.* INTO me FROM kefu.mine() m WHERE m.workspace = p_workspace AND m.office;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'for office roles' USING ERRCODE = 'KF403';
    END IF;
    RETURN QUERY SELECT k.epoch, k.member = me.member, k.sealed FROM kefu.desk_keys k
        WHERE k.workspace = p_workspace AND (k.member = me.member AND k.device = me.device
            OR k.member = '00000000-0000-0000-0000-000000000000') ORDER BY k.epoch;
END $$;

-- A backup was put back: said by hand, so that every device looks at everything anew.
CREATE OR REPLACE FUNCTION kefu.raise_epoch(p_workspace uuid)
RETURNS integer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    raised integer;
BEGIN
    PERFORM kefu.administers(p_workspace);
    UPDATE kefu.workspaces w SET epoch = w.epoch + 1 WHERE w.workspace = p_workspace RETURNING w.epoch INTO raised;
    RETURN raised;
END $$;

-- How far each device's numbers reached; those without a seat are copied profiles under a new identity. To technicians only theirs.
CREATE OR REPLACE FUNCTION kefu.reached(p_workspace uuid)
RETURNS TABLE (device uuid, member uuid, last bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
    IF NOT EXISTS (SELECT FROM kefu.mine() m WHERE m.workspace = p_workspace) THEN
        RAISE EXCEPTION 'no seat here' USING ERRCODE = 'KF401';
    END IF;
    RETURN QUERY SELECT d.device, d.member, d.last FROM kefu.devices d WHERE d.workspace = p_workspace ORDER BY d.device;
END $$;

CREATE OR REPLACE FUNCTION kefu.members(p_workspace uuid)
RETURNS TABLE (member uuid, device uuid, roles text[], status text, certificate bytea, admitted_ms bigint, seen_ms bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
    IF NOT EXISTS (SELECT FROM kefu.mine() m WHERE m.workspace = p_workspace) THEN
        RAISE EXCEPTION 'no seat here' USING ERRCODE = 'KF401';
    END IF;
    RETURN QUERY SELECT s.member, s.device, s.roles, s.status, s.certificate,
        floor(extract(epoch FROM s.admitted) * 1000)::bigint, floor(extract(epoch FROM s.seen) * 1000)::bigint
        FROM kefu.seats s WHERE s.workspace = p_workspace ORDER BY s.admitted, s.member;
END $$;

CREATE OR REPLACE FUNCTION kefu.roster(p_workspace uuid, p_after bigint)
RETURNS TABLE (no bigint, entry bytea, link bytea)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
    IF NOT EXISTS (SELECT FROM kefu.mine() m WHERE m.workspace = p_workspace) THEN
        RAISE EXCEPTION 'no seat here' USING ERRCODE = 'KF401';
    END IF;
    RETURN QUERY SELECT r.no, r.entry, r.link FROM kefu.roster r
        WHERE r.workspace = p_workspace AND r.no > p_after ORDER BY r.no LIMIT 500;
END $$;

-- Ends members' sessions that hold a transaction open and those whose login has no seat and no invite any more. Anyone who
-- finds the workspace locked may call it: a login can lift its own time limits.
CREATE OR REPLACE FUNCTION kefu.reap()
RETURNS integer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    ended integer;
BEGIN
    SELECT count(*) FILTER (WHERE pg_terminate_backend(a.pid)) INTO ended
    FROM pg_stat_activity a
    JOIN pg_auth_members x ON x.member = a.usesysid AND x.roleid = to_regrole('kefu_member')
    WHERE a.pid <> pg_backend_pid() AND a.datname = current_database() AND (
        (a.state LIKE 'idle in transaction%' AND a.state_change < clock_timestamp() - interval '10 seconds')
        OR a.xact_start < clock_timestamp() - interval '60 seconds'
        OR NOT EXISTS (SELECT FROM kefu.seats s WHERE s.login = a.usename AND s.status = 'active')
            AND NOT EXISTS (SELECT FROM kefu.invites i WHERE i.login = a.usename AND i.status IN ('open', 'joined')));
    RETURN ended;
END $$;
