// Prints as JSON, for each PDF, what pdf.js says of it: the text of its pages,
// the titles of its outline and the labels of its pages.
//
//   node pdfjs.mjs PDF.JS FILE…      (PDF.JS: where the package pdfjs-dist lies)
import { readFileSync } from "node:fs";

const [where, ...files] = process.argv.slice(2);
const { getDocument } = await import(where + "/legacy/build/pdf.mjs");
const all = [];
for (const file of files) {
  const doc = await getDocument({ data: new Uint8Array(readFileSync(file)), verbosity: 0, isEvalSupported: false }).promise;
  let text = "";
  for (let i = 1; i <= doc.numPages; i++) {
    const { items } = await (await doc.getPage(i)).getTextContent();
    text += items.map((x) => x.str + (x.hasEOL ? "\n" : "")).join("") + "\n";
  }
  const outline = (await doc.getOutline()) ?? [];
  all.push({ text, outline: outline.map((x) => x.title), labels: (await doc.getPageLabels()) ?? [] });
  await doc.destroy();
}
process.stdout.write(JSON.stringify(all));
