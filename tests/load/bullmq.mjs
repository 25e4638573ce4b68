// The yardstick: a BullMQ queue on the same Redis, with jobs that do nothing.
//
//   node bullmq.mjs PORT JOBS    prints one JSON object
//
// `BULLMQ` names the folder it is installed in.
import { createRequire } from 'node:module';

const require = createRequire(`${process.env.BULLMQ}/`);
const { Queue, Worker } = require('bullmq');
const [port, jobs] = process.argv.slice(2).map(Number);
const connection = { host: '127.0.0.1', port, maxRetriesPerRequest: null };
const queue = new Queue('yardstick', { connection });
await queue.waitUntilReady();

const seconds = async (work) => {
  const began = performance.now();
  await work();
  return (performance.now() - began) / 1000;
};

const added = await seconds(async () => {
  for (let next = 0; next < jobs; next += 64) {
    const some = Array.from({ length: Math.min(64, jobs - next) }, (_, n) => n);
    await Promise.all(some.map((n) => queue.add('nothing', { n: next + n })));
  }
});

let done = 0;
let finish;
let starts = [];
const all = new Promise((resolve) => (finish = resolve));
const work = async (job) => {
  starts.push(Date.now() - job.timestamp);
  if (++done === jobs) finish();
};
const worker = new Worker('yardstick', work, { connection, concurrency: 50, autorun: false });
await worker.waitUntilReady();
const ran = await seconds(async () => {
  worker.run();
  await all;
});

starts = [];
for (let n = 0; n < 200; n++) {
  await queue.add('nothing', { n });
  await new Promise((resolve) => setTimeout(resolve, 10));
}
starts.sort((a, b) => a - b);
const at = (percent) => starts[Math.ceil((percent / 100) * starts.length) - 1];
console.log(JSON.stringify({ adds: jobs / added, jobs: jobs / ran, p50: at(50), p99: at(99) }));
await worker.close(true);
await queue.close();
process.exit(0);
