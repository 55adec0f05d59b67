// Debian's Chromium, driven by playwright-core. `modules` is the node_modules folder of tests/tools.
import { createRequire } from "node:module";
import { existsSync } from "node:fs";

// Without the last ones it looks up hosts of its maker at every start.
const flags = [
  "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--disable-quic", "--no-first-run",
  "--disable-background-networking", "--disable-component-update", "--disable-sync",
];

/// Runs `use` with a browser in which each name of `hosts` is this machine; closes it afterwards.
export async function withBrowser(modules, hosts, use) {
  const executablePath = ["/usr/bin/chromium", "/usr/bin/chromium-browser"].find(existsSync);
  if (!executablePath) throw new Error("there is no Chromium: run scripts/setup");
  const { chromium } = createRequire(modules + "/")("playwright-core");
  const rules = hosts.map((host) => `MAP ${host} 127.0.0.1`).join(",");
  const args = rules ? [...flags, `--host-resolver-rules=${rules}`] : flags;
  const browser = await chromium.launch({ executablePath, args });
  try {
    return await use(browser);
  } finally {
    await browser.close();
  }
}
