/** A change to the text of a configuration that leaves every other byte of it as it is: comments, order, blanks, quotes. */
import { isAlias, isCollection, isMap, isNode, isScalar, isSeq, type Node, type Pair, visit, type YAMLMap, type YAMLSeq } from 'yaml';
import type { Path } from '../config/finding.ts';
import { differences, isSame, type Step } from './differences.ts';
import { inline } from './render.ts';
import { insertInto, pairOf, removeFrom, replaceIn, rootWith, type Splice } from './splice.ts';
import { at, contentOf, documentOf, isMapping, type Written, withValue, written } from './written.ts';

/** A text that the change cannot be made in; the message goes on from "it". */
export class EditError extends Error {}

/**
 * The text with a value at a place, or without it where `value` is undefined. The value is compared with what stands there, and
 * only what differs is written. In the end the text is read again and must say what it should; where it does not, the YAML
 * library writes the whole anew, which keeps comments and order, but not all blanks.
 *
 * @throws EditError @throws Error for a text that is no YAML
 */
export function edit(text: string, path: Path, value: Written | undefined): string {
  const before = written(text);
  const after = withValue(before, path, value) ?? null;
  if (isSame(before, after)) return text;
  if (isJson(text)) return `${JSON.stringify(after, null, /^\{\s*\n([ \t]+)/.exec(text)?.[1] ?? 2)}\n`;
  let edited = text;
  for (const step of differences(isMapping(before) ? before : {}, after)) edited = applied(edited, step);
  if (says(edited, after)) return edited;
  const anew = rewritten(text, path, value);
  if (anew !== undefined && says(anew, after)) return anew;
  throw new EditError('is written in a way that this change cannot be made in; make it by hand');
}

/** Which is YAML too; but who writes JSON wants to read it. */
function isJson(text: string): boolean {
  if (!/^\s*\{\s*"/.test(text)) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function says(text: string, value: Written): boolean {
  try {
    return isSame(written(text), value);
  } catch {
    return false;
  }
}

function rewritten(text: string, path: Path, value: Written | undefined): string | undefined {
  try {
    const isOfWindows = text.includes('\r\n');
    const document = documentOf(isOfWindows ? text.replaceAll('\r\n', '\n') : text);
    if (value === undefined) document.deleteIn(path);
    else document.setIn(path, document.createNode(value));
    const anew = document.toString({ lineWidth: 0 });
    return isOfWindows ? anew.replaceAll('\n', '\r\n') : anew;
  } catch {
    return undefined;
  }
}

function applied(text: string, step: Step): string {
  try {
    const apart = apartFromOthers(text, step);
    const document = documentOf(apart);
    const root = document.contents;
    const parentPath = step.path.slice(0, -1);
    const parent = parentPath.length === 0 ? root : (document.getIn(parentPath, true) as Node | undefined);
    const eol = apart.includes('\r\n') ? '\r\n' : '\n';
    const place = { text: apart, eol };
    if (parentPath.length === 0 && !isMap(root)) return step.value === undefined ? apart : rootWith(place, step.path, step.value);
    if (!isMap(parent) && !isSeq(parent)) return apart;
    return spliced(apart, splicesOf(step, parent as YAMLMap | YAMLSeq, root, place));
  } catch {
    // What is half done is found out when the text is read again.
    return text;
  }
}

function splicesOf(step: Step, parent: YAMLMap | YAMLSeq, root: unknown, place: { text: string; eol: string }): readonly Splice[] {
  const last = step.path.at(-1) as string | number;
  const index =
    typeof last === 'number' ? last : (parent.items as Pair[]).findIndex(({ key }) => isScalar(key) && String(key.value) === last);
  const empties = parent.items.length - (step.kind === 'remove' ? 1 : 0) === 0;
  if (empties && step.path.length > 1) {
    // Nothing can be put into nothing as a block, nor be left of one.
    const own = step.path.slice(0, -1);
    const outer = (own.length === 1 ? root : nodeAt(root, own.slice(0, -1))) as YAMLMap | YAMLSeq;
    const empty = isMap(parent) ? {} : [];
    const filled = step.value === undefined ? empty : isMap(parent) ? { [String(last)]: step.value } : [step.value];
    return replaceIn(outer, indexIn(outer, own.at(-1) as string | number), filled, place);
  }
  if (step.kind === 'remove') return removeFrom(parent, index, place);
  if (step.kind === 'insert') return insertInto(parent, last, step.value ?? null, place);
  return replaceIn(parent, index, step.value ?? null, place);
}

const indexIn = (collection: YAMLMap | YAMLSeq, segment: string | number): number =>
  typeof segment === 'number' ? segment : pairOf(collection as YAMLMap, segment);

function nodeAt(root: unknown, path: Path): unknown {
  let node = root;
  for (const segment of path) {
    if (isMap(node)) node = (node.items as Pair[])[pairOf(node, String(segment))]?.value;
    else node = isSeq(node) ? node.items[Number(segment)] : undefined;
  }
  return node;
}

function spliced(text: string, splices: readonly Splice[]): string {
  let result = text;
  // Where one begins at which something is put, what it takes out goes first.
  for (const { from, to, text: put } of [...splices].sort((a, b) => b.from - a.from || b.to - a.to))
    result = result.slice(0, from) + put + result.slice(to);
  return result;
}

/** Values that stand in several places by an alias become their own wherever one of them is about to change. */
function apartFromOthers(text: string, { path, kind }: Step): string {
  let result = text;
  for (;;) {
    const document = documentOf(result);
    const whole = contentOf(document);
    const through: Node[] = [];
    let node: unknown = document.contents;
    let through_alias: readonly [Node, Path] | undefined;
    for (const [depth, segment] of path.entries()) {
      if (isAlias(node)) {
        through_alias = [node, path.slice(0, depth)];
        break;
      }
      if (isNode(node)) through.push(node);
      node = isMap(node)
        ? (node.items as Pair[])[pairOf(node, String(segment))]?.value
        : isSeq(node)
          ? node.items[Number(segment)]
          : undefined;
    }
    if (through_alias) {
      const [alias, own] = through_alias;
      result = spliced(result, [over(alias, at(whole, own) ?? null)]);
      continue;
    }
    const anchored = new Set<unknown>(through);
    if (kind !== 'insert' && isNode(node)) {
      if (isScalar(node) || isCollection(node)) anchored.add(node);
      visit(node, (_, inner) => void anchored.add(inner));
    }
    const splices: Splice[] = [];
    visit(document, {
      Alias(_, alias) {
        const target = alias.resolve(document);
        if (target && anchored.has(target) && !anchored.has(alias)) splices.push(over(alias, target.toJS(document) as Written));
      },
    });
    return splices.length === 0 ? result : spliced(result, splices);
  }
}

function over(node: Node, value: Written): Splice {
  const [from = 0, to = 0] = node.range ?? [];
  return { from, to, text: inline(value) };
}
