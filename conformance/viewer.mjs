// The viewer of a document's file: what its frame may, its text and its search.
//
//   node viewer.mjs BASE MODULES LOGINS ADDRESS WORDS
import { createRequire } from "node:module";
import fs from "node:fs";
import path from "node:path";

const [base, modules, logins, address, sought] = process.argv.slice(2);
const { chromium } = createRequire(path.resolve(modules) + "/")("playwright-core");
const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });
const page = await (await browser.newContext({ viewport: { width: 1280, height: 900 } })).newPage();
page.setDefaultTimeout(120000);
const errors = [];
page.on("console", (m) => { if (m.type() === "error") errors.push(m.text()); });
page.on("pageerror", (e) => errors.push(String(e)));
const who = JSON.parse(fs.readFileSync(logins, "utf8")).find((x) => x.login);
await page.goto(base + "/login");
await page.fill("[name=login]", who.login);
await page.fill("[name=password]", who.password);
await Promise.all([page.waitForNavigation(), page.click("main form button")]);
await page.goto(base + address);
await page.waitForSelector("iframe[data-opened]", { timeout: 120000 });
const frame = page.frames().find((f) => f.url().includes("/static/viewer/"));
await frame.waitForSelector(".textLayer span", { state: "attached" });
const may = await frame.evaluate(async () => {
  const tried = async (act) => { try { return String(await act()); } catch (e) { return e.name; } };
  return {
    origin: self.origin,
    cookie: await tried(() => document.cookie),
    page: await tried(() => parent.document.title),
    house: await tried(async () => (await fetch("/documents")).status),
    storage: await tried(() => localStorage.length),
  };
});
const find = async (text) => {
  await frame.fill("#sought", text);
  await frame.press("#sought", "Enter");
  await frame.waitForTimeout(1500);
  return frame.textContent("#hits");
};
const [found, missed] = [await find(sought), await find("khong co chu nay trong giay")];
const before = await frame.evaluate(() => document.querySelector(".page").clientWidth);
await frame.click("#larger");
const larger = await frame.evaluate(() => document.querySelector(".page").clientWidth) > before;
await frame.click("#turn");
const turned = await frame.evaluate(() => { const p = document.querySelector(".page"); return p.clientWidth > p.clientHeight; });
const text = await frame.evaluate(() => document.querySelector(".textLayer").textContent.length);
console.log(JSON.stringify({ may, found, missed, larger, turned, text, errors: errors.filter((e) => !/Failed to load|CORS|Access to fetch/.test(e)) }));
await browser.close();
