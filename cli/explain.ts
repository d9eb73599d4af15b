// `explain`: the request that would reach the provider.
import { colouredExplanation, colouredFindings } from "./colour";
import { explanationText } from "./explain-text";
import { ENVIRONMENT } from "./environment-options";
import { complaintsOf, send, type Sent } from "./exchange";
import { explanationOf } from "./explanation";
import { textLine, type Finding } from "./findings";
import { load } from "./inputs";
import { COMMON, REQUEST, readFormat, readOptions } from "./options";
import { HELP, UsageError } from "./usage";

export const FORMATS = ["text", "json"] as const;
export const EXPLAIN_OPTIONS = { ...COMMON, ...ENVIRONMENT, ...REQUEST } as const;

export async function explain(args: string[]): Promise<number> {
  const { values, positionals } = readOptions(args, EXPLAIN_OPTIONS);
  if (values.help === true) return print(HELP.explain);
  const format = readFormat(values.format, FORMATS);
  if (positionals.length !== 2) throw new UsageError("explain takes two files: the configuration and the request");
  const loaded = load(positionals[0], positionals[1], values);
  if (Array.isArray(loaded)) return refused(loaded, format);
  const sent = await send(loaded);
  if (!sent.starts) return refused(sent.findings, format);
  const explanation = await explanationOf(loaded, sent);
  print(format === "json" ? `${JSON.stringify(explanation, null, 2)}\n` : colouredExplanation(explanationText(explanation)));
  complain(sent);
  return explanation.upstream === null ? 1 : 0;
}

/** The configuration is not taken: says why, as check does. */
export function refused(findings: Finding[], format: (typeof FORMATS)[number]): 1 {
  print(
    format === "json"
      ? `${JSON.stringify({ findings }, null, 2)}\n`
      : colouredFindings(findings.map((one) => `${textLine(one)}\n`).join("")),
  );
  process.stderr.write("the plugin refuses this configuration\n");
  return 1;
}

/** Variables without a value, errors of rules, what the plugin logged, and what it must not do: a defect of the plugin if anything. */
export function complain(sent: Sent): void {
  const errors = sent.findings.filter((one) => one.severity !== "warning").map(textLine);
  for (const line of [...errors, ...complaintsOf(sent)])
    process.stderr.write(colouredFindings(`${sent.secrets.text(line)}\n`, process.stderr));
}

export function print(text: string): 0 {
  process.stdout.write(text);
  return 0;
}
