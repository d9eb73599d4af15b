// What the build (tools/playground.mjs) puts in.

declare const VERSION: string;
declare const PLUGIN_SHA256: string;

declare module "*.wasm" {
  const bytes: Uint8Array<ArrayBuffer>;
  export default bytes;
}

declare module "playground:examples" {
  const examples: import("./examples").Examples;
  export default examples;
}

declare module "*.yaml" {
  const text: string;
  export default text;
}

declare module "playground:fields" {
  const fields: import("./field-help").Fields;
  export default fields;
}
