/**
 * Loaded into a process that is measured (`--expose-gc --import`): on SIGUSR2 it collects what is garbage and prints what is left.
 * As a last resort, for V8 keeps what it compiled until it has collected for reasons of its own some six times.
 */
process.on('SIGUSR2', () => {
  for (let turn = 0; turn < 3; turn += 1) globalThis.gc?.({ type: 'major', flavor: 'last-resort' });
  const { heapUsed, rss } = process.memoryUsage();
  process.stdout.write(`${JSON.stringify({ event: 'memory', heapUsed, rss })}\n`);
});
