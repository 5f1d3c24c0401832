/** A configuration as read, against the schema: every violation, in plain words. */
import { Ajv, type ErrorObject } from 'ajv';
import type { Path, Remark } from './finding.ts';
import { formats } from './formats.ts';
import { inputSchema } from './input-schema.ts';
import { pointer } from './positions.ts';
import type { Plain } from './read.ts';
import { remarkOn } from './violations.ts';

export interface Violations {
  readonly remarks: readonly Remark[];
  /** Pointers of the values that are wrong, missing or not allowed. */
  readonly invalid: ReadonlySet<string>;
}

export interface Reading {
  pathOf(place: string): Path;
  readonly hidden: ReadonlySet<string>;
  readonly broken: ReadonlySet<string>;
}

/** What is told of one file: one that has more wrong with it is something else, and a hint for each would take minutes. */
const mostTold = 1_000;

const ajv = new Ajv({
  allErrors: true,
  verbose: true,
  strict: true,
  allowUnionTypes: true,
  // So that `constructor` in a file is a key of the file and nothing else.
  ownProperties: true,
  formats: Object.fromEntries(Object.entries(formats).map(([name, format]) => [name, (text: string) => format.wrong(text) === null])),
});
const accepts = ajv.compile(inputSchema);

export function validate(value: Plain, { pathOf, hidden, broken }: Reading): Violations {
  const invalid = new Set<string>(broken);
  accepts(value);
  const errors = withoutAlternatives(accepts.errors ?? []);
  const remarks: Remark[] = [];
  const told = new Set<string>();
  for (const violation of errors) {
    const place = placeOf(violation);
    invalid.add(place);
    // A value has one thing wrong with it at a time: its type, then its form.
    const topic = ['required', 'additionalProperties'].includes(violation.keyword) ? place : violation.instancePath;
    if (broken.has(place) || broken.has(violation.instancePath) || told.has(topic) || remarks.length === mostTold) continue;
    told.add(topic);
    remarks.push(remarkOn(violation, pathOf(violation.instancePath), hidden.has(violation.instancePath)));
  }
  return { remarks: withoutMisspelt(remarks), invalid };
}

/** What is wrong is, for these two, a key of the object that ajv points at. */
function placeOf({ keyword, instancePath, params }: ErrorObject): string {
  if (keyword === 'required') return instancePath + pointer([String(params['missingProperty'])]);
  if (keyword === 'additionalProperties') return instancePath + pointer([String(params['additionalProperty'])]);
  if (keyword === 'propertyNames') return instancePath + pointer([String(params['propertyName'])]);
  return instancePath;
}

/** Where several forms are accepted: what is wrong with the form that was meant, or one error that names them all. */
function withoutAlternatives(errors: readonly ErrorObject[]): ErrorObject[] {
  // What is wrong with a key comes again as `propertyNames`, with the object around it.
  let left = errors.filter(({ propertyName }) => propertyName === undefined);
  for (const choice of left.filter(({ keyword }) => keyword === 'anyOf')) {
    const inside = left.filter(
      (other) => other.schemaPath.startsWith(`${choice.schemaPath}/`) && isWithin(other.instancePath, choice.instancePath),
    );
    const forms = Array.from({ length: (choice.schema as unknown[]).length }, (_, index) =>
      inside.filter((other) => other.schemaPath.startsWith(`${choice.schemaPath}/${index}/`)),
    );
    const meant = closest(forms, choice.instancePath);
    const dropped = new Set(inside.filter((other) => meant === undefined || !meant.includes(other)));
    if (meant !== undefined) dropped.add(choice);
    left = left.filter((other) => !dropped.has(other));
  }
  return left;
}

const isWithin = (place: string, container: string): boolean => place === container || place.startsWith(`${container}/`);

/** The form whose kind of value was given; between several, the one with the fewest errors, when there is one. */
function closest(forms: ErrorObject[][], place: string): ErrorObject[] | undefined {
  const ofKind = forms.filter(
    (form) => !form.some(({ instancePath, keyword }) => instancePath === place && ['type', 'const', 'enum'].includes(keyword)),
  );
  const [first, second] = ofKind.sort((a, b) => a.length - b.length);
  return second === undefined || (first?.length ?? 0) < second.length ? first : undefined;
}

/** `serivce` is one mistake: not also a missing `service`. */
function withoutMisspelt(remarks: readonly Remark[]): Remark[] {
  const meant = new Set(remarks.filter(({ atKey }) => atKey).map(({ path, hint }) => `${pointer(path.slice(0, -1))} ${hint}`));
  return remarks.filter(({ path, message }) => {
    const [, missing] = /^is missing (.*)$/.exec(message) ?? [];
    return missing === undefined || !meant.has(`${pointer(path)} did you mean ${missing}?`);
  });
}
