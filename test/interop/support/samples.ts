/** Requests made from what an OpenAPI document gives as examples, and from its schemas where it gives none. */

type Plain = Record<string, unknown>;

export interface Sample {
  readonly method: string;
  readonly target: string;
  readonly headers: Record<string, string>;
  readonly body: string | undefined;
}

/** One for each operation, with what must be there. Those that would need a text of some pattern are left out. */
export function samplesOf(document: Plain, base: string): Sample[] {
  const samples: Sample[] = [];
  for (const [template, item] of Object.entries((document['paths'] ?? {}) as Record<string, Plain>)) {
    for (const method of ['get', 'put', 'post', 'delete', 'patch']) {
      const operation = item[method] as Plain | undefined;
      if (!operation) continue;
      try {
        samples.push(sampleOf(document, `${base}${template}`, method, item, operation));
      } catch (problem) {
        if (!(problem instanceof NoExample)) throw problem;
      }
    }
  }
  return samples;
}

class NoExample extends Error {}

function sampleOf(document: Plain, template: string, method: string, item: Plain, operation: Plain): Sample {
  const parameters = [...((item['parameters'] ?? []) as unknown[]), ...((operation['parameters'] ?? []) as unknown[])].map((one) =>
    followed(document, one),
  );
  let target = template;
  const query: string[] = [];
  const headers: Record<string, string> = {};
  for (const parameter of parameters) {
    if (parameter['required'] !== true && parameter['example'] === undefined) continue;
    const value = exampleOf(document, parameter, parameter['schema']);
    const text = Array.isArray(value) ? value.map(String).map(encodeURIComponent).join(',') : encodeURIComponent(String(value));
    const name = String(parameter['name']);
    if (parameter['in'] === 'path') target = target.replace(`{${name}}`, text);
    if (parameter['in'] === 'query' && Array.isArray(value))
      for (const one of value) query.push(`${name}=${encodeURIComponent(String(one))}`);
    else if (parameter['in'] === 'query') query.push(`${name}=${text}`);
    if (parameter['in'] === 'header' && name.toLowerCase() !== 'content-type') headers[name] = String(value);
  }
  const body = bodyOf(document, operation['requestBody'], headers);
  return { method: method.toUpperCase(), target: query.length === 0 ? target : `${target}?${query.join('&')}`, headers, body };
}

function bodyOf(document: Plain, found: unknown, headers: Record<string, string>): string | undefined {
  if (found === undefined) return undefined;
  const content = (followed(document, found)['content'] ?? {}) as Record<string, Plain>;
  const [first] = Object.entries(content);
  if (!first) return undefined;
  const [type, media] = first;
  headers['content-type'] = type;
  if (type === 'application/json') return JSON.stringify(exampleOf(document, media, media['schema']));
  if (!type.startsWith('multipart/')) return 'bytes';
  headers['content-type'] = `${type}; boundary=b`;
  return '--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nbytes\r\n--b--\r\n';
}

function followed(document: Plain, value: unknown): Plain {
  let here = value as Plain;
  while (typeof here['$ref'] === 'string') {
    here = here['$ref']
      .split('/')
      .slice(1)
      .reduce<Plain>((inner, name) => inner[name.replaceAll('~1', '/').replaceAll('~0', '~')] as Plain, document);
  }
  return here;
}

function exampleOf(document: Plain, owner: Plain, schema: unknown): unknown {
  if (owner['example'] !== undefined) return owner['example'];
  const [first] = Object.values((owner['examples'] ?? {}) as Record<string, Plain>);
  if (first) return followed(document, first)['value'];
  return sampled(document, schema, 0);
}

function sampled(document: Plain, from: unknown, depth: number): unknown {
  if (depth > 20) throw new NoExample();
  const schema = followed(document, from ?? {});
  for (const keyword of ['example', 'default', 'const'])
    if (schema[keyword] !== undefined && schema[keyword] !== null) return schema[keyword];
  const {
    enum: values,
    examples,
    type,
    allOf,
    oneOf,
    anyOf,
  } = schema as { enum?: unknown[]; examples?: unknown[]; type?: unknown } & Plain;
  if (Array.isArray(examples)) return examples[0];
  if (values) return values[0];
  if (Array.isArray(allOf)) return Object.assign({}, ...allOf.map((one) => sampled(document, one, depth + 1)));
  for (const several of [oneOf, anyOf]) if (Array.isArray(several)) return sampled(document, several[0], depth + 1);
  if (type === 'array') return Array.from({ length: Number(schema['minItems'] ?? 1) }, () => sampled(document, schema['items'], depth + 1));
  if (type === 'integer' || type === 'number') return Number(schema['minimum'] ?? 1);
  if (type === 'boolean') return true;
  if (type === 'string') return textOf(schema);
  const properties = (schema['properties'] ?? {}) as Plain;
  const wanted = Object.entries(properties).filter(([, one]) => followed(document, one)['readOnly'] !== true);
  return Object.fromEntries(wanted.map(([name, one]) => [name, sampled(document, one, depth + 1)]));
}

function textOf(schema: Plain): string {
  if (schema['pattern'] !== undefined) throw new NoExample();
  const known: Record<string, string> = {
    date: '2024-02-29',
    'date-time': '2024-02-29T12:00:00Z',
    uuid: '123e4567-e89b-42d3-a456-426614174000',
  };
  return (
    known[String(schema['format'])] ??
    { email: 'a@example.com', uri: 'https://example.com/' }[String(schema['format'])] ??
    'x'.repeat(Number(schema['minLength'] ?? 1))
  );
}
