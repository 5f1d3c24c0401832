/** An HTTPS service. */
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Certificate } from '../../support/certificates.ts';
import { echo } from '../../support/upstream.ts';

export async function startTls({ cert, key }: Certificate): Promise<{ url: string; close(): Promise<void> }> {
  const server = createServer({ cert, key }, echo);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
