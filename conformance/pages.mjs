// Every page that the house links to: opened in Chromium on a screen and on a phone
// of 320 px, in Vietnamese and English, light and dark, and looked at by axe-core
// (WCAG 2.2 A and AA). A line of JSON for each fault, and one for each role with the
// pages that were seen.
//
//   node pages.mjs BASE MODULES LOGINS [SHOTS]
//
// MODULES is a directory with node_modules of playwright-core and axe-core; LOGINS a
// file of JSON: [{"role", "login", "password", "paths"}], without a login for nobody;
// SHOTS a directory for pictures: then every page is looked at as every role, four
// times; else a page that several see is looked at as the first of them, once, on the
// screen and on the phone by turns.
import { createRequire } from "node:module";
import fs from "node:fs";
import path from "node:path";

const [base, modules, logins, shots] = process.argv.slice(2);
const require = createRequire(path.resolve(modules) + "/");
const { chromium } = require("playwright-core");
const axe = fs.readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const say = (fault) => console.log(JSON.stringify(fault));

const whole = !!shots;
const looks = [
  { lang: "vi", scheme: "light", width: 1280 },
  { lang: "en", scheme: "dark", width: 320 },
  { lang: "vi", scheme: "dark", width: 320 },
  { lang: "en", scheme: "light", width: 1280 },
];
const looked = new Set();

// kind is an address without what changes from one thing to the next.
const kind = (url) => url.pathname.split("/").map((x) => (/\d/.test(x) && x !== "v1" ? "{}" : x)).join("/") +
  [...url.searchParams.keys()].filter((k) => k !== "lang").sort().map((k, i) => (i ? "&" : "?") + k).join("");

const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });

for (const who of JSON.parse(fs.readFileSync(logins, "utf8"))) {
  const context = await browser.newContext({ bypassCSP: false });
  const page = await context.newPage();
  page.setDefaultTimeout(120000);
  let at = "/login";
  page.on("console", (m) => { if (m.type() === "error" && !/status of (4\d\d|503)/.test(m.text())) say({ role: who.role, at, fault: "console", text: m.text() }); });
  page.on("pageerror", (e) => say({ role: who.role, at, fault: "script", text: String(e) }));
  page.on("request", (r) => { if (!r.url().startsWith(base) && !/^(data|blob|about|chrome|chrome-extension):/.test(r.url())) say({ role: who.role, at, fault: "leaves the house", text: r.url() }); });
  if (who.login) {
    await page.goto(base + "/login");
    await page.fill("[name=login]", who.login);
    await page.fill("[name=password]", who.password);
    await Promise.all([page.waitForNavigation(), page.click("main form button")]);
  }
  let pages = 0;
  const seen = new Set(), queue = ["/", ...(who.paths ?? [])];
  while (queue.length) {
    at = queue.shift();
    const goes = () => page.goto(base + at, { waitUntil: "load" });
    const answer = await goes().then(async (first) => { // a house that has too much to do says so, and is asked again
      if (first?.status() !== 503) return first;
      await page.waitForTimeout(3000);
      return goes();
    }).catch((e) => { if (!/Download is starting|ERR_ABORTED/.test(e)) say({ role: who.role, at, fault: "open", text: String(e) }); });
    pages++;
    if (!answer || !/html/.test(answer.headers()["content-type"] ?? "")) continue;
    if (answer.status() >= 400) { say({ role: who.role, at, fault: "answer", text: String(answer.status()) }); continue; }
    for (const href of await page.$$eval("a[href]", (all) => all.map((a) => new URL(a.getAttribute("href"), document.baseURI).href))) {
      const url = new URL(href);
      if (url.origin !== new URL(base).origin || /logout/.test(url.pathname)) continue;
      url.searchParams.delete("lang");
      const k = kind(url);
      if (seen.has(k)) continue;
      seen.add(k);
      queue.push(url.pathname + url.search);
    }
    const k = kind(new URL(base + at));
    if (!whole && looked.has(k)) continue;
    looked.add(k);
    for (const look of whole ? looks : [looks[looked.size % 2]]) {
      await page.setViewportSize({ width: look.width, height: look.width < 600 ? 640 : 800 });
      await page.emulateMedia({ colorScheme: look.scheme, reducedMotion: "reduce" });
      const to = new URL(base + at);
      to.searchParams.set("lang", look.lang);
      await page.goto(to.href, { waitUntil: "load" });
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      if (wide > 0) say({ role: who.role, at, look, fault: "wider than the screen", text: wide + " px" });
      await page.evaluate(axe + ";0").catch(() => 0);
      const found = await page.evaluate(() => axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"], resultTypes: ["violations"] }));
      for (const v of found.violations) {
        say({ role: who.role, at, look, fault: v.id, text: v.help, nodes: v.nodes.slice(0, 3).map((n) => n.html.slice(0, 160)), data: v.nodes[0].any[0]?.data?.contrastRatio });
      }
      if (shots) {
        const name = kind(new URL(base + at)).replace(/^\//, "").replace(/[^\w{}]+/g, "-") || "home";
        await page.screenshot({ path: path.join(shots, `${who.role ?? "nobody"}_${name}_${look.lang}_${look.scheme}_${look.width}.png`), fullPage: true });
      }
    }
  }
  say({ role: who.role ?? "nobody", opened: pages, seen: [...seen].sort() });
  await context.close();
}
await browser.close();
