/** A gateway that registers has a registry that takes it, a host that others call it by, and a name of its own. */
import { isIP } from 'node:net';
import { contains, parseRange, type Range } from '../cidr.ts';
import { error, type Path, type Remark, warning } from '../finding.ts';
import { hostOf, isEveryAddress, isLoopback } from '../hosts.ts';
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
  if (eureka) return isEveryAddress(listen.host) && register?.host === undefined ? onlyHere(path, section, eureka) : [];
  if (!embedded) {
    const missing = 'has no registry to register with: neither registry.eureka nor registry.embedded is there';
    return [error(path, missing, { atKey: true, from: [['registry']] })];
  }
  const remarks: Remark[] = [];
  const anywhere = isEveryAddress(embedded.host);
  if (anywhere && isEveryAddress(listen.host) && register?.host === undefined) {
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

/** Who listens on every address is called by the one from which it reaches a server. */
function onlyHere(path: Path, section: string, servers: readonly string[]): Remark[] {
  // What is no URL is told of by its format.
  const hosts = servers.map((server) => URL.parse(server)).map((url) => url && hostOf(url));
  if (!hosts.every((host) => host !== null && isLoopback(host))) return [];
  const here = 'is registered with a loopback address, for every server of registry.eureka is on this machine: others need a host';
  return [
    warning(path, here, {
      atKey: true,
      from: [
        ['registry', 'eureka'],
        [section, 'listen', 'host'],
      ],
    }),
  ];
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
