// Reads `metrics`: the names that are written and the caps of their labels.

import { NONE } from "../json/document";
import { MetricsConfig } from "./metrics-config";
import { ROOT } from "./place";
import { ObjectReader } from "./reader";
import { MetricsField, Table } from "./schema.gen";

/** `node` is the field's value, or NONE: then the schema's defaults hold. */
export function readMetrics(reader: ObjectReader, node: i32): MetricsConfig {
  const metrics = new MetricsConfig();
  if (node == NONE || !reader.enter(Table.Metrics, node, ROOT.at("metrics"))) return metrics;
  metrics.higress = !reader.textIs(MetricsField.FAMILY, "otel");
  metrics.genAi = !reader.textIs(MetricsField.FAMILY, "higress");
  metrics.maxModels = reader.integer(MetricsField.MAX_MODELS);
  metrics.maxConsumers = reader.integer(MetricsField.MAX_CONSUMERS);
  metrics.maxSeries = reader.integer(MetricsField.MAX_SERIES);
  return metrics;
}
