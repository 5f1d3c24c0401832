import { type Context, createTraceState, ROOT_CONTEXT, type SpanContext, TraceFlags } from '@opentelemetry/api';
import { expect } from 'chai';
import { contextOf, extract, inject } from '../../../core/telemetry/trace-context.ts';

const traceId = '0af7651916cd43dd8448eb211c80319c';
const spanId = 'b7ad6b7169203331';

describe('extract', () => {
  it('reads trace, span and whether it is sampled', () => {
    expect(extract({ traceparent: `00-${traceId}-${spanId}-01` })).to.deep.equal({ traceId, spanId, traceFlags: 1, isRemote: true });
    expect(extract({ traceparent: `00-${traceId}-${spanId}-00` })?.traceFlags).to.equal(TraceFlags.NONE);
    expect(extract({ traceparent: `00-${traceId}-${spanId}-fe` })?.traceFlags).to.equal(TraceFlags.NONE);
  });

  it('reads a version of the future as far as it knows it', () => {
    for (const rest of ['', '-', '-more', '-00-00'])
      expect(extract({ traceparent: `cc-${traceId}-${spanId}-01${rest}` })?.traceId).to.equal(traceId);
  });

  for (const traceparent of [
    '',
    `00-${traceId}-${spanId}`,
    `00-${traceId}-${spanId}-01-`,
    `00-${traceId}-${spanId}-01-more`,
    `ff-${traceId}-${spanId}-01`,
    `cc-${traceId}-${spanId}-01more`,
    `00-${traceId.toUpperCase()}-${spanId}-01`,
    `00-${'0'.repeat(32)}-${spanId}-01`,
    `00-${traceId}-${'0'.repeat(16)}-01`,
    `00-${traceId}-${spanId}-1`,
    ` 00-${traceId}-${spanId}-01`,
    `00-${traceId}-${spanId}-01, 00-${traceId}-${spanId}-01`,
  ])
    it(`takes ${JSON.stringify(traceparent)} for none`, () => expect(extract({ traceparent })).to.equal(undefined));

  it('keeps the state, unless it is longer than the specification asks anybody to carry', () => {
    const traceparent = `00-${traceId}-${spanId}-01`;
    expect(extract({ traceparent, tracestate: 'a=1,b=2' })?.traceState?.serialize()).to.equal('a=1,b=2');
    expect(extract({ traceparent, tracestate: `a=${'x'.repeat(600)}` })?.traceState).to.equal(undefined);
    expect(extract({ tracestate: 'a=1' })).to.equal(undefined);
  });
});

describe('inject', () => {
  const fieldsOf = (span: SpanContext): string[] => {
    const fields: string[] = [];
    inject(span, fields);
    return fields;
  };

  it('writes what extract reads', () => {
    const span = { traceId, spanId, traceFlags: 1, traceState: createTraceState('a=1') };
    expect(fieldsOf(span)).to.deep.equal(['traceparent', `00-${traceId}-${spanId}-01`, 'tracestate', 'a=1']);
    expect(fieldsOf({ traceId, spanId, traceFlags: 0 })).to.deep.equal(['traceparent', `00-${traceId}-${spanId}-00`]);
  });

  it('writes nothing where no trace is under way', () => {
    expect(fieldsOf({ traceId: '0'.repeat(32), spanId: '0'.repeat(16), traceFlags: 0 })).to.deep.equal([]);
  });
});

describe('contextOf', () => {
  it('without a remote span is where traces begin', () => {
    const root: Context = contextOf(undefined);
    expect(root).to.equal(ROOT_CONTEXT);
  });
});
