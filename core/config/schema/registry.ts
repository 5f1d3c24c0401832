/** `registry`: where services say that they are there. */
import Type, { type Static } from 'typebox';

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
  },
  {
    ...closed,
    description:
      "A registry that speaks Eureka's REST API, at `/eureka`; run by the private gateway, for callers with an address in `private.callers`. Default: none.",
  },
);
export type EmbeddedRegistryConfig = Static<typeof EmbeddedRegistry>;

export const RegistrySection = Type.Object(
  { embedded: Type.Optional(EmbeddedRegistry) },
  { ...closed, default: {}, description: 'Where services say that they are there.' },
);
export type RegistryConfig = Static<typeof RegistrySection>;
