ALTER TABLE step_runs DROP COLUMN renewed_attempts;
