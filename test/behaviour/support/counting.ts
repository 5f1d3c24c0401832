/** A service that counts how often it was asked, and answers with it or as the test says. It has no clock, so that the gateway's is the only one. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Upstream } from '../../support/upstream.ts';
import type { Servers } from './servers.ts';

type Listener = (req: IncomingMessage, res: ServerResponse, count: number) => void;

export interface Counting extends Upstream {
  /** How often it was asked. */
  readonly count: number;
  /** What it answers with from now on. */
  answer: Listener;
}

/** @param fields with which it answers 200, and the count as its body */
export async function counting(servers: Servers, fields: Readonly<Record<string, string | string[]>> = {}): Promise<Counting> {
  let count = 0;
  const service: { answer: Listener } = { answer: (_, res, n) => give(res, fields, String(n)) };
  const upstream = await servers.upstream((req, res) => {
    count += 1;
    req.resume();
    res.sendDate = false;
    service.answer(req, res, count);
  });
  return Object.defineProperty(Object.assign(service, upstream), 'count', { get: () => count }) as Counting;
}

/** Answers in one piece. */
export function give(res: ServerResponse, fields: Readonly<Record<string, string | string[]>>, body: string, status = 200): void {
  res.writeHead(status, { ...fields, 'Content-Length': Buffer.byteLength(body) }).end(body);
}
