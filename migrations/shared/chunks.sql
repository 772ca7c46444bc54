-- Attachments in sealed pieces: resumable, because whoever sends asks first which pieces arrived.

CREATE OR REPLACE FUNCTION kefu.put_chunk(p_workspace uuid, p_record uuid, p_file bytea, p_piece integer, p_pieces integer,
    p_sealed bytea)
RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET lock_timeout = '5s'
AS $$
#variable_conflict use_column
BEGIN
    -- A picture taken while the record was being given to another was still taken: whoever ever had it in hand may add.
    IF NOT EXISTS (SELECT FROM kefu.mine() m WHERE m.workspace = p_workspace AND (m.office OR EXISTS (
        SELECT FROM kefu.grants g
        WHERE g.workspace = p_workspace AND g.record = p_record AND g.member = m.member)))
    THEN
        RAISE EXCEPTION 'not in your hands' USING ERRCODE = 'KF403';
    END IF;
    IF EXISTS (SELECT FROM kefu.mine() m WHERE m.workspace = p_workspace AND m.office)
        AND NOT EXISTS (SELECT FROM kefu.records r WHERE r.workspace = p_workspace AND r.record = p_record) THEN
        RAISE EXCEPTION 'no such record' USING ERRCODE = 'KF404';
    END IF;
    IF (kefu.erased(p_workspace, ARRAY[p_record], ARRAY[9223372036854775807])) [1] THEN
        RETURN false; -- and nobody asks for it any more
    END IF;
    INSERT INTO kefu.chunks (workspace, record, file, piece, pieces, sealed)
    VALUES (p_workspace, p_record, p_file, p_piece, p_pieces, p_sealed) ON CONFLICT DO NOTHING;
    RETURN FOUND;
END $$;

CREATE OR REPLACE FUNCTION kefu.chunks(p_workspace uuid, p_record uuid, p_file bytea)
RETURNS TABLE (piece integer, pieces integer)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off
SET jit = off
AS $$
#variable_conflict use_column
BEGIN
    IF NOT EXISTS (SELECT FROM kefu.mine() m WHERE m.workspace = p_workspace AND (m.office OR EXISTS (
        SELECT FROM kefu.grants g
        WHERE g.workspace = p_workspace AND g.record = p_record AND g.member = m.member)))
    THEN
        RAISE EXCEPTION 'not in your hands' USING ERRCODE = 'KF403';
    END IF;
    RETURN QUERY SELECT c.piece, c.pieces FROM kefu.chunks c
        WHERE c.workspace = p_workspace AND c.record = p_record AND c.file = p_file ORDER BY c.piece;
END $$;

CREATE OR REPLACE FUNCTION kefu.get_chunk(p_workspace uuid, p_record uuid, p_file bytea, p_piece integer)
RETURNS bytea
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off
SET jit = off
AS $$
#variable_conflict use_column
BEGIN
    IF NOT EXISTS (SELECT FROM kefu.mine() m WHERE m.workspace = p_workspace AND (m.office OR EXISTS (
        SELECT FROM kefu.assignments a
        WHERE a.workspace = p_workspace AND a.record = p_record AND a.member = m.member)))
    THEN
        RAISE EXCEPTION 'not in your hands' USING ERRCODE = 'KF403';
    END IF;
    RETURN (SELECT c.sealed FROM kefu.chunks c
        WHERE c.workspace = p_workspace AND c.record = p_record AND c.file = p_file AND c.piece = p_piece);
END $$;
