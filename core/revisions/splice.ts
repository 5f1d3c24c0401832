/** Where in a text something is put or taken out, so that what stands around it stays. */
import { isCollection, isMap, isPair, isScalar, type Node, type Pair, type YAMLMap, type YAMLSeq } from 'yaml';
import { behind, block, fits, inline, member } from './render.ts';
import type { Written } from './written.ts';

/** Between two offsets, other text. */
export interface Splice {
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

export interface Place {
  readonly text: string;
  /** The end of a line. */
  readonly eol: string;
}

/** Columns of a line that was there. */
const WIDTH = 140;

type Collection = YAMLMap | YAMLSeq;

interface Token {
  readonly type: string;
  readonly offset: number;
  readonly source?: string;
}

export const pairOf = (map: YAMLMap, name: string): number =>
  (map.items as Pair[]).findIndex(({ key }) => isScalar(key) && String(key.value) === name);

/** A file that has nothing yet, or only comments. */
export function rootWith({ text, eol }: Place, path: readonly (string | number)[], value: Written): string {
  const lead = text === '' || text.endsWith('\n') ? text : text + eol;
  return `${lead}${member(String(path[0]), value, { indent: 0, eol })}${eol}`;
}

export function insertInto(collection: Collection, place: string | number, value: Written, at: Place): Splice[] {
  const { text, eol } = at;
  const { items } = collection;
  const what = (indent: number) =>
    typeof place === 'number' ? `- ${behind(value, 2, { indent, eol })}` : member(place, value, { indent, eol });
  const flat = typeof place === 'number' ? inline(value) : inline({ [place]: value }).slice(2, -2);
  const before = typeof place === 'number' && place < items.length ? place : undefined;
  if (collection.flow) {
    if (before !== undefined) return [put(startOf(collection, before), `${flat}, `)];
    return [put(endOf(collection, items.length - 1, text), `, ${flat}`)];
  }
  const indent = columnOf(text, startOf(collection, 0));
  if (before !== undefined) return [put(startOf(collection, before), `${what(indent)}${eol}${' '.repeat(indent)}`)];
  return [put(lineEnd(text, endOf(collection, items.length - 1, text)), `${eol}${' '.repeat(indent)}${what(indent)}`)];
}

/** Of a collection that keeps at least one other. */
export function removeFrom(collection: Collection, index: number, { text }: Place): Splice[] {
  const start = startOf(collection, index);
  const isLast = index === collection.items.length - 1;
  if (collection.flow) {
    if (!isLast) return [{ from: start, to: startOf(collection, index + 1), text: '' }];
    return [{ from: endOf(collection, index - 1, text), to: endOf(collection, index, text), text: '' }];
  }
  const lineFrom = lineStart(text, start);
  // The first of an object in a list stands behind the list's mark.
  if (text.slice(lineFrom, start).trim() !== '' && !isLast) return [{ from: start, to: startOf(collection, index + 1), text: '' }];
  const column = start - lineFrom;
  let from = lineFrom;
  // What is said right above it is said of it.
  for (let above = lineStart(text, from - 1); from > 0 && isComment(text, above, column, column); above = lineStart(text, from - 1)) {
    from = above;
    if (from === 0) break;
  }
  let to = nextLine(text, endOf(collection, index, text));
  while (to < text.length && isComment(text, to, column + 1)) to = nextLine(text, to);
  // The last line of a file may have no end.
  if (to === text.length && !text.endsWith('\n'))
    return [{ from: Math.max(0, text[from - 2] === '\r' ? from - 2 : from - 1), to, text: '' }];
  return [{ from, to, text: '' }];
}

export function replaceIn(collection: Collection, index: number, value: Written, { text, eol }: Place): Splice[] {
  const item = collection.items[index] as Pair | Node | null;
  const node = (isPair(item) ? item.value : item) as Node | null;
  const mark = markEnd(collection, index);
  const isEmpty = !node || (isScalar(node) && node.source === '' && node.value === null) || !node.range;
  const [from, to] = isEmpty ? [mark, mark] : [node.range?.[0] ?? mark, contentEnd(node, text) ?? mark];
  const isBlock = !isEmpty && ((isCollection(node) && !node.flow) || (isScalar(node) && /^BLOCK/.test(node.type ?? '')));
  const own = columnOf(text, startOf(collection, index));
  if (collection.flow || fits(value, WIDTH - columnOf(text, isBlock ? mark : from))) {
    if (isEmpty) return [put(mark, ` ${inline(value)}`)];
    if (!isBlock) return [{ from, to, text: inline(value) }];
    // What is said beside the key stays there.
    const onMark = lineEnd(text, mark);
    if (from < onMark) return [{ from, to, text: inline(value) }];
    return [put(mark, ` ${inline(value)}`), { from: onMark, to, text: '' }];
  }
  const indent = own + 2;
  const lines = `${eol}${' '.repeat(indent)}${block(value, { indent, eol })}`;
  if (isEmpty) return [put(lineEnd(text, mark), lines)];
  if (isBlock && from < lineEnd(text, mark)) return [{ from, to, text: block(value, { indent, eol }) }];
  if (isBlock) return [{ from: lineEnd(text, mark), to, text: lines }];
  const blanks = text.slice(mark, from).trim() === '' ? mark : from;
  return [{ from: blanks, to, text: '' }, put(lineEnd(text, to), lines)];
}

const put = (offset: number, text: string): Splice => ({ from: offset, to: offset, text });

const tokens = (collection: Collection, index: number): { start: readonly Token[]; sep: readonly Token[] } => {
  const pair = collection.items[index] as Pair | undefined;
  const own = (isMap(collection) ? pair?.srcToken : (collection.srcToken as { items?: unknown[] } | undefined)?.items?.[index]) as
    | { start?: readonly Token[]; sep?: readonly Token[] }
    | undefined;
  return { start: own?.start ?? [], sep: own?.sep ?? [] };
};

/** Of the key, or of the mark of an item, or of an item within brackets. */
function startOf(collection: Collection, index: number): number {
  const item = collection.items[index] as Pair | Node | undefined;
  if (isMap(collection)) return ((item as Pair).key as Node).range?.[0] ?? 0;
  const mark = tokens(collection, index).start.find(({ type }) => type === 'seq-item-ind' || type === 'anchor');
  return mark?.offset ?? (isPair(item) ? (item.key as Node) : (item as Node)).range?.[0] ?? 0;
}

/** Behind the colon, the dash, and an anchor. */
function markEnd(collection: Collection, index: number): number {
  const { start, sep } = tokens(collection, index);
  const marks = isMap(collection) ? sep : start;
  const last = marks.findLast(({ type }) => type === 'map-value-ind' || type === 'seq-item-ind' || type === 'anchor');
  if (last) return last.offset + (last.source?.length ?? 1);
  const item = collection.items[index] as Pair | Node;
  const node = (isPair(item) ? item.key : item) as Node;
  return node.range?.[isPair(item) ? 1 : 0] ?? 0;
}

function endOf(collection: Collection, index: number, text: string): number {
  const item = collection.items[index] as Pair | Node | null;
  const node = (isPair(item) ? item.value : item) as Node | null;
  return (node && contentEnd(node, text)) ?? markEnd(collection, index);
}

/** Of what stands there last; undefined where nothing does. */
function contentEnd(node: Node, text: string): number | undefined {
  if (isScalar(node) && node.source === '' && node.value === null) return undefined;
  if (isCollection(node) && !node.flow && node.items.length > 0) return endOf(node as Collection, node.items.length - 1, text);
  let end = node.range?.[1];
  // A block of text ends with its line.
  while (end !== undefined && /[\r\n]/.test(text[end - 1] ?? '')) end -= 1;
  return end;
}

const lineStart = (text: string, offset: number): number => (offset <= 0 ? 0 : text.lastIndexOf('\n', offset - 1) + 1);

function lineEnd(text: string, offset: number): number {
  const end = text.indexOf('\n', offset);
  if (end === -1) return text.length;
  return text[end - 1] === '\r' && end > offset ? end - 1 : end;
}

function nextLine(text: string, offset: number): number {
  const end = text.indexOf('\n', offset);
  return end === -1 ? text.length : end + 1;
}

const columnOf = (text: string, offset: number): number => offset - lineStart(text, offset);

/** Whether a line is a comment that is indented so far. */
function isComment(text: string, start: number, least: number, most = Number.POSITIVE_INFINITY): boolean {
  const indent = /^( *)#/.exec(text.slice(start, lineEnd(text, start)))?.[1]?.length;
  return indent !== undefined && indent >= least && indent <= most;
}
