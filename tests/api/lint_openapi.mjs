// What a public linter says of the API document.
//
//   node lint_openapi.mjs NODE_MODULES DOCUMENT
import { createRequire } from "node:module";

const [, , modules, document] = process.argv;
const { createConfig, lint } = createRequire(modules + "/")("@redocly/openapi-core");
const config = await createConfig({ extends: ["recommended"] });
const problems = await lint({ ref: document, config });
for (const { severity, message, ruleId, location } of problems)
  console.log(`${severity}: ${ruleId}: ${message} (${location.map((at) => at.pointer ?? "").join(", ")})`);
process.exit(problems.length === 0 ? 0 : 1);
