/** What a shared cache does, by the sections of RFC 9111. */

/** What the service answers, in turn; the last again and again. */
interface Said {
  status?: number;
  fields?: Readonly<Record<string, string>>;
  body?: string;
}

export interface Case {
  section: string;
  title: string;
  says: readonly Said[];
  /** Lines of the requests, in turn; `wait:` and seconds between them. */
  asks: readonly string[];
  /** Which of the service's answers each got, from 1; `304` and such for a status without one. */
  gets: readonly (number | string)[];
  cache?: object;
}

const fresh = (fields: Said['fields'] = {}): Said => ({ fields: { 'Cache-Control': 'max-age=60', ...fields } });
const tagged = fresh({ ETag: '"1"' });

export const cases: readonly Case[] = [
  {
    section: '3',
    title: 'no-store is not stored',
    says: [fresh({ 'Cache-Control': 'max-age=60, no-store' })],
    asks: ['', ''],
    gets: [1, 2],
  },
  { section: '3', title: 'nor private', says: [fresh({ 'Cache-Control': 'max-age=60, private' })], asks: ['', ''], gets: [1, 2] },
  { section: '3', title: 'nor what a request with no-store brings', says: [fresh()], asks: ['Cache-Control: no-store', ''], gets: [1, 2] },
  {
    section: '3',
    title: 'nor 206',
    says: [{ ...fresh({ 'Content-Range': 'bytes 0-0/9' }), status: 206 }],
    asks: ['Range: bytes=0-0', ''],
    gets: [1, 2],
  },
  ...[
    { title: 'nor what a range is refused with', fields: 'Range: bytes=9-', status: 416 },
    { title: 'nor an error that a range alone provokes', fields: 'Range: bytes=9-', status: 404 },
    { title: 'nor an error that one odd request provokes', fields: 'Accept: x/y', status: 406 },
  ].map(
    ({ title, fields, status }): Case => ({
      section: '3',
      title,
      says: [{ ...fresh(), status }, fresh()],
      asks: [fields, ''],
      gets: [`${status}`, 2],
    }),
  ),
  {
    section: '3',
    title: 'nor does such an error end what is stored',
    says: [fresh(), { ...fresh(), status: 416 }, { status: 400 }],
    asks: ['', 'Range: bytes=9-\r\nCache-Control: no-cache', 'Cache-Control: no-cache', ''],
    gets: [1, '416', '400', 1],
  },
  {
    section: '3.5',
    title: 'nor is it given to other credentials, where nobody checks them here, unless it is public',
    says: [fresh({ 'Cache-Control': 's-maxage=60' }), fresh({ 'Cache-Control': 'must-revalidate, max-age=60' })],
    asks: ['Authorization: Basic YTpi', 'Authorization: Basic Yzpk', 'Authorization: Basic YTpi', ''],
    gets: [1, 2, 1, 3],
  },
  {
    section: '3.5',
    title: 'nor the answer to an authorized request',
    says: [fresh()],
    asks: ['Authorization: Basic YTpi', ''],
    gets: [1, 2],
  },
  {
    section: '3.5',
    title: 'unless it says that it may be shared',
    says: [fresh({ 'Cache-Control': 'public, max-age=60' })],
    asks: ['Authorization: Basic YTpi', ''],
    gets: [1, 1],
  },
  {
    section: '3.5',
    title: 'nor does it end what all may have',
    says: [fresh({ 'Cache-Control': 'public, max-age=60' }), fresh()],
    asks: ['', 'Authorization: Basic YTpi\r\nCache-Control: no-cache', ''],
    gets: [1, 2, 1],
  },
  {
    section: '4',
    title: 'a query is part of the key',
    says: [fresh()],
    asks: ['target: /?a', 'target: /?b', 'target: /?a'],
    gets: [1, 2, 1],
  },
  {
    section: '4',
    title: 'methods that are not safe are written through',
    says: [fresh()],
    asks: ['', 'method: POST', ''],
    gets: [1, 2, 3],
  },
  { section: '4.1', title: 'Vary selects', says: [fresh({ Vary: 'a' })], asks: ['A: 1', 'A: 2', '', 'A: 1'], gets: [1, 2, 3, 1] },
  { section: '4.1', title: 'Vary: * fits nobody', says: [fresh({ Vary: '*' })], asks: ['', ''], gets: [1, 2] },
  { section: '4.2', title: 'what is stale is not given', says: [fresh()], asks: ['', 'wait: 59', '', 'wait: 1', ''], gets: [1, 1, 2] },
  {
    section: '4.2.1',
    title: 's-maxage goes before max-age',
    says: [fresh({ 'Cache-Control': 'max-age=60, s-maxage=1' })],
    asks: ['', 'wait: 2', ''],
    gets: [1, 2],
  },
  {
    section: '4.2.3',
    title: 'what is old already is fresh for less',
    says: [fresh({ Age: '50' })],
    asks: ['', 'wait: 9', '', 'wait: 2', ''],
    gets: [1, 1, 2],
  },
  {
    section: '4.3.1',
    title: 'what is stale is validated, and holds when the service says so',
    says: [tagged, { ...tagged, status: 304 }],
    asks: ['', 'wait: 61', '', ''],
    gets: [1, 1, 1],
  },
  {
    section: '4.3.2',
    title: 'a client`s condition is answered from what is stored',
    says: [tagged],
    asks: ['', 'If-None-Match: W/"1"', 'If-None-Match: "2"'],
    gets: [1, '304', 1],
  },
  {
    section: '4.3.2',
    title: 'but If-Match is the service`s to answer',
    says: [tagged, { status: 412 }, tagged],
    asks: ['', 'If-Match: "2"', ''],
    gets: [1, '412', 1],
  },
  {
    section: '4.3.3',
    title: 'a whole answer to a validation replaces what was stored',
    says: [tagged, fresh({ ETag: '"2"' })],
    asks: ['', 'wait: 61', '', ''],
    gets: [1, 2, 2],
  },
  {
    section: '4.3.3',
    title: 'and one that may not be stored ends what was',
    says: [fresh(), fresh({ 'Cache-Control': 'no-store' }), fresh()],
    asks: ['', 'Cache-Control: no-cache', ''],
    gets: [1, 2, 3],
  },
  {
    section: '4.3.3',
    title: 'an error does not, where the stale answer may not stand in',
    says: [tagged, { status: 503 }, { ...tagged, status: 304 }],
    asks: ['', 'wait: 61', '', ''],
    gets: [1, '503', 1],
  },
  {
    section: '4.3.4',
    title: 'a 304 about something else updates nothing: the whole is asked for',
    says: [tagged, { status: 304, fields: { ETag: '"2"' } }, fresh({ ETag: '"2"' })],
    asks: ['', 'wait: 61', '', ''],
    gets: [1, 3, 3],
  },
  {
    section: '4.3.5',
    title: 'HEAD tells that what is stored is over',
    says: [tagged, fresh({ ETag: '"2"' }), fresh({ ETag: '"2"' })],
    asks: ['', 'method: HEAD\r\nCache-Control: no-cache', ''],
    gets: [1, '200', 3],
  },
  {
    section: '5.2.1.4',
    title: 'no-cache of a request is heeded',
    says: [fresh()],
    asks: ['', 'Cache-Control: no-cache', ''],
    gets: [1, 2, 2],
  },
  {
    section: '5.2.1.1',
    title: 'max-age of a request too',
    says: [fresh()],
    asks: ['', 'wait: 5', 'Cache-Control: max-age=4', 'Cache-Control: max-age=5'],
    gets: [1, 2, 2],
  },
  {
    section: '5.2.1.7',
    title: 'only-if-cached asks no service',
    says: [fresh()],
    asks: ['Cache-Control: only-if-cached', '', 'Cache-Control: only-if-cached'],
    gets: ['504', 1, 1],
  },
  {
    section: '5.2.2.2',
    title: 'must-revalidate means it',
    says: [fresh({ 'Cache-Control': 'max-age=5, must-revalidate' }), { status: 503 }],
    asks: ['', 'wait: 6', '', 'Cache-Control: max-stale'],
    gets: [1, '503', '503'],
    cache: { staleIfError: '1m', staleWhileRevalidate: '1m' },
  },
  {
    section: '5.2.2.3',
    title: 'must-understand lets what is understood be stored',
    says: [fresh({ 'Cache-Control': 'max-age=60, must-understand, no-store' })],
    asks: ['', ''],
    gets: [1, 1],
  },
  {
    section: '5.2.2.4',
    title: 'no-cache is stored, and always validated',
    says: [fresh({ 'Cache-Control': 'no-cache', ETag: '"1"' }), { status: 304 }],
    asks: ['', '', ''],
    gets: [1, 1, 1],
  },
  { section: '5.3', title: 'Expires that is no date is over', says: [{ fields: { Expires: '0' } }], asks: ['', ''], gets: [1, 2] },
  {
    section: '5.4',
    title: 'Pragma of a request is heeded where there is no Cache-Control',
    says: [fresh()],
    asks: ['', 'Pragma: no-cache', 'Pragma: no-cache\r\nCache-Control: max-age=9'],
    gets: [1, 2, 2],
  },
  {
    section: 'RFC 9213 2.2',
    title: 'a targeted field goes before Cache-Control',
    says: [fresh({ 'Cache-Control': 'no-store', 'CDN-Cache-Control': 'max-age=60' })],
    asks: ['', ''],
    gets: [1, 1],
  },
];
