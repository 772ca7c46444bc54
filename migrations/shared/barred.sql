-- Whose rating it is (R94): asked by push() of the few acts that touch one.

-- Why a person may not rate this: own_matter, he handled what a return visit asks after; rated, the customer rated it
-- already. Null where he may. Asked for the few acts that touch a rating. p_i: the change in question, of the batch whose
-- arrays these are; what was taken of it before counts like what is here. It is found by its places: unnested for each
-- rating, a batch of ratings would take the square of its length. The rule is the one of crates/domain, as far as acts,
-- states and ids tell: who did one of the acts that handle a form, unless the very next change of the form took it back.
-- Every form that the visit ever named counts. p_again: only what came before it by clock, for it was taken once before.
CREATE OR REPLACE FUNCTION kefu.barred(p_workspace uuid, p_device uuid, p_i integer, p_again boolean, p_codes text[],
    p_change uuid[], p_seat uuid[], p_record uuid[], p_kind text[], p_act text[], p_state text[], p_about uuid[],
    p_ms bigint[], p_n bigint[])
RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off
SET plan_cache_mode = force_generic_plan
SET jit = off
AS $$
DECLARE
    matter uuid[];
BEGIN
    IF EXISTS (SELECT FROM kefu.acts a WHERE a.kind = p_kind[p_i] AND a.act = p_act[p_i] AND a.once) AND (
        EXISTS (SELECT FROM kefu.changes c WHERE c.workspace = p_workspace AND c.record = p_record[p_i]
            AND c.act = p_act[p_i] AND c.change <> p_change[p_i])
        OR EXISTS (SELECT FROM unnest(array_positions(p_record, p_record[p_i])) i
            WHERE p_codes[i] = 'ok' AND p_act[i] = p_act[p_i] AND p_change[i] <> p_change[p_i]))
    THEN
        RETURN 'rated';
    END IF;
    SELECT array_agg(DISTINCT m.about) INTO matter FROM (
        SELECT c.about FROM kefu.changes c WHERE c.workspace = p_workspace AND c.record = p_record[p_i]
        UNION ALL
        SELECT p_about[i] FROM unnest(array_positions(p_record, p_record[p_i])) i WHERE p_codes[i] = 'ok' OR i = p_i
    ) m WHERE m.about IS NOT NULL;
    IF matter IS NOT NULL AND EXISTS (
        SELECT FROM (
            SELECT z.seat, z.act, z.state, z.ms, z.n,
                   lead(z.act) OVER (PARTITION BY z.record ORDER BY z.ms, z.n, z.device) AS next
            FROM (
                SELECT c.record, c.seat, c.act, c.state, c.ms, c.n, c.device FROM kefu.changes c
                WHERE c.workspace = p_workspace AND c.record = ANY (matter)
                UNION ALL
                SELECT m, p_seat[i], p_act[i], p_state[i], p_ms[i], p_n[i], p_device
                FROM unnest(matter) m, unnest(array_positions(p_record, m)) i WHERE p_codes[i] = 'ok'
            ) z
        ) h JOIN kefu.acts a ON a.kind = 'form' AND a.act = h.act
        WHERE h.seat = p_seat[p_i] AND a.handles AND h.state <> ALL (a.spares) AND h.next IS DISTINCT FROM 'undo'
          AND (NOT p_again OR (h.ms, h.n) < (p_ms[p_i], p_n[p_i]))
    ) THEN
        RETURN 'own_matter';
    END IF;
    RETURN NULL;
END $$;
