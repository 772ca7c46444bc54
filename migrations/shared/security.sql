-- Row security on every table, forced upon the owner too: the second wall behind the checks of each function. It asks one
-- thing, who the session began as (session_user), which SECURITY DEFINER does not change and no statement can set.

-- The seats of whoever is connected; none as soon as he is revoked. Owned by the keeper, who sees all seats. Every statement
-- on every table asks it: in plpgsql, which keeps its plan for the session, while sql would plan it for each.
CREATE OR REPLACE FUNCTION kefu.mine()
RETURNS TABLE (workspace uuid, member uuid, device uuid, roles text[], office boolean, admin boolean)
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 1
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN QUERY
    SELECT s.workspace, s.member, s.device, s.roles,
           s.roles && '{reception,records,dispatcher,filer,handler,supervisor,inspector,admin}'::text[],
           'admin' = ANY (s.roles)
    FROM kefu.seats s WHERE s.login = session_user AND s.status = 'active';
END $$;
ALTER FUNCTION kefu.mine() OWNER TO kefu_keeper;
REVOKE ALL ON FUNCTION kefu.mine() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION kefu.mine() TO kefu_owner;

DO $$
DECLARE
    t text;
    p record;
BEGIN
    FOR p IN SELECT policyname, tablename FROM pg_policies WHERE schemaname = 'kefu' LOOP
        EXECUTE format('DROP POLICY %I ON kefu.%I', p.policyname, p.tablename);
    END LOOP;
    FOR t IN SELECT relname FROM pg_class WHERE relnamespace = 'kefu'::regnamespace AND relkind = 'r' LOOP
        EXECUTE format('ALTER TABLE kefu.%I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('ALTER TABLE kefu.%I FORCE ROW LEVEL SECURITY', t);
        EXECUTE format('REVOKE ALL ON kefu.%I FROM PUBLIC, kefu_member', t);
        EXECUTE format('CREATE POLICY keeper ON kefu.%I TO kefu_keeper USING (true) WITH CHECK (true)', t);
    END LOOP;
END $$;

-- The keeper writes what follows from changes and what administrators decide; he reads no sealed change, but destroys it.
GRANT SELECT, INSERT, UPDATE ON kefu.workspaces, kefu.counters, kefu.seats, kefu.devices, kefu.roster, kefu.invites,
    kefu.records, kefu.desk_keys TO kefu_keeper;
GRANT SELECT, INSERT, UPDATE, DELETE ON kefu.assignments, kefu.grants TO kefu_keeper;
GRANT SELECT, DELETE ON kefu.wraps TO kefu_keeper;
GRANT SELECT (workspace, seq, device, device_seq, ms, n, received, due, change, seat, record, kind, act, state, department,
    assignees, key, link, chain, about), UPDATE (sealed) ON kefu.changes TO kefu_keeper;
GRANT SELECT (workspace, record), DELETE ON kefu.chunks TO kefu_keeper;
GRANT SELECT ON kefu.refusals TO kefu_keeper;
GRANT SELECT, INSERT, UPDATE, DELETE ON kefu.version, kefu.acts TO kefu_keeper;

CREATE POLICY all_may ON kefu.version FOR SELECT TO kefu_owner USING (true);
CREATE POLICY all_may ON kefu.acts FOR SELECT TO kefu_owner USING (true);

CREATE POLICY mine ON kefu.workspaces FOR SELECT TO kefu_owner
    USING (workspace IN (SELECT m.workspace FROM kefu.mine() m));
CREATE POLICY mine ON kefu.counters TO kefu_owner
    USING (workspace IN (SELECT m.workspace FROM kefu.mine() m));
CREATE POLICY mine ON kefu.seats FOR SELECT TO kefu_owner
    USING (workspace IN (SELECT m.workspace FROM kefu.mine() m));
CREATE POLICY own ON kefu.seats FOR UPDATE TO kefu_owner
    USING (login = session_user AND status = 'active') WITH CHECK (login = session_user AND status = 'active');
CREATE POLICY mine ON kefu.roster FOR SELECT TO kefu_owner
    USING (workspace IN (SELECT m.workspace FROM kefu.mine() m));
CREATE POLICY admins ON kefu.invites FOR SELECT TO kefu_owner
    USING (workspace IN (SELECT m.workspace FROM kefu.mine() m WHERE m.admin));
CREATE POLICY invited ON kefu.invites TO kefu_owner USING (login = session_user);
CREATE POLICY devices ON kefu.devices TO kefu_owner
    USING ((workspace, member) IN (SELECT m.workspace, m.member FROM kefu.mine() m)
        OR workspace IN (SELECT m.workspace FROM kefu.mine() m WHERE m.office));
CREATE POLICY devices ON kefu.refusals TO kefu_owner
    USING ((workspace, device) IN (SELECT d.workspace, d.device FROM kefu.devices d JOIN kefu.mine() m
            ON m.workspace = d.workspace AND m.member = d.member)
        OR workspace IN (SELECT m.workspace FROM kefu.mine() m WHERE m.office));

CREATE POLICY mine ON kefu.assignments FOR SELECT TO kefu_owner
    USING ((workspace, member) IN (SELECT m.workspace, m.member FROM kefu.mine() m)
        OR workspace IN (SELECT m.workspace FROM kefu.mine() m WHERE m.office));
CREATE POLICY mine ON kefu.grants FOR SELECT TO kefu_owner
    USING ((workspace, member) IN (SELECT m.workspace, m.member FROM kefu.mine() m));

-- Office roles see a whole workspace, technicians what they have in hand: looked up record by record, because a list of all
-- that they have would be made anew for each statement.
DO $$
DECLARE
    t text;
    sees text := '(workspace IN (SELECT m.workspace FROM kefu.mine() m WHERE m.office)
        OR EXISTS (SELECT FROM kefu.assignments a WHERE a.workspace = %1$I.workspace AND a.record = %1$I.record
            AND (a.workspace, a.member) IN (SELECT m.workspace, m.member FROM kefu.mine() m)))';
