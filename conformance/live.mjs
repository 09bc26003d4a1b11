// Pages that change by themselves: without being loaded anew, and also after the house was
// killed and came back.
//
//   node live.mjs BASE MODULES TOKEN KEY CODE SCAN
//
// It says "kill" when the house is to be killed and started again, and reads a line then.
import { createRequire } from "node:module";
import fs from "node:fs";
import path from "node:path";
import readline from "node:readline";

const [base, modules, token, key, code, scan] = process.argv.slice(2);
const { chromium } = createRequire(path.resolve(modules) + "/")("playwright-core");
const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });
const context = await browser.newContext();
await context.addCookies([{ name: "sohoa", value: token, url: base }]);
const errors = [];
const open = async (address) => {
  const page = await context.newPage();
  page.setDefaultTimeout(30000);
  // a paper that is not drawn yet has no picture; and the house is killed once
  page.on("console", (m) => { if (m.type() === "error" && !/ERR_CONNECTION_REFUSED|ERR_INCOMPLETE|ERR_EMPTY|ERR_CONNECTION_RESET|status of 404/.test(m.text())) errors.push(m.text()); });
  page.on("pageerror", (e) => errors.push(String(e)));
  await page.goto(base + address);
  await page.evaluate(() => { self.same = true; });
  return page;
};
const api = async (method, to, body) => {
  const headers = { Authorization: "Bearer " + key };
  if (!(body instanceof FormData)) headers["Content-Type"] = "application/json";
  const answer = await fetch(base + "/api/v1" + to, { method, headers, body: body instanceof FormData ? body : JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${method} ${to}: ${answer.status} ${await answer.text()}`);
  return answer.json();
};
const said = {};
const changes = async (name, page, test, value) => {
  const began = Date.now();
  await page.waitForFunction(test, value);
  said[name] = { ms: Date.now() - began, same: await page.evaluate(() => self.same === true) };
};

const [dossier, home] = [await open("/dossiers/" + code), await open("/")];
const form = new FormData();
form.append("file", new Blob([fs.readFileSync(scan)], { type: "image/png" }), "don.png");
const brought = api("POST", `/dossiers/${code}/slots/TP01/documents`, form);
await changes("dossier", dossier, () => !!document.querySelector(".slot .fill a[href^='/documents/']"));
await changes("home", home, () => /\b1\b/.test(document.querySelector("[data-refresh='/fragments/flow']").textContent));
const job = await brought;
const paper = await open("/documents/" + job.document);
await changes("document", paper, () => !document.querySelector(".now .s-received"));
const why = new Promise((go) => readline.createInterface({ input: process.stdin }).once("line", go));
console.log("kill");
await why;
await api("POST", `/dossiers/${code}/slots/TP02/decision`, { decision: "copy" });
await changes("after it was killed", dossier, () => document.querySelectorAll(".slot")[1].querySelector(".fill .state"));
console.log(JSON.stringify({ said, errors }));
await browser.close();
process.exit(0);
