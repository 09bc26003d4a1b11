// A Chromium without a window that shows PDFs in its own viewer. The viewer is
// asked by the messages that pages use which embed it; the browser is steered
// over a pipe.
import { spawn } from "node:child_process";
import { createServer } from "node:http";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const pause = (ms) => new Promise((done) => setTimeout(done, ms));

// chromium starts one. send gives an order of the DevTools protocol and has its answer;
// heard has what happens by itself.
export function chromium(heard = () => {}) {
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
      if (!message.id) { heard(message); continue; }
      waiting.get(message.id)?.(message.result ?? { wrong: message.error });
      waiting.delete(message.id);
    }
  });
  const send = (method, params = {}, sessionId) => new Promise((done) => {
    waiting.set(++last, done);
    browser.stdio[3].write(JSON.stringify({ id: last, method, params, sessionId }) + "\0");
  });

  return {
    send,
    async close() {
      browser.kill();
      await ended;
      // Its helpers write there for a moment yet.
      rmSync(profile, { recursive: true, force: true, maxRetries: 50, retryDelay: 100 });
    },
  };
}

// browse starts it for files. script is put into the page of each file, where
// the viewer's element is called viewer, and says what ask() answers.
// The answer has open(i), a tab with the file of that number, whose ask(ms)
// waits and asks; and close().
export async function browse(files, script) {
  const server = createServer((request, answer) => {
    const m = /^\/(\d+)\.(pdf|html)$/.exec(request.url);
    if (!m) answer.writeHead(404).end();
    else if (m[2] === "pdf") answer.writeHead(200, { "Content-Type": "application/pdf" }).end(readFileSync(files[m[1]]));
    else answer.writeHead(200, { "Content-Type": "text/html" }).end(`<!doctype html><embed id=viewer src="/${m[1]}.pdf"` +
      ` type="application/pdf" width=900 height=1200><script>${script}</script>`);
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  const origin = `http://127.0.0.1:${server.address().port}`;

  const { send, close } = chromium();

  return {
    async open(i) {
      const { targetId } = await send("Target.createTarget", { url: `${origin}/${i}.html` });
      const { sessionId } = await send("Target.attachToTarget", { targetId, flatten: true });
      return {
        async ask(ms) {
          await pause(ms);
          const { result } = await send("Runtime.evaluate", { expression: "try { ask() } catch { '' }" }, sessionId);
          return result.value ?? "";
        },
        close: () => send("Target.closeTarget", { targetId }),
      };
    },
    async close() {
      server.close();
      await close();
    },
  };
}
