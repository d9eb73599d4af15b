// Read by every run of vitest, be it `npm test`, `npm run unit` or one file.
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["tests/**/*.test.ts"],
    // Two cores is what CI has; each worker of the Envoy tests starts an Envoy beside itself.
    maxWorkers: 2,
    testTimeout: 30_000,
    // A hook may compile an AssemblyScript module, and another worker may do the same.
    hookTimeout: 120_000,
  },
});
