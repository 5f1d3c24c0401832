import { expect } from 'chai';
import type { CallerConfig } from '../../../core/config/schema/index.ts';
import { identifyCaller } from '../../../private-gateway/identify-caller.ts';
import { aContext, noNext } from '../middleware/a-context.ts';

interface Peer {
  authorized?: boolean;
  subjectaltname?: string;
  CN?: string | string[];
}

/** The name of the caller, or the code of the refusal. */
async function nameOf(callers: Record<string, CallerConfig>, address: string, peer?: Peer): Promise<string> {
  const ctx = aContext({ state: { client: { address } }, encrypted: peer !== undefined });
  if (peer) {
    const { authorized = true, CN, ...certificate } = peer;
    Object.assign(ctx.req.socket, { authorized, getPeerCertificate: () => ({ ...certificate, subject: { CN } }) });
  }
  try {
    await identifyCaller(callers)(ctx, noNext);
    return ctx.state.principal.kind === 'caller' ? ctx.state.principal.name : ctx.state.principal.kind;
  } catch (error) {
    return (error as { code: string }).code;
  }
}

describe('identifyCaller', () => {
  it('knows nobody when nobody is configured', async () => {
    expect(await nameOf({}, '127.0.0.1')).to.equal('unknown-caller');
  });

  it('takes the first that fits, in the order of the configuration', async () => {
    const callers = { wide: { from: ['10.0.0.0/8'] }, narrow: { from: ['10.0.0.1'] } };
    expect(await nameOf(callers, '10.0.0.1')).to.equal('wide');
    expect(await nameOf({ narrow: callers.narrow, wide: callers.wide }, '10.0.0.1')).to.equal('narrow');
  });

  it('knows a certificate by any of its DNS names', async () => {
    const callers = { orders: { certificate: 'orders.inside' } };
    expect(await nameOf(callers, '', { subjectaltname: 'DNS:a, IP Address:10.0.0.1, DNS:orders.inside' })).to.equal('orders');
    expect(await nameOf(callers, '', { subjectaltname: 'URI:orders.inside, email:orders.inside' })).to.equal('unknown-caller');
    expect(await nameOf(callers, '', { subjectaltname: 'DNS:*.inside' })).to.equal('unknown-caller');
  });

  it('a certificate that was not verified is none', async () => {
    const callers = { orders: { certificate: 'orders.inside' } };
    expect(await nameOf(callers, '', { authorized: false, subjectaltname: 'DNS:orders.inside' })).to.equal('unknown-caller');
    expect(await nameOf(callers, '')).to.equal('unknown-caller');
    expect(await nameOf(callers, '', {})).to.equal('unknown-caller');
  });

  it('of several common names any will do, where there is no DNS name', async () => {
    expect(await nameOf({ orders: { certificate: 'orders' } }, '', { CN: ['a', 'orders'] })).to.equal('orders');
    expect(await nameOf({ orders: { certificate: 'orders' } }, '', { CN: 'orders', subjectaltname: 'DNS:other' })).to.equal(
      'unknown-caller',
    );
  });

  it('address and certificate must both hold where both are asked for', async () => {
    const callers = { orders: { certificate: 'orders', from: ['10.0.0.0/8'] } };
    expect(await nameOf(callers, '10.0.0.1', { CN: 'orders' })).to.equal('orders');
    expect(await nameOf(callers, '11.0.0.1', { CN: 'orders' })).to.equal('unknown-caller');
    expect(await nameOf(callers, '10.0.0.1', { CN: 'other' })).to.equal('unknown-caller');
    expect(await nameOf(callers, '10.0.0.1')).to.equal('unknown-caller');
  });
});
