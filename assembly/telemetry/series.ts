// Which series an exchange counts for: combinations of route, cluster, model and consumer, kept per VM and capped, so that
// neither clients nor providers can blow up their number.

import { Buffer } from "../bytes/buffer";
import { View } from "../bytes/view";
import { MetricsConfig } from "../config/metrics-config";
import { MAX_LABEL } from "./labels";
import { Record } from "./record";
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
export function seriesOf(record: Record, config: MetricsConfig): Series {
  const isGood = record.isGood;
  const name = isGood && record.responseModel.length != 0 ? record.responseModel : record.askedModel;
  if (isGood) {
    const found = find(record, name, record.consumer);
    if (found !== null && found.lastAsked.sameAs(record.askedModel)) return found;
  }
  const model = isGood ? learn(name, record, config) : failedModel(record);
  const consumer = admit(consumers, record.consumer, config.maxConsumers, false);
  const known = find(record, model, consumer);
  if (known !== null) return remember(known, record);
  if (table.count < config.maxSeries) return remember(create(record, model, consumer), record);
  // Routes and clusters are the operator's, so what is beyond the cap is bounded by them.
  const rest = find(record, OTHER, OTHER);
  return rest === null ? create(record, OTHER, OTHER) : rest;
}

function remember(series: Series, record: Record): Series {
  const entry = record.isGood ? asked.find(record.askedModel) : null;
  if (entry !== null) series.lastAsked = entry.key;
  return series;
}

function find(record: Record, model: View, consumer: View): Series | null {
  key.clear();
  key.range(record.route, 0, MAX_LABEL);
  key.byte(0);
  key.range(record.cluster, 0, MAX_LABEL);
  key.byte(0);
  key.range(model, 0, MAX_LABEL);
  key.byte(0);
  key.range(consumer, 0, MAX_LABEL);
  const entry = table.find(key.window());
  return entry === null ? null : entry.series;
}

/** To be called right after find(), whose key it uses. */
function create(record: Record, model: View, consumer: View): Series {
  const series = new Series(record.route.copy(), record.cluster.copy(), model.copy(), consumer.copy());
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
function learn(name: View, record: Record, config: MetricsConfig): View {
  const isOwn = models.count >= config.maxModels && record.knowsModel(name);
  const label = admit(models, name, config.maxModels, isOwn);
  const entry = asked.find(record.askedModel);
  if (entry !== null) entry.label = label;
  else if (record.askedModel.length != 0 && asked.count < config.maxModels) asked.add(record.askedModel).label = label;
  return label;
}

/** The label of a model that has not answered: what answers to this name else, a name of the configuration, or `other`. */
function failedModel(record: Record): View {
  const entry = asked.find(record.askedModel);
  if (entry !== null) return entry.label;
  return record.askedModel.length == 0 || record.knowsModel(record.askedModel) ? record.askedModel : OTHER;
}

/** The label of the name that was asked for. */
export function askedLabel(record: Record): View {
  if (record.askedModel.length == 0 || asked.find(record.askedModel) !== null || record.knowsModel(record.askedModel))
    return record.askedModel;
  return OTHER;
}
