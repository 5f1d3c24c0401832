/** A gateway that registers has a registry that takes it, a host that others call it by, and a name of its own. */
import { isIP } from 'node:net';
import { contains, parseRange, type Range } from '../cidr.ts';
import { error, type Path, type Remark } from '../finding.ts';
import type { CallerConfig, Config } from '../schema/index.ts';
import type { Check } from './check.ts';

export const registration: Check = (config) => [
  ...(['public', 'private'] as const).flatMap((section) => (config[section].register ? ofGateway(section, config) : [])),
  ...sameName(config),
];

function ofGateway(section: 'public' | 'private', config: Config): Remark[] {
  const path: Path = [section, 'register'];
  const { eureka, embedded } = config.registry;
  const { register, listen } = config[section];
  if (eureka) return [];
  if (!embedded) {
    const missing = 'has no registry to register with: neither registry.eureka nor registry.embedded is there';
    return [error(path, missing, { atKey: true, from: [['registry']] })];
  }
  const remarks: Remark[] = [];
  const anywhere = everyAddress.has(embedded.host);
  if (anywhere && everyAddress.has(listen.host) && register?.host === undefined) {
    const missing = 'needs a host that others call it by: it listens on every address, and so does the embedded registry';
    remarks.push(error(path, missing, { atKey: true, from: [[section, 'listen', 'host']] }));
  }
  // The private gateway knows which port its own registry took.
  if (embedded.port === 0 && section === 'public')
    remarks.push(error(['registry', 'embedded', 'port'], 'is 0, any that is free: the public gateway could not register there'));
  const from = anywhere || embedded.host.startsWith('127.') ? '127.0.0.1' : embedded.host;
  if (isIP(from) !== 0 && !admits(config.private.callers, from)) {
    const refused = `would be refused by the embedded registry, for no caller under private.callers is known by the address ${from} alone`;
    remarks.push(error(path, refused, { atKey: true, from: [['private', 'callers']] }));
  }
  return remarks;
}

function sameName({ public: { register: edge }, private: { register: inside } }: Config): Remark[] {
  if (!edge || !inside || edge.name.toUpperCase() !== inside.name.toUpperCase()) return [];
  return [
    error(['private', 'register', 'name'], 'is the name of the public gateway already: who asks for one would get the other', {
      from: [['public', 'register', 'name']],
    }),
  ];
}

/** One who must show a certificate too is nobody there, for the registry speaks plain HTTP. */
function admits(callers: Readonly<Record<string, CallerConfig>>, address: string): boolean {
  const own = parseRange(address) as Range;
  return Object.values(callers).some(
    ({ from = [], certificate }) => certificate === undefined && from.some((range) => contains(parseRange(range) as Range, own)),
  );
}

const everyAddress = new Set(['0.0.0.0', '::']);
