// The same module as bedrock.ts under a name of its own: test files run side by side.
export * from "./bedrock";
