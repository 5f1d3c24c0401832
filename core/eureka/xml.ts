/**
 * Eureka's XML from its JSON, and back: the two have one shape (attributes with an `@`, text as `$`). Names that XML does not
 * allow are escaped as XStream does it, which is where the double underscores of `apps__hashcode` come from.
 */
import { XMLBuilder, XMLParser, XMLValidator } from 'fast-xml-parser';
import { Refused } from './refused.ts';

/** Elements within each other; a registration has four. */
const DEPTH = 12;

const shape = { attributeNamePrefix: '@', textNodeName: '$', ignoreAttributes: false } as const;

const parser = new XMLParser({
  ...shape,
  parseTagValue: false,
  parseAttributeValue: false,
  ignoreDeclaration: true,
  ignorePiTags: true,
  htmlEntities: true, // for the sake of character references: there are no entities but these
  maxNestedTags: DEPTH,
  // `valueOf` is a name like another; what could do harm (`__proto__`, `constructor`) the parser refuses.
  onDangerousProperty: (name) => name,
});
const builder = new XMLBuilder({ ...shape, suppressBooleanAttributes: false });

/** @throws Refused 400 for what is no XML, declares anything, or goes too deep */
export function readXml(text: string): unknown {
  if (text.includes('<!DOCTYPE') || text.includes('<!ENTITY')) throw new Refused(400, 'XML with a document type is not read');
  const verdict = XMLValidator.validate(text);
  if (verdict !== true) throw new Refused(400, `The XML is malformed: ${verdict.err.msg}`);
  try {
    return unescapeMaps(parser.parse(text));
  } catch (error) {
    throw new Refused(400, `The XML cannot be read: ${error instanceof Error ? error.message : 'unknown'}`);
  }
}

export function writeXml(document: object): string {
  return builder.build(escapeMaps(document));
}

/** Names are the user's in maps called so; everywhere else they are Eureka's. */
const isMap = (name: string): boolean => name === 'metadata';

/** An attribute that Eureka writes on its maps. */
const CLASS = '@class';

/** Eureka spells this one differently in its two forms. */
const spelling = (name: string): string => (name === 'overriddenStatus' ? 'overriddenstatus' : name);

function escapeMaps(value: unknown, inMap = false): unknown {
  if (Array.isArray(value)) return value.map((item) => escapeMaps(item));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, inner]) => {
      if (inner === undefined) return [];
      if (!inMap) return [[spelling(name), escapeMaps(inner, isMap(name))]];
      const spelled = name === CLASS && Object.keys(value).length === 1 ? name : escapeName(name);
      return [[spelled, inner]];
    }),
  );
}

function unescapeMaps(value: unknown, inMap = false): unknown {
  if (Array.isArray(value)) return value.map((item) => unescapeMaps(item));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      inMap && !name.startsWith('@') ? unescapeName(name) : name,
      unescapeMaps(inner, isMap(name)),
    ]),
  );
}

/** XStream's XmlFriendlyNameCoder. */
function escapeName(name: string): string {
  const escaped = name.replaceAll(/[^A-Za-z0-9.-]/g, (char) => {
    if (char === '_') return '__';
    if (char === '$') return '_-';
    return `_.${char.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
  // A name begins with a letter.
  return /^[A-Za-z_]/.test(escaped) ? escaped : `_.${escaped.charCodeAt(0).toString(16).padStart(4, '0')}${escaped.slice(1)}`;
}

function unescapeName(name: string): string {
  return name.replaceAll(/__|_-|_\.([0-9a-f]{4})/g, (found, code?: string) => {
    if (code !== undefined) return String.fromCharCode(Number.parseInt(code, 16));
    return found === '__' ? '_' : '$';
  });
}
