/** Timers inside one another: the inner one must be able to fire. */

import { error, type Path, type Remark, warning } from '../finding.ts';
import { formatDuration } from '../units.ts';
import type { Check, CheckContext } from './check.ts';
import { positive } from './positive.ts';

type Durations = Readonly<Record<string, number>>;

export const timers: Check = ({ services, public: edge, private: inside }, context) => [
  ...Object.entries(services).flatMap(([name, { timeouts }]) => {
    const path = ['services', name, 'timeouts'];
    const each = { connect: timeouts.connect, attempt: timeouts.attempt, request: timeouts.request, idle: timeouts.idle };
    return [...positive(each, path), ...nested(each, ['connect', 'attempt', 'request'], path, context)];
  }),
  ...(
    [
      ['public', edge],
      ['private', inside],
    ] as const
  ).flatMap(([section, { limits }]) => {
    const path = [section, 'limits'];
    const each = { headersTimeout: limits.headersTimeout, requestTimeout: limits.requestTimeout };
    return [...positive(each, path), ...nested(each, ['headersTimeout', 'requestTimeout'], path, context)];
  }),
];

/** Each is at most the next. A contradiction with a default is only a warning, and only when the inner one was given. */
function nested(durations: Durations, keys: readonly string[], path: Path, { isGiven }: CheckContext): Remark[] {
  return keys.slice(0, -1).flatMap((inner, index) => {
    const outer = keys[index + 1] ?? inner;
    const [short = 0, long = 0] = [durations[inner], durations[outer]];
    const [innerPath, outerPath] = [
      [...path, inner],
      [...path, outer],
    ];
    if (short <= long || !isGiven(innerPath)) return [];
    const message = `is longer (${formatDuration(short)}) than ${outer} (${formatDuration(long)}${isGiven(outerPath) ? '' : ' by default'}), which ends first`;
    return [(isGiven(outerPath) ? error : warning)(innerPath, message, { from: [outerPath] })];
  });
}
