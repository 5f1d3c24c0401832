/** The names of the balancers, apart from the schema that offers them: the registry of `core/balancer` has one entry for each. */
export const balancerNames = ['roundRobin', 'random', 'leastRequest', 'peakEwma', 'consistentHash'] as const;
export type BalancerName = (typeof balancerNames)[number];
