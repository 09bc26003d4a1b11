// Opens PDFs in Chromium's own viewer. Prints a line of JSON for each file:
// {"file": …, "state": "success"}, what the viewer says when it has loaded the
// document or could not, and "none" if it says nothing in a minute.
//
//     node oddchromium.mjs FILE-WITH-PATHS
import { readFileSync } from "node:fs";
import { browse } from "./browser.mjs";

const files = readFileSync(process.argv[2], "utf8").split("\n").filter(Boolean);
const script = `let state = "";
  addEventListener("message", (e) => { if (e.data.type === "documentLoaded") state = e.data.load_state; });
  function ask() {
    viewer.postMessage({ type: "initialize" }, "*");
    return state;
  }`;
const { open, close } = await browse(files, script);
let next = 0;
async function reader() {
  for (let i; (i = next++) < files.length; ) {
    const tab = await open(i);
    let state = "";
    for (const end = Date.now() + 60000; !state && Date.now() < end; ) state = await tab.ask(50);
    process.stdout.write(JSON.stringify({ file: files[i], state: state || "none" }) + "\n");
    await tab.close();
  }
}
await Promise.all([reader(), reader(), reader()]);
await close();
