// The root field `metrics` as telemetry reads it.

import { Column, MetricsField } from "./schema.gen";
import { cellOf } from "./table";

/** Which families of names are written, and how many label values a VM keeps. Defaults are the schema's. */
@final
export class MetricsConfig {
  /** Higress's counters. */
  higress: bool = true;
  /** OpenTelemetry's GenAI histograms. */
  genAi: bool = false;
  maxModels: i32 = cellOf(MetricsField.MAX_MODELS, Column.Default);
  maxConsumers: i32 = cellOf(MetricsField.MAX_CONSUMERS, Column.Default);
  /** Combinations of route, cluster, model and consumer. */
  maxSeries: i32 = cellOf(MetricsField.MAX_SERIES, Column.Default);
}
