import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { expect } from 'chai';
import { systemClock } from '../../../core/clock.ts';
import { connectState, type SharedState } from '../../../core/state/shared-state.ts';
import type { Logger } from '../../../core/telemetry/logger.ts';
import { eventually } from '../../behaviour/support/eventually.ts';

/** What a Redis says to a count that is the first. */
const FIRST = '*2\r\n:1\r\n:1000\r\n';
const PASSWORD = 's3cret';

describe('the state that instances share', () => {
  const closers: (() => unknown)[] = [];
  afterEach(() => {
    for (const close of closers.splice(0).toReversed()) close();
  });

  /** A server that says the same to every command; nothing unless given. */
  async function serverThatSays(say: (command: string) => string | undefined = () => undefined) {
    const sockets = new Set<Socket>();
    const server: Server = createServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('data', (chunk) => {
        const answer = say(chunk.toString());
        if (answer !== undefined) socket.write(answer);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const cut = () => {
      for (const socket of sockets) socket.destroy();
      sockets.clear();
    };
    closers.push(cut, () => server.close());
    return { port: (server.address() as AddressInfo).port, sockets, cut, close: () => server.close() };
  }

  function connected(port: number, user = '') {
    const told: Record<string, unknown>[] = [];
    const tell = (line: Record<string, unknown>) => void told.push(line);
    const logger = { info: tell, warn: tell } as unknown as Logger;
    const state = connectState(`redis://${user}127.0.0.1:${port}`, { gateway: 'a-gateway', clock: systemClock, random: () => 0, logger });
    closers.push(() => state.close());
    return { state, told };
  }
  const toBe = (state: SharedState, reachable: boolean) =>
    eventually(
      () => state.reachable,
      (now) => now === reachable,
    );

  it('is there when it counts', async () => {
    const { port } = await serverThatSays(() => FIRST);
    const { state, told } = connected(port);
    await state.tried;
    expect(state.reachable).to.equal(true);
    expect(state.note).to.equal(`(redis://127.0.0.1:${port})`);
    expect(told).to.deep.equal([{ event: 'state-reachable', state: `redis://127.0.0.1:${port}` }]);
  });

  for (const [what, say, reason] of [
    ['is silent', () => undefined, 'no answer in '],
    ['refuses', () => '-OOM command not allowed\r\n', 'OOM command not allowed'],
    ['speaks something else', () => 'HTTP/1.1 400 Bad Request\r\n\r\n', 'Unknown RESP type'],
    ['answers what is no list', () => '$-1\r\n', ''],
    ['answers what is no count', () => '*2\r\n$3\r\none\r\n:1\r\n', 'what it answers is no count'],
    ['repeats what it is told', () => `-ERR ${PASSWORD} ${'x'.repeat(5000)}\r\n`, 'ERR (hidden) xxx'],
  ] as const) {
    it(`is not there when the server ${what}: that is told once, and no password`, async () => {
      const server = await serverThatSays((command) =>
        command.includes('AUTH') && what !== 'repeats what it is told' ? '+OK\r\n' : say(),
      );
      const { state, told } = connected(server.port, `:${PASSWORD}@`);
      await state.tried;
      expect(state.reachable).to.equal(false);
      expect(state.note).to.contain(reason).and.contain(`redis://(hidden)@127.0.0.1:${server.port}`).and.not.contain(PASSWORD);
      expect(state.note.length).to.be.lessThan(400);
      // By then it has tried more than once.
      await eventually(
        () => server.sockets.size,
        (count) => count > 2,
      );
      expect(told.map(({ event }) => event)).to.deep.equal(['state-unreachable']);
      expect(JSON.stringify(told)).to.not.contain(PASSWORD);
    });
  }

  it('is not there when nobody listens', async () => {
    const server = await serverThatSays();
    server.close();
    const { state } = connected(server.port);
    await state.tried;
    expect(state.note).to.contain('ECONNREFUSED');
  });

  it('is gone when the connection is, and comes back by itself', async () => {
    const server = await serverThatSays(() => FIRST);
    const { state, told } = connected(server.port);
    await toBe(state, true);
    server.cut();
    await eventually(
      () => told.length,
      (count) => count === 3,
    );
    expect(told.map(({ event }) => event)).to.deep.equal(['state-reachable', 'state-unreachable', 'state-reachable']);
  });

  it('is asked for nothing more once it did not answer, until it does', async () => {
    let silent = false;
    const { port } = await serverThatSays(() => (silent ? undefined : FIRST));
    const { state } = connected(port);
    await toBe(state, true);
    silent = true;
    const failure = await state.ask(new Promise(() => {})).catch((error: unknown) => error);
    state.failed(failure);
    expect(state.reachable).to.equal(false);
    expect(state.note).to.contain('no answer in 100 ms');
    silent = false;
    await toBe(state, true);
  });

  it('tries no more once it is closed', async () => {
    const server = await serverThatSays(() => FIRST);
    const { state, told } = connected(server.port);
    await toBe(state, true);
    state.close();
    await eventually(
      () => state.client.status,
      (status) => status === 'end',
    );
    state.failed(new Error('late'));
    expect(told.map(({ event }) => event)).to.deep.equal(['state-reachable']);
  });
});
