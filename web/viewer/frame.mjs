// A PDF's pages, in a frame that has no origin: it gets the file's bytes and
// nothing else of the house, so that whatever a hostile file did to the reader it
// would find no session, no page and nobody to ask. No script of a file is run,
// no form filled in, no link followed.
import * as pdfjs from "./pdf.min.mjs";

const words = document.body.dataset, $ = (id) => document.getElementById(id);
const box = $("pages"), parts = new URL(words.parts, location.href).href;
let file, pages = [], zoom = 0, turned = 0, hits = [], at = -1, busy = false;

// A worker of the frame's own: from no origin none but a blob's can be started, and
// none that is a module. What is sent before it listens is kept for it.
const start = `const early = [], keep = (e) => { early.push(e.data); e.stopImmediatePropagation(); };
addEventListener("message", keep);
import(${JSON.stringify(new URL(words.worker, location.href).href)}).then(() => {
  removeEventListener("message", keep);
  for (const data of early) dispatchEvent(new MessageEvent("message", { data }));
});`;
pdfjs.GlobalWorkerOptions.workerPort = new Worker(URL.createObjectURL(new Blob([start], { type: "text/javascript" })));

addEventListener("message", (event) => {
  if (event.source !== parent) return;
  if (event.data.bytes) open(event.data.bytes);
  if (event.data.wrong) say(event.data.wrong);
  if (event.data.at !== undefined && pages.length) { busy = true; box.scrollTop = event.data.at * box.scrollHeight; setTimeout(() => { busy = false; }, 120); }
});
parent.postMessage({ ready: true }, "*");

function say(text) {
  const p = document.createElement("p");
  p.setAttribute("role", "status");
  p.textContent = text;
  box.replaceChildren(p);
}

async function open(bytes) {
  try {
    file = await pdfjs.getDocument({ data: bytes, isEvalSupported: false, useWasm: false, enableXfa: false, useSystemFonts: false,
      maxImageSize: 1 << 28, wasmUrl: parts, standardFontDataUrl: parts, stopAtErrors: false }).promise;
  } catch (e) {
    say(e.name === "PasswordException" ? words.secret : words.wrong);
    return;
  }
  box.replaceChildren();
  for (let n = 1; n <= file.numPages; n++) {
    const div = document.createElement("div");
    div.className = "page";
    div.setAttribute("role", "img");
    div.setAttribute("aria-label", words.page.replace("{n}", n));
    const page = { n, div, drawn: "" };
    pages.push(page);
    box.append(div);
  }
  page1 = await file.getPage(1);
  for (const p of pages) size(p, page1);
  $("of").textContent = words.of.replace("{n}", file.numPages);
  for (const p of pages) seen.observe(p.div);
  resize.observe(box);
  parent.postMessage({ opened: file.numPages }, "*");
}
let page1;

// scaleOf is by how much a page is enlarged: as wide as there is room, or as told.
const scaleOf = (page) => zoom || (box.clientWidth - 24) / page.getViewport({ scale: 1, rotation: (page.rotate + turned) % 360 }).width;

function size(p, page) {
  const v = page.getViewport({ scale: scaleOf(page), rotation: (page.rotate + turned) % 360 });
  p.div.style.width = v.width + "px";
  p.div.style.height = v.height + "px";
  $("zoom").textContent = Math.round(100 * scaleOf(page1)) + " %";
  return v;
}

const near = new Set();
const seen = new IntersectionObserver((all) => {
  for (const e of all) {
    const p = pages.find((p) => p.div === e.target);
    e.isIntersecting ? near.add(p) : near.delete(p);
    if (e.isIntersecting) draw(p);
    else if (p.drawn && pages.length > 20) { p.drawn = ""; p.layer = null; p.div.replaceChildren(); } // memory stays flat
  }
}, { root: box, rootMargin: "600px" });
const resize = new ResizeObserver(() => { if (!zoom) again(); });

function again() {
  for (const p of pages) p.drawn = "";
  for (const p of pages) size(p, p.page ?? page1);
  for (const p of near) draw(p);
}

async function draw(p) {
  p.page ??= await file.getPage(p.n);
  const v = size(p, p.page), key = v.width + "/" + v.rotation;
  if (p.drawn === key) return p.layer;
  p.drawn = key;
  const canvas = document.createElement("canvas"), ratio = Math.min(devicePixelRatio || 1, 2);
  canvas.width = Math.round(v.width * ratio);
  canvas.height = Math.round(v.height * ratio);
  const div = document.createElement("div");
  div.className = "textLayer";
  p.div.style.setProperty("--total-scale-factor", v.scale);
  p.div.style.setProperty("--scale-factor", v.scale);
  p.layer = (async () => {
    p.items = await p.page.getTextContent({ disableNormalization: true });
    const layer = new pdfjs.TextLayer({ textContentSource: p.items, container: div, viewport: v });
    await layer.render();
    p.spans = layer.textDivs;
    p.strings = layer.textContentItemsStr;
  })();
  await p.page.render({ canvas, viewport: v, transform: ratio === 1 ? null : [ratio, 0, 0, ratio, 0, 0], annotationMode: pdfjs.AnnotationMode.ENABLE }).promise.catch(() => 0);
  await p.layer;
  if (p.drawn === key) { p.div.replaceChildren(canvas, div); p.div.removeAttribute("role"); light(); }
  return p.layer;
}

