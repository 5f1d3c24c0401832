/** A list of the few who wait for one thing, first to last. An array begins with seventeen places, which every request would pay for. */
interface Link<Item> {
  readonly item: Item;
  next: Link<Item> | undefined;
}

export class Chain<Item> {
  readonly #first: Link<Item>;
  #last: Link<Item>;

  constructor(item: Item) {
    this.#first = { item, next: undefined };
    this.#last = this.#first;
  }

  add(item: Item): void {
    const link: Link<Item> = { item, next: undefined };
    this.#last.next = link;
    this.#last = link;
  }

  /** Of those who come meanwhile, too. */
  each(visit: (item: Item) => void): void {
    for (let link: Link<Item> | undefined = this.#first; link; link = link.next) visit(link.item);
  }
}
