-- What the database itself saw, beside weir's own tables: who took a run and who let it go, who
-- ended a task, who moved a package to another revision, who wrote lines. Each event carries the
-- process that wrote it: connections of a process are named after it.
--
-- Events of one task are in order, because whoever makes one holds that task's row of task_runs.

CREATE SCHEMA witness;

CREATE TABLE witness.events (
  seq bigserial PRIMARY KEY,
  at_ms bigint NOT NULL DEFAULT (extract(epoch FROM clock_timestamp()) * 1000)::bigint,
  process text NOT NULL DEFAULT current_setting('application_name'),
  what text NOT NULL,
  task_id uuid,
  generation bigint,
  name text
);
CREATE INDEX claims ON witness.events (task_id, generation) WHERE what = 'claim';

CREATE FUNCTION witness.run() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO witness.events (what, task_id, generation)
  VALUES (CASE WHEN NEW.owner IS NULL THEN 'let go' ELSE 'claim' END, NEW.task_id, NEW.generation);
  RETURN NULL;
END $$;
CREATE TRIGGER first_run AFTER INSERT ON task_runs FOR EACH ROW EXECUTE FUNCTION witness.run();
CREATE TRIGGER another_run AFTER UPDATE ON task_runs FOR EACH ROW
  WHEN (OLD.owner IS DISTINCT FROM NEW.owner OR OLD.generation <> NEW.generation)
  EXECUTE FUNCTION witness.run();

CREATE FUNCTION witness.ended() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO witness.events (what, task_id, generation, name)
  VALUES (CASE WHEN OLD.state IN ('success', 'error') THEN 'changed after its end' ELSE 'end' END,
    NEW.id, NEW.generation, NEW.target);
  RETURN NULL;
END $$;
CREATE TRIGGER ended AFTER UPDATE ON tasks FOR EACH ROW
  WHEN (OLD.state IN ('success', 'error') AND OLD.state IS DISTINCT FROM NEW.state
    OR OLD.state NOT IN ('success', 'error') AND NEW.state IN ('success', 'error'))
  EXECUTE FUNCTION witness.ended();

-- The run in force, by whose authority something of a package changes.
CREATE FUNCTION witness.flip() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO witness.events (what, task_id, generation, name)
  SELECT 'flip', r.task_id, r.generation, NEW.name FROM (SELECT 1) one LEFT JOIN
    (tasks t JOIN task_runs r ON r.task_id = t.id AND r.owner IS NOT NULL)
    ON t.dedupe_key = 'package:' || NEW.name AND t.state = 'processing';
  RETURN NULL;
END $$;
CREATE TRIGGER flip AFTER UPDATE ON packages FOR EACH ROW
  WHEN (OLD.revision <> NEW.revision) EXECUTE FUNCTION witness.flip();

-- Generation 0 is no run's: the sweep's remarks.
CREATE FUNCTION witness.lines() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO witness.events (what, task_id, generation)
  VALUES ('lines', NEW.task_id, NEW.generation);
  RETURN NULL;
END $$;
CREATE TRIGGER lines AFTER INSERT ON task_log_chunks FOR EACH ROW
  WHEN (NEW.generation > 0) EXECUTE FUNCTION witness.lines();
