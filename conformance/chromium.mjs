// Prints as JSON, for each PDF, what a person gets who opens it in Chromium,
// selects everything and copies it.
//
//   node chromium.mjs FILE…
import { browse } from "./browser.mjs";

const files = process.argv.slice(2);
const { open, close } = await browse(files, `let said = null;
  addEventListener("message", (e) => { if (e.data.type === "getSelectedTextReply") said = e.data.selectedText; });
  function ask() {
    for (const type of ["initialize", "selectAll", "getSelectedText"]) viewer.postMessage({ type }, "*");
    return said;
  }`);
const all = [];
for (let i = 0; i < files.length; i++) {
  const tab = await open(i);
  let said = "", before;
  for (let n = 0; n < 120 && !(said && said === before); n++) { // twice the same: all pages are loaded
    before = said;
    said = await tab.ask(150);
  }
  all.push(said);
  await tab.close();
}
await close();
process.stdout.write(JSON.stringify(all));
