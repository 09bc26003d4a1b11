// Files on weak lines: the cable is pulled at 60 %, the house is killed and started again,
// and the browser goes on by itself; also with a client that is not ours.
//
//   node uploads.mjs BASE MODULES TOKEN CODE DIR
//
// DIR has big.png and two pictures, a.png and b.png. It says "kill" when the house is to
// be killed and started again, and reads a line then.
import { createRequire } from "node:module";
import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import readline from "node:readline";

const [base, modules, token, code, dir] = process.argv.slice(2);
const require = createRequire(path.resolve(modules) + "/");
const { chromium } = require("playwright-core");
const lines = readline.createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const killed = async () => { console.log("kill"); await lines.next(); };
const big = path.join(dir, "big.png"), size = fs.statSync(big).size;
const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });
const context = await browser.newContext({ viewport: { width: 390, height: 800 } });
await context.addCookies([{ name: "sohoa", value: token, url: base }]);
const page = await context.newPage(), errors = [];
page.setDefaultTimeout(60000);
page.on("pageerror", (e) => errors.push(String(e)));
page.on("console", (m) => { if (m.type() === "error" && !/ERR_(CONNECTION|INTERNET|EMPTY|NETWORK|INCOMPLETE|ABORTED|FAILED)|status of 40[14]/.test(m.text())) errors.push(m.text()); });
const said = { size };

// sent is how much of the newest upload the house has for certain.
let upload = "";
page.on("response", (r) => { if (r.request().method() === "POST" && r.url() === base + "/uploads") upload = r.headers().location ?? upload; });
const sent = async () => Number((await context.request.fetch(base + upload, { method: "HEAD", headers: { "Tus-Resumable": "1.0.0" } })).headers()["upload-offset"] ?? 0);
const waiting = () => page.evaluate(() => new Promise((done) => {
  const asked = indexedDB.open("sohoa");
  asked.onsuccess = () => {
    const db = asked.result;
    if (!db.objectStoreNames.contains("files")) { db.close(); done(0); return; }
    const all = db.transaction("files").objectStore("files").count();
    all.onsuccess = () => { db.close(); done(all.result); };
  };
  asked.onerror = () => done(-1);
}));

// The line gives out when 60 % is there: what is on the way is lost, and nothing comes back.
let cut = false, passed = 0;
await context.route("**/uploads/**", async (route) => {
  const r = route.request();
  if (cut) { await route.abort("internetdisconnected"); return; }
  if (r.method() === "PATCH") {
    passed = Number(r.headers()["upload-offset"]);
    await new Promise((go) => setTimeout(go, 150));
    if (passed > 0.6 * size) { cut = true; await context.setOffline(true); await route.abort("internetdisconnected"); return; }
  }
  await route.continue();
});
await page.goto(base + "/dossiers/" + code);
await page.setInputFiles(".slot:nth-of-type(1) [type=file]", big);
await page.click(".slot:nth-of-type(1) form.upload button");
while (!cut) await page.waitForTimeout(50);
await page.waitForFunction(() => /đường truyền/.test(document.querySelector(".coming .why")?.textContent ?? ""));
said.cut = passed / size;
said.waits = await waiting();
await killed();
said.kept = (await sent()) / size;
cut = false;
await context.unroute("**/uploads/**");
await context.setOffline(false);
await page.waitForSelector(".slot:nth-of-type(1) .fill a[href^='/documents/']");
await page.waitForFunction(() => !document.querySelector(".coming li"));
said.after = await waiting();
said.document = await page.getAttribute(".slot:nth-of-type(1) .fill a[href^='/documents/']", "href");

// Chosen without a line, kept while the page is left, sent from the next one: laid out.
await context.setOffline(true);
await page.setInputFiles(".slot:nth-of-type(2) [type=file]", [path.join(dir, "a.png"), path.join(dir, "b.png")]);
await page.click(".slot:nth-of-type(2) form.upload button");
await page.waitForFunction(() => document.querySelectorAll(".coming li").length === 2);
await page.waitForTimeout(300);
said.offline = await waiting();
await page.goto("about:blank");
await killed();
await context.setOffline(false);
await page.goto(base + "/dossiers/" + code + "/slots/TP02/draft");
await page.waitForFunction(() => document.querySelectorAll(".leaf").length === 2);
said.leaves = await page.$$eval(".leaf figcaption", (all) => all.map((x) => x.textContent));
said.sent = await waiting();
await killed();
await page.reload();
said.laid = await page.$$eval(".leaf", (all) => all.length); // what is laid out outlives the house

