"""Makes of sessions that were all filled in at once a year's work: no two days and rows alike.

Each session gets another name and day, one in ten stops on its way, and all have left traces.
"""

import psycopg

from toastclub.testing.server import Server

YEAR_MINUTES = 365 * 24 * 60

_STATEMENTS = [
    # A day of its own, and how far it came: the last are of today.
    """
    UPDATE sessions SET
        created_at = now() - (({count} - id::bigint) * {minutes} / {count}) * interval '1 minute',
        estado = CASE id % 50 WHEN 0 THEN 'created' WHEN 10 THEN 'ready_to_start'
            WHEN 20 THEN 'running' WHEN 30 THEN 'audio_uploaded' WHEN 40 THEN 'survey_pending'
            ELSE 'completed' END
    """,
    """
    UPDATE sessions SET updated_at = created_at + interval '15 minutes',
        started_at = CASE WHEN estado NOT IN ('created', 'ready_to_start')
            THEN created_at + interval '3 minutes' END,
        completed_at = CASE WHEN estado = 'completed' THEN created_at + interval '15 minutes' END
    """,
    """
    UPDATE participants SET
        nombre = (ARRAY['Rosa', 'Jorge', 'Valeria', 'Íñigo', 'Noemí', 'Álvaro'])[1 + session_id % 6]
            || ' ' || (ARRAY['Quispe', 'Álvarez', 'Muñoz', 'Ñahui', 'Torres'])[1 + session_id % 5]
            || ' ' || session_id % 1000
    """,
    """
    INSERT INTO session_events
        (session_id, from_estado, to_estado, at, actor_kind, user_id, user_email)
    SELECT sessions.id, from_estado, to_estado, created_at + step * interval '3 minutes', 'headset',
        NULL, ''
    FROM sessions CROSS JOIN (VALUES (1, 'created', 'ready_to_start'),
        (2, 'ready_to_start', 'running'), (3, 'running', 'audio_uploaded'),
        (4, 'audio_uploaded', 'survey_pending'), (5, 'survey_pending', 'completed')
    ) AS steps (step, from_estado, to_estado)
    WHERE step <= CASE estado WHEN 'created' THEN 0 WHEN 'ready_to_start' THEN 1
        WHEN 'running' THEN 2 WHEN 'audio_uploaded' THEN 3 WHEN 'survey_pending' THEN 4 ELSE 5 END
    ORDER BY created_at, step
    """,
    """
    DELETE FROM recordings USING sessions
    WHERE sessions.id = session_id AND estado IN ('created', 'ready_to_start', 'running')
    """,
    """
    UPDATE recordings SET created_at = sessions.created_at + interval '9 minutes',
        uploaded_at = sessions.created_at + interval '10 minutes',
        duracion_segundos = 200 + recordings.id % 400,
        peaks = decode(repeat(md5(recordings.id::text), 62), 'hex'),
        avisos = CASE recordings.id % 20 WHEN 0 THEN '["silencio"]' WHEN 1 THEN '["saturado"]'
            WHEN 2 THEN '["muy_corto"]' ELSE '[]' END::jsonb
    FROM sessions WHERE sessions.id = session_id
    """,
    """
    UPDATE recordings SET reviewed_at = uploaded_at + interval '1 day',
        review_state = CASE WHEN id % 10 < 8 THEN 'aceptada' ELSE 'rechazada' END,
        review_reason = CASE WHEN id % 10 < 8 THEN '' ELSE 'ruido' END
    WHERE uploaded_at < now() - interval '20 days'
    """,
    """
    INSERT INTO recording_reviews
        (recording_id, from_state, to_state, reason, note, at, user_id, user_email)
    SELECT id, 'sin_revisar', review_state, review_reason, '', reviewed_at, NULL,
        'analista@toastclub.com'
    FROM recordings WHERE reviewed_at IS NOT NULL ORDER BY reviewed_at
    """,
    """
    DELETE FROM surveys USING sessions WHERE sessions.id = session_id AND estado <> 'completed'
    """,
    """
    UPDATE surveys SET created_at = sessions.completed_at, completed_at = sessions.completed_at,
        respuestas_json = json_build_object(
            'experiencia_general', (ARRAY['excelente', 'buena', 'regular'])[1 + session_id % 3],
            'nervios_antes', 1 + session_id % 5, 'nervios_despues', 1 + session_id % 3,
            'volveria_usar', (ARRAY['si', 'no'])[1 + session_id % 2],
            'comentario', 'Al principio me temblaba la voz ' || session_id
        )::json
    FROM sessions WHERE sessions.id = session_id
    """,
    """
    INSERT INTO access_log (at, kind, who, user_number, address, session_number, details)
    SELECT created_at + interval '1 day',
        (ARRAY['view', 'view', 'view', 'play', 'url', 'file'])[1 + id % 6],
        'analista' || id % 7 || '@toastclub.com', 1, '203.0.113.7', id, '{{}}'
    FROM sessions ORDER BY created_at
    """,
]


def vary(server: Server, count: int) -> None:
    with psycopg.connect(server.environment["DATABASE_URL"], autocommit=True) as database:
        for statement in _STATEMENTS:
            database.execute(statement.format(count=count, minutes=YEAR_MINUTES))
        database.execute("VACUUM FULL")  # no year's work leaves each row behind three times
