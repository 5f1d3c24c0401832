import { expect } from 'chai';
import { overridden } from '../../../core/endpoint/overrides.ts';

describe('what an operator says of endpoints that a registry found', () => {
  const answer = [
    { origin: 'http://10.0.0.1:9200', weight: 1, zone: 'a' },
    { origin: 'http://10.0.0.2', weight: 2 },
    { origin: 'https://10.0.0.3', weight: 3 },
    { origin: 'http://[::1]:9200', weight: 4 },
  ];

  it('counts before what the registry says, and leaves the rest', () => {
    const overrides = {
      '10.0.0.1:9200': { weight: 9 },
      '10.0.0.2:80': { drain: true },
      '10.0.0.3:443': { weight: 8 },
      '[::1]:9200': { drain: true },
    };
    expect(overridden(answer, overrides)).to.deep.equal([
      { origin: 'http://10.0.0.1:9200', weight: 9, zone: 'a' },
      { origin: 'http://10.0.0.2', weight: 2, drain: true },
      { origin: 'https://10.0.0.3', weight: 8 },
      { origin: 'http://[::1]:9200', weight: 4, drain: true },
    ]);
  });

  it('is nothing where nothing is said, or of others', () => {
    expect(overridden(answer, undefined)).to.equal(answer);
    expect(overridden(answer, { '10.0.0.1': { drain: true }, '10.0.0.2:443': { drain: true } })).to.deep.equal(answer);
  });
});
