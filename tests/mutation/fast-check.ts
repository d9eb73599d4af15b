// Stands in for "fast-check" against mutants: fewer runs of a property, and no search for the smallest counterexample.
import fc from "../../node_modules/fast-check";

const MOST_RUNS = 150;

export default {
  ...fc,
  assert: (property: never, options: { numRuns?: number } = {}) =>
    fc.assert(property, { ...options, numRuns: Math.min(options.numRuns ?? 100, MOST_RUNS), endOnFailure: true }),
};
