/** The names of built-in filters, as an item of a list may be one: alone, or as the key of its options. */
import { didYouMean } from './nearest.ts';

/** Those that work without options, too. */
export const aloneFilters = ['secureHeaders', 'compress', 'rewriteLocation'] as const;

export const filtersWithOptions = [
  'setRequestHeader',
  'addRequestHeader',
  'removeRequestHeader',
  'setResponseHeader',
  'addResponseHeader',
  'removeResponseHeader',
  'stripPrefix',
  'prefixPath',
  'rewritePath',
  'redirect',
  'setStatus',
  'requestSize',
  'mirror',
  'delay',
  'abort',
] as const;

/** What is wrong with a filter that is named alone; null when nothing is. */
export function filterReason(text: string): string | null {
  if (isOneOf(aloneFilters, text) || /^\.{0,2}\/./.test(text)) return null;
  if (isOneOf(filtersWithOptions, text)) return `${text} needs its options: write ${text}: and them behind it`;
  const file = /^[\w-]+(?:\/[\w-]+)*\.[cm]?[jt]s$/.test(text) ? `did you mean ./${text}?` : undefined;
  return file ?? didYouMean(text, [...aloneFilters, ...filtersWithOptions]) ?? '';
}

const isOneOf = (names: readonly string[], text: string): boolean => names.includes(text);
