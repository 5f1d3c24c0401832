/** What a dashboard is made of, before Grafana's own words for it. */

export interface Query {
  readonly expr: string;
  /** How each series is called, with its labels as `{{label}}`. */
  readonly legend: string;
}

export interface Panel {
  readonly title: string;
  readonly description: string;
  /** Grafana's name of it. */
  readonly unit: 'reqps' | 's' | 'percentunit' | 'short' | 'cps';
  readonly queries: readonly Query[];
  /** One number of now instead of a course over time. */
  readonly stat?: true;
  /** From which value on it is shown in red. */
  readonly alarm?: number;
  /** Adds the series up to an area. */
  readonly stacked?: true;
}

export interface Row {
  readonly title: string;
  readonly panels: readonly Panel[];
}
