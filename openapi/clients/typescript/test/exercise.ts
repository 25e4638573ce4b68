// The client against a live server, as `tests/run contract` runs it: node exercise.js URL TOKEN
//
// The server knows `@scope/name`.
import { Client, Refusal, type Schemas } from '../src/index.js';

declare const process: { argv: string[] };

function check(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Error(`not so: ${what}`);
}

const [, , url = '', token = ''] = process.argv;
const weir = new Client(`${url}/`, { token });
const fullname = '@scope/name';

const body = { skipDependencies: true, tips: 'from the client', force: false };
const created = await weir.call('put', '/-/package/{fullname}/syncs', { path: { fullname }, body });
check(created.ok && created.type === 'package', 'a sync is accepted');

const lines: string[] = [];
for await (const line of weir.follow(created.id)) lines.push(line);
check(lines.length > 0 && lines.every((line) => /^\S+Z [A-Z]+ /.test(line)), `lines: ${lines}`);
const task: Schemas['Task'] = await weir.call('get', '/syncs/{task_id}', {
  path: { task_id: created.id },
  query: { wait: 30 },
});
check(task.state === 'success' && task.target === fullname, 'it succeeded');
const log = await weir.call('get', '/-/package/{fullname}/syncs/{task_id}/log', {
  path: { fullname, task_id: created.id },
});
check(log === lines.map((line) => `${line}\n`).join(''), 'the log is what was followed');

const packument = await weir.call('get', '/{fullname}', { path: { fullname } });
const tag = packument['dist-tags']['latest'] ?? '';
check(tag in packument.versions, 'latest is a version');

const page = await weir.call('get', '/syncs', { query: { state: 'success', limit: 1 } });
check(page.data.length === 1 && page.counts.success >= 1, 'tasks are listed');
const whole = await weir.call('get', '/-/whoami');
check(whole.username === 'admin', 'the token is shown');

await weir.call('post', '/-/admin/queues/{kind}/pause', { path: { kind: 'sync_package' } });
const held = await weir.call('put', '/-/package/{fullname}/syncs', {
  path: { fullname },
  headers: { 'Idempotency-Key': 'once' },
  body,
});
const cancelled = await weir.call('delete', '/syncs/{task_id}', { path: { task_id: held.id } });
check(cancelled.state === 'error', 'a waiting task is cancelled');
await weir.call('post', '/-/admin/queues/{kind}/resume', { path: { kind: 'sync_package' } });

const nobody = new Client(url);
const refused = await nobody.call('get', '/-/whoami').catch((error: unknown) => error);
check(refused instanceof Refusal, 'a refusal is thrown');
check(refused.status === 401 && refused.code === 'UNAUTHORIZED', `${refused.status} ${refused.code}`);
check(refused.requestId !== null && refused.message.length > 0, 'it says which request, and why');

// What the document forbids does not compile.
// @ts-expect-error a path needs its parameter
const missing = () => weir.call('get', '/{fullname}');
// @ts-expect-error no such method
const wrong = () => weir.call('delete', '/syncs');
// @ts-expect-error no such word
const odd = () => weir.call('get', '/syncs', { query: { state: 'failed' } });
check([missing, wrong, odd].length === 3, 'they are functions');
