import { expect } from 'chai';
import { Problem } from '../../../core/problem.ts';
import type { UpstreamResponse } from '../../../core/upstream/response.ts';
import { watch } from '../../../core/upstream/watch.ts';
import { anAttempt, aResponse } from './an-exchange.ts';

describe('layers that watch', () => {
  const rig = () => {
    const attempt = anAttempt();
    const heard: string[] = [];
    const hear = (name: string, answer: Promise<UpstreamResponse>) =>
      watch(
        attempt,
        answer,
        ({ status }) => heard.push(`${name}: ${status}`),
        (error) => heard.push(`${name}: ${(error as Problem).code}`),
      );
    return { heard, hear };
  };

  it('one promise hear of it from the lowest to the highest, before whoever waits above them', async () => {
    const { heard, hear } = rig();
    const answer = Promise.resolve(aResponse());
    expect(hear('c', hear('b', hear('a', answer)))).to.equal(answer);
    await answer.then(() => heard.push('above'));
    expect(heard).to.deep.equal(['a: 200', 'b: 200', 'c: 200', 'above']);
  });

  it('hear of what the layers between make of it, where that is another one', async () => {
    const { heard, hear } = rig();
    const failing = hear('b', hear('a', Promise.reject(new Problem('connection-terminated'))));
    await hear(
      'd',
      hear(
        'c',
        failing.catch(() => aResponse(204)),
      ),
    );
    expect(heard).to.deep.equal(['a: connection-terminated', 'b: connection-terminated', 'c: 204', 'd: 204']);
  });
});
