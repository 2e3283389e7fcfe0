-- Somebody who resumes a run that paused after a failure wants the full number of attempts again, also when the process dies
-- right after that: attempts before the last such moment that count no more.
ALTER TABLE step_runs ADD COLUMN renewed_attempts integer NOT NULL DEFAULT 0 CHECK (renewed_attempts >= 0);
