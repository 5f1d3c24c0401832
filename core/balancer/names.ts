/** The balancers a configuration may name; `balancer/index.ts` has a factory for each. */
export const balancerNames = ['roundRobin', 'random', 'leastRequest'] as const;
export type BalancerName = (typeof balancerNames)[number];
