-- Workflows, their runs, and what people look at.
--
-- The same tables as on SQLite with the native types: uuid, timestamptz, jsonb, integer, bigint, boolean. Texts that are
-- compared or sorted by the program use the collation "C", which orders as SQLite does. Every index names the query it
-- serves.

-- Definitions. A row of `workflows` is one immutable version.

CREATE TABLE workflows (
    id uuid NOT NULL PRIMARY KEY,
    name text COLLATE "C" NOT NULL,
    description text NOT NULL,
    version integer NOT NULL CHECK (version >= 1),
    content_hash text NOT NULL,
    document text NOT NULL,
    created_at timestamptz NOT NULL,
    -- workflow_find: a version, or the newest, of a name.
    UNIQUE (name, version),
    -- workflow_save: whether equal content is there already.
    UNIQUE (name, content_hash)
);

CREATE TABLE sections (
    id uuid NOT NULL PRIMARY KEY,
    name text COLLATE "C" NOT NULL,
    description text NOT NULL,
    "order" integer NOT NULL CHECK ("order" >= 0),
    workflow_id uuid NOT NULL REFERENCES workflows (id) ON DELETE RESTRICT,
    slug text COLLATE "C" NOT NULL,
    -- section_list: the sections of a version in order.
    UNIQUE (workflow_id, "order"),
    UNIQUE (workflow_id, slug)
);

CREATE TABLE steps (
    id uuid NOT NULL PRIMARY KEY,
    name text COLLATE "C" NOT NULL,
    description text NOT NULL,
    "order" integer NOT NULL CHECK ("order" >= 0),
    section_id uuid NOT NULL REFERENCES sections (id) ON DELETE RESTRICT,
    prompt text NOT NULL,
    slug text COLLATE "C" NOT NULL,
    action text NOT NULL,
    options jsonb NOT NULL,
    enabled boolean NOT NULL,
    -- step_list: the steps of a section in order.
    UNIQUE (section_id, "order"),
    UNIQUE (section_id, slug)
);

CREATE TABLE attributes (
    id uuid NOT NULL PRIMARY KEY,
    name text COLLATE "C" NOT NULL,
    type text NOT NULL CHECK (type IN ('string', 'integer', 'number', 'boolean', 'object', 'file')),
    is_array boolean NOT NULL,
    workflow_id uuid NOT NULL REFERENCES workflows (id) ON DELETE RESTRICT,
    description text NOT NULL,
    schema jsonb,
    default_value jsonb,
    position integer NOT NULL CHECK (position >= 0),
    -- attribute_list: the attributes of a version in the order of its plan.
    UNIQUE (workflow_id, position),
    -- value_list: the attribute of a name.
    UNIQUE (workflow_id, name)
);

CREATE TABLE input_attributes (
    step_id uuid NOT NULL REFERENCES steps (id) ON DELETE RESTRICT,
    attribute_id uuid NOT NULL REFERENCES attributes (id) ON DELETE RESTRICT,
    position integer NOT NULL CHECK (position >= 0),
    alias text NOT NULL,
    mode text NOT NULL,
    required boolean NOT NULL,
    PRIMARY KEY (step_id, position)
);

-- People: which steps read an attribute.
CREATE INDEX input_attributes_by_attribute ON input_attributes (attribute_id);

CREATE TABLE output_attributes (
    step_id uuid NOT NULL REFERENCES steps (id) ON DELETE RESTRICT,
    attribute_id uuid NOT NULL REFERENCES attributes (id) ON DELETE RESTRICT,
    position integer NOT NULL CHECK (position >= 0),
    PRIMARY KEY (step_id, attribute_id)
);

-- People: which steps write an attribute.
CREATE INDEX output_attributes_by_attribute ON output_attributes (attribute_id);

-- Execution.

CREATE TABLE workflow_runs (
    id uuid NOT NULL PRIMARY KEY,
    workflow_id uuid NOT NULL REFERENCES workflows (id) ON DELETE RESTRICT,
    label text,
    status text NOT NULL CHECK (status IN ('pending', 'running', 'paused', 'succeeded', 'failed', 'cancelled')),
    waiting boolean NOT NULL,
    reason text,
    options jsonb NOT NULL,
    -- The fence of every write: the engine that owns the run, and a number that grows with every claim.
    owner_id uuid,
    claim_epoch bigint NOT NULL CHECK (claim_epoch >= 0),
    -- run_create: starting twice with the same key is starting once.
    idempotency_key text COLLATE "C" UNIQUE,
    -- Kept by run_commit: the number of the last event, and the sums over all attempts.
    last_sequence bigint NOT NULL DEFAULT 0 CHECK (last_sequence >= 0),
    calls bigint NOT NULL DEFAULT 0,
    input_tokens bigint NOT NULL DEFAULT 0,
    cached_tokens bigint NOT NULL DEFAULT 0,
    output_tokens bigint NOT NULL DEFAULT 0,
    reasoning_tokens bigint NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL,
    started_at timestamptz,
    ended_at timestamptz
);

