/** Processes by a name that no other ever has: a number alone is given again, and counted anew in every container. */
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

const UNKNOWN = '?';

let own: string | undefined;

/** This one: its number, where numbers are counted, and when it began. */
export function ownProcess(): string {
  own ??= `${process.pid} ${place()} ${startOf(process.pid)}`;
  return own;
}

/** Whether that of such a name is running; undefined where that cannot be known from here. */
export function isRunning(name: string): boolean | undefined {
  const [pid = '', where, start] = name.split(' ');
  if (where !== place() || !/^[1-9]\d*$/.test(pid)) return undefined;
  if (!isAlive(Number(pid))) return false;
  const began = startOf(Number(pid));
  // Those of other users may be hidden.
  return began === UNKNOWN && start !== UNKNOWN ? undefined : began === start;
}

let counted: string | undefined;

/** Containers may share the name of a host, and hosts may have the same; a boot and the space of numbers are one's own. */
function place(): string {
  counted ??= [
    hostname(),
    read(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()),
    read(() => readlinkSync('/proc/self/ns/pid')),
  ].join('/');
  return counted;
}

/** In ticks since the boot, where the system says so; undefined of one that has ended, if nobody asked how. */
function startOf(pid: number): string | undefined {
  // The second field, the name of its program, may have blanks and parentheses.
  const stat = read(() => readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /s, ''));
  if (stat === UNKNOWN) return UNKNOWN;
  const { 0: state, 19: start } = stat.split(' ');
  return state === 'Z' ? undefined : start;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function read(of: () => string): string {
  try {
    return of();
  } catch {
    return UNKNOWN;
  }
}
