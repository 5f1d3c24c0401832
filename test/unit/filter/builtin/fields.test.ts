import { expect } from 'chai';
import type { BuiltIn } from '../../../../core/filter/builtin/built-in.ts';
import { addRequestHeader, removeRequestHeader, setRequestHeader } from '../../../../core/filter/builtin/request-headers.ts';
import { addResponseHeader, removeResponseHeader, setResponseHeader } from '../../../../core/filter/builtin/response-headers.ts';
import { secureHeaders } from '../../../../core/filter/builtin/secure-headers.ts';
import { setStatus } from '../../../../core/filter/builtin/set-status.ts';
import { Problem } from '../../../../core/problem.ts';
import { anExchange } from '../an-exchange.ts';

describe('filters for fields', () => {
  const before = ['X-A', '1', 'x-b', '2', 'x-a', '3'];
  const cases: readonly (readonly [string, BuiltIn, BuiltIn, string[]])[] = [
    ['set', setRequestHeader({ 'x-a': 'n' }), setResponseHeader({ 'x-a': 'n' }), ['x-b', '2', 'x-a', 'n']],
    ['add', addRequestHeader({ 'x-a': 'n' }), addResponseHeader({ 'x-a': 'n' }), [...before, 'x-a', 'n']],
    ['remove', removeRequestHeader(['X-A', 'x-none']), removeResponseHeader(['X-A', 'x-none']), ['x-b', '2']],
  ];
  for (const [what, request, response, expected] of cases)
    it(`${what} those of the request on its way down, those of the answer on its way back`, () => {
      const exchange = anExchange({ outgoing: { headers: [...before] }, answer: [200, [...before]] });
      void request.run(exchange);
      expect([request.stage, exchange.outgoing.headers, exchange.current().headers]).to.deep.equal(['pre', expected, before]);
      void response.run(exchange);
      expect([response.stage, exchange.current().headers]).to.deep.equal(['post', expected]);
    });

  describe('secureHeaders', () => {
    const fieldsOf = (options: Record<string, string>, fields: string[] = [], scheme = 'https') => {
      const exchange = anExchange({ answer: [200, fields], state: { client: { scheme } } });
      void secureHeaders(options).run(exchange);
      return exchange.response.headers;
    };

    it('makes browsers careful', () => {
      const headers = fieldsOf({});
      expect(headers.get('x-content-type-options')).to.equal('nosniff');
      expect(headers.get('strict-transport-security')).to.match(/^max-age=\d+/);
      expect(headers.get('content-security-policy')).to.contain("frame-ancestors 'none'");
    });

    it('promises nothing of TLS where there was none', () => {
      expect(fieldsOf({}, [], 'http').has('strict-transport-security')).to.equal(false);
    });

    it('leaves what the service says', () => {
      expect(fieldsOf({}, ['x-frame-options', 'SAMEORIGIN']).get('x-frame-options')).to.equal('SAMEORIGIN');
    });

    it('says what is given in place of its own, more, and less', () => {
      const headers = fieldsOf({ 'referrer-policy': 'same-origin', 'X-Frame-Options': '', 'X-Own': 'mine' });
      expect([headers.get('referrer-policy'), headers.has('x-frame-options'), headers.get('x-own')]).to.deep.equal([
        'same-origin',
        false,
        'mine',
      ]);
    });
  });

  describe('setStatus', () => {
    it('is the status whatever the service says, but of a failure', () => {
      const exchange = anExchange({ answer: [500, [], 'a'] });
      void setStatus(200).run(exchange);
      expect(exchange.response.status).to.equal(200);
      const failed = anExchange({ answer: [502, []] });
      failed.error = new Problem('connection-refused');
      void setStatus(200).run(failed);
      expect(failed.response.status).to.equal(502);
    });

    it('takes the body where the status has none', async () => {
      const exchange = anExchange({ answer: [200, ['Content-Length', '1'], 'a'] });
      void setStatus(204).run(exchange);
      expect([exchange.current().headers, String(await exchange.answer?.collect(1))]).to.deep.equal([[], '']);
    });
  });
});