-- run_list by workflow; also the check before a workflow row may go.
CREATE INDEX workflow_runs_by_workflow ON workflow_runs (workflow_id, id);

-- run_list by state.
CREATE INDEX workflow_runs_by_status ON workflow_runs (status, id);

CREATE TABLE section_runs (
    id uuid NOT NULL PRIMARY KEY,
    workflow_run_id uuid NOT NULL REFERENCES workflow_runs (id) ON DELETE RESTRICT,
    section_id uuid NOT NULL REFERENCES sections (id) ON DELETE RESTRICT,
    status text NOT NULL CHECK (status IN ('pending', 'running', 'succeeded', 'failed', 'skipped', 'cancelled')),
    started_at timestamptz,
    ended_at timestamptz
);

-- section_run_list: the section runs of a run.
CREATE INDEX section_runs_by_run ON section_runs (workflow_run_id, section_id);

CREATE TABLE step_runs (
    id uuid NOT NULL PRIMARY KEY,
    section_run_id uuid NOT NULL REFERENCES section_runs (id) ON DELETE RESTRICT,
    step_id uuid NOT NULL REFERENCES steps (id) ON DELETE RESTRICT,
    branch_number integer NOT NULL CHECK (branch_number >= 0),
    branch_path text COLLATE "C" NOT NULL,
    -- The path with a letter for the length before each number (a9, b10), so that text order is branch order.
    branch_order text COLLATE "C" NOT NULL,
    -- That of the section run, so that a run's step runs are found without it.
    workflow_run_id uuid NOT NULL REFERENCES workflow_runs (id) ON DELETE RESTRICT,
    status text NOT NULL CHECK (status IN (
        'blocked', 'ready', 'held', 'running', 'waiting', 'succeeded', 'failed', 'skipped', 'cancelled'
    )),
    inputs jsonb NOT NULL,
    attempts integer NOT NULL CHECK (attempts >= 0),
    recoveries integer NOT NULL CHECK (recoveries >= 0),
    available_at timestamptz,
    error text,
    prompt_hash text,
    created_at timestamptz NOT NULL,
    started_at timestamptz,
    ended_at timestamptz,
    -- One step run per branch. Keyed by the sortable path, which is equal when the path is: it also serves
    -- step_run_list, a page of the branches of a step in branch order.
    UNIQUE (section_run_id, step_id, branch_order)
);

-- step_count_list: how many step runs of each step are in which state; and all step runs of a run.
CREATE INDEX step_runs_by_run ON step_runs (workflow_run_id, step_id, status);

-- task_list: what waits for a person, oldest first.
CREATE INDEX step_runs_waiting ON step_runs (id) WHERE status = 'waiting';

CREATE TABLE attribute_values (
    id uuid NOT NULL PRIMARY KEY,
    attribute_id uuid NOT NULL REFERENCES attributes (id) ON DELETE RESTRICT,
    step_run_id uuid NOT NULL REFERENCES step_runs (id) ON DELETE RESTRICT,
    value text NOT NULL,
    list_length integer CHECK (list_length >= 0),
    source text NOT NULL CHECK (source IN ('model', 'human', 'input', 'default', 'item', 'computed', 'import')),
    author text,
    hash text NOT NULL,
    created_at timestamptz NOT NULL
);

-- value_list and run_load: the values of a step run.
CREATE INDEX attribute_values_by_step_run ON attribute_values (step_run_id, attribute_id);

-- The branches of a fan-out step under one parent branch, known as soon as it fans out.
CREATE TABLE fan_outs (
    section_run_id uuid NOT NULL REFERENCES section_runs (id) ON DELETE RESTRICT,
    step_id uuid NOT NULL REFERENCES steps (id) ON DELETE RESTRICT,
    parent_path text COLLATE "C" NOT NULL,
    branch_count integer NOT NULL CHECK (branch_count >= 0),
    PRIMARY KEY (section_run_id, step_id, parent_path)
);

-- One try of a step run; committed before the call leaves, completed when it ends.
CREATE TABLE step_attempts (
    id uuid NOT NULL PRIMARY KEY,
    step_run_id uuid NOT NULL REFERENCES step_runs (id) ON DELETE RESTRICT,
    number integer NOT NULL CHECK (number >= 1),
    started_at timestamptz NOT NULL,
    ended_at timestamptz,
    outcome text CHECK (outcome IN ('succeeded', 'failed')),
    error_class text,
    error_message text,
    retry_after_ms bigint,
    model text,
    request jsonb,
    response text,
    provider_request_id text,
    input_tokens bigint NOT NULL,
    cached_tokens bigint NOT NULL,
    output_tokens bigint NOT NULL,
    reasoning_tokens bigint NOT NULL,
    calls integer NOT NULL,
    CHECK ((outcome IS NULL) = (ended_at IS NULL)),
    CHECK ((error_class IS NOT NULL) = (outcome IS NOT DISTINCT FROM 'failed')),
    -- attempt_list: the attempts of a step run in order.
    UNIQUE (step_run_id, number)
);

-- run_load: attempts that never ended.
CREATE INDEX step_attempts_open ON step_attempts (step_run_id) WHERE ended_at IS NULL;

