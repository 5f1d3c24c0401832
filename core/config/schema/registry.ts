/** `registry`: where services say that they are there, and where they are found. */
import Type, { type Static } from 'typebox';
import { Duration } from './scalars.ts';

const closed = { additionalProperties: false } as const;

export const EmbeddedRegistry = Type.Object(
  {
    host: Type.String({ default: '127.0.0.1', description: 'The address to listen on.' }),
    port: Type.Integer({ minimum: 0, maximum: 65535, default: 8761, description: 'The port; 0 takes any that is free.' }),
    strictEureka: Type.Boolean({
      default: false,
      description:
        "Eureka's faults too: an instance that died leaves after twice its lease and a look once a minute, and never while fewer than seven are there.",
    }),
    peers: Type.Array(Type.String({ format: 'http-url' }), {
      default: [],
      maxItems: 16,
      description:
        'Other registries, Eureka or of this kind, such as `http://other:8761/eureka`: each is told what happens here, and asked at the start who is there. One that is named by its address may read and replicate; one that is named otherwise needs an address in `private.callers`.',
    }),
    waitWhenEmpty: Duration({
      default: '30s',
      description:
        'After a start at which no peer had an instance to give, lists are refused (403) for so long that those who live register again. Without peers there is nothing to wait for.',
    }),
  },
  {
    ...closed,
    description:
      "A registry that speaks Eureka's REST API, at `/eureka`; run by the private gateway, for callers with an address in `private.callers`. Default: none.",
  },
);
export type EmbeddedRegistryConfig = Static<typeof EmbeddedRegistry>;

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
    embedded: Type.Optional(EmbeddedRegistry),
    eureka: Type.Optional(
      Type.Array(Type.String({ format: 'http-url' }), {
        minItems: 1,
        description:
          'The servers of a Eureka cluster, such as `http://eureka-1:8761/eureka`; one is asked, another when it fails. Default: the embedded registry.',
      }),
    ),
    dns: Dns,
    kubernetes: Kubernetes,
    lastKnown: Type.Union([Type.String({ minLength: 1 }), Type.Literal(false)], {
      default: '.postern',
      description:
        'The folder in which each gateway keeps the endpoints that it last knew, to begin with when it is started while a registry does not answer; `false` for none.',
    }),
  },
  { ...closed, default: {}, description: 'Where services say that they are there, and where those are found whose endpoints come and go.' },
);
export type RegistryConfig = Static<typeof Registry>;
