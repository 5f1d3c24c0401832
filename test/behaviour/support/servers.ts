/** The servers of a suite: whatever it starts is closed behind it, the last first. */
import type { RequestListener } from 'node:http';
import type { Socket } from 'node:net';
import { type Given, startPrivate, startPublic, type TestGateway, type TestOptions } from '../../support/gateways.ts';
import { startRawUpstream, startUpstream, type Upstream } from '../../support/upstream.ts';
import { type Collector, startCollector } from './collector.ts';

export interface Servers {
  upstream(listener?: RequestListener): Promise<Upstream>;
  rawUpstream(onHead: (socket: Socket, head: string, count: number) => void): Promise<Upstream>;
  collector(): Promise<Collector>;
  /** Their `stop` and `drain` may be called early. */
  public(given: Given, options?: TestOptions): Promise<TestGateway>;
  private(given: Given, options?: TestOptions): Promise<TestGateway>;
  /** Anything else that must be undone. */
  defer(close: () => unknown): void;
}

/** Call it inside `describe`. */
export function serversOfThisSuite(): Servers {
  const closers: (() => unknown)[] = [];
  after(async () => {
    for (const close of closers.toReversed()) await close();
  });
  const kept = <T extends { close(): Promise<unknown> }>(server: T): T => {
    closers.push(() => server.close());
    return server;
  };
  const gateway = (running: TestGateway): TestGateway => {
    let ending: Promise<unknown> | undefined;
    const once = <T>(end: () => Promise<T>): Promise<T> => {
      ending ??= end();
      return ending as Promise<T>;
    };
    const stop = () => once(() => running.stop());
    closers.push(stop);
    return { ...running, stop, drain: () => once(() => running.drain()) };
  };
  return {
    upstream: async (listener) => kept(await startUpstream(listener)),
    rawUpstream: async (onHead) => kept(await startRawUpstream(onHead)),
    collector: async () => kept(await startCollector()),
    public: async (given, options) => gateway(await startPublic(given, options)),
    private: async (given, options) => gateway(await startPrivate(given, options)),
    defer: (close) => void closers.push(close),
  };
}
