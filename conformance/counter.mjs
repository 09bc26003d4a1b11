// A day at the counter, in a real browser at the real service: a whole dossier of three
// papers by keyboard and reader, counted by steps; a phone; a stale page; a session that
// ended with fields unsent; the keys of the page; a phone's width.
//
//   node counter.mjs BASE MODULES LOGINS DIR PROCEDURE
//
// LOGINS is a file of JSON: [{"role", "login", "password"}]; DIR has 1.png, 2.png, 3.png
// and card.png.
import { createRequire } from "node:module";
import fs from "node:fs";
import path from "node:path";

const [base, modules, logins, dir, procedure] = process.argv.slice(2);
const require = createRequire(path.resolve(modules) + "/");
const { chromium } = require("playwright-core");
const axe = fs.readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const who = Object.fromEntries(JSON.parse(fs.readFileSync(logins, "utf8")).map((x) => [x.role, x]));
const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });
const said = { faults: [] }, errors = [];
const come = async (role, width = 1280) => {
  const context = await browser.newContext({ viewport: { width, height: 800 } }), page = await context.newPage();
  page.setDefaultTimeout(30000);
  page.on("pageerror", (e) => errors.push(String(e)));
  page.on("console", (m) => { if (m.type() === "error" && !/status of 4\d\d/.test(m.text())) errors.push(m.text()); });
  if (role) await enter(page, role);
  return page;
};
const enter = async (page, role) => {
  if (!/login/.test(page.url())) await page.goto(base + "/login");
  await page.fill("[name=login]", who[role].login);
  await page.fill("[name=password]", who[role].password);
  await Promise.all([page.waitForNavigation(), page.click("main form button")]);
};
const looked = async (page, name) => {
  await page.evaluate(axe + ";0");
  const found = await page.evaluate(() => axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"], resultTypes: ["violations"] }));
  for (const v of found.violations) said.faults.push(`${name}: ${v.id} ${v.nodes[0].html.slice(0, 120)}`);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  if (wide > 0) said.faults.push(`${name}: ${wide} px wider than the screen`);
};
// A reader of cards types its run of characters faster than anybody, and Enter.
const card = "001099012345|012345678|Nguyễn Văn An|05031999|Nam|Xã An Bình|01012022";
const reads = (page) => page.evaluate((text) => {
  const type = (key) => document.activeElement.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
  for (const c of text) type(c);
  type("Enter");
}, card);

// 1. The journey. A key, a click, a choice in the system's own window, and the reader's run
// are a step each.
const page = await come("counter");
page.on("filechooser", () => {}); // choosers are ours from now on
let steps = 0;
const key = async (k) => { steps++; await page.keyboard.press(k); };
steps++;
await Promise.all([page.waitForNavigation(), reads(page)]);
said.filled = await page.inputValue("[name=holder_name]");
await page.waitForFunction(() => document.activeElement.name === "procedure");
await key("End"); // it is the last of the list
said.chosen = await page.inputValue("[name=procedure]");
await Promise.all([page.waitForURL(/dossiers\/.+/), key("Control+Enter")]);
const address = new URL(page.url()).pathname;
await page.waitForFunction(() => self.takes);
await looked(page, "dossier");
for (const n of [1, 2, 3]) {
  await page.waitForFunction(() => document.activeElement.type === "file");
  const [chooser] = await Promise.all([page.waitForEvent("filechooser"), key("Enter")]);
  steps++;
  await chooser.setFiles(path.join(dir, n + ".png"));
  await key("Enter");
  await page.waitForFunction((n) => document.querySelectorAll(".slot .fill a[href^='/documents/']").length === n, n);
}
said.brought = steps;
await page.waitForSelector("[data-key=d]");
await key("d");
await key("Enter");
await page.waitForFunction(() => !document.querySelector("[data-key=d]"));
const officer = await come("officer");
for (const href of await page.$$eval(".slot .fill a[href^='/documents/']", (all) => all.map((a) => a.getAttribute("href")))) {
  await officer.goto(base + href);
  await officer.waitForSelector("form[action$='/acts/attest'] button");
  await officer.click("form[action$='/acts/attest'] button");
  if (await officer.$("[name=proof]")) { // a signature asks who it is, now and then
    await officer.fill("[name=proof]", who.officer.password);
    await officer.click("main form button.main");
  }
  await officer.waitForSelector(".s-extracted");
}
await page.goto(base + address);
steps++;
await page.click(".slot .fill a[href^='/documents/']");
for (const n of [1, 2, 3]) {
  await page.waitForSelector("form[action$='/acts/confirm']");
  await page.waitForFunction(() => document.activeElement.form);
  said["focus" + n] = await page.evaluate(() => document.activeElement.name || document.activeElement.className);
  if (n === 1) await looked(page, "document");
  const at = page.url();
  await key(await page.evaluate(() => document.activeElement.tagName === "TEXTAREA") ? "Control+Enter" : "Enter");
  await page.waitForFunction((at) => location.href !== at || !document.querySelector("form[action$='/acts/confirm']"), at);
}
await page.waitForTimeout(200);
said.steps = steps;
await page.goto(base + address);
said.confirmed = await page.$$eval(".slot .fill .state", (all) => all.map((x) => x.className));

// Without a reader: a picture of the card's code, which this browser leaves to the house.
await page.goto(base + "/dossiers/new");
await page.click("details summary >> nth=0");
await page.setInputFiles("[name=picture]", path.join(dir, "card.png"));
await Promise.all([page.waitForNavigation(), page.click("form[data-codes] button")]);
said.pictured = await page.inputValue("[name=holder_name]");

// A camera: its pictures go to the house, one after the other, until one shows the code.
const filming = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox", "--use-fake-device-for-media-stream", "--use-file-for-fake-video-capture=" + path.join(dir, "card.mjpeg")] });
const films = async (allowed) => {
  const context = await filming.newContext({ viewport: { width: 1280, height: 800 }, permissions: allowed ? ["camera"] : [] }), seat = await context.newPage();
  seat.setDefaultTimeout(30000);
  seat.on("pageerror", (e) => errors.push(String(e)));
  await enter(seat, "counter");
  await seat.goto(base + "/dossiers/new");
  await seat.click("details summary >> nth=0");
  await seat.click("[data-camera]");
  return seat;
};
const lens = await films(true);
await Promise.all([lens.waitForNavigation(), lens.waitForFunction(() => document.querySelector("video").videoWidth > 0).then(() => lens.evaluate(() => { const track = document.querySelector("video").srcObject.getTracks()[0]; addEventListener("pagehide", () => sessionStorage.setItem("track", track.readyState === "ended" ? "off" : "on")); }))]);
said.filmed = await lens.inputValue("[name=holder_name]");
said.camera = await lens.evaluate(() => sessionStorage.getItem("track"));
const shut = await films(false);
await shut.waitForSelector("form[data-codes] .problem:visible");
said.denied = await shut.textContent("form[data-codes] .problem");
await looked(shut, "new dossier with a camera");
await filming.close();

// 2. A phone lays pages out; they appear at the counter by themselves.
await page.goto(base + "/dossiers/new");
await Promise.all([page.waitForNavigation(), reads(page)]);
await page.selectOption("[name=procedure]", procedure);
await Promise.all([page.waitForURL(/dossiers\/H.+/), page.keyboard.press("Control+Enter")]);
const second = new URL(page.url()).pathname;
await page.waitForFunction(() => self.takes);
await page.evaluate(() => document.activeElement.blur());
await page.keyboard.press("p");
await Promise.all([page.waitForURL(/draft$/), page.keyboard.press("Enter")]);
await page.evaluate(() => { self.same = true; });
await looked(page, "draft with a phone");
const phone = await come(null, 390);
await phone.goto((await page.textContent(".phone .sum")).trim());
await looked(phone, "phone");
await phone.setInputFiles("[name=file] >> nth=0", path.join(dir, "1.png"));
await phone.click("main form button >> nth=0");
await phone.waitForSelector("[role=status].note");
await page.waitForFunction(() => document.querySelectorAll(".leaf").length === 1);
await page.click("[name=d0]"); // something is changed and not saved: it is kept when the next page comes
await phone.setInputFiles("[name=file] >> nth=1", [path.join(dir, "2.png"), path.join(dir, "3.png")]);
await phone.click("main form button >> nth=1");
await page.waitForFunction(() => document.querySelectorAll(".leaf").length === 3);
said.phone = { same: await page.evaluate(() => self.same === true), dropped: await page.isChecked("[name=d0]"), came: (await page.textContent(".phone")).includes("3") };
await looked(page, "draft");

// 3. Two windows on one draft: the one that is stale is told so, and loses nothing.
const other = await page.context().newPage();
await other.goto(page.url());
await page.selectOption("[name=t1]", "90");
await Promise.all([page.waitForNavigation(), page.click(".bar button[value=save]")]);
page.on("dialog", (d) => d.accept());
other.on("dialog", (d) => d.accept());
await other.evaluate(() => { const s = document.querySelector("[name=t2]"); s.value = "180"; });
const [stale] = await Promise.all([other.waitForNavigation(), other.click(".bar button[value=save]")]);
said.stale = { status: stale.status(), words: (await other.textContent("main .problem")).trim(), kept: await other.inputValue("[name=t1]") };
await other.close();

// 4. Keys: the list opens, closes, and single keys can be turned off.
await page.goto(base + second);
await page.evaluate(() => document.activeElement.blur());
await page.keyboard.press("Shift+?");
await page.waitForSelector("#keys[open]");
await looked(page, "keys");
said.keys = await page.$$eval("#keys kbd", (all) => all.map((x) => x.textContent));
await page.click("[data-single]");
await page.keyboard.press("Escape");
await page.evaluate(() => document.activeElement.blur());
await page.keyboard.press("n");
await page.waitForTimeout(300);
said.off = new URL(page.url()).pathname === second;

// 5. On a small screen: what was typed is there after the session ended, and gone after
// logging out.
const small = await come("counter", 390);
await small.goto(base + "/dossiers/new?lang=en");
await small.fill("[name=holder_number]", "001099012345");
await small.fill("[name=holder_name]", "Nguyễn Văn Chưa Gửi");
await looked(small, "new dossier at 390 px");
await small.goto(base + second);
await looked(small, "dossier at 390 px");
await small.goto(base + second + "/slots/TP01/draft");
await looked(small, "draft at 390 px");
await small.goto(base + "/dossiers/new");
said.back = await small.inputValue("[name=holder_name]");
await small.selectOption("[name=procedure]", procedure);
await small.context().clearCookies();
await Promise.all([small.waitForNavigation(), small.click("button.main:not([data-single])")]);
said.ended = await small.textContent("h1");
await Promise.all([small.waitForNavigation(), small.click("a.main")]);
await enter(small, "counter");
said.again = { at: new URL(small.url()).pathname, name: await small.inputValue("[name=holder_name]"), procedure: await small.inputValue("[name=procedure]"), note: await small.textContent("form .note") };
await small.click(".top .menu");
await Promise.all([small.waitForURL(/login/), small.click('form[action="/logout"] button')]);
await enter(small, "counter");
await small.goto(base + "/dossiers/new");
said.out = await small.inputValue("[name=holder_name]");
console.log(JSON.stringify({ said, errors }));
await browser.close();
