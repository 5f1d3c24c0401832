import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { expect } from 'chai';
import { root } from './support/process.ts';

describe('A reader of what a command writes may read less than all', () => {
  for (const stream of ['stdout', 'stderr'] as const) {
    it(`of its ${stream}, and the command ends as it would have, without a word`, async () => {
      const words = stream === 'stdout' ? ['schema'] : ['nonsense'];
      const child = spawn(process.execPath, [join(root, 'private-gateway/main.ts'), ...words], { stdio: ['ignore', 'pipe', 'pipe'] });
      // Before it has written anything.
      child[stream].destroy();
      let said = '';
      const other = stream === 'stdout' ? child.stderr : child.stdout;
      other.setEncoding('utf8').on('data', (text) => {
        said += text;
      });
      const code = await new Promise((resolve) => child.once('close', resolve));
      expect([code, said]).to.deep.equal([stream === 'stdout' ? 0 : 2, '']);
    });
  }
});
