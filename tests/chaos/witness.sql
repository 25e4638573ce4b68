-- What the database itself saw, beside weir's own tables: who took a run and who let it go, who
-- ended a task, who wrote something of a package, who wrote lines. Each event carries the process
-- that wrote it: connections of a process are named after it.
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

-- What is written of a package, by the authority of the run in force: `flip` if it moves to
-- another revision, which is when readers see something else.
CREATE FUNCTION witness.written(what text, package text) RETURNS void LANGUAGE sql AS $$
  INSERT INTO witness.events (what, task_id, generation, name)
  SELECT what, r.task_id, r.generation, package FROM (SELECT 1) one LEFT JOIN
    (tasks t JOIN task_runs r ON r.task_id = t.id AND r.owner IS NOT NULL)
    ON t.dedupe_key = 'package:' || package AND t.state = 'processing'
$$;
CREATE FUNCTION witness.package() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM witness.written(
    CASE WHEN OLD.revision = NEW.revision THEN 'write' ELSE 'flip' END, NEW.name);
  RETURN NULL;
END $$;
-- When a package is looked at again is set by who leads, and seen by nobody else.
CREATE TRIGGER package AFTER UPDATE ON packages FOR EACH ROW
  WHEN (to_jsonb(OLD) - 'resync_at' IS DISTINCT FROM to_jsonb(NEW) - 'resync_at')
  EXECUTE FUNCTION witness.package();
CREATE FUNCTION witness.version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM witness.written('write', name) FROM packages
  WHERE id = COALESCE(NEW.package_id, OLD.package_id);
  RETURN NULL;
END $$;
CREATE TRIGGER version AFTER INSERT OR UPDATE OR DELETE ON package_versions FOR EACH ROW
  EXECUTE FUNCTION witness.version();

-- Generation 0 is no run's: the sweep's remarks.
CREATE FUNCTION witness.lines() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO witness.events (what, task_id, generation)
  VALUES ('lines', NEW.task_id, NEW.generation);
  RETURN NULL;
END $$;
CREATE TRIGGER lines AFTER INSERT ON task_log_chunks FOR EACH ROW
  WHEN (NEW.generation > 0) EXECUTE FUNCTION witness.lines();
