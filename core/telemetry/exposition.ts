/**
 * Prometheus' text format (https://prometheus.io/docs/instrumenting/exposition_formats/), for series of which there may be thousands.
 * What OpenTelemetry's serializer writes, to the byte, but series by series, so that who writes can pause between two; and the
 * labels of a series, which cost most of it, can be kept from one time to the next.
 */
import type { Attributes, AttributeValue } from '@opentelemetry/api';
import type { ByteText } from './byte-text.ts';
import type { Distribution } from './distribution.ts';

export type MetricType = 'counter' | 'gauge' | 'histogram';

/** `a="1",b="2"` as bytes: the labels without their braces. */
export type Labels = Uint8Array;

/** Units of the semantic conventions and their Prometheus words; `{request}` and the like have none. */
const SUFFIXES: Readonly<Record<string, string>> = { s: 'seconds', ms: 'milliseconds', By: 'bytes', '1': 'ratio' };

/** The word that the name of a metric with this unit ends in; undefined where it has none. */
export function unitSuffix(unit: string): string | undefined {
  return SUFFIXES[unit];
}

export interface Family {
  /** As Prometheus knows it, e.g. `gateway_cache_requests_total`. */
  readonly name: string;
  /** The lines before its first series. */
  readonly head: string;
}

export function family(name: string, type: MetricType, { description, unit }: { description: string; unit: string }): Family {
  const suffix = unitSuffix(unit);
  const full = plain(`${name}${suffix === undefined ? '' : `_${suffix}`}${type === 'counter' ? '_total' : ''}`);
  const help = `# HELP ${full} ${escaped(description || 'description missing')}\n`;
  return { name: full, head: `${help}${suffix === undefined ? '' : `# UNIT ${full} ${suffix}\n`}# TYPE ${full} ${type}\n` };
}

export function labelsOf(attributes: Attributes): Labels {
  const labels = Object.entries(attributes).map(([name, value]) => `${plain(name)}="${labelValue(value)}"`);
  return Buffer.from(labels.join(','));
}

/** Writes the line of one series of a counter or a gauge. */
export function sampleWriter(name: string): (into: ByteText, labels: Labels, value: number) => void {
  const [bare, open] = [Buffer.from(`${name} `), Buffer.from(`${name}{`)];
  return (into, labels, value) => {
    if (labels.length === 0) into.bytes(bare);
    else {
      into.bytes(open);
      into.bytes(labels);
      into.bytes(CLOSE);
    }
    into.number(value);
    into.bytes(NEWLINE);
  };
}

/** Writes the lines of one series of a histogram with these bounds. */
export function histogramWriter(
  name: string,
  boundaries: readonly number[],
): (into: ByteText, labels: Labels, distribution: Distribution) => void {
  const [count, sum] = [sampleWriter(`${name}_count`), sampleWriter(`${name}_sum`)];
  const bucket = Buffer.from(`${name}_bucket{`);
  const bounds = [...boundaries.map(String), '+Inf'].map((bound) => Buffer.from(`le="${bound}"} `));
  return (into, labels, distribution) => {
    count(into, labels, distribution.count);
    sum(into, labels, distribution.sum);
    const { counts } = distribution;
    const start = into.length;
    into.bytes(bucket);
    if (labels.length > 0) {
      into.bytes(labels);
      into.bytes(COMMA);
    }
    const end = into.length;
    let total = 0;
    for (const [at, bound] of bounds.entries()) {
      if (at > 0) into.again(start, end);
      into.bytes(bound);
      total += counts[at] ?? 0;
      into.number(total);
      into.bytes(NEWLINE);
    }
  };
}

const CLOSE = Buffer.from('} ');
const COMMA = Buffer.from(',');
const NEWLINE = Buffer.from('\n');

const plain = (name: string): string => name.replaceAll(/[^a-z0-9_]/gi, '_').replaceAll(/_{2,}/g, '_');

const escaped = (text: string): string => text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');

function labelValue(value: AttributeValue | undefined = ''): string {
  return escaped(typeof value === 'string' ? value : JSON.stringify(value)).replaceAll('"', '\\"');
}
