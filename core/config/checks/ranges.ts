/** Address ranges mean what they say, and two callers are not the same one. */

import { contains, parseRange, type Range } from '../cidr.ts';
import { type Path, type Remark, warning } from '../finding.ts';
import type { CallerConfig, Config } from '../schema/index.ts';
import type { Check, CheckContext } from './check.ts';

interface Placed {
  readonly path: Path;
  readonly range: Range;
}

export const ranges: Check = (config, context) => {
  const proxies = (['public', 'private'] as const).flatMap((section) =>
    placed(config[section].trustedProxies, [section, 'trustedProxies'], context),
  );
  const callers = Object.entries(config.private.callers).map(([name, caller]) => ({
    name,
    caller,
    ranges: placed(caller.from ?? [], ['private', 'callers', name, 'from'], context),
  }));
  const everybody = proxies.filter(({ range }) => range.canonical.endsWith('/0'));
  return [
    ...[...proxies, ...callers.flatMap(({ ranges: own }) => own)].flatMap(hostBits),
    ...everybody.map(({ path }) => warning(path, 'believes anybody: every client can then claim any address')),
    ...callers.flatMap((later, index) =>
      later.ranges.flatMap((own) =>
        callers
          .slice(0, index)
          .flatMap((earlier) => shadowed(own, later.caller, earlier))
          .slice(0, 1),
      ),
    ),
  ];
};

/** Read as written: the configuration holds them without the bits beyond the prefix. */
function placed(texts: Config['public']['trustedProxies'], path: Path, { written }: CheckContext): Placed[] {
  return texts.flatMap((text, index) => {
    const place = [...path, index];
    const range = parseRange(written(place) ?? text);
    return typeof range === 'string' ? [] : [{ path: place, range }];
  });
}

function hostBits({ path, range }: Placed): Remark[] {
  return range.hostBits ? [warning(path, `has bits set beyond its prefix and stands for ${range.canonical}`)] : [];
}

/** The first caller whose `from` has the address is it: unless certificates tell them apart, the later one is never meant. */
function shadowed(own: Placed, caller: CallerConfig, earlier: { name: string; caller: CallerConfig; ranges: readonly Placed[] }): Remark[] {
  if (earlier.caller.certificate !== undefined && earlier.caller.certificate !== caller.certificate) return [];
  const outer = earlier.ranges.find(({ range }) => contains(range, own.range));
  if (outer === undefined) return [];
  return [
    warning(
      own.path,
      `is within ${outer.range.canonical} of the caller ${earlier.name}, which comes first: these addresses are ${earlier.name}`,
      { from: [outer.path] },
    ),
  ];
}
