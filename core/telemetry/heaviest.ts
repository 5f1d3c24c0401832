/**
 * Figures for each of the names that come most, however many names there are: the Space-Saving algorithm (Metwally, Agrawal and El
 * Abbadi, 2005). There is room for so many; one more takes the place of the one that came least, and from then on counts as if it
 * had come as often as that, so that of two that come in turns one stays. Who comes more often than `floor` is never lost.
 */
import { Figures } from './figures.ts';

interface Place {
  name: string;
  readonly figures: Figures;
  /** How often it may have come before it had this place. */
  earlier: number;
}

export class Heaviest {
  readonly #room: number;
  readonly #byName = new Map<string, Place>();
  readonly #places: Place[] = [];
  #hand = 0;
  #floor = 0;

  constructor(room: number) {
    this.#room = room;
  }

  /** How many requests at most the figures of any one name lack. */
  get floor(): number {
    return this.#floor;
  }

  /** The figures of a name, which has a place from now on: whoever asks for them is about to count. */
  of(name: string): Figures {
    return (this.#byName.get(name) ?? this.#admit(name)).figures;
  }

  /** Those that have a place. */
  get places(): readonly Pick<Place, 'name' | 'figures'>[] {
    return this.#places;
  }

  #admit(name: string): Place {
    let place: Place;
    if (this.#places.length < this.#room) {
      place = { name, figures: new Figures(), earlier: 0 };
      this.#places.push(place);
    } else {
      place = this.#least();
      this.#byName.delete(place.name);
      place.name = name;
      place.earlier += place.figures.requests;
      place.figures.clear();
    }
    this.#byName.set(name, place);
    return place;
  }

  /**
   * A hand goes round the places and takes the first that came no more often than the least did when it went round before: no order
   * has to be kept while they are counted.
   */
  #least(): Place {
    const places = this.#places;
    for (;;) {
      let least = Number.POSITIVE_INFINITY;
      for (let step = 0; step < places.length; step += 1) {
        const place = places[this.#hand] as Place;
        this.#hand = this.#hand + 1 === places.length ? 0 : this.#hand + 1;
        const weight = place.figures.requests + place.earlier;
        if (weight <= this.#floor) return place;
        if (weight < least) least = weight;
      }
      this.#floor = least;
    }
  }
}
