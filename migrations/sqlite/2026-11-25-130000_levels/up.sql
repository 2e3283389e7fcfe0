-- Levels beside the fan-outs of steps: sections that run for each element of a list or in turns, candidates of one step,
-- branches that `where` left out, and failures a run goes on after.

DROP VIEW value_lineage;
DROP VIEW run_summary;
DROP VIEW current_values;

-- The element and the turn a section run is for, from 1, and a name of the element for people.
ALTER TABLE section_runs ADD COLUMN item_index INT CHECK (item_index >= 1);
ALTER TABLE section_runs ADD COLUMN iteration INT CHECK (iteration >= 1);
ALTER TABLE section_runs ADD COLUMN label TEXT;

-- One section run per element and turn.
CREATE UNIQUE INDEX section_runs_once
ON section_runs (workflow_run_id, section_id, coalesce(item_index, 0), coalesce(iteration, 0));

-- The candidate a step run is: its variant, and the sample (from 1) when there are several of each. `branch_path` counts
-- from the section run and ends with the number of the candidate.
ALTER TABLE step_runs ADD COLUMN variant TEXT;
ALTER TABLE step_runs ADD COLUMN sample INT CHECK (sample >= 1);
ALTER TABLE step_runs ADD COLUMN label TEXT;
-- Set when the step run failed and the run went on without it: readers pass it over, or see missing values.
ALTER TABLE step_runs ADD COLUMN tolerated TEXT CHECK (tolerated IN ('skip', 'null'));

-- run_fetch: how many failures a run went on after.
CREATE INDEX step_runs_tolerated ON step_runs (workflow_run_id) WHERE tolerated IS NOT NULL;

-- The branches, candidates or turns under one place of a run; the place counts the numbers of section runs as well.
CREATE TABLE places (
    workflow_run_id TEXT NOT NULL REFERENCES workflow_runs (id) ON DELETE RESTRICT,
    step_id TEXT NOT NULL REFERENCES steps (id) ON DELETE RESTRICT,
    parent_path TEXT NOT NULL,
    branch_count INT NOT NULL CHECK (branch_count >= 0),
    -- Those that `where` left, when it left some out.
    numbers TEXT,
    PRIMARY KEY (workflow_run_id, step_id, parent_path)
) STRICT;

INSERT INTO places (workflow_run_id, step_id, parent_path, branch_count)
SELECT section_runs.workflow_run_id, fan_outs.step_id, fan_outs.parent_path, fan_outs.branch_count
FROM fan_outs JOIN section_runs ON section_runs.id = fan_outs.section_run_id;

DROP TABLE fan_outs;
ALTER TABLE places RENAME TO fan_outs;

-- Views for people; nothing in the program reads them.

-- The newest value of each attribute in each branch, with its names.
CREATE VIEW current_values AS
SELECT
    step_runs.workflow_run_id,
    sections.slug || '.' || steps.slug AS step,
    section_runs.item_index,
    section_runs.iteration,
    step_runs.branch_path,
    step_runs.variant,
    step_runs.sample,
    attributes.name AS attribute,
    attribute_values.value,
    attribute_values.source,
    attribute_values.author,
    attribute_values.created_at,
    attribute_values.id AS attribute_value_id,
    attribute_values.step_run_id
FROM attribute_values
JOIN step_runs ON step_runs.id = attribute_values.step_run_id
JOIN section_runs ON section_runs.id = step_runs.section_run_id
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
    count(step_runs.tolerated) AS step_runs_tolerated,
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
    section_runs.item_index,
    section_runs.iteration,
    step_runs.branch_path,
    step_runs.variant,
    step_runs.sample,
    attribute_values.source,
    attribute_values.author,
    step_runs.prompt_hash,
    (
        SELECT step_attempts.model FROM step_attempts
        WHERE step_attempts.step_run_id = step_runs.id AND step_attempts.outcome = 'succeeded'
    ) AS model,
    bound.key AS input_name,
    read_values.value AS input_value_id
FROM attribute_values
JOIN attributes ON attributes.id = attribute_values.attribute_id
JOIN step_runs ON step_runs.id = attribute_values.step_run_id
JOIN section_runs ON section_runs.id = step_runs.section_run_id
JOIN steps ON steps.id = step_runs.step_id
JOIN sections ON sections.id = steps.section_id
JOIN workflows ON workflows.id = sections.workflow_id
LEFT JOIN json_each(step_runs.inputs) AS bound
LEFT JOIN json_each(bound.value) AS read_values;
