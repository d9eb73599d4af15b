// Lints everything outside of assembly/, whose language is not TypeScript: `npm run lint`, part of `npm run check`.
import js from "@eslint/js";
import { defineConfig, globalIgnores } from "eslint/config";
import globals from "globals";
import tseslint from "typescript-eslint";

export default defineConfig([
  globalIgnores(["build/", "coverage/", "assembly/", "tests/*/entry/", ".venv/"]),
  js.configs.recommended,
  tseslint.configs.recommended,
  {
    languageOptions: { globals: { ...globals.node } },
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      "@typescript-eslint/no-unused-vars": [
        "error",
        { argsIgnorePattern: "^_", varsIgnorePattern: "^_", destructuredArrayIgnorePattern: "^_" },
      ],
      // Answers of providers and clients are read in tests as they come; a type for each would say nothing more.
      "@typescript-eslint/no-explicit-any": "off",
    },
  },
  { files: ["playground/**"], languageOptions: { globals: { ...globals.browser } } },
]);
