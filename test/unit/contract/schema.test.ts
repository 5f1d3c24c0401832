import { expect } from 'chai';
import { TooComplex } from '../../../core/contract/validators.ts';
import { aContract, judged, read } from './a-contract.ts';

const old = { openapi: '3.0.3' };

describe('schemas of contracts', () => {
  it('of 3.0: nullable, exclusive limits as flags, nothing beside a reference', () => {
    expect(judged({ type: 'string', nullable: true }, null, old)).to.deep.equal([]);
    expect(judged({ type: 'string' }, null, old)).to.deep.equal(['/ must be string']);
    expect(judged({ nullable: true, allOf: [{ type: 'object' }] }, null, old)).to.deep.equal([]);
    expect(judged({ type: 'string', enum: ['a'], nullable: true }, null, old)).to.deep.equal([]);
    expect(judged({ type: 'number', minimum: 0, exclusiveMinimum: true }, 0, old)).to.deep.equal(['/ must be > 0']);
    expect(judged({ type: 'number', minimum: 0, exclusiveMinimum: false }, 0, old)).to.deep.equal([]);
    const components = { Text: { type: 'string' } };
    expect(judged({ $ref: '#/components/schemas/Text', maxLength: 1 }, 'long', { ...old, components })).to.deep.equal([]);
    expect(judged({ $ref: '#/components/schemas/Text', maxLength: 1 }, 'long', { components })).to.have.length(1);
    expect(judged({ type: 'string', const: 'a' }, 'b', old), 'no keyword of 3.0').to.deep.equal([]);
  });

  it('of 3.1: lists of types, const, prefixItems, dependentRequired, unevaluatedProperties', () => {
    expect(judged({ type: ['string', 'null'] }, null)).to.deep.equal([]);
    expect(judged({ const: 'a' }, 'b')).to.deep.equal(['/ must be the allowed value']);
    expect(judged({ prefixItems: [{ type: 'string' }], items: false }, ['a', 1])).to.have.length(1);
    expect(judged({ dependentRequired: { a: ['b'] } }, { a: 1 })).to.deep.equal(['/b is required']);
    expect(judged({ allOf: [{ properties: { a: {} } }], unevaluatedProperties: false }, { a: 1, b: 1 })).to.deep.equal([
      '/b is not allowed',
    ]);
  });

  it('in each direction its own: what is read only is not sent, what is written only is not answered', () => {
    const schema = {
      type: 'object',
      required: ['id', 'password'],
      properties: { id: { type: 'string', readOnly: true }, password: { $ref: '#/components/schemas/Secret' } },
    };
    for (const openapi of ['3.0.3', '3.1.0']) {
      const of = (direction: 'request' | 'response', value: object) =>
        judged(schema, value, { openapi, direction, components: { Secret: { type: 'string', writeOnly: true } } });
      expect(of('request', { password: 'a' })).to.deep.equal([]);
      expect(of('request', { id: 'a', password: 'a' })).to.deep.equal(['/id is not allowed']);
      expect(of('response', { id: 'a' })).to.deep.equal([]);
      expect(of('response', { id: 'a', password: 'a' })).to.deep.equal(['/password is not allowed']);
    }
  });

  it('require nothing that may not come, wherever it is required and wherever it is said', () => {
    const components = {
      Base: { type: 'object', properties: { id: { type: 'string', readOnly: true } } },
      Derived: { allOf: [{ $ref: '#/components/schemas/Base' }] },
      Given: { type: 'string', readOnly: true },
      Needs: { type: 'object', required: ['id', 'name'] },
    };
    const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` });
    const schemas = [
      { allOf: [ref('Base')], required: ['id', 'name'] },
      { allOf: [ref('Derived'), { required: ['id', 'name'] }] },
      { allOf: [ref('Needs'), ref('Derived')] },
      { allOf: [{ allOf: [ref('Needs')] }], properties: { id: { readOnly: true } } },
      { allOf: [ref('Needs')], properties: { id: { allOf: [ref('Given')] } } },
    ];
    for (const openapi of ['3.0.3', '3.1.0']) {
      for (const schema of schemas) {
        const of = (direction: 'request' | 'response', value: object) => judged(schema, value, { openapi, direction, components });
        expect(of('request', { name: 'a' }), JSON.stringify(schema)).to.deep.equal([]);
        expect(of('request', { id: 'a', name: 'a' })).to.include('/id is not allowed');
        expect(of('request', {})).to.deep.equal(['/name is required']);
        expect(of('response', { name: 'a' })).to.deep.equal(['/id is required']);
      }
      expect(judged(ref('Needs'), { name: 'a' }, { openapi, components }), 'on its own').to.deep.equal(['/id is required']);
    }
    const beside = { ...ref('Needs'), properties: { id: { readOnly: true } } };
    expect(judged(beside, { name: 'a' }, { components })).to.deep.equal([]);
  });

  it('are read in bounded time, whatever they require of what may not come', () => {
    const ref = (level: number) => ({ $ref: `#/components/schemas/L${level}` });
    const levels = Array.from({ length: 40 }, (_, level) => [`L${level}`, { allOf: [ref(level + 1), ref(level + 1)] }]);
    const schemas = { ...Object.fromEntries(levels), L40: { required: ['id'] } };
    const schema = { allOf: [ref(0)], properties: { id: { readOnly: true } } };
    const operation = { requestBody: { content: { 'application/json': { schema } } }, responses: { 200: { description: '' } } };
    expect(read({ paths: { '/': { post: operation } }, components: { schemas } }).findings).to.deep.equal([]);
  });

  it('with a discriminator: the one that is named is asked, and no other', () => {
    const pet = (kind: string, more: object) => ({
      type: 'object',
      required: ['kind'],
      properties: { kind: { type: 'string' }, ...more },
      title: kind,
    });
    const components = { Cat: pet('Cat', { lives: { type: 'integer' } }), Dog: pet('Dog', { lives: { type: 'string' } }) };
    const refs = ['Cat', 'Dog'].map((name) => ({ $ref: `#/components/schemas/${name}` }));
    const plain = { oneOf: refs, discriminator: { propertyName: 'kind' } };
    expect(judged(plain, { kind: 'Cat', lives: 9 }, { components })).to.deep.equal([]);
    expect(judged(plain, { kind: 'Cat', lives: 'nine' }, { components })).to.deep.equal(['/lives must be integer']);
    expect(judged(plain, { kind: 'Cow' }, { components })).to.deep.equal(['/kind must be one of the allowed values']);
    expect(judged(plain, {}, { components })).to.deep.equal(['/kind is required']);
    const mapped = { ...plain, discriminator: { propertyName: 'kind', mapping: { c: '#/components/schemas/Cat', d: 'Dog' } } };
    expect(judged(mapped, { kind: 'd', lives: 'nine' }, { components })).to.deep.equal([]);
    const beyond = { ...plain, discriminator: { propertyName: 'kind', mapping: { cow: '#/components/schemas/Cow' } } };
    expect(judged(beyond, { kind: 'cow' }, { components: { ...components, Cow: pet('Cow', {}) } }), 'none of them').to.deep.equal([
      '/kind must be one of the allowed values',
    ]);
  });

  it('that refer to themselves, and to files beside the document', () => {
    const tree = {
      type: 'object',
      required: ['value'],
      properties: { value: { type: 'integer' }, next: { $ref: '#/components/schemas/Tree' } },
    };
    expect(
      judged({ $ref: '#/components/schemas/Tree' }, { value: 1, next: { value: 2, next: {} } }, { components: { Tree: tree } }),
    ).to.deep.equal(['/next/next/value is required']);
    const operation = (ref: string) => ({
      paths: { '/': { post: { requestBody: { content: { 'application/json': { schema: { $ref: ref } } } }, responses: {} } } },
    });
    expect(
      read(operation('parts.yaml#/Part'), {
        'parts.yaml': 'Part: { type: object, properties: { a: { $ref: "#/Inner" } } }\nInner: { type: string }\n',
      }).findings,
    ).to.deep.equal([]);
    expect(read(operation('../../../etc/passwd')).findings[0]).to.match(/leads out of the folder|cannot be read/);
    expect(read(operation('https://example.com/a.yaml')).findings[0]).to.contain('nothing is fetched');
  });

  it('see no name as special', () => {
    const schema = {
      type: 'object',
      required: ['constructor'],
      additionalProperties: false,
      properties: { constructor: {}, toString: { type: 'string' } },
    };
    expect(judged(schema, {})).to.deep.equal(['/constructor is required']);
    expect(judged(schema, JSON.parse('{"constructor":1,"__proto__":1}'))).to.deep.equal(['/__proto__ is not allowed']);
  });

  it('judge whatever comes in bounded time', () => {
    const twice = ['#/components/schemas/Node', '#/components/schemas/Node'].map(($ref) => ({ $ref }));
    const components = {
      Node: { type: 'object', required: ['end'], properties: { next: { anyOf: twice }, end: { type: 'integer' } } },
      Item: { type: 'object' },
      Path: { type: 'string', pattern: '^(a+)+$' },
    };
    let deep: unknown = {};
    for (let depth = 0; depth < 60; depth += 1) deep = { end: 1, next: deep };
    expect(() => judged({ $ref: '#/components/schemas/Node' }, deep, { components })).to.throw(TooComplex);
    const many = Array.from({ length: 50_000 }, (_, at) => ({ at }));
    expect(judged({ type: 'array', uniqueItems: true, items: { $ref: '#/components/schemas/Item' } }, many, { components })).to.deep.equal(
      [],
    );
    expect(judged({ $ref: '#/components/schemas/Path' }, `${'a'.repeat(100_000)}!`, { components })).to.have.length(1);
    const numbers = Array.from({ length: 100_000 }, (_, at) => at);
    expect(judged({ enum: numbers }, 99_999)).to.deep.equal([]);
  });

  it('tell everything only where it is not too much', () => {
    const components = Object.fromEntries(['A', 'B'].map((name) => [name, { type: 'object', required: ['x', 'y'] }]));
    const oneOf = Object.keys(components).map((name) => ({ $ref: `#/components/schemas/${name}` }));
    const list = (items: object, length: number) => judged({ type: 'array', items }, Array(length).fill({}), { components });
    expect(list({ oneOf }, 5)).to.have.length(25);
    expect(list({ oneOf }, 600)).to.have.length.below(6);
    expect(list({ type: 'object', required: ['x'] }, 1_500), 'with nothing that is referred to').to.have.length(1);
  });

  it('count what patterns and comparisons cost', () => {
    const pattern = '[0-9a-f]{64,500}$';
    expect(judged({ pattern }, `${'a'.repeat(2_000)}!`)).to.have.length(1);
    expect(() => judged({ pattern }, `${'a'.repeat(20_000)}!`)).to.throw(TooComplex);
    const components = { Nest: { uniqueItems: true, items: { $ref: '#/components/schemas/Nest' } } };
    let nest: unknown[] = [['a'.repeat(60_000)]];
    for (let depth = 0; depth < 150; depth += 1) nest = [nest];
    expect(() => judged({ $ref: '#/components/schemas/Nest' }, nest, { components })).to.throw(TooComplex);
  });

  it('tell the place in the document that is broken, and nothing of the value', () => {
    const contract = aContract({
      paths: {
        '/': { post: { requestBody: { content: { 'application/json': { schema: { $ref: '#/components/schemas/A' } } } }, responses: {} } },
      },
      components: { schemas: { A: { type: 'object', properties: { 'a/b': { type: 'string', maxLength: 2 } } } } },
    });
    const name = contract.find('POST', '/')?.operation.body?.content.get('application/json')?.schema ?? '';
    const [violation] = contract.requests.violations(name, { 'a/b': 'secret' });
    expect(violation).to.deep.equal({
      path: ['a/b'],
      detail: 'must NOT have more than 2 characters',
      rule: '#/components/schemas/A/properties/a~1b/maxLength',
    });
  });
});
