DROP VIEW value_lineage;
DROP VIEW run_summary;
DROP VIEW current_values;

CREATE TABLE places (
    section_run_id TEXT NOT NULL REFERENCES section_runs (id) ON DELETE RESTRICT,
    step_id TEXT NOT NULL REFERENCES steps (id) ON DELETE RESTRICT,
    parent_path TEXT NOT NULL,
    branch_count INT NOT NULL CHECK (branch_count >= 0),
    PRIMARY KEY (section_run_id, step_id, parent_path)
) STRICT;

-- What has no place in the schema before is left out: it knows section runs without elements and turns only.
INSERT INTO places (section_run_id, step_id, parent_path, branch_count)
SELECT section_runs.id, fan_outs.step_id, fan_outs.parent_path, fan_outs.branch_count
FROM fan_outs
JOIN steps ON steps.id = fan_outs.step_id
JOIN section_runs
    ON section_runs.workflow_run_id = fan_outs.workflow_run_id AND section_runs.section_id = steps.section_id
WHERE section_runs.item_index IS NULL AND section_runs.iteration IS NULL;

DROP TABLE fan_outs;
ALTER TABLE places RENAME TO fan_outs;

DROP INDEX step_runs_tolerated;
ALTER TABLE step_runs DROP COLUMN tolerated;
ALTER TABLE step_runs DROP COLUMN label;
ALTER TABLE step_runs DROP COLUMN sample;
ALTER TABLE step_runs DROP COLUMN variant;
DROP INDEX section_runs_once;
ALTER TABLE section_runs DROP COLUMN label;
ALTER TABLE section_runs DROP COLUMN iteration;
ALTER TABLE section_runs DROP COLUMN item_index;

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
    read_values.value AS input_value_id
FROM attribute_values
JOIN attributes ON attributes.id = attribute_values.attribute_id
JOIN step_runs ON step_runs.id = attribute_values.step_run_id
JOIN steps ON steps.id = step_runs.step_id
JOIN sections ON sections.id = steps.section_id
JOIN workflows ON workflows.id = sections.workflow_id
LEFT JOIN json_each(step_runs.inputs) AS bound
LEFT JOIN json_each(bound.value) AS read_values;
