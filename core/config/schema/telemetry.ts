/** `telemetry`: traces, metrics and the access log. */
import Type, { type Static } from 'typebox';
import { Percentage } from './scalars.ts';

export const Telemetry = Type.Object(
  {
    otlp: Type.Optional(
      Type.String({
        format: 'http-url',
        description:
          'Where traces, metrics and logs are sent (OTLP over HTTP); access lines beside their trace, when it is sampled. Default: nowhere.',
      }),
    ),
    sampling: Percentage({ default: '100%', description: 'Of new traces; one that a trusted peer began keeps its own decision.' }),
    accessLog: Type.Boolean({ default: true, description: 'One line a request on standard output.' }),
  },
  { additionalProperties: false, default: {}, description: 'Traces, metrics and logs.' },
);
export type TelemetryConfig = Static<typeof Telemetry>;
