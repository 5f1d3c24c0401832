/** The resident memory of a process, as the kernel counts it. */
import { readFileSync, writeFileSync } from 'node:fs';

export const MiB = 1 << 20;

/** What the process holds now, in bytes. */
export function residentMemory(pid: number): number {
  return field(pid, 'VmRSS');
}

/** The most it held since the last `resetPeakMemory`, in bytes: kept by the kernel, so nothing falls between two samples. */
export function peakMemory(pid: number): number {
  return field(pid, 'VmHWM');
}

export function resetPeakMemory(pid: number): void {
  writeFileSync(`/proc/${pid}/clear_refs`, '5');
}

function field(pid: number, name: string): number {
  const found = readFileSync(`/proc/${pid}/status`, 'utf8').match(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm'));
  if (found === null) throw new Error(`no ${name} in /proc/${pid}/status`);
  return Number(found[1]) * 1024;
}
