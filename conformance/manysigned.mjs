// Hundreds signed in one act at the signing desk, by the keyboard, while the house is killed
// and comes back: the page is never loaded anew, and says of each paper how it ended.
//
//   node manysigned.mjs BASE MODULES TOKEN [PICTURE]
//
// It says "kill" when the house is to be killed and started again, and reads a line then.
// PICTURE is where the page in the middle is kept, to be looked at.
import { createRequire } from "node:module";
import path from "node:path";
import readline from "node:readline";

const [base, modules, token, picture] = process.argv.slice(2);
const { chromium } = createRequire(path.resolve(modules) + "/")("playwright-core");
const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });
const context = await browser.newContext({ locale: "vi" });
await context.addCookies([{ name: "sohoa", value: token, url: base }]);
const page = await context.newPage();
page.setDefaultTimeout(60000);
const errors = [];
page.on("console", (m) => { if (m.type() === "error" && !/ERR_CONNECTION_REFUSED|ERR_INCOMPLETE|ERR_EMPTY|ERR_CONNECTION_RESET|Failed to fetch/.test(m.text())) errors.push(m.text()); });
page.on("pageerror", (e) => errors.push(String(e)));

// tabTo walks to what has a name, as somebody without a mouse does.
async function tabTo(name) {
  for (let i = 0; i < 60; i++) {
    await page.keyboard.press("Tab");
    if ((await page.evaluate(() => { const a = document.activeElement; return (a.labels?.[0]?.innerText || a.innerText || "").trim(); })).startsWith(name)) return;
  }
  throw new Error(`Tab does not lead to ${name}`);
}

await page.goto(base + "/desk");
const offered = await page.locator("ul.tasks [name=pick]").count();
await tabTo("Chọn tất cả");
await page.keyboard.press("Space");
await page.locator("ul.tasks [name=pick]").last().focus();
await page.keyboard.press("Space"); // all but this one
const picked = await page.locator("ul.tasks [name=pick]:checked").count();
await page.locator("[data-all]").focus();
await tabTo("Ký số các giấy tờ đã chọn");
await Promise.all([page.waitForURL(/\/desk\/batches\//), page.keyboard.press("Enter")]);
await page.evaluate(() => { self.same = true; });

const lines = readline.createInterface({ input: process.stdin });
const why = new Promise((go) => lines.once("line", go));
const met = new Set(); // how many were done, each time the page said so
let killed = -1, most = 0, back = false;
for (const end = Date.now() + 400e3; Date.now() < end; await page.waitForTimeout(150)) {
  const done = await page.evaluate(() => document.querySelector("main progress").value);
  met.add(done);
  back ||= done < most;
  most = Math.max(most, done);
  if (killed < 0 && done >= 20) {
    if (picture) await page.screenshot({ path: picture });
    killed = done;
    console.log("kill");
    await why;
  }
  if (await page.getByText("Đợt ký đã kết thúc").count()) break;
}
const stages = {};
for (const words of await page.locator("ul.tasks .state").allInnerTexts()) stages[words] = (stages[words] || 0) + 1;
const same = await page.evaluate(() => self.same === true);
await page.goto(base + "/desk");
const left = await page.locator("ul.tasks [name=pick]").count();
console.log(JSON.stringify({ offered, picked, killed, said: met.size, back, stages, same, left, errors }));
await browser.close();
process.exit(0);
