/** Where the lines of the traffic go: callers at the left, services at the right, each as high as what passes through it. */

/** Nodes of one side; the rest are one more, and that is what it is called. */
const MOST = 12;
export const OTHERS = 'others';

/** Pixels: between two nodes, and of the least that can be seen. */
const GAP = 10;
const LEAST = 22;
const THINNEST = 1.5;

/**
 * @typedef {{ from: string, service: string, rate: number, errors: number }} Edge
 * @typedef {{ name: string, rate: number, errors: number, y: number, height: number }} Node
 * @typedef {{ from: string, to: string, rate: number, errors: number, y1: number, y2: number, width: number }} Ribbon
 */

/** @param {readonly Edge[]} edges of whatever gateway @returns {{ left: Node[], right: Node[], ribbons: Ribbon[], height: number }} */
export function layOut(edges) {
  const known = merge(edges);
  const keepLeft = largest(known, 'from');
  const keepRight = largest(known, 'service');
  const shown = merge(
    known.map((edge) => ({
      ...edge,
      from: keepLeft.has(edge.from) ? edge.from : OTHERS,
      service: keepRight.has(edge.service) ? edge.service : OTHERS,
    })),
  );
  const left = nodes(shown, 'from');
  const right = nodes(shown, 'service');
  // The other side in the order of who calls them: fewer lines cross.
  const rank = new Map(left.map(({ name }, at) => [name, at]));
  const pull = (/** @type {Node} */ { name, rate }) =>
    shown.reduce((all, edge) => all + (edge.service === name ? (rank.get(edge.from) ?? 0) * edge.rate : 0), 0) / Math.max(rate, 1e-9);
  right.sort((a, b) => Number(a.name === OTHERS) - Number(b.name === OTHERS) || pull(a) - pull(b) || b.rate - a.rate);

  const most = Math.max(left.length, right.length);
  const scale = (220 + most * 16) / Math.max(1e-9, Math.max(sum(left), 1e-9));
  const height = Math.max(place(left, scale), place(right, scale));
  for (const side of [left, right]) {
    const free = (height - ((side.at(-1)?.y ?? 0) + (side.at(-1)?.height ?? 0))) / 2;
    for (const node of side) node.y += free;
  }
  return { left, right, ribbons: ribbons(shown, left, right), height };
}

/** Of the same pair, one. @param {readonly Edge[]} edges @returns {Edge[]} */
function merge(edges) {
  /** @type {Map<string, Edge>} */
  const merged = new Map();
  for (const { from, service, rate, errors } of edges) {
    const key = JSON.stringify([from, service]);
    const same = merged.get(key);
    merged.set(key, { from, service, rate: rate + (same?.rate ?? 0), errors: errors + (same?.errors ?? 0) });
  }
  return [...merged.values()];
}

/** @param {readonly Edge[]} edges @param {'from' | 'service'} side */
function largest(edges, side) {
  const all = nodes(edges, side);
  return new Set((all.length <= MOST + 1 ? all : all.slice(0, MOST)).map(({ name }) => name));
}

/** @param {readonly Edge[]} edges @param {'from' | 'service'} side @returns {Node[]} the largest first, the others last */
function nodes(edges, side) {
  /** @type {Map<string, Node>} */
  const found = new Map();
  for (const edge of edges) {
    const node = found.get(edge[side]) ?? { name: edge[side], rate: 0, errors: 0, y: 0, height: 0 };
    node.rate += edge.rate;
    node.errors += edge.errors;
    found.set(edge[side], node);
  }
  return [...found.values()].sort((a, b) => Number(a.name === OTHERS) - Number(b.name === OTHERS) || b.rate - a.rate);
}

/** @param {readonly { rate: number }[]} all */
const sum = (all) => all.reduce((total, { rate }) => total + rate, 0);

/** One below the other. @param {Node[]} side @param {number} scale pixels for one a second @returns {number} where the last ends */
function place(side, scale) {
  let y = 0;
  for (const node of side) {
    node.height = Math.max(LEAST, node.rate * scale);
    node.y = y;
    y += node.height + GAP;
  }
  return Math.max(0, y - GAP);
}

/** @param {readonly Edge[]} edges @param {readonly Node[]} left @param {readonly Node[]} right @returns {Ribbon[]} */
function ribbons(edges, left, right) {
  const [from, to] = [left, right].map((side) => new Map(side.map((node, at) => [node.name, { node, at, next: node.y }])));
  const order = (/** @type {Edge} */ a, /** @type {Edge} */ b) =>
    (from?.get(a.from)?.at ?? 0) - (from?.get(b.from)?.at ?? 0) || (to?.get(a.service)?.at ?? 0) - (to?.get(b.service)?.at ?? 0);
  return [...edges].sort(order).flatMap((edge) => {
    const [start, end] = [from?.get(edge.from), to?.get(edge.service)];
    if (!start || !end) return [];
    const share = (/** @type {Node} */ node) => (node.rate > 0 ? (edge.rate / node.rate) * node.height : node.height / 2);
    const [out, into] = [share(start.node), share(end.node)];
    const ribbon = { from: edge.from, to: edge.service, rate: edge.rate, errors: edge.errors };
    const drawn = { ...ribbon, y1: start.next + out / 2, y2: end.next + into / 2, width: Math.max(THINNEST, Math.min(out, into)) };
    start.next += out;
    end.next += into;
    return [drawn];
  });
}
