/** What every refused token gets: the same answer, and nothing at the origin. */
import { expect } from 'chai';
import type { Answer, Rig } from './rig.ts';

export function expectInvalidToken(answer: Answer): void {
  expect(answer.status).to.equal(401);
  expect(answer.headers['www-authenticate']).to.equal('Bearer error="invalid_token"');
  const { status, title, code, detail, errors, ...rest } = JSON.parse(answer.body) as Record<string, unknown>;
  expect({ status, title, code, detail, errors }).to.deep.equal({
    status: 401,
    title: 'Invalid access token',
    code: 'invalid-token',
    detail: undefined,
    errors: undefined,
  });
  expect(Object.keys(rest)).to.have.members(Object.keys(rest).filter((name) => ['type', 'instance', 'requestId'].includes(name)));
}

/** Presents each token, by what is wrong with it. */
export async function expectRefused(gateway: Rig, tokens: Readonly<Record<string, string>>): Promise<void> {
  const before = gateway.forwarded;
  for (const [wrong, token] of Object.entries(tokens)) {
    const answer = await gateway.present(token);
    try {
      expectInvalidToken(answer);
    } catch (error) {
      throw new Error(`${wrong}: answered ${answer.status} ${answer.headers['www-authenticate']} ${answer.body}`, { cause: error });
    }
  }
  expect(gateway.forwarded, 'requests at the origin').to.equal(before);
}

export async function expectAccepted(gateway: Rig, tokens: Readonly<Record<string, string>>): Promise<void> {
  for (const [what, token] of Object.entries(tokens)) {
    const before = gateway.forwarded;
    const { status, body } = await gateway.present(token);
    expect(status, `${what}: ${body}`).to.equal(200);
    expect(gateway.forwarded, `${what} at the origin`).to.equal(before + 1);
  }
}
