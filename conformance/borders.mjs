// Borders between the papers of a batch, moved in a real browser by a key and by dragging.
//
//   node borders.mjs BASE MODULES TOKEN CODE STACK
//
// It brings the stack as a batch, and says what stood in the page after each hand.
import { createRequire } from "node:module";
import path from "node:path";

const [base, modules, token, code, stack] = process.argv.slice(2);
const { chromium } = createRequire(path.resolve(modules) + "/")("playwright-core");
const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });
const context = await browser.newContext({ viewport: { width: 1280, height: 1600 } });
await context.addCookies([{ name: "sohoa", value: token, url: base }]);
const page = await context.newPage();
page.setDefaultTimeout(60000);
const errors = [];
page.on("pageerror", (e) => errors.push(String(e)));

await page.goto(base + "/batches");
await page.setInputFiles("input[type=file]", stack);
await Promise.all([page.waitForURL(/\/batches\/[0-9a-f-]+$/), page.locator("form:has(input[type=file]) button.main, form:has(input[type=file]) button").first().click()]);
await page.waitForSelector(".leaves .leaf"); // the page asks again by itself until the sides were looked at

// What of each side is a border, what its row shows, and whose paper begins there.
const stands = () => page.$$eval(".leaf", (all) => all.map((leaf) => {
  const of = (kind) => leaf.querySelector(`[name^="${kind}"]`);
  return [of("s").checked ? "|" : ".", leaf.classList.contains("starts") ? "|" : ".", of("c").value, of("l").value].join("");
}).join(" "));
const said = {};
said.proposed = await stands();

const second = page.locator(".leaf").nth(1), third = page.locator(".leaf").nth(2), fourth = page.locator(".leaf").nth(3);
await second.locator(".tools button").first().focus();
await page.keyboard.press("b");
said.set = await stands();
await page.keyboard.press("b");
said.taken = await stands();
await page.keyboard.press("Control+b");
said.other = await stands();
await page.keyboard.press("b");
await second.locator('[name^="c"]').fill(code);
await second.locator('[name^="l"]').fill("TP01");
await second.locator('[name^="l"]').press("b"); // typed, and no border
said.typed = await stands();
await second.locator('[name^="l"]').fill("TP01");
await second.locator(".border").dragTo(third.locator("figure"), { sourcePosition: { x: 4, y: 4 } });
said.dragged = await stands();
await third.locator(".border").dragTo(third.locator(".seen"), { sourcePosition: { x: 4, y: 4 } }); // onto itself
said.itself = await stands();
said.order = await page.$$eval('.leaf [name^="o"]', (all) => all.map((x) => x.value).join(""));
await Promise.all([page.waitForLoadState("load"), page.locator('.bar button[value="save"]').click()]);
await page.waitForSelector(".leaves .leaf");
said.saved = await stands();
console.log(JSON.stringify({ said, errors, batch: new URL(page.url()).pathname.split("/").pop() }));
await browser.close();
