// node edit_by_drizzle.mjs MODULES DATABASE < statements
// Runs JavaScript the way that a dashboard written with Drizzle edits: over better-sqlite3, by tables that it
// declares itself. In scope: orm, files, specs, and the operators of drizzle-orm.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const [modules, path] = process.argv.slice(2);
const require = createRequire(`${modules}/`);
const Database = require("better-sqlite3");
const operators = require("drizzle-orm");
const { drizzle } = require("drizzle-orm/better-sqlite3");
const { integer, primaryKey, sqliteTable, text } = require("drizzle-orm/sqlite-core");

const files = sqliteTable(
  "spec_files",
  {
    project: integer("project").notNull(),
    path: text("path").notNull(),
    content: text("content"),
    deletedAt: integer("deleted_at"),
  },
  (table) => [primaryKey({ columns: [table.project, table.path] })],
);
const specs = sqliteTable("openspec_specs", {
  id: text("id").primaryKey(),
  status: text("status"),
  proposalContent: text("proposal_content"),
  tasksContent: text("tasks_content"),
  designContent: text("design_content"),
  lastSyncedAt: integer("last_synced_at", { mode: "timestamp" }),
});

const db = new Database(path, { timeout: 2000 });
const scope = { orm: drizzle(db), files, specs, ...operators };
try {
  new Function(...Object.keys(scope), readFileSync(0, "utf8"))(...Object.values(scope));
} catch (error) {
  console.log(`Error: ${error.message}`);
  process.exitCode = 1;
}
db.close();
