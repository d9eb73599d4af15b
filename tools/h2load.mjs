// h2load, the load generator of the race.
import { installDebian } from "./debian.mjs";

/**
 * Why h2load cannot be used here, or "". Installs Debian's package when it is missing and this is root.
 * @returns {string}
 */
export const installH2load = () => installDebian("nghttp2-client", ["h2load"]);
