// The ports of `npm run dev`, looked at before anything else takes time.
import { createServer } from "node:net";

/** Each port's variable and what it is by default; 0 takes any free one. */
export const PORTS = { LISTEN_PORT: 10000, ADMIN_PORT: 9901, MOCK_PORT: 9080 };

/**
 * Why a port cannot be had, or "". A listener that shares its port with others (SO_REUSEPORT, as Envoy's do) counts, too: Node's socket does
 * not share, so the system refuses it.
 */
function refusal(port) {
  const server = createServer();
  return new Promise((resolve) => {
    server.once("error", (error) => resolve(error.code === "EADDRINUSE" ? "is taken" : `cannot be used (${error.code})`));
    server.listen({ port, host: "127.0.0.1", exclusive: true }, () => server.close(() => resolve("")));
  });
}

/**
 * The ports by their variables. Throws when one is no port or is taken, with the variable that changes it.
 * @param {Record<string, string | undefined>} environment
 * @param {string[]} names of PORTS
 * @param {number} [fallback] in place of the fixed ones
 * @returns {Promise<Record<string, number>>}
 */
export async function freePorts(environment, names, fallback) {
  const ports = {};
  const problems = [];
  for (const name of names) {
    const text = environment[name] || String(fallback ?? PORTS[name]);
    ports[name] = Number(text);
    const isPort = /^\d{1,5}$/.test(text) && ports[name] < 65536;
    const problem = isPort ? await refusal(ports[name]) : "is no port";
    if (problem !== "")
      problems.push(
        `port ${text} ${problem}; ${name}=${isPort && ports[name] < 65535 ? ports[name] + 1 : 0} npm run dev takes another, 0 any free one`,
      );
  }
  if (problems.length > 0) throw new Error(problems.join("\n"));
  return ports;
}
