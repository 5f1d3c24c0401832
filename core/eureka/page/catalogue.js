/** All that is registered as the page has it: applications and their instances, which of them are shown, and in which order. */

/**
 * @typedef {object} Instance
 * @property {string} key of all instances
 * @property {string} app
 * @property {string} id
 * @property {any} document as Eureka's API has it
 * @property {string} status
 * @property {boolean} overridden by an operator
 * @property {string} address
 * @property {string} zone
 * @property {number} updatedAt milliseconds since 1970
 * @property {number} expiresAt milliseconds since 1970: when its lease runs out
 * @property {boolean} fresh whether it changed before the reader's eyes
 * @property {string | undefined} text in which the filter looks
 *
 * @typedef {{ kind: 'application', key: string, app: string, size: number, counts: Map<string, number>, open: boolean }} ApplicationRow
 * @typedef {{ kind: 'instance', key: string, instance: Instance }} InstanceRow
 *
 * @typedef {object} View
 * @property {string} filter words, all of which must be found
 * @property {Set<string>} statuses that are shown; all if empty
 * @property {'name' | 'trouble' | 'size' | 'changed'} sort
 * @property {(app: string, matches: number) => boolean} opens whether an application shows its instances
 */

/** From what needs somebody to what does not. */
export const statuses = ['DOWN', 'UNKNOWN', 'OUT_OF_SERVICE', 'STARTING', 'UP'];

const { compare } = new Intl.Collator('en', { numeric: true });
/** @type {Record<string, (a: Instance, b: Instance) => number>} */
const orders = {
  trouble: (a, b) => statuses.indexOf(a.status) - statuses.indexOf(b.status),
  changed: (a, b) => b.updatedAt - a.updatedAt,
};

/** @param {any} document @param {boolean} fresh @returns {Instance} */
export function instanceOf(document, fresh) {
  const { app, hostName, leaseInfo, port, securePort } = document;
  const id = idOf(document);
  const { $: number } = securePort?.['@enabled'] === 'true' && port?.['@enabled'] !== 'true' ? securePort : (port ?? { $: '' });
  return {
    key: keyOf(app, id),
    app,
    id,
    document,
    status: statuses.includes(document.status) ? document.status : 'UNKNOWN',
    overridden: (document.overriddenStatus ?? 'UNKNOWN') !== 'UNKNOWN',
    address: `${hostName.includes(':') ? `[${hostName}]` : hostName}:${number}`,
    zone: document.metadata?.zone ?? document.dataCenterInfo?.metadata?.['availability-zone'] ?? '',
    updatedAt: Number(document.lastUpdatedTimestamp),
    expiresAt: (leaseInfo?.lastRenewalTimestamp ?? 0) + (leaseInfo?.durationInSecs ?? 0) * 1000,
    fresh,
    text: undefined,
  };
}

/** What Eureka calls an instance that gives no id. @param {any} document @returns {string} */
const idOf = ({ instanceId, dataCenterInfo, hostName }) => instanceId ?? dataCenterInfo?.metadata?.['instance-id'] ?? hostName;

/** Neither part has a line end. @param {string} app @param {string} id */
const keyOf = (app, id) => `${app}\n${id}`;

/** @param {Instance} instance */
function textOf(instance) {
  const { app, id, address, status, zone, document } = instance;
  const metadata = Object.entries(document.metadata ?? {}).map(([name, value]) => `${name}=${value}`);
  const named = [app, id, address, document.ipAddr, status, zone, document.vipAddress ?? '', ...metadata];
  instance.text ??= named.join('\n').slice(0, 4_096).toLowerCase();
  return instance.text;
}

export class Catalogue {
  /** @type {Map<string, Map<string, Instance>>} */
  #applications = new Map();
  /** @type {Map<string, ApplicationRow | InstanceRow>} */
  #rows = new Map();

  /** @param {any[]} documents of applications */
  replace(documents) {
    this.#applications = new Map(
      documents.map(({ name, instance }) => [
        name,
        new Map([instance].flat().map((/** @type {any} */ document) => [idOf(document), instanceOf(document, false)])),
      ]),
    );
  }

  /** @param {any} document of an instance */
  put(document) {
    const instance = instanceOf(document, true);
    const instances = this.#applications.get(instance.app) ?? new Map();
    this.#applications.set(instance.app, instances.set(instance.id, instance));
  }

  /** @param {any} document of an instance, or its names alone */
  remove(document) {
    const { app } = document;
    const instances = this.#applications.get(app);
    instances?.delete(idOf(document));
    if (instances?.size === 0) this.#applications.delete(app);
  }

  /** @param {string} app @param {string} id */
  find(app, id) {
    return this.#applications.get(app)?.get(id);
  }

  /** How many instances, applications, applications of which none is up, and instances of each status there are. */
  totals() {
    const counts = new Map();
    let instances = 0;
    let dark = 0;
    for (const members of this.#applications.values()) {
      instances += members.size;
      const up = counts.get('UP') ?? 0;
      count(members.values(), counts);
      if ((counts.get('UP') ?? 0) === up) dark += 1;
    }
    return { instances, applications: this.#applications.size, dark, counts };
  }

  /** What the table shows. @param {View} view */
  rows({ filter, statuses: wanted, sort, opens }) {
    const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
    const matching = Array.from(this.#applications, ([app, members]) => {
      const all = [...members.values()];
      const found =
        words.length === 0 && wanted.size === 0
          ? all
          : all.filter((one) => (wanted.size === 0 || wanted.has(one.status)) && words.every((word) => textOf(one).includes(word)));
      return { app, found };
    }).filter(({ found }) => found.length > 0);
    const matches = matching.reduce((sum, { found }) => sum + found.length, 0);
    matching.sort((a, b) => byBest(a.found, b.found, sort) || compare(a.app, b.app));
    const former = this.#rows;
    this.#rows = new Map();
    for (const { app, found } of matching) {
      const open = opens(app, matches);
      this.#keep(former, { kind: 'application', key: app, app, size: found.length, counts: count(found, new Map()), open });
      if (!open) continue;
      const order = orders[sort];
      found.sort((a, b) => order?.(a, b) || compare(a.id, b.id));
      for (const instance of found) this.#keep(former, { kind: 'instance', key: instance.key, instance });
    }
    return { rows: [...this.#rows.values()], matches };
  }

  /** A row that says the same as before stays the same object. @param {Map<string, any>} former @param {any} row */
  #keep(former, row) {
    const known = former.get(row.key);
    this.#rows.set(row.key, known && sameRow(known, row) ? known : row);
  }
}

/** @param {any} a @param {any} b */
function sameRow(a, b) {
  if (a.kind === 'instance') return a.instance === b.instance;
  return a.open === b.open && a.size === b.size && statuses.every((status) => a.counts.get(status) === b.counts.get(status));
}

/** Applications in the order of the first of their instances, or the larger first. @param {Instance[]} a @param {Instance[]} b @param {View['sort']} sort */
function byBest(a, b, sort) {
  if (sort === 'size') return b.length - a.length;
  const order = orders[sort];
  if (!order) return 0;
  const first = (/** @type {Instance[]} */ all) => all.reduce((best, one) => (order(one, best) < 0 ? one : best));
  return order(first(a), first(b));
}

/** @param {Iterable<Instance>} instances @param {Map<string, number>} into */
function count(instances, into) {
  for (const { status } of instances) into.set(status, (into.get(status) ?? 0) + 1);
  return into;
}
