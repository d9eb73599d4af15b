// The files that explain and replay are given.
import { readConfigFile } from "./config-file";
import { readEnvironment, type EnvironmentOptions } from "./environment-options";
import { chosenSource, readJson, type Loaded } from "./exchange";
import { loadModule, nameOf, readInput } from "./files";
import { countOf, sorted, type Finding } from "./findings";
import { readRequest, type RequestOptions } from "./request-file";

export interface ExchangeOptions extends RequestOptions, EnvironmentOptions {
  plugin?: string;
  wasm?: string;
  "context-file"?: string;
}

const STAND_IN = "(text of the context file)";

/** Reads all files. */
export function load(configPath: string, requestPath: string, options: ExchangeOptions): Loaded | Finding[] {
  const module = loadModule(options.wasm);
  const file = readConfigFile(nameOf(configPath), readInput(configPath));
  if (countOf(file.findings, "error") > 0 && file.sources.length === 0) return sorted(file.findings);
  const source = chosenSource(file, options.plugin);
  const request = readRequest(requestPath, options);
  const contextText = options["context-file"] === undefined ? STAND_IN : readInput(options["context-file"]);
  const config = readJson(source.text);
  return { module, file, source, config, environment: readEnvironment(options), request, contextText };
}
