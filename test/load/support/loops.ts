/**
 * Load of this process's own making, over connections that are kept alive. A closed loop sends the next request when the last
 * was answered, and finds out what can be served at most; an open one sends whatever becomes of those before, as the world does.
 */
import { Agent, request } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import type { Random } from '../../../core/clock.ts';

export interface Asked {
  readonly path: string;
  /** 0 when no answer came. */
  readonly status: number;
  /** Of a refusal: the `code` of its problem document. */
  readonly code: string | undefined;
  /** Milliseconds, from when it was sent until the answer was whole. */
  readonly took: number;
}

export interface OpenLoop {
  url: string;
  /** Requests a second, by chance (Poisson). */
  rate: number;
  seconds: number;
  path: () => string;
  random: Random;
  /** How many may be under way; what would be more is not sent, but counted. */
  bound: number;
}

export async function closedLoop(url: string, path: string, connections: number, seconds: number): Promise<Asked[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const asked: Asked[] = [];
  const end = performance.now() + seconds * 1000;
  const loop = async () => {
    while (performance.now() < end) asked.push(await ask(agent, url, path));
  };
  await Promise.all(Array.from({ length: connections }, loop));
  agent.destroy();
  return asked;
}

export async function openLoop({ url, rate, seconds, path, random, bound }: OpenLoop): Promise<{ asked: Asked[]; unsent: number }> {
  const agent = new Agent({ keepAlive: true, maxSockets: bound });
  const asked: Asked[] = [];
  const underWay = new Set<Promise<void>>();
  let unsent = 0;
  const send = () => {
    if (underWay.size >= bound) {
      unsent += 1;
      return;
    }
    const one: Promise<void> = ask(agent, url, path()).then((came) => {
      underWay.delete(one);
      asked.push(came);
    });
    underWay.add(one);
  };
  const begin = performance.now();
  const gap = () => (-Math.log(1 - random()) * 1000) / rate;
  let due = begin + gap();
  while (due < begin + seconds * 1000) {
    for (; due <= performance.now(); due += gap()) send();
    await pause(1);
  }
  await Promise.all(underWay);
  agent.destroy();
  return { asked, unsent };
}

function ask(agent: Agent, url: string, path: string): Promise<Asked> {
  const sentAt = performance.now();
  return new Promise((resolve) => {
    const came = (status: number, code?: string) => resolve({ path, status, code, took: performance.now() - sentAt });
    request(`${url}${path}`, { agent }, (res) => {
      let body = '';
      res.setEncoding('utf8').on('data', (text) => {
        body += text;
      });
      res.once('end', () => came(res.statusCode ?? 0, /"code":"([^"]+)"/.exec(body)?.[1]));
      res.once('error', () => came(0));
    })
      .once('error', () => came(0))
      .end();
  });
}
