-- The three roles behind everything, none of which can log in. Safe to run again.
DO $$
BEGIN
    IF to_regrole('kefu_owner') IS NULL THEN    -- owns the tables; is under row security itself
        CREATE ROLE kefu_owner NOLOGIN NOINHERIT;
    END IF;
    IF to_regrole('kefu_keeper') IS NULL THEN   -- makes and ends members' logins; asked only by functions
        CREATE ROLE kefu_keeper NOLOGIN CREATEROLE;
    END IF;
    IF to_regrole('kefu_member') IS NULL THEN   -- what every member's login is a member of: EXECUTE, no table
        CREATE ROLE kefu_member NOLOGIN;
    END IF;
    IF NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN
        EXECUTE format('GRANT kefu_owner, kefu_keeper TO %I', current_user);
    END IF;
END $$;
GRANT kefu_member TO kefu_keeper WITH ADMIN OPTION;
GRANT pg_signal_backend, pg_read_all_stats TO kefu_keeper;
CREATE SCHEMA IF NOT EXISTS kefu AUTHORIZATION kefu_owner;
REVOKE ALL ON SCHEMA kefu FROM PUBLIC;
GRANT USAGE ON SCHEMA kefu TO kefu_member, kefu_keeper;
DO $$
BEGIN
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO kefu_member', current_database());
END $$;
