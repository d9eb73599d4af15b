// Stands in for "vitest" when the unit tests are run against mutants: the same tests, thousands of times in one process, ended
// at the first failure.
import { JestAsymmetricMatchers, JestChaiExpect, JestExtend, chai, setState } from "@vitest/expect";

type Body = () => unknown;
interface Test {
  name: string;
  group: Group;
  body: Body;
}
interface Group {
  parent: Group | null;
  before: Body[];
  beforeEach: Body[];
  after: Body[];
}

const tests: Test[] = [];
let group: Group = { parent: null, before: [], beforeEach: [], after: [] };

chai.use(JestExtend);
chai.use(JestChaiExpect);
chai.use(JestAsymmetricMatchers);
export const expect = Object.assign((value: unknown, message?: string) => chai.expect(value, message), chai.expect);
setState({ assertionCalls: 0, isExpectingAssertions: false, expectedAssertionsNumber: null }, expect as never);

function named(body: (...row: unknown[]) => unknown, each: (name: string, run: Body) => void) {
  return (name: string, row: unknown[]) => each(`${name} ${row.map(String).join(", ").slice(0, 80)}`, () => body(...row));
}

const rowsOf = (rows: unknown[]) => rows.map((row) => (Array.isArray(row) ? row : [row]));

export function it(name: string, body: Body): void {
  tests.push({ name, group, body });
}
it.each = (rows: unknown[]) => (name: string, body: (...row: unknown[]) => unknown) =>
  rowsOf(rows).forEach((row) => named(body, it)(name, row));

export function describe(_name: string, body: Body): void {
  const parent: Group = group;
  group = { parent, before: [], beforeEach: [], after: [] };
  body();
  group = parent;
}
describe.each = (rows: unknown[]) => (name: string, body: (...row: unknown[]) => unknown) =>
  rowsOf(rows).forEach((row) => named(body, describe)(name, row));

export const beforeAll = (body: Body) => void group.before.push(body);
export const beforeEach = (body: Body) => void group.beforeEach.push(body);
export const afterAll = (body: Body) => void group.after.push(body);

/** The tests that a module registers while `load` imports it, as one function: the name of the first that fails, or null. */
export async function collect(load: () => Promise<unknown>): Promise<() => Promise<string | null>> {
  group = { parent: null, before: [], beforeEach: [], after: [] };
  tests.length = 0;
  await load();
  const own = tests.slice();
  return async () => {
    const begun = new Set<Group>();
    for (const test of own) {
      try {
        const chain: Group[] = [];
        for (let one: Group | null = test.group; one !== null; one = one.parent) chain.unshift(one);
        for (const one of chain) {
          if (begun.has(one)) continue;
          begun.add(one);
          for (const body of one.before) await body();
        }
        for (const one of chain) for (const body of one.beforeEach) await body();
        await test.body();
      } catch {
        return test.name;
      }
    }
    return null;
  };
}
