-- Engines: one row for each that took a run, ever. A living one counts its heartbeat up; one whose count stood still
-- while another watched is `fenced`, and its runs may be taken over.

CREATE TABLE schedulers (
    id uuid NOT NULL PRIMARY KEY,
    state text NOT NULL CHECK (state IN ('active', 'draining', 'fenced', 'gone')),
    heartbeat_count bigint NOT NULL CHECK (heartbeat_count >= 0),
    -- For people; nothing is decided by it.
    heartbeat_at timestamptz NOT NULL,
    host text NOT NULL,
    pid bigint NOT NULL,
    version text NOT NULL,
    started_at timestamptz NOT NULL
);

-- Those that are watched.
CREATE INDEX schedulers_living ON schedulers (id) WHERE state IN ('active', 'draining');
