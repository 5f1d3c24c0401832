/**
 * Secrets that stand in the file itself never leave the gateway: the configuration's own, the values of fields, parameters and
 * options of filters whose name speaks of one, what follows the scheme of an authorization, and credentials in a URL. What only names
 * a variable is none. Who sends back what was hidden from him leaves it as it is.
 */
import { formatPath, type Path } from '../../config/finding.ts';
import { speaksOfSecrets } from '../../middleware/clean-request.ts';
import { isSame } from '../../revisions/differences.ts';
import { isList, isMapping, type Written } from '../../revisions/written.ts';
import { AdminProblem } from '../problem.ts';

export const HIDDEN = '(hidden)';

/** Keys of the configuration that have one. */
const OWN = new Set(['secret', 'token']);
/** Below these, names are the user's own. */
const NAMED_BY_USERS = new Set(['filters', 'headers', 'queryParams']);

const VARIABLE = /^(?:[A-Za-z]+ +)?\$\{[A-Za-z_]\w*(?::-)?\}$/;
const AUTHORIZATION = /^\s*(bearer|basic|digest|negotiate|token) +[^\s].*$/is;
const USERINFO = /(\/\/)[^/?#@\s]*(?:@[^/?#@\s]*)*@/g;

/** The same, with what is secret replaced; where nothing is, the very same. */
export function hidden(value: Written, key = '', isUsers = false): Written {
  if (isList(value)) {
    const inner = value.map((one) => hidden(one, key, isUsers));
    return inner.every((one, at) => one === value[at]) ? value : inner;
  }
  if (isMapping(value)) {
    const members = Object.entries(value);
    const inner = members.map(([name, one]) => [name, hidden(one, name, isUsers || NAMED_BY_USERS.has(key))] as const);
    return inner.every(([, one], at) => one === members[at]?.[1]) ? value : Object.fromEntries(inner);
  }
  if (value === null || typeof value === 'boolean' || value === '') return value;
  if (typeof value === 'string' && VARIABLE.test(value)) return value;
  if (OWN.has(key) || (isUsers && speaksOfSecrets(key))) return HIDDEN;
  if (typeof value !== 'string') return value;
  return value.replace(AUTHORIZATION, `$1 ${HIDDEN}`).replace(USERINFO, `$1${HIDDEN}@`);
}

/**
 * What is meant by a value that may have been read with secrets hidden.
 *
 * @param before what stands there @throws AdminProblem where what is hidden in it is nothing that stands there
 */
export function revealed(value: Written, before: Written | undefined, path: Path): Written {
  const key = path.findLast((segment) => typeof segment === 'string');
  const isUsers = path.slice(0, -1).some((segment) => NAMED_BY_USERS.has(String(segment)));
  return isHidden(value)
    ? known(value, before, before === undefined ? undefined : hidden(before, String(key ?? ''), isUsers), path)
    : value;
}

function known(value: Written, before: Written | undefined, shown: Written | undefined, path: Path): Written {
  if (!isHidden(value)) return value;
  if (before !== undefined && isSame(value, shown)) return before;
  if (isList(value)) {
    const [old, seen] = [isList(before) ? before : [], isList(shown) ? shown : []];
    return value.map((one, at) => {
      // It may stand elsewhere by now.
      const place = seen.findIndex((other) => isSame(other, one));
      const was = place === -1 ? at : place;
      return known(one, old[was], seen[was], [...path, at]);
    });
  }
  if (isMapping(value)) {
    const own = <T>(of: T, name: string) => (isMapping(of) && Object.hasOwn(of, name) ? of[name] : undefined);
    return Object.fromEntries(
      Object.entries(value).map(([name, one]) => [name, known(one, own(before, name), own(shown, name), [...path, name])]),
    );
  }
  throw new AdminProblem('conflict', {
    detail: `${formatPath(path)} has ${HIDDEN}, which stands for nothing that is there: say it in full`,
  });
}

const isHidden = (value: Written): boolean => JSON.stringify(value).includes(HIDDEN);
