import { expect } from 'chai';
import { stateAddress, stateReason, withoutPassword } from '../../../core/config/state-url.ts';

describe('where state is kept', () => {
  const plain = { host: 'redis', port: 6379, tls: false, username: undefined, password: undefined, database: 0 };

  it('is memory, or a Redis by its URL', () => {
    expect(stateAddress('memory')).to.equal(undefined);
    for (const [text, address] of [
      ['redis://redis', plain],
      ['redis://redis:6380/', { ...plain, port: 6380 }],
      ['rediss://redis.internal/3', { ...plain, host: 'redis.internal', tls: true, database: 3 }],
      ['redis://[fd00::7]:6379', { ...plain, host: 'fd00::7' }],
      ['redis://:p%40ss%2Fword@10.0.0.7', { ...plain, host: '10.0.0.7', password: 'p@ss/word' }],
      ['redis://shop:100%25@redis', { ...plain, username: 'shop', password: '100%' }],
    ] as const) {
      expect(stateReason(text), text).to.equal(null);
      expect(stateAddress(text), text).to.deep.equal(address);
    }
  });

  it('is nothing else', () => {
    for (const text of [
      ...['', 'redis', 'Memory', 'redis:6379', 'http://redis:6379', 'redis://', 'redis://:6379', 'redis:///1', 'redis://redis:0'],
      ...['redis://redis:65536', 'redis://redis/one', 'redis://redis/1/2', 'redis://redis?password=x', 'redis://redis#1', 'redis://a b'],
      ...['redis://shop@redis', 'redis://:a/b@redis', 'redis://:100%@redis', 'redis://*', 'redis://-redis', `redis://${'a'.repeat(64)}`],
    ])
      expect(stateReason(text), text).to.not.equal(null);
  });

  it('is shown without user and password, but for names of variables', () => {
    const shown = (text: string) => withoutPassword(text, '***');
    expect(shown('redis://redis:6379/1')).to.equal('redis://redis:6379/1');
    expect(shown('redis://shop:s3cret@redis')).to.equal('redis://***@redis');
    expect(shown('rediss://:s@c/r@et@redis')).to.equal('rediss://***@redis');
    // biome-ignore lint/suspicious/noTemplateCurlyInString: as a file has it
    const variable = 'redis://:${PASSWORD}@redis';
    expect(shown(variable)).to.equal(variable);
    expect(shown(variable.replace(':$', ':a$'))).to.equal('redis://***@redis');
  });
});
