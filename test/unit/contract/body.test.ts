import { expect } from 'chai';
import { canDecode } from '../../../core/contract/body.ts';
import { bodyFaults, mediaOf } from '../../../core/contract/checking.ts';
import { aContract } from './a-contract.ts';

const FORM = 'application/x-www-form-urlencoded';
const MULTIPART = 'multipart/form-data; boundary=b';

interface Sent {
  readonly type?: string;
  readonly encoding?: object;
}

/** What is wrong with a body, each as its place and what is said. */
async function faults(schema: object, body: string | Buffer, { type = FORM, encoding }: Sent = {}): Promise<string[]> {
  const content = { [type.split(';')[0] as string]: { schema, ...(encoding ? { encoding } : {}) } };
  const contract = aContract({ paths: { '/': { post: { requestBody: { content }, responses: {} } } } });
  const media = mediaOf(contract.find('POST', '/')?.operation.body?.content ?? new Map(), type);
  if (!media) throw new Error(`nothing for ${type}`);
  const found = await bodyFaults(contract.requests, media, Buffer.from(body), { type, encoding: undefined, limit: 10_000_000 });
  return (found ?? []).map(({ pointer, detail }) => `${pointer} ${detail}`);
}

const object = <T extends object>(properties: T) => ({ type: 'object', additionalProperties: false, properties });
const part = (name: string, body: string, more = '') => `--b\r\nContent-Disposition: form-data; name="${name}"${more}\r\n\r\n${body}\r\n`;

