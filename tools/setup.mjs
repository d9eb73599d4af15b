// `npm run setup`: what `npm run dev` and `npm test` need (tools/installed.mjs). Both call it first with --quiet, and it then prints nothing
// when all is there. In CI it also builds and installs what some tests need.
import { envoyPath } from "./envoy-path.mjs";
import { install } from "./installed.mjs";

const isQuiet = process.argv.includes("--quiet");
const say = (line) => console.log(`setup: ${line}`);

/** Here and not when a test first needs them, where the compiler would take the time that other tests measure. */
async function installForTests() {
  const [{ hasGo }, { goTool }, { ratelimitPath, installRedis }, { installChromium }, { installH2load }] = await Promise.all([
    import("./go-tool.mjs"),
    import("./push.mjs"),
    import("./ratelimit.mjs"),
    import("./chromium.mjs"),
    import("./h2load.mjs"),
  ]);
  if (hasGo()) for (const path of [goTool("crane"), goTool("oras"), ratelimitPath()]) say(`built ${path}`);
  say(installChromium() || "chromium is installed");
  say(installRedis() || "redis-server is installed");
  say(installH2load() || "h2load is installed");
}

try {
  await install(say);
  if (!isQuiet) say(`Envoy is ${envoyPath()}`);
  if (process.env.CI) await installForTests();
} catch (error) {
  console.error(`setup: ${error.message}`);
  process.exit(1);
}
