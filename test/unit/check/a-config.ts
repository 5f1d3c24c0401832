/** Configurations that differ in what a test is about. */
import { parseConfig } from '../../../core/config/load.ts';
import type { Config, PrivateConfig, PublicConfig, RouteConfig } from '../../../core/config/schema/index.ts';

const { config: base } = parseConfig(
  `
services:
  orders: { endpoints: ["http://127.0.0.1:4001"] }
  stock: { endpoints: ["http://127.0.0.1:4002"] }
routes: []
private:
  callers:
    checkout: { from: [10.1.0.0/16] }
    reporting: { from: [10.2.0.0/16] }
`,
  { file: 'postern.yaml', environment: {} },
);

interface Different {
  readonly public?: Partial<PublicConfig>;
  readonly private?: Partial<PrivateConfig>;
  readonly services?: Config['services'];
  readonly filters?: Partial<Config['filters']>;
}

export const aConfig = (routes: readonly RouteConfig[], different: Different = {}): Config => ({
  ...base,
  routes: [...routes],
  public: { ...base.public, ...different.public },
  private: { ...base.private, ...different.private },
  services: different.services ?? base.services,
  filters: { ...base.filters, ...different.filters },
});