describe('bodies of contracts', () => {
  it('forms of any size are read in linear time', async () => {
    expect(await faults({ type: 'object' }, '['.repeat(3_000_000))).to.deep.equal([]);
    expect(await faults({ type: 'object' }, `${'['.repeat(3_000_000)}x`)).to.deep.equal([]);
    const names = Array.from({ length: 300_000 }, (_, at) => `k${at}`);
    expect(await faults({ type: 'object' }, names.join('&'))).to.deep.equal(['# is no form: it has more than 10000 fields']);
    const most = names.slice(0, 10_000);
    expect(await faults({ type: 'object' }, most.map((name) => `${name}[a]=1`).join('&'))).to.deep.equal([]);
    const parts = (some: readonly string[]) => `${some.map((name) => part(name, '1')).join('')}--b--`;
    expect(await faults({ type: 'object' }, parts(most), { type: MULTIPART })).to.deep.equal([]);
    expect(await faults({ type: 'object' }, parts(names.slice(0, 10_001)), { type: MULTIPART })).to.deep.equal([
      '# is no form: it has more than 10000 parts',
    ]);
  });

  it('are decoded of three codings at most', () => {
    expect(canDecode('gzip, br, deflate')).to.equal(true);
    expect(canDecode('gzip, gzip, gzip, gzip')).to.equal(false);
  });

  it('forms are UTF-8, in their parts too', async () => {
    const schema = object({ id: { type: 'integer' } });
    // To one reader it is one field, whose value has shifted characters; to another it is two.
    const hidden = 'id=1\u001b$B&id=2\u001b(B';
    for (const charset of ['iso-2022-jp', 'utf-16le', 'utf-7'])
      expect(await faults(schema, hidden, { type: `${FORM}; charset=${charset}` }), charset).to.deep.equal(['# is no form in UTF-8']);
    for (const charset of ['UTF-8', '"utf-8"', 'us-ascii'])
      expect(await faults(schema, 'id=1', { type: `${FORM}; charset=${charset}` }), charset).to.deep.equal([]);
    const text = part('id', '1', '\r\nContent-Type: text/plain; charset=iso-2022-jp');
    expect(await faults(schema, `${text}--b--`, { type: MULTIPART })).to.deep.equal(['# is no form in UTF-8']);
    const all = (charset: string) => `${part('_charset_', charset)}${part('id', '1')}--b--`;
    const withCharset = object({ ...schema.properties, _charset_: {} });
    expect(await faults(withCharset, all('iso-2022-jp'), { type: MULTIPART })).to.deep.equal(['# is no form in UTF-8']);
    expect(await faults(withCharset, all('UTF-8'), { type: MULTIPART })).to.deep.equal([]);
    const latin = Buffer.from(`${part('id', '\u00e9')}--b--`, 'latin1');
    expect(await faults(object({ id: { type: 'string' } }), latin, { type: MULTIPART })).to.deep.equal(['# is not text in utf-8']);
  });

  it('have a type that everybody reads alike', async () => {
    const told = ['# is of a type whose parameters are not read alike by everybody'];
    const json = (parameters: string) => faults({}, '{}', { type: `application/json${parameters}` });
    for (const parameters of ['; charset=utf-8; charset=utf-16', '; charset', '; charset="utf-8', '; charset=utf-8, text/plain'])
      expect(await json(parameters), parameters).to.deep.equal(told);
    for (const parameters of ['', ';', '; charset=utf-8', ';charset="UTF-8" ; x=1', '; x="; charset=utf-16"'])
      expect(await json(parameters), parameters).to.deep.equal([]);
    expect(await json('; charset=utf-16')).to.deep.equal(['# is no JSON in UTF-8']);
  });

  it('text in JSON is JSON, other text than one value is not looked into', async () => {
    const schema = object({ a: { type: 'integer' } });
    expect(await faults(schema, '{"a":1}', { type: 'text/json' })).to.deep.equal([]);
    expect(await faults(schema, '{"a":"x"}', { type: 'text/json; charset=utf-8' })).to.deep.equal(['#/a must be integer']);
    for (const type of ['text/xml', 'text/yaml', 'text/csv', 'text/plain'])
      expect(await faults(schema, 'x', { type }), type).to.deep.equal([]);
    for (const type of ['text/xml', 'text/csv'])
      expect(await faults({ type: 'string', maxLength: 1 }, 'long', { type }), type).to.deep.equal([]);
    expect(await faults({ type: 'string', maxLength: 1 }, 'long', { type: 'text/plain' })).to.have.length(1);
    expect(await faults({ type: 'integer' }, 'x', { type: 'text/html' })).to.deep.equal(['# must be integer']);
  });

  it('parts have the types that are said of them', async () => {
    const schema = object({ photo: {}, about: {}, note: { type: 'string' } });
    const encoding = {
      photo: { contentType: 'image/png, image/jpeg' },
      about: { contentType: 'application/json' },
      note: { contentType: 'text/*' },
    };
    const told = (body: string) => faults(schema, `${body}--b--`, { type: MULTIPART, encoding });
    const file = (type: string) => part('photo', 'x', `; filename="a"${type && `\r\nContent-Type: ${type}`}`);
    expect(await told(file('image/png') + file('IMAGE/JPEG; q=1') + part('about', '{}') + part('note', 'x'))).to.deep.equal([]);
    expect(await told(part('note', 'x', '\r\nContent-Type: text/markdown; charset=utf-8'))).to.deep.equal([]);
    for (const type of ['text/html', 'image/svg+xml', ''])
      expect(await told(file(type)), type).to.deep.equal(['# has a part photo that is not image/png or image/jpeg']);
    expect(await told(part('about', '{}', '\r\nContent-Type: text/plain'))).to.deep.equal([
      '# has a part about that is not application/json',
    ]);
    expect(await told(part('about', '{'))).to.deep.equal(['# has a part that is no JSON']);
  });

  it('lists in forms are written in several ways', async () => {
    const ids = { type: 'array', items: { type: 'integer' }, minItems: 2 };
    const schema = object({ ids });
    for (const text of ['ids=1&ids=2', 'ids[]=1&ids[]=2', 'ids[0]=1&ids[1]=2', 'ids%5B%5D=1&ids%5B%5D=2'])
      expect(await faults(schema, text), text).to.deep.equal([]);
    expect(await faults(schema, 'ids[]=1&ids[]=x')).to.deep.equal(['#/ids/1 must be integer']);
    expect(await faults(object({ 'ids[]': ids }), 'ids[]=1&ids[]=2')).to.deep.equal([]);
    for (const text of [part('ids', '1') + part('ids', '2'), part('ids[]', '1') + part('ids[]', '2')])
      expect(await faults(schema, `${text}--b--`, { type: MULTIPART }), text).to.deep.equal([]);
    const json = part('ids', '[1,2]', '\r\nContent-Type: application/json');
    expect(await faults(schema, `${json}--b--`, { type: MULTIPART })).to.deep.equal([]);
  });

  it('fields of forms may be JSON, and objects', async () => {
    const address = object({ city: { type: 'string' }, at: object({ x: { type: 'number' } }) });
    const schema = object({ address, tags: { type: 'array', items: { type: 'string' } } });
    const text = encodeURIComponent('{"city":"Rome","at":{"x":1}}');
    for (const body of [`address=${text}`, 'address[city]=Rome&address[at][x]=1'])
      expect(await faults(schema, body), body).to.deep.equal([]);
    expect(await faults(schema, 'address[at][x]=a')).to.deep.equal(['#/address/at/x must be number']);
    expect(await faults(schema, 'address=x')).to.deep.equal(['# has a field address that is no JSON']);
    const asJson = { encoding: { tags: { contentType: 'application/json' } } };
    expect(await faults(schema, `tags=${encodeURIComponent('["a","b"]')}`, asJson)).to.deep.equal([]);
    expect(await faults(schema, 'tags=a', asJson)).to.deep.equal(['# has a field tags that is no JSON']);
    const pairs = { encoding: { address: { style: 'form', explode: false } } };
    expect(await faults(schema, 'address=city,Rome', pairs)).to.deep.equal([]);
    const alone = { encoding: { address: { style: 'form' } } };
    expect(await faults(schema, 'city=Rome&tags=a', alone)).to.deep.equal([]);
    expect(await faults(schema, 'city=Rome&city=Oslo&tags=a', alone)).to.deep.equal(['#/address/city must be string']);
  });

  it('a field with and without brackets is none', async () => {
    const schema = { type: 'object', properties: { f: { type: 'object' } } };
    expect(await faults(schema, 'f=evil&f[a]=1')).to.deep.equal(['# is no form: f stands there without brackets']);
    expect(await faults(schema, 'f[a]=1&f[a][b]=1')).to.deep.equal(['# is no form: f has a member that is written in two ways']);
    const orNothing = { type: 'object', properties: { f: { anyOf: [{ type: 'object' }, { type: 'string', enum: [''] }] } } };
    const deep = { encoding: { f: { style: 'deepObject', explode: true } } };
    for (const body of ['f=', 'f[a]=1']) expect(await faults(orNothing, body, deep), body).to.deep.equal([]);
    for (const body of ['f=evil', 'f=&f[a]=1']) expect(await faults(orNothing, body, deep), body).not.to.deep.equal([]);
    expect((await faults(schema, `${'x'.repeat(100_000)}[a]=1&${'x'.repeat(100_000)}=1`))[0]).to.have.length.below(200);
    expect(await faults(schema, `f${'[a]'.repeat(5_000)}=1`)).to.deep.equal(['# is no form: f is nested deeper than 10']);
  });

  it('what may be a number or text is taken for either, also within lists and objects', async () => {
    const either = { anyOf: [{ type: 'integer' }, { type: 'string', pattern: '^[a-z]+$' }] };
    const schema = object({ one: either, ids: { type: 'array', items: either }, inner: object({ id: either }) });
    for (const body of ['one=5', 'one=a', 'ids=5', 'ids=a', 'ids=5&ids=a', 'inner[id]=5', 'inner[id]=a'])
      expect(await faults(schema, body), body).to.deep.equal([]);
    expect(await faults(schema, 'ids=1.5')).not.to.deep.equal([]);
    const digits = object({
      code: {
        anyOf: [
          { type: 'integer', maximum: 5 },
          { type: 'string', minLength: 3 },
        ],
      },
    });
    for (const body of ['code=3', 'code=123']) expect(await faults(digits, body), body).to.deep.equal([]);
    const both = object({ ...schema.properties, ...digits.properties, codes: { type: 'array', items: digits.properties.code } });
    for (const body of ['one=5&code=123', 'one=a&code=3', 'ids=5&ids=a&codes=123&codes=3&codes=abc', 'inner[id]=5&code=456'])
      expect(await faults(both, body), body).to.deep.equal([]);
    for (const body of ['one=5&code=12', 'ids=5&codes=12']) expect(await faults(both, body), body).not.to.deep.equal([]);
  });
});
