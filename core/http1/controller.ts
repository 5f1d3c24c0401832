/** What who asked may do with an exchange under way. */

/** Once the exchange is over it does nothing: the connection is another's by then. */
export interface Controller {
  pause(): void;
  resume(): void;
  /** Ends it, and its connection: `onError` is told the reason. */
  abort(reason: Error): void;
}

/** One exchange's hold of its connection, until it is let go. */
export class Hold implements Controller {
  #connection: Controller | undefined;

  constructor(connection: Controller) {
    this.#connection = connection;
  }

  pause(): void {
    this.#connection?.pause();
  }

  resume(): void {
    this.#connection?.resume();
  }

  abort(reason: Error): void {
    this.#connection?.abort(reason);
  }

  letGo(): void {
    this.#connection = undefined;
  }
}
