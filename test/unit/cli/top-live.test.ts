import { expect } from 'chai';
import { painter } from '../../../core/cli/paint.ts';
import { live } from '../../../core/cli/top/live.ts';
import type { Reader, Reading } from '../../../core/cli/top/reader.ts';
import type { Screen } from '../../../core/cli/top/screen.ts';

const none = {
  requests: 0,
  rate: 0,
  statuses: {},
  errors: {},
  refused: {},
  bytesIn: 0,
  bytesOut: 0,
  p50: null,
  p90: null,
  p99: null,
  max: null,
};
const lists = { routes: [], services: [], endpoints: [], slowest: [], traffic: [], users: [], usersLack: 0 };
const reading: Reading = { stats: { gateway: 'g', revision: 'r', at: 0, window: '10s', total: none, ...lists }, circuits: new Map() };

interface Staged {
  readonly screen: Screen;
  readonly shown: (readonly string[])[];
  press(key: string): void;
  resize(columns: number, rows: number): void;
  closed: number;
}

/** A screen that is only looked at. */
function stage(): Staged {
  let size = { columns: 80, rows: 24 };
  let onKey: (key: string) => void = () => {};
  let onResize = () => {};
  const staged: Staged = {
    shown: [],
    closed: 0,
    press: (key) => onKey(key),
    resize: (columns, rows) => {
      size = { columns, rows };
      onResize();
    },
    screen: {
      size: () => size,
      show: (lines) => void staged.shown.push(lines),
      onKey: (listener) => {
        onKey = listener;
      },
      onResize: (listener) => {
        onResize = listener;
      },
      close: () => {
        staged.closed += 1;
      },
    },
  };
  return staged;
}

/** Reads once, and then is looked at. */
async function once(answer: () => Reading, look: (staged: Staged) => void): Promise<Staged> {
  const staged = stage();
  const read = Promise.withResolvers<void>();
  const reader: Reader = {
    settled: Promise.resolve(),
    close: () => {},
    read: async () => {
      setImmediate(read.resolve);
      return answer();
    },
  };
  const ended = live(staged.screen, reader, '10s', painter(false));
  await read.promise;
  look(staged);
  staged.press('q');
  await ended;
  return staged;
}

describe('the live table', () => {
  it('is drawn anew at every key and every change of the size, within it', async () => {
    const { shown, closed } = await once(
      () => reading,
      (staged) => {
        staged.press('s');
        staged.press('x');
        staged.resize(20, 5);
      },
    );
    expect(shown).to.have.length(3);
    expect(shown.map((lines) => lines.at(-1))).to.deep.equal([
      'tab overview  s by requests  q quit',
      'tab overview  s by errors  q quit',
      'tab overview  s by …',
    ]);
    expect(shown[2]).to.have.length(5);
    expect(closed).to.equal(1);
  });

  it('goes on when the gateway does not answer, and says so', async () => {
    const { shown, closed } = await once(
      () => {
        throw new Error('http://127.0.0.1:9080 does not answer: ECONNREFUSED');
      },
      () => {},
    );
    expect(shown).to.deep.equal([['http://127.0.0.1:9080 does not answer: ECONNREFUSED']]);
    expect(closed).to.equal(1);
  });

  it('ends by ctrl-C and leaves nobody listening', async () => {
    const before = process.listenerCount('SIGTERM');
    await once(
      () => reading,
      (staged) => staged.press('\u0003'),
    );
    expect(process.listenerCount('SIGTERM')).to.equal(before);
  });
});
