// What follows for an upstream from its row in the catalogue and its configuration: dialect, host, auth, paths, options of translators.

import { Ascii } from "../bytes/ascii";
import { Buffer } from "../bytes/buffer";
import { View } from "../bytes/view";
import { ProviderConfig } from "../config/provider-config";
import { withoutPort } from "../config/rules";
import { Column, Format, Kind } from "../config/schema.gen";
import { Settings } from "../config/settings";
import { cellOf } from "../config/table";
import { TranslateOptions } from "../dialect/options";
import { Url } from "../http/url";
import { Condition } from "./condition";
import { AuthScheme, Dialect } from "./provider";
import { ProviderPath, ProviderRow } from "./row";

/** True when the condition is there and the settings meet it. */
function holds(condition: Condition | null, settings: Settings): bool {
  if (condition === null) return false;
  const field = condition.field;
  let isMet: bool;
  if (condition.value.length != 0) isMet = settings.textIs(field, condition.value);
  else isMet = cellOf(field, Column.Kind) == Kind.Boolean ? settings.flag(field) : settings.text(field).length != 0;
  return isMet != condition.isNegated;
}

/** Some types have an API of their own beside the OpenAI-compatible one; the configuration chooses. */
export function dialectFor(config: ProviderConfig, row: ProviderRow): Dialect {
  return holds(row.otherDialectWhen, config.settings) ? row.otherDialect : row.dialect;
}

/** How a token is sent; signing providers and service accounts have none to send. */
export function authFor(config: ProviderConfig, row: ProviderRow): AuthScheme {
  return holds(row.otherAuthWhen, config.settings) ? row.otherAuth : row.authScheme;
}

/** The row's paths that are there with these settings: the row's own list when it has no conditions. */
export function pathsFor(config: ProviderConfig, row: ProviderRow): Array<ProviderPath> {
  const all = row.paths;
  let first = 0;
  while (first < all.length && all[first].when === null) first++;
  if (first == all.length) return all;
  const paths: Array<ProviderPath> = [];
  for (let k = 0; k < all.length; k++) if (all[k].when === null || holds(all[k].when, config.settings)) paths.push(all[k]);
  return paths;
}

/** The limit of side calls in milliseconds. */
export function sideTimeout(config: ProviderConfig): i32 {
  return config.timeoutMs > 0 ? config.timeoutMs : 120000;
}

/** The host that the row names, makes of settings, or lets a setting replace. Empty: the client's own. */
export function hostOf(options: TranslateOptions, row: ProviderRow): View {
  const settings = options.settings;
  if (holds(row.otherHostWhen, settings)) return View.utf8(row.otherHost);
  const writer = row.hostWriter;
  if (writer !== null) {
    const out = new Buffer(64);
    writer(options, out);
    return out.toView();
  }
  const configured = row.hostField < 0 ? View.empty() : hostIn(row.hostField, settings);
  if (configured.length == 0) return View.utf8(row.hostName);
  // A port behind the host is meant more than the default of the other field.
  if (row.portField < 0 || withoutPort(configured).length < configured.length) return configured;
  const out = new Buffer(64);
  out.view(configured);
  out.byte(Ascii.Colon);
  out.integer(settings.integer(row.portField));
  return out.toView();
}

/** The host in a setting that holds a host, or a URL. */
function hostIn(field: i32, settings: Settings): View {
  const text = settings.text(field);
  return cellOf(field, Column.Format) == Format.Endpoint ? Url.parse(text).host : text;
}

/** What translators are told of the provider. */
export function optionsOf(config: ProviderConfig, row: ProviderRow): TranslateOptions {
  const options = new TranslateOptions();
  options.reasoningMode = config.reasoningMode;
  options.responseEdits = row.responses;
  options.hasTokens = config.apiTokens.length != 0;
  options.settings = config.settings;
  return options;
}
