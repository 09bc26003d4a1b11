// Pages as Lighthouse sees them on a phone with a slow processor and a slow line (its
// own default: simulated). A line of JSON for each page.
//
//   node lighthouse.mjs BASE MODULES LOGINS
//
// MODULES is a directory with node_modules of playwright-core and lighthouse; LOGINS a
// file of JSON: [{"role", "login", "password", "paths"}], without a login for nobody. Of
// a path that ends in /* the first page is taken that the page before it links to.
import { execFile } from "node:child_process";
import { createRequire } from "node:module";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";

const [base, modules, logins] = process.argv.slice(2);
const { chromium } = createRequire(path.resolve(modules) + "/")("playwright-core");
const run = promisify(execFile);
const port = 9300 + (process.pid % 600);

// looked runs Lighthouse, and again if it asks for that: now and then it misses the start
// of a page's load (NO_NAVSTART).
async function looked(program, args) {
  for (let tries = 3; ; tries--) {
    try {
      return await run(program, args);
    } catch (err) {
      if (tries === 1 || !/run Lighthouse again/.test(err.stderr)) throw err;
    }
  }
}

for (const who of JSON.parse(fs.readFileSync(logins, "utf8"))) {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), "lighthouse-"));
  const browser = await chromium.launchPersistentContext(dir, { executablePath: "/usr/bin/chromium", args: ["--no-sandbox", `--remote-debugging-port=${port}`] });
  const page = browser.pages()[0] ?? (await browser.newPage());
  if (who.login) {
    await page.goto(base + "/login");
    await page.fill("[name=login]", who.login);
    await page.fill("[name=password]", who.password);
    await Promise.all([page.waitForNavigation(), page.click("main form button")]);
  }
  const agent = await page.evaluate(() => navigator.userAgent); // a session holds for one
  for (let at of who.paths ?? []) {
    if (at.endsWith("/*")) {
      await page.goto(base + at.slice(0, -2));
      const links = await page.$$eval("main a[href]", (all) => all.map((a) => new URL(a.href).pathname));
      at = links.find((x) => /^\/documents\/[^/]+$/.test(x));
    }
    const out = path.join(dir, "out.json");
    await looked(path.join(modules, "node_modules/.bin/lighthouse"), [base + at, "--quiet", "--output=json", `--output-path=${out}`, "--only-categories=performance,accessibility,best-practices",
      `--port=${port}`, "--disable-storage-reset", `--emulated-user-agent=${agent}`]);
    const { categories, audits, finalDisplayedUrl } = JSON.parse(fs.readFileSync(out, "utf8"));
    const of = (name) => Math.round(categories[name].score * 100);
    console.log(JSON.stringify({
      role: who.role ?? "nobody", at, landed: new URL(finalDisplayedUrl).pathname, performance: of("performance"), accessibility: of("accessibility"), practices: of("best-practices"),
      interactive: Math.round(audits.interactive.numericValue), bytes: Math.round(audits["total-byte-weight"].numericValue), shift: audits["cumulative-layout-shift"].numericValue,
    }));
  }
  await browser.close();
  fs.rmSync(dir, { recursive: true, force: true });
}
