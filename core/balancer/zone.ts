/** Endpoints of the gateway's own zone before all others, while that zone can carry the traffic. */

export interface Zoned {
  readonly zone: string | undefined;
  readonly weight: number;
  readonly inFlight: number;
}

/** The own zone's load, as a multiple of the others', beyond which it has more than it should. */
const OVERLOAD = 2;
/** Tries that an endpoint may have under way beside idle others: a zone that is merely busy keeps its own. */
const BUSY = 10;

/**
 * Of the `available` endpoints those in `zone`, or all of them when that zone is not fit: when less than half of its
 * endpoints (`all` has those that are not available too) are there, or when its tries under way for its weight are more than
 * twice the others', each of which is counted as having ten more than it has: this gateway's own traffic alone is no overload.
 *
 * The idea is Ribbon's (`ZoneAffinityServerListFilter`, with limits on load, black-out and number), made relative so that it
 * needs no numbers of the service.
 */
export function preferZone<T extends Zoned>(available: readonly T[], all: readonly T[], zone: string | undefined): readonly T[] {
  if (zone === undefined) return available;
  let [present, inFlight, weight] = [0, 0, 0];
  let [othersInFlight, othersWeight] = [0, 0];
  for (const endpoint of available) {
    if (endpoint.zone === zone) {
      present += 1;
      inFlight += endpoint.inFlight;
      weight += endpoint.weight;
    } else {
      othersInFlight += endpoint.inFlight + BUSY;
      othersWeight += endpoint.weight;
    }
  }
  if (present === 0 || present === available.length) return available;
  if (present * 2 < all.reduce((count, endpoint) => (endpoint.zone === zone ? count + 1 : count), 0)) return available;
  if (inFlight * othersWeight > OVERLOAD * othersInFlight * weight) return available;
  return available.filter((endpoint) => endpoint.zone === zone);
}