// A picture of the clipboard is laid out where it is pasted.
await context.grantPermissions(["clipboard-read", "clipboard-write"], { origin: base });
await page.evaluate(async (b64) => {
  const bytes = Uint8Array.from(atob(b64), (c) => c.charCodeAt(0));
  await navigator.clipboard.write([new ClipboardItem({ "image/png": new Blob([bytes], { type: "image/png" }) })]);
}, fs.readFileSync(path.join(dir, "a.png")).toString("base64"));
await page.keyboard.press("Control+V");
await page.waitForFunction(() => document.querySelectorAll(".leaf").length === 3);
said.pasted = (await page.$$eval(".leaf figcaption", (all) => all.map((x) => x.textContent)))[2];

// A phone that was invited goes on the same way.
await page.goto(base + "/dossiers/" + code + "/slots/TP03/draft");
await Promise.all([page.waitForNavigation(), page.click("form[action$='/draft/phone'] button")]);
const hand = await (await browser.newContext({ viewport: { width: 390, height: 800 } })).newPage(), air = hand.context();
hand.setDefaultTimeout(60000);
hand.on("pageerror", (e) => errors.push("phone: " + e));
let gone = false, reached = 0, piece = "";
await air.route("**/phone/*/uploads/**", async (route) => {
  const r = route.request();
  if (gone) { await route.abort("internetdisconnected"); return; }
  if (r.method() === "PATCH") {
    piece = r.url();
    reached = Number(r.headers()["upload-offset"]);
    await new Promise((go) => setTimeout(go, 150));
    if (reached > 0.6 * size) { gone = true; await air.setOffline(true); await route.abort("internetdisconnected"); return; }
  }
  await route.continue();
});
await hand.goto((await page.textContent(".phone .sum")).trim());
await hand.setInputFiles("[name=file] >> nth=1", big);
await hand.click("form.upload button >> nth=1");
while (!gone) await hand.waitForTimeout(50);
await hand.waitForFunction(() => /đường truyền/.test(document.querySelector(".coming .why")?.textContent ?? ""));
said.phone = { cut: reached / size };
await killed();
said.phone.kept = Number((await air.request.fetch(piece, { method: "HEAD", headers: { "Tus-Resumable": "1.0.0" } })).headers()["upload-offset"] ?? 0) / size;
await air.unroute("**/phone/*/uploads/**");
await air.setOffline(false);
await hand.waitForSelector("[role=status].note");
said.phone.says = await hand.textContent("[role=status].note");
await page.waitForFunction(() => document.querySelectorAll(".leaf").length === 1);
said.phone.left = await hand.evaluate(() => new Promise((done) => {
  const asked = indexedDB.open("sohoa-phone");
  asked.onsuccess = () => { const all = asked.result.transaction("files").objectStore("files").count(); all.onsuccess = () => done(all.result); };
}));
await air.close();
await page.goto(base + "/dossiers/" + code + "/slots/TP02/draft");

// A session that ended keeps what waits; logging out keeps nothing.
await context.clearCookies();
await page.setInputFiles("form.upload [type=file]", path.join(dir, "a.png"));
await page.click("form.upload button");
await page.waitForSelector(".waiting .login a:visible");
said.expired = await waiting();
await context.addCookies([{ name: "sohoa", value: token, url: base }]);
await page.reload();
await page.waitForFunction(() => document.querySelectorAll(".leaf").length === 4);
await context.route("**/uploads", (route) => route.abort());
await page.setInputFiles("form.upload [type=file]", path.join(dir, "b.png"));
await page.click("form.upload button");
await page.waitForFunction(() => /đường truyền/.test(document.querySelector(".coming .why")?.textContent ?? ""));
page.on("dialog", (d) => { said.asked = d.message(); d.accept(); });
await page.evaluate(() => document.querySelector("header.top").classList.add("unfolded"));
await Promise.all([page.waitForURL(/login/), page.click('form[action="/logout"] button')]);
said.out = { files: await page.evaluate(async () => (await indexedDB.databases()).length), marks: await page.evaluate(() => localStorage.length + sessionStorage.length) };
await browser.close();

// Somebody else's client speaks the protocol too.
const tus = require("tus-js-client");
const other = process.argv[7];
let interrupted = false;
said.judge = await new Promise((done, fail) => {
  const u = new tus.Upload(fs.createReadStream(big), {
    endpoint: base + "/uploads", uploadSize: size, chunkSize: 1 << 20, retryDelays: [0, 200, 500, 1000, 1000, 1000], headers: { Cookie: "sohoa=" + other },
    metadata: { dossier: code, slot: "TP03", filename: "Tờ khai số hóa.pdf" },
    onChunkComplete: (n, at) => { if (!interrupted && at > 0.6 * size) { interrupted = true; killed(); } },
    onError: fail, onSuccess: () => done(u.url),
  });
  u.start();
});
const taken = await fetch(said.judge, { method: "POST", headers: { Cookie: "sohoa=" + other, Accept: "application/json", "Tus-Resumable": "1.0.0" } });
said.judge = (await taken.json()).to;
said.sum = createHash("sha256").update(fs.readFileSync(big)).digest("hex");
console.log(JSON.stringify({ said, errors }));
process.exit(0);
