-- Who owns and who may call what; and what a login without rights could still do to others, taken from PUBLIC.
-- Run last, at every install: a function that is named nowhere here ends without any right to call it.
GRANT CREATE ON SCHEMA kefu TO kefu_keeper;
DO $$
DECLARE
    f record;
    keeper constant text[] := '{mine,sent,settle,barred,chain_at,give_again,erased,erase,append,administers,make_login,create_workspace,set_roles,invite,withdraw,admit,change_roles,revoke,note,turn_desk_key,hand_desk_key,raise_epoch,reap}';
    member constant text[] := '{hello,push,pull,newest,pull_record,first_of,put_wraps,put_chunk,chunks,get_chunk,members,reached,roster,invite,withdraw,join,answer,requests,admit,change_roles,revoke,note,turn_desk_key,hand_desk_key,desk_keys,raise_epoch,reap}';
    inner_calls constant text[] := '{mine,sent,settle,barred,chain_at,give_again,erased,erase,administers}';
BEGIN
    FOR f IN SELECT p.oid::regprocedure AS it, p.proname::text AS name FROM pg_proc p WHERE p.pronamespace = 'kefu'::regnamespace
    LOOP
        EXECUTE format('ALTER FUNCTION %s OWNER TO %I', f.it,
            CASE WHEN f.name = ANY (keeper) THEN 'kefu_keeper' ELSE 'kefu_owner' END);
        EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC, kefu_member', f.it);
        IF f.name = ANY (member) THEN
            EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO kefu_member', f.it);
        END IF;
        IF f.name = ANY (inner_calls) THEN
            EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO kefu_owner', f.it);
        END IF;
    END LOOP;
END $$;
REVOKE CREATE ON SCHEMA kefu FROM kefu_keeper;
DO $$
BEGIN
    EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
    EXECUTE format('REVOKE TEMPORARY, CREATE ON DATABASE %I FROM kefu_member', current_database());
END $$;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
