// Which series an exchange counts for: combinations of route, cluster, model and consumer, kept per VM and capped, so that
// neither clients nor providers can blow up their number.

import { Buffer } from "../bytes/buffer";
import { View } from "../bytes/view";
import { MetricsConfig } from "../config/metrics-config";
import { MAX_LABEL } from "./labels";
import { Sample } from "./sample";
import { Series } from "./series-ids";
import { Table } from "./tables";

const OTHER: View = View.utf8("other");
const table: Table = new Table();
/** Names that have answered with status 2xx, or that the configuration holds. */
const models: Table = new Table();
/** Names that were asked for, with the label of what answered last: so a failure counts for the same model. */
const asked: Table = new Table();
const consumers: Table = new Table();
const key: Buffer = new Buffer(512);

/** The exchange's series. One look-up, unless it failed or its labels were not together before. */
export function seriesOf(sample: Sample, config: MetricsConfig): Series {
  const isGood = sample.isGood;
  const name = isGood && sample.responded.length > 0 ? sample.responded : sample.asked;
  if (isGood) {
    const found = find(sample, name, sample.consumer);
    if (found !== null && found.lastAsked.sameAs(sample.asked)) return found;
  }
  const model = isGood ? learn(name, sample, config) : failedModel(sample);
  const consumer = admit(consumers, sample.consumer, config.maxConsumers, false);
  const known = find(sample, model, consumer);
  if (known !== null) return remember(known, sample);
  if (table.count < config.maxSeries) return remember(create(sample, model, consumer), sample);
  // Routes and clusters are the operator's, so what is beyond the cap is bounded by them.
  const rest = find(sample, OTHER, OTHER);
  return rest === null ? create(sample, OTHER, OTHER) : rest;
}

function remember(series: Series, sample: Sample): Series {
  const entry = sample.isGood ? asked.find(sample.asked) : null;
  if (entry !== null) series.lastAsked = entry.key;
  return series;
}

function find(sample: Sample, model: View, consumer: View): Series | null {
  key.clear();
  key.range(sample.route, 0, MAX_LABEL);
  key.byte(0);
  key.range(sample.cluster, 0, MAX_LABEL);
  key.byte(0);
  key.range(model, 0, MAX_LABEL);
  key.byte(0);
  key.range(consumer, 0, MAX_LABEL);
  const entry = table.find(key.window());
  return entry === null ? null : entry.series;
}

/** To be called right after find(), whose key it uses. */
function create(sample: Sample, model: View, consumer: View): Series {
  const series = new Series(sample.route.copy(), sample.cluster.copy(), model.copy(), consumer.copy());
  table.add(key.window()).series = series;
  return series;
}

/** The label of a name: itself when it is kept or may be added, `other` beyond the cap. `isOwn`: no cap applies. */
function admit(names: Table, name: View, cap: i32, isOwn: bool): View {
  if (name.length == 0) return name;
  const entry = names.find(name);
  if (entry !== null) return entry.label;
  if (names.count >= cap && !isOwn) return OTHER;
  return names.add(name).label;
}

/** The label of a model that has answered. */
function learn(name: View, sample: Sample, config: MetricsConfig): View {
  const isOwn = models.count >= config.maxModels && isMapped(sample, name);
  const label = admit(models, name, config.maxModels, isOwn);
  const entry = asked.find(sample.asked);
  if (entry !== null) entry.label = label;
  else if (sample.asked.length > 0 && asked.count < config.maxModels) asked.add(sample.asked).label = label;
  return label;
}

/** The label of a model that has not answered: what answers to this name else, a name of the configuration, or `other`. */
function failedModel(sample: Sample): View {
  const entry = asked.find(sample.asked);
  if (entry !== null) return entry.label;
  return sample.asked.length == 0 || isMapped(sample, sample.asked) ? sample.asked : OTHER;
}

/** The label of the name that was asked for. */
export function askedLabel(sample: Sample): View {
  if (sample.asked.length == 0 || asked.find(sample.asked) !== null || isMapped(sample, sample.asked)) return sample.asked;
  return OTHER;
}

function isMapped(sample: Sample, name: View): bool {
  const mapping = sample.mapping;
  return mapping !== null && mapping.knows(name);
}
