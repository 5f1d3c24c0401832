import { expect } from 'chai';
import { judged } from './a-contract.ts';

const good: Record<string, unknown[]> = {
  byte: ['', 'YQ==', 'YWI=', 'YWJj', 'A'.repeat(40_000)],
  date: ['2024-02-29'],
  'date-time': ['2024-02-29T23:59:60Z', '2024-01-01T00:00:00.5+02:00'],
  email: ['ada@example.com'],
  uuid: ['123e4567-e89b-12d3-a456-426614174000'],
  ipv4: ['127.0.0.1'],
  ipv6: ['::1'],
  hostname: ['a.example'],
  uri: ['https://example.com/a?b#c'],
  int32: [2_147_483_647, -2_147_483_648],
  unknown: ['anything'],
  password: ['x'.repeat(10_000)],
};
const bad: Record<string, unknown[]> = {
  byte: ['Y', 'YQ=', 'YQ==\n', '!!!!', '!!!!\n\n', 'Y=Q='],
  date: ['2023-02-29', '2024-1-1', 'today'],
  'date-time': ['2024-02-29', '2024-02-30T00:00:00Z', '2024-02-29T00:00:00'],
  email: ['ada', '@example.com', `${'a'.repeat(320)}@example.com`],
  uuid: ['123e4567'],
  ipv4: ['256.0.0.1', '1.1.1'],
  ipv6: [':::'],
  hostname: ['-a', 'a'.repeat(300)],
  uri: ['example.com', `https://example.com/${'a'.repeat(9_000)}`],
  int32: [2_147_483_648, 0.5],
};

describe('formats of contracts', () => {
  for (const [format, values] of Object.entries(good))
    it(`${format}: what it is`, () => {
      for (const value of values) expect(judged({ format }, value), String(value)).to.deep.equal([]);
    });
  for (const [format, values] of Object.entries(bad))
    it(`${format}: what it is not`, () => {
      for (const value of values) expect(judged({ format }, value), String(value)).to.deep.equal([`/ must match format "${format}"`]);
    });
});
