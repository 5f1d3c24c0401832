/** Reads Prometheus' text format. */

export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface Scraped {
  readonly contentType: string | null;
  readonly samples: readonly Sample[];
  /** By name, from the `# TYPE` lines. */
  readonly types: Readonly<Record<string, string>>;
  /** Those of one name. */
  named(name: string): readonly Sample[];
}

export async function scrape(admin: string): Promise<Scraped> {
  const response = await fetch(`${admin}/metrics`);
  const lines = (await response.text()).split('\n');
  const types = lines.flatMap((line) => [/^# TYPE (\S+) (\S+)$/.exec(line)].flatMap((found) => (found ? [[found[1], found[2]]] : [])));
  const samples = lines.filter((line) => line !== '' && !line.startsWith('#')).map(sample);
  return {
    contentType: response.headers.get('content-type'),
    samples,
    types: Object.fromEntries(types),
    named: (name) => samples.filter((one) => one.name === name),
  };
}

function sample(line: string): Sample {
  const [, name = '', labels = '', value = ''] = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)/.exec(line) ?? [];
  if (name === '') throw new Error(`no sample: ${line}`);
  const pairs = [...labels.matchAll(/([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g)].map(([, key, text]) => [key, text]);
  return { name, labels: Object.fromEntries(pairs), value: value === '+Inf' ? Number.POSITIVE_INFINITY : Number(value) };
}
