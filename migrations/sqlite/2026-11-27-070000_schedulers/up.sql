-- Engines: one row for each that took a run, ever. A living one counts its heartbeat up; one whose count stood still
-- while another watched is `fenced`, and its runs may be taken over. In a file it is for people: there, a lock tells who
-- lives.

CREATE TABLE schedulers (
    id TEXT NOT NULL PRIMARY KEY,
    state TEXT NOT NULL CHECK (state IN ('active', 'draining', 'fenced', 'gone')),
    heartbeat_count INTEGER NOT NULL CHECK (heartbeat_count >= 0),
    -- For people; nothing is decided by it.
    heartbeat_at INTEGER NOT NULL,
    host TEXT NOT NULL,
    pid INTEGER NOT NULL,
    version TEXT NOT NULL,
    started_at INTEGER NOT NULL
) STRICT;

-- Those that are watched.
CREATE INDEX schedulers_living ON schedulers (id) WHERE state IN ('active', 'draining');
