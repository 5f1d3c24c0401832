/** What the suite uses of eureka-js-client, which has no types of its own. */
declare module 'eureka-js-client' {
  export interface Instance {
    readonly instanceId: string;
    readonly status: string;
    readonly metadata: Readonly<Record<string, unknown>>;
    readonly port: { readonly $: number };
  }
  export class Eureka {
    constructor(config: object);
    start(done: (error?: Error) => void): void;
    stop(done: (error?: Error) => void): void;
    getInstancesByAppId(app: string): Instance[];
    getInstancesByVipAddress(vip: string): Instance[];
    on(event: string, listener: (...args: unknown[]) => void): this;
  }
}
