import { expect } from 'chai';
import { parseConfig } from '../../../core/config/load.ts';
import type { JwtConfig } from '../../../core/config/schema/index.ts';
import { identification } from '../../../public-gateway/identification.ts';
import { testClock } from '../../support/clock.ts';

describe('who is told who a user is', () => {
  const jwtOf = (issuer: string): JwtConfig => {
    const jwt = { issuer, audience: 'shop', jwks: 'https://issuer.example/keys' };
    const { config } = parseConfig(JSON.stringify({ services: {}, routes: [], public: { jwt } }), {
      file: 'postern.yaml',
      environment: {},
    });
    return config.public.jwt as JwtConfig;
  };

  it('is so by what was verified before while the settings are the same, whatever else is tried out meanwhile', () => {
    const identify = identification({ clock: testClock() });
    const inForce = identify(jwtOf('https://one.example'), '/');
    for (const tried of ['https://two.example', 'https://three.example', 'https://four.example']) {
      expect(identify(jwtOf(tried), '/')).to.not.equal(inForce);
    }
    expect(identify(jwtOf('https://one.example'), '/')).to.equal(inForce);
    expect(identify(jwtOf('https://one.example'), '/elsewhere')).to.not.equal(inForce);
  });
});
