/** What a process and its children have used, read from /proc: nginx and HAProxy do their work in a child. */
import { readFileSync } from 'node:fs';

const ticksPerSecond = 100;

export function residentMiB(pid: number): number {
  return sum(pid, (id) => {
    const kibibytes = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${id}/status`, 'utf8'))?.[1];
    return Number(kibibytes ?? 0) / 1024;
  });
}

/** Seconds of processor time, user and system, all threads. */
export function cpuSeconds(pid: number): number {
  return sum(pid, (id) => {
    const stat = readFileSync(`/proc/${id}/stat`, 'utf8');
    // The second field is the name in parentheses and may hold anything; fields 14 and 15 are utime and stime.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
  });
}

function sum(pid: number, measure: (pid: number) => number): number {
  let children = '';
  let own = 0;
  try {
    own = measure(pid);
    children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
  } catch {
    return own;
  }
  return children
    .split(' ')
    .filter(Boolean)
    .reduce((total, child) => total + sum(Number(child), measure), own);
}
