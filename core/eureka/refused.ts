/** What a client of the registry did wrong, in words for who wrote it. */
export class Refused extends Error {
  readonly status: number;

  constructor(status: number, reason: string) {
    super(reason);
    this.name = 'Refused';
    this.status = status;
  }
}
