// What a public linter says of the API document.
//
//   node lint_openapi.mjs NODE_MODULES DOCUMENT
import { createRequire } from "node:module";

const [, , modules, document] = process.argv;
const { createConfig, lint } = createRequire(modules + "/")("@redocly/openapi-core");
const config = await createConfig({ extends: ["recommended"] });
// Not ours to choose: Socket.IO's clients ask for this address, and a WebSocket is no answer of 2XX.
const excused = ["no-path-trailing-slash #/paths/~1socket.io~1", "operation-2xx-response #/paths/~1api~1v1~1ws/get/responses"];
const problems = (await lint({ ref: document, config })).filter(
  ({ ruleId, location }) => !excused.includes(`${ruleId} ${location[0].pointer}`),
);
for (const { severity, message, ruleId, location } of problems)
  console.log(`${severity}: ${ruleId}: ${message} (${location.map((at) => at.pointer ?? "").join(", ")})`);
process.exit(problems.length === 0 ? 0 : 1);