-- The answer to a task; the first one per step run wins.
CREATE TABLE decisions (
    id uuid NOT NULL PRIMARY KEY,
    step_run_id uuid NOT NULL UNIQUE REFERENCES step_runs (id) ON DELETE RESTRICT,
    kind text NOT NULL CHECK (kind IN ('human', 'automatic')),
    picked jsonb NOT NULL,
    option_count integer NOT NULL CHECK (option_count >= 0),
    author text,
    note text,
    created_at timestamptz NOT NULL
);

-- The log of a run; sequence numbers count from 1 without gaps.
CREATE TABLE run_events (
    workflow_run_id uuid NOT NULL REFERENCES workflow_runs (id) ON DELETE RESTRICT,
    sequence bigint NOT NULL CHECK (sequence >= 1),
    created_at timestamptz NOT NULL,
    event text NOT NULL,
    payload jsonb NOT NULL,
    -- event_list: the events of a run after a number.
    PRIMARY KEY (workflow_run_id, sequence)
);

-- What those who do not own a run want of it; the owner applies each in a commit of its own.
CREATE TABLE run_messages (
    id uuid NOT NULL PRIMARY KEY,
    workflow_run_id uuid NOT NULL REFERENCES workflow_runs (id) ON DELETE RESTRICT,
    unique_key text COLLATE "C" NOT NULL,
    kind text NOT NULL,
    payload jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    applied_at timestamptz,
    -- message_insert: a second one with the same key makes nothing.
    UNIQUE (workflow_run_id, unique_key)
);

-- message_list: messages not applied yet, oldest first.
CREATE INDEX run_messages_open ON run_messages (workflow_run_id, id) WHERE applied_at IS NULL;

-- Views for people; nothing in the program reads them.

-- The newest value of each attribute in each branch, with its names.
CREATE VIEW current_values AS
SELECT
    step_runs.workflow_run_id,
    sections.slug || '.' || steps.slug AS step,
    step_runs.branch_path,
    attributes.name AS attribute,
    attribute_values.value,
    attribute_values.source,
    attribute_values.author,
    attribute_values.created_at,
    attribute_values.id AS attribute_value_id,
    attribute_values.step_run_id
FROM attribute_values
JOIN step_runs ON step_runs.id = attribute_values.step_run_id
JOIN steps ON steps.id = step_runs.step_id
JOIN sections ON sections.id = steps.section_id
JOIN attributes ON attributes.id = attribute_values.attribute_id
WHERE NOT EXISTS (
    SELECT 1 FROM attribute_values AS later
    WHERE later.step_run_id = attribute_values.step_run_id
        AND later.attribute_id = attribute_values.attribute_id
        AND later.id > attribute_values.id
);

-- One line per run: what it ran, where it stands, what it used.
CREATE VIEW run_summary AS
SELECT
    workflow_runs.id AS workflow_run_id,
    workflows.name AS workflow,
    workflows.version,
    workflow_runs.label,
    workflow_runs.status,
    workflow_runs.waiting,
    workflow_runs.reason,
    count(step_runs.id) AS step_runs,
    count(CASE WHEN step_runs.status = 'succeeded' THEN 1 END) AS step_runs_succeeded,
    count(CASE WHEN step_runs.status = 'failed' THEN 1 END) AS step_runs_failed,
    count(CASE WHEN step_runs.status = 'waiting' THEN 1 END) AS step_runs_waiting,
    workflow_runs.calls,
    workflow_runs.input_tokens,
    workflow_runs.output_tokens,
    workflow_runs.created_at,
    workflow_runs.started_at,
    workflow_runs.ended_at
FROM workflow_runs
JOIN workflows ON workflows.id = workflow_runs.workflow_id
LEFT JOIN step_runs ON step_runs.workflow_run_id = workflow_runs.id
GROUP BY workflow_runs.id, workflows.id;

-- One line per value and per value its step run read: follow it to see where a text comes from.
CREATE VIEW value_lineage AS
SELECT
    attribute_values.id AS attribute_value_id,
    attributes.name AS attribute,
    step_runs.workflow_run_id,
    workflows.name AS workflow,
    workflows.version,
    sections.slug || '.' || steps.slug AS step,
    step_runs.branch_path,
    attribute_values.source,
    attribute_values.author,
    step_runs.prompt_hash,
    (
        SELECT step_attempts.model FROM step_attempts
        WHERE step_attempts.step_run_id = step_runs.id AND step_attempts.outcome = 'succeeded'
    ) AS model,
    bound.key AS input_name,
    read_values.value::uuid AS input_value_id
FROM attribute_values
JOIN attributes ON attributes.id = attribute_values.attribute_id
JOIN step_runs ON step_runs.id = attribute_values.step_run_id
JOIN steps ON steps.id = step_runs.step_id
JOIN sections ON sections.id = steps.section_id
JOIN workflows ON workflows.id = sections.workflow_id
LEFT JOIN LATERAL jsonb_each(step_runs.inputs) AS bound ON true
LEFT JOIN LATERAL jsonb_array_elements_text(bound.value) AS read_values ON true;
