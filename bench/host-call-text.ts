// A host call as one line of text: its name, and what it reads or writes.
import type { GuestMemory } from "../emulator/memory";

const MAPS = ["request headers", "request trailers", "response headers", "response trailers"];
const BUFFERS = ["request body", "response body", "downstream data", "upstream data", "call response body"];
const MOST_VALUE = 60;

function quote(memory: GuestMemory, pointer: unknown, size: unknown): string {
  const bytes = memory.read(Number(pointer), Number(size));
  if (bytes === null) return "?";
  const text = Buffer.from(bytes).toString().replaceAll("\0", ".");
  return JSON.stringify(text.length > MOST_VALUE ? `${text.slice(0, MOST_VALUE)}… (${bytes.length} bytes)` : text);
}

/** `get_property "xds.route_name"`; arguments that are only addresses of results are left out. */
export function hostCallText(name: string, args: readonly (number | bigint)[], memory: GuestMemory): string {
  const short = name.replace(/^proxy_/, "");
  const shown = (index: number) => quote(memory, args[index], args[index + 1]);
  switch (short) {
    case "get_property":
    case "get_shared_data":
      return `${short} ${shown(0)}`;
    case "set_property":
    case "set_shared_data":
      return `${short} ${shown(0)} = ${shown(2)}`;
    case "define_metric":
      return `${short} ${shown(1)}`;
    case "increment_metric":
    case "record_metric":
      return `${short} #${args[0]} ${args[1]}`;
    case "get_header_map_pairs":
    case "get_header_map_size":
      return `${short} ${MAPS[Number(args[0])]}`;
    case "get_header_map_value":
    case "remove_header_map_value":
      return `${short} ${MAPS[Number(args[0])]} ${shown(1)}`;
    case "replace_header_map_value":
    case "add_header_map_value":
      return `${short} ${MAPS[Number(args[0])]} ${shown(1)}: ${shown(3)}`;
    case "get_buffer_bytes":
    case "set_buffer_bytes":
      return `${short} ${BUFFERS[Number(args[0])]} from ${args[1]}, at most ${args[2]} bytes${short[0] === "s" ? `, becomes ${args[4]}` : ""}`;
    case "log":
      return `${short} ${shown(1)}`;
    default:
      return `${short} ${args.join(" ")}`.trim();
  }
}
