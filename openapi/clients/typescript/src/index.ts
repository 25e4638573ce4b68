// A client of weir's API: `fetch`, typed by the document (document.ts is made from it).
//
//   const weir = new Client('http://localhost:7373', { token });
//   const { id } = await weir.call('put', '/-/package/{fullname}/syncs', {
//     path: { fullname: 'express' },
//   });
//   for await (const line of weir.follow(id)) console.log(line);
//
// What is refused is thrown as a `Refusal`. Nothing is tried again, nothing is cached.
import type { components, paths } from './document.js';

export type { components, operations, paths } from './document.js';
/** What answers and requests are made of, by name. */
export type Schemas = components['schemas'];

type Method = 'get' | 'put' | 'post' | 'patch' | 'delete';
type MethodOf<P extends keyof paths> = {
  [M in Method]: paths[P][M] extends { responses: unknown } ? M : never;
}[Method];

type Member<T, K extends string> = K extends keyof T ? Exclude<T[K], undefined> : never;
type Parameter<O, K extends string> = Member<Member<O, 'parameters'>, K>;
type Content<T> = T extends { content: infer C } ? C[keyof C] : never;
type Responses<O> = Member<O, 'responses'>;

/** What an operation is asked with. */
export type Asked<O> = {
  query?: Parameter<O, 'query'>;
  headers?: Parameter<O, 'header'> & Record<string, string>;
  body?: Content<Member<O, 'requestBody'>>;
  signal?: AbortSignal;
} & ([Parameter<O, 'path'>] extends [never] ? { path?: never } : { path: Parameter<O, 'path'> });

/** What an operation answers when it did what it is for. */
export type Answer<O> = Content<Responses<O>[keyof Responses<O> & (200 | 201)]>;

type Arguments<O> = [Parameter<O, 'path'>] extends [never] ? [asked?: Asked<O>] : [asked: Asked<O>];

/** Where a server is, and who asks. */
export interface Options {
  /** Shown as a bearer token. */
  token?: string;
  /** Sends requests; the global one by default. */
  fetch?: typeof globalThis.fetch;
}

/** The server said no. */
export class Refusal extends Error {
  /** The code in brackets, as `NOT_FOUND`; empty if the answer was none of weir's. */
  readonly code: string;

  constructor(
    readonly status: number,
    readonly requestId: string | null,
    problem: Partial<Schemas['Problem']>,
  ) {
    super(problem.reason ?? `status ${status}`);
    this.name = 'Refusal';
    this.code = /^\[([A-Z_]+)\]/.exec(problem.error ?? '')?.[1] ?? '';
  }
}

/** A server to ask. */
export class Client {
  readonly #base: string;
  readonly #options: Options;

  constructor(base: string, options: Options = {}) {
    this.#base = base.replace(/\/+$/, '');
    this.#options = options;
  }

  /** Asks, and reads the answer whole: JSON parsed, anything else as text. */
  async call<P extends keyof paths, M extends MethodOf<P>>(
    method: M,
    path: P,
    ...[asked]: Arguments<paths[P][M]>
  ): Promise<Answer<paths[P][M]>> {
    const response = await this.#send(method, path, asked ?? {});
    const type = response.headers.get('content-type') ?? '';
    const answer: unknown = await (/\bjson\b/.test(type) ? response.json() : response.text());
    return answer as Answer<paths[P][M]>;
  }

  /** Asks, and leaves the answer to the caller: bytes, or what has no end. */
  async open<P extends keyof paths, M extends MethodOf<P>>(
    method: M,
    path: P,
    ...[asked]: Arguments<paths[P][M]>
  ): Promise<Response> {
    return this.#send(method, path, asked ?? {});
  }

  /** Reads the lines of a task's log as they are written, until the task ends. */
  async *follow(taskId: string, after = 0, signal?: AbortSignal): AsyncGenerator<string> {
    const response = await this.open('get', '/syncs/{task_id}/log', {
      path: { task_id: taskId },
      query: { follow: true, offset: after },
      ...(signal && { signal }),
    });
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    let rest = '';
    for (let read = await reader?.read(); read && !read.done; read = await reader?.read()) {
      const lines = (rest + read.value).split('\n');
      rest = lines.pop() ?? '';
      yield* lines;
    }
    if (rest) yield rest;
  }

  async #send(method: string, path: string, given: object): Promise<Response> {
    const asked: Loose = given;
    const headers = new Headers(asked.headers);
    if (this.#options.token) headers.set('authorization', `Bearer ${this.#options.token}`);
    const request: RequestInit = { method: method.toUpperCase(), headers };
    if (asked.signal) request.signal = asked.signal;
    if (asked.body !== undefined) {
      headers.set('content-type', 'application/json');
      request.body = JSON.stringify(asked.body);
    }
    const send = this.#options.fetch ?? globalThis.fetch;
    const response = await send(this.#base + address(path, asked), request);
    if (response.ok) return response;
    const problem = await response.json().catch(() => ({}));
    throw new Refusal(response.status, response.headers.get('x-request-id'), problem);
  }
}

/** What is asked, whatever the operation. */
interface Loose {
  path?: Record<string, unknown>;
  query?: Record<string, unknown>;
  headers?: Record<string, string>;
  body?: unknown;
  signal?: AbortSignal;
}

function address(template: string, asked: Loose): string {
  const path = template.replace(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent(String(asked.path?.[name])),
  );
  const given = Object.entries(asked.query ?? {}).filter(([, value]) => value !== undefined);
  const query = new URLSearchParams(given.map(([name, value]) => [name, String(value)]));
  return given.length ? `${path}?${query}` : path;
}
