/** `registry`: where services are found whose endpoints come and go. */
import Type, { type Static } from 'typebox';

const closed = { additionalProperties: false } as const;

/** What `services.NAME.registry` may be. */
export const registryNames = ['eureka', 'dns', 'srv', 'kubernetes'] as const;
export type RegistryName = (typeof registryNames)[number];

const Dns = Type.Object(
  {
    servers: Type.Optional(
      Type.Array(Type.String({ format: 'dns-server' }), {
        minItems: 1,
        description: 'Addresses of DNS servers, each perhaps with a port. Default: those of the system.',
      }),
    ),
  },
  { ...closed, default: {}, description: 'Who is asked by `dns` and `srv`.' },
);

const Kubernetes = Type.Object(
  {
    api: Type.String({ format: 'http-url', default: 'https://kubernetes.default.svc', description: 'The URL of the API server.' }),
    namespace: Type.Optional(Type.String({ minLength: 1, description: "The namespace of the services. Default: the gateway's own." })),
    account: Type.String({
      default: '/var/run/secrets/kubernetes.io/serviceaccount',
      description: 'The folder with the `token`, the `ca.crt` and the `namespace` of the service account.',
    }),
  },
  { ...closed, default: {}, description: 'The cluster asked by `kubernetes`.' },
);
export type KubernetesConfig = Static<typeof Kubernetes>;

export const Registry = Type.Object(
  {
    eureka: Type.Optional(
      Type.Array(Type.String({ format: 'http-url' }), {
        minItems: 1,
        description: 'The servers of a Eureka cluster, such as `http://eureka-1:8761/eureka`; one is asked, another when it fails.',
      }),
    ),
    dns: Dns,
    kubernetes: Kubernetes,
  },
  { ...closed, default: {}, description: 'Where services are found whose endpoints come and go.' },
);
export type RegistryConfig = Static<typeof Registry>;
