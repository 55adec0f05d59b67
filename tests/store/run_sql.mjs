// node run_sql.mjs better-sqlite3|node:sqlite DATABASE < script
// Runs a script the way a foreign program would: its own SQLite, its own connection.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const [client, path, modules] = process.argv.slice(2);
const script = readFileSync(0, "utf8");
let db;
if (client === "better-sqlite3") {
  const Database = createRequire(`${modules}/`)("better-sqlite3");
  db = new Database(path);
} else {
  const { DatabaseSync } = await import("node:sqlite");
  db = new DatabaseSync(path);
}
try {
  db.exec(script);
} catch (error) {
  console.log(`Error: ${error.message}`);
  process.exitCode = 1;
}
db.close();
