import js from "@eslint/js";
import prettier from "eslint-config-prettier";
import { defineConfig, globalIgnores } from "eslint/config";
import tseslint from "typescript-eslint";

export default defineConfig(
  globalIgnores([
    "node_modules/",
    "artifacts/",
    "cache/",
    "coverage/",
    "typechain-types/",
    "deployments/",
    "src/training/kernels/",
    "explorer/page/dist*/",
  ]),
  { linterOptions: { reportUnusedDisableDirectives: "error" } },
  js.configs.recommended,
  {
    files: ["**/*.ts", "**/*.tsx"],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      "max-lines": ["error", { max: 400, skipBlankLines: true, skipComments: true }],
      "@typescript-eslint/ban-ts-comment": "error",
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      "@typescript-eslint/no-explicit-any": "error",
      "@typescript-eslint/no-floating-promises": "error",
      "@typescript-eslint/no-non-null-assertion": "error",
      // Numbers and bigints read best where they are used.
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true, allowBoolean: true }],
      "@typescript-eslint/switch-exhaustiveness-check": "error",
    },
  },
  {
    // The library works without Hardhat and knows nothing of the entry points that use it.
    files: ["src/**/*.ts"],
    rules: {
      "no-console": "error",
      "no-restricted-imports": [
        "error",
        {
          patterns: [
            { group: ["hardhat", "hardhat/*", "@nomicfoundation/*"], message: "src/ does not depend on Hardhat." },
            { group: ["**/scripts/**", "**/test/**"], message: "src/ does not depend on its entry points or tests." },
          ],
        },
      ],
    },
  },
  {
    // What the page shows comes from a chain that anybody writes to: it is text, never markup. Of the server it knows
    // the answers' types alone, so that no schema's code gets into the browser.
    files: ["explorer/page/src/**/*.ts", "explorer/page/src/**/*.tsx"],
    rules: {
      "no-restricted-syntax": [
        "error",
        ...[
          "JSXAttribute[name.name='dangerouslySetInnerHTML']",
          "Property[key.name='dangerouslySetInnerHTML']",
          "MemberExpression[property.name=/^(innerHTML|outerHTML|insertAdjacentHTML|srcdoc)$/]",
          "MemberExpression[object.name='document'][property.name='write']",
        ].map((selector) => ({ selector, message: "Text of the chain is never markup." })),
      ],
      "@typescript-eslint/no-restricted-imports": [
        "error",
        {
          patterns: [
            { regex: "^(\\.\\./)+api/", allowTypeImports: true, message: "The page needs the API's types alone." },
            {
              regex: "^(\\.\\./)+(src|server|store|indexer|scripts|test)/",
              message: "The page depends on api/ alone.",
            },
          ],
        },
      ],
    },
  },
  {
    files: ["test/**/*.ts"],
    rules: {
      // Chai's assertions are expressions: expect(x).to.be.true.
      "@typescript-eslint/no-unused-expressions": "off",
    },
  },
  {
    files: ["**/*.js", "**/*.mjs"],
    languageOptions: { globals: { process: "readonly", console: "readonly" } },
  },
  prettier,
);
