// A transform for asc: memory grows by what is needed, and by 1 MiB at least. The allocator of AssemblyScript doubles all of it whenever a
// block does not fit, so that one body of 10 MB left a VM with 88 MiB for ever: Envoy never gives memory of a VM back.
import { Transform } from "assemblyscript/transform";

const SOURCE = "~lib/rt/tlsf.ts";

export default class MemoryGrowth extends Transform {
  afterParse({ sources }) {
    const source = sources.find(({ normalizedPath }) => normalizedPath === SOURCE);
    const grow = source?.statements.find(({ name }) => name?.text === "growMemory");
    const declarations = grow?.body.statements.flatMap((statement) => statement.declarations ?? []) ?? [];
    const valueOf = (name) => declarations.find((one) => one.name.text === name)?.initializer;
    // `let pagesNeeded = <i32>(((size + 0xffff) & ~0xffff) >>> 16)`, then `let pagesWanted = max(pagesBefore, pagesNeeded)`
    const sixteen = valueOf("pagesNeeded")?.expression?.expression?.right;
    const sizes = valueOf("pagesWanted")?.args;
    const isKnown = sixteen?.range.toString() === "16" && sizes?.map(({ text }) => text).join() === "pagesBefore,pagesNeeded";
    if (!isKnown) throw new Error(`${SOURCE} is not as this file knows it`);
    // Pages of 64 KiB.
    sizes[0] = sixteen;
  }
}
