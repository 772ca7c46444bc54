-- Taken from PUBLIC in this database, where the installer may: advisory locks, large objects, messages, transaction ids,
-- sleeping, anonymous code. LISTEN and the NOTIFY command cannot be taken away in PostgreSQL; nothing here listens.
-- Gives the names that it could not take, on a server whose owner keeps them.
DO $$
DECLARE
    f record;
BEGIN
    FOR f IN SELECT p.oid::regprocedure AS it FROM pg_proc p
        WHERE p.pronamespace = 'pg_catalog'::regnamespace AND (
            p.proname ~ '^pg_(try_)?advisory_' OR p.proname ~ '^(lo_|loread$|lowrite$)' OR p.proname ~ '^pg_sleep'
            OR p.proname IN ('pg_notify', 'pg_logical_emit_message', 'pg_export_snapshot', 'txid_current',
                'pg_current_xact_id', 'pg_create_logical_replication_slot', 'pg_create_physical_replication_slot',
                'query_to_xml', 'query_to_xmlschema', 'query_to_xml_and_xmlschema', 'cursor_to_xml', 'cursor_to_xmlschema',
                'database_to_xml', 'database_to_xmlschema', 'database_to_xml_and_xmlschema', 'pg_stat_reset_snapshot'))
    LOOP
        BEGIN
            EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', f.it);
        EXCEPTION WHEN insufficient_privilege THEN
            NULL;
        END;
    END LOOP;
    BEGIN
        REVOKE ALL ON LANGUAGE plpgsql FROM PUBLIC;
        REVOKE ALL ON LANGUAGE sql FROM PUBLIC;
        EXECUTE format('ALTER DATABASE %I SET temp_file_limit = ''256MB''', current_database());
    EXCEPTION WHEN insufficient_privilege THEN
        NULL;
    END;
END $$;
