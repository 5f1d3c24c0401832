/** The address of this machine that others at a place know it by: the one from which it reaches that place. */
import { createSocket } from 'node:dgram';
import { lookup } from 'node:dns/promises';

/** @throws the system's error: the host is not found, or there is no way to it */
export async function addressTowards(host: string, port: number): Promise<string> {
  let problem: unknown;
  for (const { address, family } of await lookup(host, { all: true })) {
    try {
      return await localAddress(address, port, family);
    } catch (error) {
      problem = error;
    }
  }
  throw problem;
}

/** Nothing is sent: a datagram socket that is connected has only had its way chosen by the system. */
function localAddress(address: string, port: number, family: number): Promise<string> {
  const socket = createSocket(family === 6 ? 'udp6' : 'udp4');
  const chosen = new Promise<string>((resolve, reject) => {
    socket.once('error', reject);
    // Declared without the error that it is called with.
    socket.connect(port, address, ((error?: Error) => (error ? reject(error) : resolve(socket.address().address))) as () => void);
  });
  return chosen.finally(() => socket.close());
}
