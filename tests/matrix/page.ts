// The matrix, measured, and its page.
import { DIALECTS } from "../dialects";
import { CLIENTS, type Client } from "../dialects/clients";
import { ANSWERED } from "./answered";
import { ASKED } from "./asked";
import { Pair, outcomeOfAnswered, outcomeOfAsked, outcomeOfError, outcomeOfStream, outcomeOfThought, type Outcome } from "./observe";

/** What whole responses and streams make of a feature; one where they agree, or where there is but one. */
export type Cell = Outcome[];

export interface Row {
  name: string;
  cells: Cell[];
}

export interface Table {
  client: Client;
  asked: Row[];
  answered: Row[];
}

const SYMBOLS: Record<Outcome, string> = { kept: "●", mapped: "○", clamped: "≤", dropped: "–", refused: "✗", none: "" };

const each = (name: string, pairs: Pair[], cell: (pair: Pair) => Cell): Row => ({
  name,
  cells: pairs.map((pair) => [...new Set(cell(pair))]),
});
const both = (observe: (isStream: boolean) => Outcome): Cell => [false, true].map(observe);

function tableOf(client: Client, pairs: Pair[]): Table {
  const asked = ASKED.flatMap(({ name, of, marks }) => {
    const fragment = of[client.name];
    return fragment ? [each(name, pairs, (pair) => [outcomeOfAsked(pair, client, fragment, marks)])] : [];
  });
  const answered = [
    each("stream", pairs, (pair) => [outcomeOfStream(pair, client)]),
    ...ANSWERED.map((one) => each(one.name, pairs, (pair) => both((isStream) => outcomeOfAnswered(pair, client, one, isStream)))),
    each("thinking goes back", pairs, (pair) => both((isStream) => outcomeOfThought(pair, client, isStream))),
    each("errors", pairs, (pair) => [outcomeOfError(pair, client)]),
  ];
  return { client, asked, answered };
}

/** Sends all requests. */
export async function measure(): Promise<{ tables: Table[]; faults: unknown[] }> {
  const pairs = await Promise.all(DIALECTS.map((dialect) => Pair.of(dialect)));
  const tables = CLIENTS.map((client) => tableOf(client, pairs));
  return { tables, faults: pairs.flatMap(({ host }) => [...host.traps, ...host.violations]) };
}

const line = (cells: string[]) => `| ${cells.join(" | ")} |`;

function rowsOf(rows: Row[]): string[] {
  return rows.map(({ name, cells }) => line([name, ...cells.map((cell) => cell.map((one) => SYMBOLS[one]).join("/"))]));
}

function sectionOf({ client, asked, answered }: Table): string {
  const head = (title: string) => [line([title, ...DIALECTS.map(({ name }) => name)]), line(["---", ...DIALECTS.map(() => ":-:")])];
  return [`## ${client.title} clients`, "", ...head("request"), ...rowsOf(asked), "", ...head("response"), ...rowsOf(answered)].join("\n");
}

export function pageOf(tables: Table[]): string {
  return `<!-- Written by tests/matrix/matrix.test.ts (UPDATE_DOCS=1). Do not edit. -->

# What reaches whom

This page is measured: \`tests/matrix/\` sends a request for each client API, dialect and feature through the plugin, and looks at what reaches the
provider, or the client. The pages of the dialects say into what a field is translated. \`explain\` ([cli.md](cli.md)) says it of your own request.

| sign  |                                                                              |
| ----- | ---------------------------------------------------------------------------- |
| ●     | **kept**: the same member with the same value; of a response, the same bytes |
| ○     | **mapped**: arrives in the other API's form                                  |
| ≤     | **clamped**: a number arrives as the nearest that the provider takes         |
| –     | **dropped**: does not arrive, and the request goes on                        |
| ✗     | **refused**: the plugin answers with an error that names it                  |
| empty | the provider's API says no such thing                                        |

Responses are measured whole and as streams, which agree. Rows that a client API has no field for are missing from its table.

The providers, and the models that were asked for:

${line(["column", "type", "model"])}
${line(["---", "---", "---"])}
${DIALECTS.map(({ name, config, model }) => line([name, `\`${(config as { type: string }).type}\``, `\`${model}\``])).join("\n")}

The other providers that speak chat completions are as \`deepseek\`, those that refuse unknown members as \`openai\`.

${tables.map(sectionOf).join("\n\n")}
`;
}
