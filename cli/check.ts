// `check`: what is wrong with configurations.
import { differencesOf } from "./against-higress";
import { colouredFindings } from "./colour";
import { isWanted, readConfigFile, wholeFault } from "./config-file";
import type { Environment } from "./environment";
import { ENVIRONMENT, readEnvironment } from "./environment-options";
import { checkExpiry, readNow } from "./expiry";
import { filesIn, loadModule, nameOf, readInput } from "./files";
import { countOf, githubLine, sorted, textLine, type Finding } from "./findings";
import { COMMON, readFormat, readOptions } from "./options";
import { configure } from "./plugin";
import { checkPrices } from "./prices";
import { checkRoutes } from "./route-check";
import { HELP, UsageError } from "./usage";
import { verdictOf } from "./verdict";

export const FORMATS = ["text", "json", "github"] as const;
export const CHECK_OPTIONS = {
  ...COMMON,
  ...ENVIRONMENT,
  strict: { type: "boolean" },
  against: { type: "string" },
  now: { type: "string" },
} as const;

interface FileReport {
  file: string;
  /** The configurations in it and whether the plugin takes them. */
  plugins: { name: string; starts: boolean }[];
  findings: Finding[];
}

export async function check(args: string[]): Promise<number> {
  const { values, positionals } = readOptions(args, CHECK_OPTIONS);
  if (values.help === true) return print(HELP.check);
  const format = readFormat(values.format, FORMATS);
  if (positionals.length === 0) throw new UsageError("check takes the names of files");
  const module = loadModule(values.wasm);
  const environment = readEnvironment(values);
  const now = readNow(values.now);
  const reports: FileReport[] = [];
  const isAgainst = values.against !== undefined;
  if (isAgainst && values.against !== "higress") throw new UsageError(`--against is higress, not ${values.against}`);
  for (const path of isAgainst ? positionals.flatMap(filesIn) : positionals)
    reports.push(await checkFile(module, path, values.plugin, environment, isAgainst, now));
  const findings = reports.flatMap((report) => report.findings);
  const isGood = countOf(findings, "error") === 0 && (values.strict !== true || countOf(findings, "warning") === 0);
  if (format === "json") print(`${JSON.stringify({ ok: isGood, files: reports }, null, 2)}\n`);
  else for (const report of reports) print(format === "text" ? colouredFindings(textReport(report)) : githubReport(report));
  return isGood ? 0 : 1;
}

async function checkFile(
  module: WebAssembly.Module,
  path: string,
  only: string | undefined,
  environment: Environment,
  isAgainst: boolean,
  now: number,
): Promise<FileReport> {
  const file = readConfigFile(nameOf(path), readInput(path), isAgainst);
  const report: FileReport = {
    file: file.path,
    plugins: [],
    findings: file.findings.filter((one) => one.plugin === "" || isWanted(one.plugin, only)),
  };
  const whole = wholeFault(file);
  if (whole !== null && only === undefined) report.findings.push(whole);
  for (const source of whole === null ? file.sources : []) {
    if (!isWanted(source.name, only)) continue;
    const { starts, findings } = await configure(module, file, source, environment);
    report.plugins.push({ name: source.name, starts });
    report.findings.push(...findings);
    if (isAgainst) report.findings.push(...differencesOf(file, source));
    if (!starts) continue;
    report.findings.push(...(await checkRoutes(module, file, source, environment)));
    report.findings.push(...(await checkPrices(module, file, source, environment)), ...checkExpiry(file, source, now));
  }
  // What is said of the file as a whole is not said of the one that is wanted.
  if (only !== undefined && report.plugins.length === 0 && report.findings.every((one) => one.plugin === ""))
    throw new UsageError(`${file.path} has no plugin ${only}; it has: ${file.sources.map((one) => one.name).join(", ") || "none"}`);
  report.findings = sorted(report.findings);
  return report;
}

function textReport({ file, plugins, findings }: FileReport): string {
  const lines = findings.map(textLine);
  lines.push(`${file}: ${verdictOf(plugins, findings)}`);
  return `${lines.join("\n")}\n`;
}

function githubReport({ findings }: FileReport): string {
  return findings.map((finding) => `${githubLine(finding)}\n`).join("");
}

function print(text: string): 0 {
  process.stdout.write(text);
  return 0;
}
