/** What the messages of OTLP say (opentelemetry-proto 1.x, by field number), as far as these tests ask. */
import { Message } from './protobuf.ts';

export type Value = string | number | boolean | readonly Value[] | undefined;
export type Attributes = Readonly<Record<string, Value>>;

export interface SentSpan {
  readonly service: Attributes;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentId: string;
  readonly traceState: string;
  readonly name: string;
  readonly kind: 'internal' | 'server' | 'client' | 'other';
  readonly attributes: Attributes;
  readonly links: readonly { traceId: string; spanId: string }[];
  readonly error: boolean;
}

export interface SentPoint {
  readonly attributes: Attributes;
  /** Of a sum, its value; of a histogram, how often it was recorded. */
  readonly value: number;
  readonly bounds: readonly number[];
}

export interface SentMetric {
  readonly service: Attributes;
  readonly name: string;
  readonly unit: string;
  readonly kind: 'counter' | 'upDownCounter' | 'histogram' | 'gauge';
  readonly points: readonly SentPoint[];
}

export interface SentLog {
  readonly service: Attributes;
  readonly severity: string;
  readonly body: Value;
}

const kinds = ['other', 'internal', 'server', 'client'] as const;

export function spansOf(body: Buffer): SentSpan[] {
  return records(body).map(({ service, record }) => ({
    service,
    traceId: record.hex(1),
    spanId: record.hex(2),
    traceState: record.text(3),
    parentId: record.hex(4),
    name: record.text(5),
    kind: kinds[record.integer(6)] ?? 'other',
    attributes: attributesOf(record.messages(9)),
    links: record.messages(13).map((link) => ({ traceId: link.hex(1), spanId: link.hex(2) })),
    error: record.message(15).integer(3) === 2,
  }));
}

export function metricsOf(body: Buffer): SentMetric[] {
  return records(body).map(({ service, record }) => {
    const base = { service, name: record.text(1), unit: record.text(3) };
    if (record.has(9)) return { ...base, kind: 'histogram' as const, points: record.message(9).messages(1).map(histogramPoint) };
    if (record.has(5)) return { ...base, kind: 'gauge' as const, points: record.message(5).messages(1).map(numberPoint) };
    const sum = record.message(7);
    return {
      ...base,
      kind: sum.integer(3) === 1 ? ('counter' as const) : ('upDownCounter' as const),
      points: sum.messages(1).map(numberPoint),
    };
  });
}

export function logsOf(body: Buffer): SentLog[] {
  return records(body).map(({ service, record }) => ({ service, severity: record.text(3), body: anyValue(record.message(5)) }));
}

/** Every signal has the same frame: by resource, then by scope, then the records. */
function records(body: Buffer): { service: Attributes; record: Message }[] {
  return new Message(body).messages(1).flatMap((byResource) => {
    const service = attributesOf(byResource.message(1).messages(1));
    return byResource.messages(2).flatMap((byScope) => byScope.messages(2).map((record) => ({ service, record })));
  });
}

const numberPoint = (point: Message): SentPoint => ({
  attributes: attributesOf(point.messages(7)),
  value: point.has(6) ? Number(point.fixed(6)) : point.double(4),
  bounds: [],
});

const histogramPoint = (point: Message): SentPoint => ({
  attributes: attributesOf(point.messages(9)),
  value: Number(point.fixed(4)),
  bounds: point.eights(7, (bytes) => bytes.readDoubleLE()),
});

function attributesOf(pairs: readonly Message[]): Attributes {
  return Object.fromEntries(pairs.map((pair) => [pair.text(1), anyValue(pair.message(2))]));
}

function anyValue(value: Message): Value {
  if (value.has(1)) return value.text(1);
  if (value.has(2)) return value.integer(2) === 1;
  if (value.has(3)) return value.integer(3);
  if (value.has(4)) return value.double(4);
  return value.has(5) ? value.message(5).messages(1).map(anyValue) : undefined;
}
