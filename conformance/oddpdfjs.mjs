// Opens PDFs with pdf.js: every page's operators and words. Prints a line of
// JSON for each file: {"file": …, "pages": n} or {"file": …, "error": …}.
//
//     node oddpdfjs.mjs MODULE-DIR FILE-WITH-PATHS
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [, , where, list] = process.argv;
const warn = console.warn, log = console.log;
const pdfjs = await import(pathToFileURL(`${where}/node_modules/pdfjs-dist/legacy/build/pdf.mjs`).href);
for (const file of readFileSync(list, "utf8").split("\n").filter(Boolean)) {
  const said = [];
  console.warn = console.log = (...words) => said.push(words.join(" "));
  const answer = { file };
  try {
    const doc = await pdfjs.getDocument({
      data: new Uint8Array(readFileSync(file)), stopAtErrors: true, isEvalSupported: false, useSystemFonts: false, verbosity: 1,
      standardFontDataUrl: `${where}/node_modules/pdfjs-dist/standard_fonts/`, cMapUrl: `${where}/node_modules/pdfjs-dist/cmaps/`,
      wasmUrl: `${where}/node_modules/pdfjs-dist/wasm/`,
    }).promise;
    for (let n = 1; n <= doc.numPages; n++) {
      const page = await doc.getPage(n);
      const ops = await page.getOperatorList();
      if (ops.fnArray.length === 0) throw new Error(`page ${n} draws nothing`);
      await page.getTextContent();
    }
    answer.pages = doc.numPages;
    await doc.destroy();
  } catch (e) {
    answer.error = String(e);
  }
  answer.warnings = said.filter((w) => !/canvas|polyfill|napi|DOMMatrix|Path2D|ImageData/i.test(w));
  process.stdout.write(JSON.stringify(answer) + "\n");
}
console.warn = warn; console.log = log;
process.exit(0);