// fold makes letters comparable: without case, without marks, đ as d; one for one.
const fold = (s) => [...s.normalize("NFC")].map((c) => c.toLowerCase().replace(/đ/g, "d").normalize("NFD")[0]).join("");

async function find(text) {
  hits = [];
  at = -1;
  const want = fold(text.trim().replace(/\s+/g, " "));
  if (want) {
    for (const p of pages) {
      p.page ??= await file.getPage(p.n);
      p.items ??= await p.page.getTextContent({ disableNormalization: true });
      const all = p.items.items.filter((i) => i.str !== undefined);
      let folded = "", from = []; // from: of each letter its item and its place therein
      all.forEach((item, i) => {
        const f = fold(item.str);
        for (let k = 0; k < f.length; k++) {
          if (/\s/.test(f[k]) && /\s$/.test(folded)) continue;
          folded += /\s/.test(f[k]) ? " " : f[k];
          from.push([i, k]);
        }
        if (!/\s$/.test(folded)) { folded += " "; from.push([i, f.length]); }
      });
      for (let k = folded.indexOf(want); k >= 0; k = folded.indexOf(want, k + 1)) hits.push({ p, a: from[k], b: from[k + want.length - 1] });
    }
  }
  step(1);
}

async function step(by) {
  if (!hits.length) { $("hits").textContent = $("sought").value.trim() ? words.none : ""; light(); return; }
  at = (at + by + hits.length) % hits.length;
  $("hits").textContent = words.hits.replace("{n}", at + 1).replace("{all}", hits.length);
  const p = hits[at].p;
  await draw(p);
  await p.layer;
  light();
  const r = rangeOf(hits[at]);
  if (!r) return;
  const here = r.getBoundingClientRect(), frame = box.getBoundingClientRect();
  box.scrollTop += here.top - frame.top - box.clientHeight / 3;
}

// rangeOf is where a hit stands on a page that is drawn.
function rangeOf(h) {
  const { spans, strings } = h.p;
  if (!spans || !h.p.drawn) return null;
  const r = document.createRange();
  const put = ([i, k], end) => {
    const node = spans[i]?.firstChild, n = Math.min(k + (end ? 1 : 0), node?.length ?? 0);
    if (node) end ? r.setEnd(node, n) : r.setStart(node, n);
    return node;
  };
  return strings && put(h.a, false) && put(h.b, true) ? r : null;
}

function light() {
  if (!CSS.highlights) return;
  const ranges = hits.filter((h) => near.has(h.p)).map(rangeOf).filter(Boolean);
  CSS.highlights.set("found", new Highlight(...ranges));
  const here = at >= 0 && rangeOf(hits[at]);
  CSS.highlights.set("here", new Highlight(...(here ? [here] : [])));
}

const current = () => {
  const top = box.getBoundingClientRect().top + 40;
  return Math.max(0, pages.findIndex((p) => p.div.getBoundingClientRect().bottom > top));
};
const go = (n) => pages[Math.max(0, Math.min(pages.length - 1, n))]?.div.scrollIntoView({ block: "start" });
const larger = (by) => { if (page1) { zoom = Math.min(6, Math.max(0.2, scaleOf(page1) * by)); again(); } };

box.addEventListener("scroll", () => {
  $("number").value = current() + 1;
  if (!busy) parent.postMessage({ at: box.scrollTop / box.scrollHeight }, "*");
});
$("prev").addEventListener("click", () => go(current() - 1));
$("next").addEventListener("click", () => go(current() + 1));
$("number").addEventListener("change", () => go(Number($("number").value) - 1));
$("smaller").addEventListener("click", () => larger(1 / 1.25));
$("larger").addEventListener("click", () => larger(1.25));
$("fit").addEventListener("click", () => { zoom = 0; if (page1) again(); });
$("turn").addEventListener("click", () => { turned = (turned + 90) % 360; if (page1) again(); });
let sought = "";
const seek = () => { // no form: a frame without an origin may send none
  if (!file) return;
  if ($("sought").value === sought) { step(1); return; }
  sought = $("sought").value;
  find(sought);
};
$("again").addEventListener("click", seek);
$("sought").addEventListener("keydown", (event) => {
  if (event.key === "Enter") event.shiftKey ? step(-1) : seek();
});
$("back").addEventListener("click", () => step(-1));
addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key === "f") { event.preventDefault(); $("sought").focus(); $("sought").select(); }
  if (event.target.matches("input")) return;
  const act = { "+": () => larger(1.25), "-": () => larger(1 / 1.25), 0: () => $("fit").click(), r: () => $("turn").click() }[event.key];
  if (act && !event.ctrlKey && !event.metaKey && !event.altKey) { event.preventDefault(); act(); }
});
