/**
 * Small messages that are made in one turn of the event loop go out behind one another, at its end. Each of them wakes up whoever waits
 * for it, which costs as much as all the rest of writing where that is on the same machine; in a row, they find it awake. (Netty has it as
 * FlushConsolidationHandler.)
 */
let waiting: (() => void)[] = [];

/** @param write must not throw: nobody would catch it */
export function atEndOfTurn(write: () => void): void {
  if (waiting.push(write) === 1) setImmediate(writeAll);
}

function writeAll(): void {
  const writes = waiting;
  waiting = [];
  for (const write of writes) write();
}
