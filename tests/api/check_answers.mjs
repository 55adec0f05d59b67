// Compares answers that were kept while tests ran with what the API document says of them.
//
//   node check_answers.mjs NODE_MODULES DOCUMENT FOLDER [all]
//
// With `all`, every operation has to be among them.
//
// Each file of FOLDER holds records "ASKED_BYTES ANSWER_BYTES\nASKED" (method and target) "ANSWER"
// (HTTP/1.1 bytes) "\n". One that was asked for as "EVENT" is the data of an event.
import { createRequire } from "node:module";
import { readFileSync, readdirSync } from "node:fs";
import { gunzipSync } from "node:zlib";

const [, , modules, documentPath, folder, wanted] = process.argv;
const require = createRequire(modules + "/");
const Ajv = require("ajv/dist/2020").default;
const document = JSON.parse(readFileSync(documentPath, "utf8"));

const ajv = new Ajv({ strict: false, allErrors: true, discriminator: false });
require("ajv-formats").default(ajv);
ajv.addSchema({ $id: "doc:", components: document.components });
const refer = (schema) => JSON.parse(JSON.stringify(schema).replaceAll('"#/components', '"doc:#/components'));
const resolve = (thing) =>
  thing.$ref ? thing.$ref.slice(2).split("/").reduce((at, step) => at[step], document) : thing;

const routes = Object.entries(document.paths).map(([path, operations]) => ({
  pattern: new RegExp(`^${path.replaceAll(".", "\\.").replace("{path}", ".+").replace(/\{[^}]+\}/g, "[^/]+")}$`),
  operations,
}));
const operationOf = (method, path) => {
  const fits = routes.filter((route) => route.pattern.test(path));
  const operations = fits.map((route) => route.operations[method === "HEAD" ? "get" : method.toLowerCase()]);
  return { fits: fits.length > 0, operation: operations.find((operation) => operation) };
};

const validators = new Map();
const problem = ajv.compile(refer({ $ref: "#/components/schemas/Problem" }));
const validatorOf = (operation, status, type) => {
  const key = `${operation.operationId} ${status} ${type}`;
  if (!validators.has(key)) {
    const described = operation.responses[status] ?? operation.responses[`${status[0]}XX`];
    const response = described && resolve(described);
    if (!response) return `status ${status} is not described`;
    const content = response.content?.[type];
    if (!content && (type || response.content)) return `status ${status}: content type "${type}" is not described`;
    validators.set(key, content ? ajv.compile(refer(content.schema)) : null);
  }
  return validators.get(key);
};

const failures = [];
const seen = new Set();
let count = 0;
const event = ajv.compile(refer({ $ref: "#/components/schemas/Event" }));
const checkEvent = (file, data) => {
  seen.add(`event ${data.type}`);
  if (!event(data)) failures.push(`${file}: event ${data.type}: ${ajv.errorsText(event.errors)}`);
};
const check = (file, asked, head, body) => {
  const [method, target] = asked.split(" ");
  const status = head.slice(9, 12);
  const fields = Object.fromEntries(
    head.split("\r\n").slice(1).filter((line) => line.includes(": "))
      .map((line) => [line.slice(0, line.indexOf(": ")).toLowerCase(), line.slice(line.indexOf(": ") + 2)]));
  const type = (fields["content-type"] ?? "").split(";")[0];
  if (fields["content-encoding"] === "gzip") body = gunzipSync(body);
  const fail = (why) => failures.push(`${file}: ${asked}: ${why}`);
  const path = target.split("?")[0]; // encoded as it came: "%2F" is no slash
  const { fits, operation } = operationOf(method, path);
  if (status === "304" || method === "HEAD") return;
  let parsed = body.toString();
  if (type.endsWith("json")) parsed = JSON.parse(parsed);
  // What is wrong before a route has its say is told in one way for all of them.
  if (!operation || ["405", "500", "501"].includes(status)) {
    if (!problem(parsed)) fail(`no problem: ${ajv.errorsText(problem.errors)}`);
    if (!fits && !["404", "400", "401", "501"].includes(status)) fail(`${status} where nothing is described`);
    return;
  }
  seen.add(`${operation.operationId} ${status}`);
  const validate = validatorOf(operation, status, type);
  if (typeof validate === "string") return fail(validate);
  if (validate && !validate(parsed)) fail(`${status}: ${ajv.errorsText(validate.errors)}`);
};

for (const file of readdirSync(folder)) {
  const bytes = readFileSync(`${folder}/${file}`);
  for (let at = 0; at < bytes.length; ++count) {
    const line = bytes.indexOf(10, at);
    const [askedBytes, answerBytes] = bytes.toString("latin1", at, line).split(" ").map(Number);
    const answerAt = line + 1 + askedBytes;
    const answer = bytes.subarray(answerAt, answerAt + answerBytes);
    const asked = bytes.toString("utf8", line + 1, answerAt);
    const end = answer.indexOf("\r\n\r\n");
    if (asked === "EVENT") checkEvent(file, JSON.parse(answer.toString()));
    else check(file, asked, answer.toString("latin1", 0, end), answer.subarray(end + 4));
    at = answerAt + answerBytes + 1;
  }
}

// A check that saw nothing is no check.
if (count === 0) failures.push("there are no answers");
for (const operations of wanted === "all" ? Object.values(document.paths) : []) {
  for (const { operationId, responses } of Object.values(operations)) {
    const good = Object.keys(responses)[0];
    if (good === "101") continue; // goes on as something else
    if (responses[good].content?.["text/event-stream"]) continue; // kept open; tests/api/events_test.cc
    if (!seen.has(`${operationId} ${good}`)) failures.push(`no test has an answer ${good} of ${operationId}`);
  }
}
console.log(`${count} answers of ${seen.size} kinds`);
for (const failure of failures) console.log(failure);
process.exit(failures.length === 0 ? 0 : 1);
