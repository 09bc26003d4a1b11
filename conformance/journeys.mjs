// The desk, the auditor's room and the figures, as the people do it who sit there: every
// field, link and button is found by the name that a screen reader says, the desk is
// worked by the keyboard alone, and the figures are read on a phone.
//
//   node journeys.mjs BASE MODULES LOGINS PAPER TOKEN
//
// LOGINS is a file of JSON: [{"role", "login", "password"}], PAPER a scan, TOKEN
// of a session of another person at the counter. A line of JSON
// for each step: its name, and what was seen.
import { createRequire } from "node:module";
import fs from "node:fs";
import path from "node:path";

const [base, modules, logins, paper, token] = process.argv.slice(2);
const { chromium } = createRequire(path.resolve(modules) + "/")("playwright-core");
const say = (step, seen) => console.log(JSON.stringify({ step, seen }));
const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });
const seats = {};

async function seat(role, viewport) {
  if (seats[role]) return seats[role];
  const page = await (await browser.newContext({ viewport: viewport ?? { width: 1280, height: 850 }, acceptDownloads: true })).newPage();
  page.setDefaultTimeout(60000);
  page.on("pageerror", (e) => say("script", String(e)));
  page.on("console", (m) => { if (m.type() === "error" && /Content Security|Refused/.test(m.text())) say("script", m.text()); });
  const who = JSON.parse(fs.readFileSync(logins, "utf8")).find((x) => x.role === role);
  await page.goto(base + "/login");
  await page.getByLabel("Tên đăng nhập").fill(who.login);
  await page.getByLabel("Mật khẩu", { exact: true }).fill(who.password);
  await page.keyboard.press("Enter");
  await page.waitForURL(base + "/");
  return (seats[role] = page);
}

// tabTo walks to what has a name, as somebody without a mouse does.
async function tabTo(page, name, most = 120) {
  for (let i = 0; i < most; i++) {
    await page.keyboard.press("Tab");
    const at = await page.evaluate(() => { const a = document.activeElement; return (a.getAttribute("aria-label") || a.labels?.[0]?.innerText || a.innerText || "").trim(); });
    if (at.startsWith(name)) return i + 1;
  }
  throw new Error(`Tab does not lead to ${name} at ${page.url()}`);
}
// goes does what leads to another page, and waits for it.
const goes = (page, does) => Promise.all([page.waitForNavigation(), does]);
const until = async (what, ok) => { for (let i = 0; i < 600; i++) { if (await ok()) return; await new Promise((r) => setTimeout(r, 200)); } throw new Error(what); };
const state = async (page, id) => (await (await page.request.get(`${base}/api/documents/${id}`, { headers: { Accept: "application/json" } })).json()).state;

// A paper comes in at the counter.
const counter = await seat("counter");
await counter.goto(base + "/dossiers/new");
await counter.getByLabel("Thủ tục").selectOption({ index: 1 });
await counter.locator("[name=holder_number]").fill("001199012347");
await counter.locator("[name=holder_name]").fill("Trần Thị Thử");
const competent = counter.locator("[name=competent]");
if ((await competent.inputValue()) === "") await competent.selectOption({ index: 1 });
await counter.getByRole("radio", { name: "Trực tiếp" }).check();
await counter.getByRole("button", { name: "Tiếp nhận hồ sơ" }).last().click();
await counter.waitForURL(/\/dossiers\/H[^/]+$/); // not the page of the form, which has places for files too
const dossier = counter.url().split("/").pop();
await counter.locator("input[type=file]").first().setInputFiles(paper);
await counter.getByRole("button", { name: "Gửi bản quét" }).first().click();
let id; // the page that follows is the paper's, or still the dossier's
await until("a paper", async () => {
  const there = counter.url().match(/\/documents\/([^/]+)$/), link = counter.getByRole("link", { name: "Xem giấy tờ" });
  id = there ? there[1] : (await link.count()) ? (await link.first().getAttribute("href")).split("/").pop() : undefined;
  return id;
});
await until("the copy", async () => (await state(counter, id)) === "normalised");
say("received", dossier);

// The officer: to the desk, to the paper, where the mark will stand, sign: by keys alone.
const officer = await seat("officer");
await tabTo(officer, "Bàn ký số");
await officer.keyboard.press("Enter");
await officer.waitForURL(base + "/desk");
for (let to = base + "/desk/next"; !officer.url().endsWith(id); to = base + "/desk/next?after=" + officer.url().split("/").pop()) {
  await officer.goto(to);
  if (officer.url().endsWith("/desk")) throw new Error("the desk does not lead to the paper");
}
const mark = officer.getByRole("img", { name: "Dấu chữ ký sẽ đứng ở đây" });
await mark.waitFor();
const box = await mark.locator("rect").evaluate((r) => ["x", "y", "width", "height"].map((n) => Number(r.getAttribute(n))));
say("mark", { box, says: await officer.getByText("là chỗ dấu chữ ký sẽ đứng").innerText() });
await tabTo(officer, "Ký bản sao");
await goes(officer, officer.keyboard.press("Enter"));
await until("the officer's signature", async () => ["extracted"].includes(await state(officer, id)));
say("copy signed", await state(officer, id));

