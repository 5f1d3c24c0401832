/** A DNS server on UDP with the records that a test gives it: A, AAAA and SRV (RFC 1035, RFC 3596, RFC 2782). */
import { createSocket } from 'node:dgram';
import { isIPv6 } from 'node:net';

export interface SrvData {
  priority: number;
  weight: number;
  port: number;
  target: string;
}

export interface DnsServer {
  /** `127.0.0.1:port`. */
  readonly address: string;
  /**
   * By name, without a dot at the end: addresses of either family, SRV records, `alias` for one that leads nowhere, `broken` for
   * a failure. Change them as you like.
   */
  readonly records: Map<string, readonly (string | SrvData)[]>;
  /** What it does instead of answering. */
  trouble: 'none' | 'silent' | 'servfail';
  /** Questions so far. */
  asked: number;
  close(): Promise<void>;
}

const [A, CNAME, AAAA, SRV] = [1, 5, 28, 33];

/** `nowhere`, of which nothing is known. */
const NOWHERE = Buffer.from('\x07nowhere\x00', 'latin1');
const [NOERROR, SERVFAIL, NXDOMAIN] = [0, 2, 3];

export async function startDnsServer(): Promise<DnsServer> {
  const socket = createSocket('udp4');
  const server: DnsServer = {
    address: '',
    records: new Map(),
    trouble: 'none',
    asked: 0,
    close: () => new Promise((resolve) => socket.close(() => resolve())),
  };
  socket.on('message', (query, from) => {
    server.asked += 1;
    if (server.trouble !== 'silent') socket.send(answer(query, server), from.port, from.address);
  });
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  return Object.assign(server, { address: `127.0.0.1:${socket.address().port}` });
}

function answer(query: Buffer, { records, trouble }: DnsServer): Buffer {
  const labels: string[] = [];
  let at = 12;
  for (let length = query.readUInt8(at); length > 0; length = query.readUInt8(at)) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  const type = query.readUInt16BE(at + 1);
  const question = query.subarray(12, at + 5);
  const known = records.get(labels.join('.').toLowerCase());
  const isAlias = known?.includes('alias') === true;
  const data = isAlias ? [NOWHERE] : (known ?? []).flatMap((record) => dataOf(record, type));
  const code = trouble === 'servfail' || known?.includes('broken') ? SERVFAIL : known ? NOERROR : NXDOMAIN;
  const answers = code === NOERROR ? data : [];
  const head = Buffer.alloc(12);
  query.copy(head, 0, 0, 2);
  head.writeUInt16BE(0x8580 | code, 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt16BE(answers.length, 6);
  return Buffer.concat([head, question, ...answers.map((bytes) => record(isAlias ? CNAME : type, bytes))]);
}

/** The name is a pointer to the question's. */
function record(type: number, data: Buffer): Buffer {
  const head = Buffer.alloc(12);
  head.writeUInt16BE(0xc00c, 0);
  head.writeUInt16BE(type, 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt16BE(data.length, 10);
  return Buffer.concat([head, data]);
}

function dataOf(given: string | SrvData, type: number): Buffer[] {
  if (typeof given !== 'string') {
    if (type !== SRV) return [];
    const head = Buffer.alloc(6);
    for (const [index, value] of [given.priority, given.weight, given.port].entries()) head.writeUInt16BE(value, 2 * index);
    const labels = given.target.split('.').map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label)]));
    return [Buffer.concat([head, ...labels, Buffer.from([0])])];
  }
  if (isIPv6(given)) return type === AAAA ? [Buffer.from(groupsOf(given).flatMap((group) => [group >> 8, group & 255]))] : [];
  return type === A ? [Buffer.from(given.split('.').map(Number))] : [];
}

function groupsOf(address: string): number[] {
  const [left = '', right] = address.split('::');
  const groups = (text: string) => (text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16)));
  if (right === undefined) return groups(left);
  const [head, tail] = [groups(left), groups(right)];
  return [...head, ...new Array<number>(8 - head.length - tail.length).fill(0), ...tail];
}
