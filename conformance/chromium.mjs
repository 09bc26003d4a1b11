// Prints as JSON, for each PDF, what a person gets who opens it in Chromium,
// selects everything and copies it. Chromium's own viewer is asked, by the
// messages that pages use which embed it; the browser is steered over a pipe.
//
//   node chromium.mjs FILE…
import { spawn } from "node:child_process";
import { createServer } from "node:http";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const files = process.argv.slice(2);
const page = (i) => `<!doctype html><embed id=viewer src="/${i}.pdf" type="application/pdf" width=900 height=1200><script>
  let said = null;
  addEventListener("message", (e) => { if (e.data.type === "getSelectedTextReply") said = e.data.selectedText; });
  function ask() {
    for (const type of ["initialize", "selectAll", "getSelectedText"]) viewer.postMessage({ type }, "*");
    return said;
  }
</script>`;
const server = createServer((request, answer) => {
  const m = /^\/(\d+)\.(pdf|html)$/.exec(request.url);
  if (!m) answer.writeHead(404).end();
  else if (m[2] === "pdf") answer.writeHead(200, { "Content-Type": "application/pdf" }).end(readFileSync(files[m[1]]));
  else answer.writeHead(200, { "Content-Type": "text/html" }).end(page(m[1]));
});
await new Promise((done) => server.listen(0, "127.0.0.1", done));
const origin = `http://127.0.0.1:${server.address().port}`;

// Without its sandbox, which needs rights that a test may not have: it opens
// nothing but our own files.
const profile = mkdtempSync(join(tmpdir(), "chromium-"));
const browser = spawn("chromium", ["--headless=new", "--no-sandbox", "--disable-gpu", "--remote-debugging-pipe",
  "--user-data-dir=" + profile, "about:blank"], { stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"] });
const ended = new Promise((done) => browser.on("exit", done));
const waiting = new Map();
let last = 0, rest = "";
browser.stdio[4].on("data", (d) => {
  rest += d;
  for (let i; (i = rest.indexOf("\0")) >= 0; rest = rest.slice(i + 1)) {
    const message = JSON.parse(rest.slice(0, i));
    waiting.get(message.id)?.(message.result);
    waiting.delete(message.id);
  }
});
const send = (method, params = {}, sessionId) => new Promise((done) => {
  waiting.set(++last, done);
  browser.stdio[3].write(JSON.stringify({ id: last, method, params, sessionId }) + "\0");
});
const pause = (ms) => new Promise((done) => setTimeout(done, ms));

const all = [];
for (let i = 0; i < files.length; i++) {
  const { targetId } = await send("Target.createTarget", { url: `${origin}/${i}.html` });
  const { sessionId } = await send("Target.attachToTarget", { targetId, flatten: true });
  let said = "", before;
  for (let n = 0; n < 120 && !(said && said === before); n++) { // twice the same: all pages are loaded
    await pause(150);
    before = said;
    const { result } = await send("Runtime.evaluate", { expression: "try { ask() } catch { '' }" }, sessionId);
    said = result.value ?? "";
  }
  all.push(said);
  await send("Target.closeTarget", { targetId });
}
browser.kill();
server.close();
await ended;
rmSync(profile, { recursive: true, force: true });
process.stdout.write(JSON.stringify(all));