// The counter confirms; the clerk sends it back; the counter corrects it.
const confirm = async (number) => {
  await counter.goto(`${base}/documents/${id}`);
  const said = await counter.getByText("Trả lại để sửa:").count();
  await counter.getByLabel("Tên loại, trích yếu").or(counter.locator("[name=title]")).first().fill("ĐƠN ĐỀ NGHỊ");
  await counter.locator("[name=number]").fill(number);
  await goes(counter, counter.getByRole("button", { name: "Xác nhận dữ liệu" }).click());
  await until("confirmed", async () => (await state(counter, id)) === "confirmed");
  return said;
};
// Another person has the same paper open, and is overtaken: they are told so in words.
const colleague = await (await browser.newContext()).newPage();
await colleague.context().addCookies([{ name: "sohoa", value: token, url: base }]);
await colleague.goto(`${base}/documents/${id}`);
await colleague.locator("[name=title]").fill("ĐƠN");
await colleague.locator("[name=number]").fill("9/KHÁC");
await confirm("1/ĐĐN");
const [late] = await Promise.all([colleague.waitForNavigation(), colleague.getByRole("button", { name: "Xác nhận dữ liệu" }).click()]);
const words = await colleague.locator("main").innerText();
await colleague.goto(`${base}/documents/${id}`);
say("overtaken", { status: late.status(), words, stands: (await colleague.locator("dl.fields").first().innerText()).includes("1/ĐĐN") });
const clerk = await seat("clerk");
await clerk.goto(base + "/desk");
await clerk.getByRole("checkbox", { name: /^Chọn / }).last().check();
await clerk.getByText("Không ký các giấy tờ đã chọn").click();
await clerk.getByLabel(/Lý do/).fill("sai số ở mục Số, ký hiệu");
await goes(clerk, clerk.getByRole("button", { name: "Trả lại các giấy tờ đã chọn" }).click());
await until("sent back", async () => (await state(clerk, id)) === "extracted");
say("sent back", (await confirm("2/ĐĐN")) === 1);

// The clerk signs all that waits, and sees it through to its end. What is unfolded and what
// has the focus stay when the page brings itself up to date.
await clerk.goto(base + "/desk");
await clerk.getByText("Không ký các giấy tờ đã chọn").click();
const at = await clerk.locator("ul.tasks a").last().evaluate((a) => { a.focus(); a.closest("form").dataset.old = 1; return a.getAttribute("href"); });
await clerk.evaluate(() => again());
say("kept", await clerk.evaluate((at) => ({ anew: !document.querySelector("form[data-old]"), open: document.querySelector("details.back").open, focus: document.activeElement.getAttribute("href") === at }), at));
await tabTo(clerk, "Ký số tất cả");
await clerk.keyboard.press("Enter");
await clerk.waitForURL(/\/desk\/batches\//);
await clerk.getByText("Đợt ký đã kết thúc").waitFor({ timeout: 120000 });
await until("archived", async () => (await state(clerk, id)) === "archived");
say("archived", await state(clerk, id));

// The auditor: what was said of the paper, who signed it, that an event stands in the
// ledger, and a package to take along; nothing there changes anything.
const auditor = await seat("auditor");
await auditor.goto(base + "/search");
await until("found", async () => {
  await auditor.goto(base + "/search");
  await auditor.getByLabel("Số, ký hiệu").fill("2/ĐĐN");
  await goes(auditor, auditor.keyboard.press("Enter"));
  return (await auditor.locator("ol.found a").count()) > 0;
});
await auditor.locator("ol.found a").first().click();
await auditor.waitForURL(new RegExp(id));
await auditor.locator(".signatures li").first().waitFor();
// What stood there before is not what she sees now: the list is made anew by each look.
await auditor.locator(".signatures").evaluate((x) => { x.dataset.old = "1"; });
await auditor.getByRole("link", { name: "Kiểm tra ngay" }).click();
await auditor.locator(".signatures:not([data-old]) li").first().waitFor();
const verdicts = await auditor.locator(".signatures .verdict").allInnerTexts();
const taken = async (link) => { // as people take a file: by its link, once it is there
  const href = await auditor.locator(link).first().getAttribute("href");
  await until(link, async () => (await auditor.request.get(base + href)).ok());
  const [got] = await Promise.all([auditor.waitForEvent("download"), auditor.locator(link).first().click()]);
  const broken = await got.failure();
  if (broken) throw new Error(`${link}: ${broken}`);
  return fs.readFileSync(await got.path());
};
const zip = await taken('a[href*="/packages/"]');
const acts = await auditor.locator("main form").evaluateAll((all) => all.map((f) => new URL(f.action).pathname));
// A proof comes with the next checkpoint, which may be a minute away: of a paper that is
// older than this house's last it is there at once.
await auditor.goto(base + "/documents?state=archived");
for (const older of await auditor.locator('main a[href^="/documents/"]').evaluateAll((all) => all.map((a) => a.href))) {
  await auditor.goto(older);
  if ((await auditor.request.get(await auditor.locator('ol.changes a[href*="/proofs/"]').first().evaluate((a) => a.href))).ok()) break;
}
const proved = (await taken('ol.changes a[href*="/proofs/"]')).subarray(0, 40).toString();
say("audited", { verdicts, proved, zip: zip.subarray(0, 2).toString(), bytes: zip.length, acts });

// The manager, on a phone: a figure, and the dossiers behind it.
const manager = await seat("admin", { width: 390, height: 780 });
await manager.goto(base + "/figures");
const tile = manager.locator(".tiles a").first();
const count = Number((await tile.locator("b").innerText()).replace(/\D/g, ""));
await tile.click();
await manager.waitForURL(/\/figures\/dossiers/);
let behind = 0;
for (;;) {
  behind += await manager.locator("table.rows tbody tr").count();
  const next = manager.locator("a[rel=next]");
  if (!(await next.count())) break;
  await Promise.all([manager.waitForNavigation(), next.click()]);
}
await manager.locator("table.rows a").first().click();
await manager.waitForURL(/\/dossiers\//);
say("counted", { count, behind, wide: await manager.evaluate(() => document.documentElement.scrollWidth - innerWidth) });
await browser.close();
