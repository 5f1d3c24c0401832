import { networkInterfaces } from 'node:os';
import { expect } from 'chai';
import { addressTowards } from '../../../core/address/own-address.ts';

describe('the own address', () => {
  const reachable = Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ address }) => !address.startsWith('fe80'))
    .map(({ address }) => address);

  it('towards each of this machine is that one, whether anybody listens there or not', async () => {
    expect(reachable).to.include('127.0.0.1');
    for (const address of reachable) expect(await addressTowards(address, 1)).to.equal(address);
  });

  it('is none where the host is not known, or there is no way to it', async () => {
    const problem = (host: string) => addressTowards(host, 8761).catch(({ code }: NodeJS.ErrnoException) => code);
    expect(['ENOTFOUND', 'EAI_AGAIN']).to.include(await problem('nowhere.invalid'));
    expect(['EACCES', 'ENETUNREACH', 'EINVAL']).to.include(await problem('255.255.255.255'));
  });
});