BEGIN
    FOREACH t IN ARRAY '{changes,records,chunks}'::text[] LOOP
        EXECUTE format('CREATE POLICY sees ON kefu.%1$I FOR SELECT TO kefu_owner USING ' || sees, t);
    END LOOP;
    -- Pieces of files: whoever ever had the record in hand may add, see chunks.sql; only who has it sees them.
    EXECUTE format('CREATE POLICY writes ON kefu.%1$I FOR INSERT TO kefu_owner WITH CHECK '
        || replace(sees, 'kefu.assignments', 'kefu.grants'), 'chunks');
END $$;

-- A technician writes in his own name only; on what, push() asks.
CREATE POLICY writes ON kefu.changes FOR INSERT TO kefu_owner
    WITH CHECK (workspace IN (SELECT m.workspace FROM kefu.mine() m WHERE m.office)
        OR (workspace, seat) IN (SELECT m.workspace, m.member FROM kefu.mine() m));

-- What lies under the desk key is the office's; what is sealed to a technician is his as long as he has the record in hand.
CREATE POLICY sees ON kefu.wraps FOR SELECT TO kefu_owner
    USING (workspace IN (SELECT m.workspace FROM kefu.mine() m WHERE m.office)
        OR EXISTS (SELECT FROM kefu.assignments a WHERE a.workspace = wraps.workspace AND a.record = wraps.record
            AND a.member = wraps.member AND (a.workspace, a.member) IN (SELECT m.workspace, m.member FROM kefu.mine() m)));
CREATE POLICY writes ON kefu.wraps FOR INSERT TO kefu_owner
    WITH CHECK (workspace IN (SELECT m.workspace FROM kefu.mine() m WHERE m.office));
CREATE POLICY office ON kefu.desk_keys FOR SELECT TO kefu_owner
    USING (workspace IN (SELECT m.workspace FROM kefu.mine() m WHERE m.office));
