import { expect } from 'chai';
import fc from 'fast-check';
import { instanceDocument } from '../../../core/eureka/document.ts';
import { Refused } from '../../../core/eureka/refused.ts';
import { readRegistration } from '../../../core/eureka/registration.ts';
import { readXml, writeXml } from '../../../core/eureka/xml.ts';
import { Lease } from '../../../core/registry/lease.ts';
import { testClock } from '../../support/clock.ts';
import { aRegistration } from '../registry/a-registration.ts';

const least = { hostName: 'h', ipAddr: '10.0.0.1', app: 'orders', dataCenterInfo: { name: 'MyOwn' } };
const read = (instance: unknown) => readRegistration({ instance }, 7);

function refusal(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof Refused && error.status === 400) return error.message;
    throw error;
  }
  return 'taken';
}

describe('a registration as it is sent', () => {
  it("has Eureka's defaults where it says nothing", () => {
    expect(read(least)).to.deep.equal(
      aRegistration({
        id: 'h',
        idGiven: false,
        hostName: 'h',
        port: { port: 7001, enabled: true },
        securePort: { port: 7002, enabled: false },
        lastDirtyTimestamp: 7,
      }),
    );
  });

  it("is refused in Eureka's words where something is missing", () => {
    for (const [name, reason] of [
      ['hostName', 'Missing instanceId'],
      ['ipAddr', 'Missing ip address'],
      ['app', 'Missing appName'],
      ['dataCenterInfo', 'Missing dataCenterInfo'],
    ] as const)
      expect(refusal(() => read({ ...least, [name]: undefined }))).to.equal(reason);
    expect(refusal(() => read({ ...least, instanceId: 'i', hostName: '' }))).to.equal('Missing hostname');
    expect(refusal(() => read({ ...least, dataCenterInfo: {} }))).to.equal('Missing dataCenterInfo Name');
    expect(refusal(() => readRegistration([], 7))).to.equal('Missing instance');
  });

  it('is read leniently where clients differ', () => {
    expect(read({ ...least, port: 8080 }).port).to.deep.equal({ port: 8080, enabled: true });
    expect(read({ ...least, securePort: { $: '443', '@enabled': true } }).securePort).to.deep.equal({ port: 443, enabled: true });
    expect(read({ ...least, overriddenStatus: 'down' }).overriddenStatus).to.equal('DOWN');
    expect(read({ ...least, status: 'DANCING' }).status).to.equal('UNKNOWN');
    expect(read({ ...least, status: { toString: 1, valueOf: 1 } }).status).to.equal('UNKNOWN');
    expect(read({ ...least, unheardOf: { of: [{}] } })).to.have.property('app', 'ORDERS');
    expect(read({ ...least, leaseInfo: { durationInSecs: -1, renewalIntervalInSecs: '5' } })).to.include({
      leaseDuration: 90,
      renewalInterval: 5,
    });
    expect(read({ ...least, dataCenterInfo: { name: 'Amazon', metadata: { 'instance-id': 'i-1' } } }).id).to.equal('i-1');
  });

  it('is refused where it would be a burden', () => {
    const wrong: object[] = [
      { hostName: 'x'.repeat(257) },
      { hostName: {} },
      { hostName: 'a\nb' },
      { homePageUrl: 'a\u0000b' },
      { homePageUrl: '\ud800' },
      { port: { $: 65_536 } },
      { port: { $: 'eighty' } },
      { leaseInfo: { durationInSecs: 3_601 } },
      { dataCenterInfo: { name: 'Elsewhere' } },
      { metadata: { a: { b: 'c' } } },
      { metadata: Object.fromEntries(Array.from({ length: 201 }, (_, key) => [`k${key}`, ''])) },
      { metadata: { '': 'x' } },
      { lastDirtyTimestamp: '1e9' },
    ];
    for (const part of wrong)
      expect(
        refusal(() => read({ ...least, ...part })),
        JSON.stringify(part),
      ).to.not.equal('taken');
  });

  it('keeps names that JavaScript has a meaning for', () => {
    const metadata = JSON.parse('{"__proto__":"a","constructor":"b"}');
    expect(Object.entries(read({ ...least, metadata }).metadata)).to.deep.equal([
      ['__proto__', 'a'],
      ['constructor', 'b'],
    ]);
  });

  it('is either read or refused, whatever it is', () => {
    fc.assert(
      fc.property(fc.anything(), fc.anything(), (one, other) => void refusal(() => read({ ...least, metadata: one, port: other }))),
    );
    fc.assert(fc.property(fc.jsonValue(), (value) => void refusal(() => readRegistration(value, 7))));
  });
});

describe('an instance in XML', () => {
  const printable = fc
    .string({ unit: 'grapheme', maxLength: 20 })
    .filter((text) => !/[^\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u.test(text));

  it('says what it says in JSON, whatever its names and values', () => {
    fc.assert(
      fc.property(
        fc.dictionary(
          printable.filter((key) => key !== '' && key !== '@class' && key !== 'constructor' && key !== 'prototype'),
          printable.map((text) => text.trim()),
        ),
        printable.map((text) => text.trim()),
        (metadata, url) => {
          const instance = {
            ...aRegistration({ metadata, ...(url ? { homePageUrl: url } : {}) }),
            actionType: 'ADDED',
            lastUpdatedTimestamp: 1,
          } as const;
          const document = { instance: instanceDocument(new Lease(instance, testClock(), false), 'full') };
          const xml = writeXml(document);
          expect(readRegistration(readXml(xml), 7), xml).to.deep.equal(readRegistration(JSON.parse(JSON.stringify(document)), 7));
        },
      ),
    );
  });

  it('declares nothing and goes no deeper than it must', () => {
    for (const text of [
      '<!DOCTYPE x [<!ENTITY a "aaaa">]><instance><hostName>&a;</hostName></instance>',
      '<!DOCTYPE x SYSTEM "file:///etc/passwd"><instance/>',
      '<a>'.repeat(50) + '</a>'.repeat(50),
      '<a>'.repeat(100_000),
      '<instance>',
      '',
      'instance',
      '<instance><metadata><__proto__>x</__proto__></metadata></instance>',
    ])
      expect(
        refusal(() => readXml(text)),
        text.slice(0, 60),
      ).to.not.equal('taken');
  });

  it('is either read or refused, whatever it is', () => {
    const pieces = fc.array(
      fc.constantFrom(
        '<instance>',
        '</instance>',
        '<a',
        '>',
        '/>',
        '&lt;',
        '&#0;',
        '<![CDATA[',
        ']]>',
        '<!--',
        '-->',
        'x',
        '"',
        '<?',
        '?>',
        '=',
      ),
    );
    fc.assert(fc.property(pieces, (parts) => void refusal(() => readRegistration(readXml(parts.join('')), 7))));
  });
});
