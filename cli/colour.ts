// Colours for a terminal: what Node's styleText makes of NO_COLOR, FORCE_COLOR and of a stream that is no terminal.
import { styleText } from "node:util";

/** Formats of styleText, one after another. */
type Format = string;

const SEVERITIES: Record<string, Format> = { error: "bold red", warning: "bold yellow", note: "bold cyan" };
const KINDS: Record<string, Format> = {
  added: "green",
  changed: "yellow",
  clamped: "yellow",
  mapped: "yellow",
  moved: "yellow",
  dropped: "red",
  refused: "bold red",
};

function coloured(format: Format, text: string, stream: NodeJS.WriteStream = process.stdout): string {
  // One at a time: Node 20 looks at the stream for a single format alone.
  return format.split(" ").reduce((styled, one) => styleText(one as Parameters<typeof styleText>[0], styled, { stream }), text);
}

/** Lines of `check`: the place is bold, and the severity has its colour. */
export function colouredFindings(text: string, stream: NodeJS.WriteStream = process.stdout): string {
  return text.replace(/^(\S.*?:\d+:\d+:) (error|warning|note):/gm, (_line, place: string, severity: string) => {
    return `${coloured("bold", place, stream)} ${coloured(SEVERITIES[severity], `${severity}:`, stream)}`;
  });
}

/** What `explain` prints: what became of a member has its colour, names at the top are dim. */
export function colouredExplanation(text: string): string {
  return text
    .replace(/^(added|changed|clamped|mapped|moved|dropped|refused)(?= {1,4}\S)/gm, (kind) => coloured(KINDS[kind], kind))
    .replace(/^(rule|provider|split|cluster|api|model|price|before|sent|tokens)(?= {2})/gm, (name) => coloured("dim", name));
}

/** The name of the command before a mistake of the caller. */
export function complaint(message: string): string {
  return `${coloured("bold red", "ai-proxy-wasm:", process.stderr)} ${message}\n`;
}
