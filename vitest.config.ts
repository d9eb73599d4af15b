// Read by every run of vitest, be it `npm test`, `npm run unit` or one file.
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["tests/**/*.test.ts"],
    // CI has two cores; a third worker has them while the others wait for an Envoy, a browser or a time to pass.
    maxWorkers: 3,
    testTimeout: 30_000,
    // A hook may compile an AssemblyScript module, and another worker may do the same.
    hookTimeout: 120_000,
  },
});
