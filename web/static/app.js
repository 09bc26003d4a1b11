// Served after door.js, as one file. Nothing here is needed: every page works without it. It refreshes what moves
// by itself, shows how far an upload is, and where a field was read.
// On a phone the menu is folded until it is wanted; the style folds it, before this runs,
// so that nothing moves.
for (const b of document.querySelectorAll(".top .menu")) {
  b.addEventListener("click", () => b.setAttribute("aria-expanded", b.closest(".top").classList.toggle("unfolded")));
}

// Elements of a kind that were not met before: parts of a page come anew.
const met = {};
const fresh = (root, kind) => [...root.querySelectorAll(kind)].filter((x) => {
  const seen = (met[kind] ??= new WeakSet());
  return !seen.has(x) && seen.add(x);
});
function begin(root) {
  for (const part of [loads, ticks, shows, stands, drops, uploads, drafts]) part(root);
  document.dispatchEvent(new Event("begun"));
}

for (const form of document.querySelectorAll('form[action="/logout"]')) form.addEventListener("submit", async (event) => {
  sessionStorage.clear();
  if (!localStorage.getItem(waits)) return;
  event.preventDefault();
  if (confirm(document.querySelector("#waiting").dataset.leaves)) { await forget(); form.submit(); }
});

// What was typed, ticked or is being filled in is left alone.
const typing = (root) => [...root.querySelectorAll("form input, form textarea, form select")].some((x) =>
  /^(checkbox|radio)$/.test(x.type) ? x.checked !== x.defaultChecked : x.type === "file" ? x.files.length : x.tagName === "SELECT" ? false : x.type !== "hidden" && x.value !== x.defaultValue) ||
  (root.contains(document.activeElement) && document.activeElement.type !== "file" && /^(INPUT|TEXTAREA|SELECT)$/.test(document.activeElement.tagName));

// The page as it now is takes the place of what differs, and of nothing else: pictures
// stay, and so do the reader's place and what is unfolded. Forms are taken anew whole.
const wide = new Set(["FORM", "svg", "NAV"]);
function become(old, now) {
  if (old.isEqualNode(now)) return;
  if (old.nodeType !== 1 || old.nodeName !== now.nodeName || wide.has(old.nodeName)) {
    if (old.nodeName === "FORM" && now.nodeName === "FORM") [...old.querySelectorAll("details")].forEach((x, i) => { const same = now.querySelectorAll("details")[i]; if (same) same.open = x.open; });
    old.replaceWith(now);
    return;
  }
  if (old.dataset.load || now.dataset.load) { // what came after the page stays until it comes anew, if it has changed
    if (old.dataset.load === now.dataset.load && old.dataset.of === now.dataset.of) return;
    now.replaceChildren(...(old.dataset.load ? old.childNodes : now.childNodes));
    old.replaceWith(now);
    return;
  }
  for (const { name } of [...old.attributes]) if (!now.hasAttribute(name) && !(name === "open" && old.nodeName === "DETAILS")) old.removeAttribute(name);
  for (const { name, value } of now.attributes) if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  const had = [...old.childNodes], has = [...now.childNodes];
  has.forEach((x, i) => { if (had[i]) become(had[i], x); else old.append(x); });
  had.slice(has.length).forEach((x) => x.remove());
}

// The page asks for itself again, without being loaded anew.
const main = document.querySelector("#main");
let asking = false;
async function again() {
  if (asking) return true;
  asking = true;
  try {
    const answer = await fetch(location.pathname + location.search, { headers: { "X-Fragment": "1" } });
    if (answer.redirected || answer.status === 401) { location.reload(); return true; }
    if (!answer.ok) return false;
    const now = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("#main");
    if (!now || typing(main)) return false;
    for (const x of now.querySelectorAll("form[data-drop] [type=file]")) x.multiple = true; // as drops has it: a form that is as it was stays
    for (const x of [...now.querySelectorAll("[autofocus]"), ...main.querySelectorAll("[autofocus]")]) x.removeAttribute("autofocus"); // the focus is somewhere already
    const on = document.activeElement, form = main.contains(on) && on.form, sent = form && form.getAttribute("action");
    become(main, now);
    begin(main);
    if (form && !form.isConnected) { // the focus stays where it was
      const same = [...main.querySelectorAll("form")].find((x) => x.getAttribute("action") === sent);
      const there = same && [...same.elements].find((x) => x.tagName === on.tagName && x.name === on.name && x.value === on.value);
      if (there) there.focus({ preventScroll: true });
    } else if (on && on.nodeName === "A" && !on.isConnected) {
      const there = [...main.querySelectorAll("a[href]")].find((x) => x.getAttribute("href") === on.getAttribute("href"));
      if (there) there.focus({ preventScroll: true });
    }
    return true;
  } catch { return false; /* the house is away: ask again later */ } finally { asking = false; }
}

// What was put in order on the page is kept before its newest state is shown.
async function anew() {
  const form = main.querySelector("form.draft");
  if (form && typing(form)) {
    const body = new URLSearchParams(new FormData(form));
    body.set("do", "save");
    const answer = await fetch(form.action, { method: "POST", body, headers: { Accept: "application/json" }, redirect: "manual" }).catch(() => null);
    if (!answer || !(answer.ok || answer.type === "opaqueredirect")) return false;
    form.reset(); // what is kept now is no typing
  }
  if (form && form.contains(document.activeElement)) document.activeElement.blur();
  return again();
}

// The house tells when something happened that this page shows (server-sent events), while
// somebody looks at it. Without, it is asked every two seconds while the machine works,
// every ten while it rests.
let told = false;
if (main.dataset.live && window.EventSource) {
  const address = new URL(main.dataset.live, location.href);
  let missed = false; // while nobody listened something may have been told that is no event of the ledger
  let stream = null, wanted = false, soon = 0, known = address.searchParams.get("since");
  const look = async () => {
    soon = 0;
    if (document.hidden) return;
    const laid = main.querySelector("form.draft");
    if (laid ? !(await anew()) : typing(main) || !(await again())) { soon = setTimeout(look, 2000); return; }
    wanted = false;
  };
  const changed = () => { wanted = true; if (!soon) soon = setTimeout(look, 250); };
  const close = () => { if (stream) stream.close(); stream = null; told = false; missed = true; };
  const open = () => {
    if (stream || document.hidden) return;
    address.searchParams.set("since", known);
    stream = new EventSource(address);
    stream.onopen = () => { told = true; if (missed) changed(); missed = false; };
    stream.onerror = () => { told = false; missed = true; if (stream && stream.readyState === EventSource.CLOSED) { close(); setTimeout(open, 10000); } };
    for (const name of ["happened", "missed", "beat", "end"]) stream.addEventListener(name, (event) => {
      if (event.lastEventId) known = event.lastEventId;
      if (name === "end") { close(); location.reload(); } else if (name !== "beat") changed();
    });
  };
  document.addEventListener("visibilitychange", () => { if (document.hidden) close(); else { open(); if (wanted) changed(); } });
  addEventListener("pagehide", close);
  addEventListener("pageshow", open);
  open();
}

// What moves is asked for where nobody tells of it.
if (main.querySelector("[data-moving]")) setInterval(() => { if (!told && !document.hidden && main.querySelector("[data-moving]")) again(); }, 3000);

for (const part of document.querySelectorAll("[data-refresh]")) {
  const ask = async () => {
    let rest = 10000;
    const busyHere = part.querySelector("input:checked") || part.contains(document.activeElement);
    if (!told && !document.hidden && !busyHere) {
      try {
        const answer = await fetch(part.dataset.refresh, { headers: { "X-Fragment": "1" } });
        if (answer.redirected) { location.reload(); return; }
        if (answer.ok) { part.innerHTML = await answer.text(); begin(part); }
      } catch { /* the house is away: ask again later */ }
    }
    if (document.querySelector('[data-busy="true"]')) rest = 2000;
    setTimeout(ask, rest);
  };
  setTimeout(ask, 2000);
}

// A document on its way: show its page again when it has moved.
if (document.querySelector("[data-follow]")) {
  const follow = async () => {
    const now = document.querySelector("[data-follow]");
    if (!told && now && !document.hidden && !typing(main)) {
      try {
        const answer = await fetch(now.dataset.follow, { headers: { Accept: "application/json", "X-Fragment": "1" } });
        if (answer.ok) {
          const d = await answer.json(); // a long paper is read page by page
          if (String(d.version) + (d.pagesOf ? "/" + d.pagesDone : "") !== now.dataset.version) await again();
        }
      } catch { /* ask again later */ }
    }
    setTimeout(follow, 2000);
  };
  setTimeout(follow, 2000);
}

// What takes a while comes after the page.
function loads(root) {
  const load = (part) => fetch(part.dataset.load, { headers: { "X-Fragment": "1" } })
    .then((answer) => (answer.ok ? answer.text() : Promise.reject()))
    .then((html) => { part.innerHTML = html; })
    .catch(() => { part.textContent = part.dataset.failed; });
  for (const part of fresh(root, "[data-load]")) {
    load(part);
    part.addEventListener("click", (event) => {
      if (!event.target.closest("[data-again]")) return;
      event.preventDefault();
      part.setAttribute("aria-busy", "true");
      load(part).finally(() => { part.removeAttribute("aria-busy"); part.querySelector("[data-again]")?.focus(); });
    });
  }
}

// One tick for all.
function ticks(root) {
  for (const all of fresh(root, "[data-all]")) {
    all.closest("label").hidden = false;
    all.addEventListener("change", () => {
      for (const one of all.form.elements) if (one.name === all.dataset.all) one.checked = all.checked;
    });
  }
}

// A field and the place on the paper where it was read.
function shows(root) {
  for (const field of fresh(root, "[data-shows]")) {
    const marks = () => [...document.querySelectorAll(`[data-mark="${field.dataset.shows}"]`)];
    const light = (on) => { for (const m of marks()) m.classList.toggle("on", on); };
    field.addEventListener("focus", () => {
      light(true);
      const [first] = marks();
      if (first) first.closest("figure").scrollIntoView({ block: "nearest", behavior: "smooth" });
    });
    field.addEventListener("blur", () => light(false));
    field.addEventListener("mouseenter", () => light(true));
    field.addEventListener("mouseleave", () => light(field === document.activeElement));
  }
}

// Where the mark of a signature will stand, if it is ordered.
function stands(root) {
  for (const says of fresh(root, "[data-stand]")) fetch(says.dataset.stand)
    .then((answer) => (answer.ok ? answer.json() : Promise.reject()))
    .then((at) => {
      const sheet = document.querySelector(`.sheet[data-page="${at.page}"]`);
      if (!sheet) return;
      const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg"), frame = document.createElementNS(svg.namespaceURI, "rect");
      svg.setAttribute("viewBox", "0 0 1 1");
      svg.setAttribute("preserveAspectRatio", "none");
      svg.setAttribute("role", "img");
      svg.setAttribute("aria-label", says.dataset.name);
      frame.classList.add("stand");
      for (const [name, value] of [["x", at.x], ["y", at.y], ["width", at.w], ["height", at.h]]) frame.setAttribute(name, value);
      svg.append(frame);
      sheet.append(svg);
      says.textContent = says.dataset.says.replace("%d", at.page);
      says.hidden = false;
    })
    .catch(() => {}); // what the page says of it in words holds
}

// Whoever zooms in with two fingers gets the larger picture too: a browser chooses by the
// page's own zoom only.
if (self.visualViewport) visualViewport.addEventListener("resize", () => {
  if (visualViewport.scale > 1.3) for (const x of document.querySelectorAll(".sheet img[sizes]")) x.sizes = "1240px";
});

// What was looked for, lit on the pages: one place after the other.
for (const nav of document.querySelectorAll("[data-hits]")) {
  const all = Number(nav.dataset.hits), status = nav.querySelector("[role=status]");
  if (!all) continue;
  let at = 0;
  const go = (n) => {
    at = ((n - 1 + all) % all) + 1;
    for (const x of document.querySelectorAll("rect.hit.on")) x.classList.remove("on");
    const here = [...document.querySelectorAll(`[data-hit="${at}"]`)];
    for (const x of here) x.classList.add("on");
    if (!here.length) return;
    const page = here[0].closest("[data-page]");
    here[0].scrollIntoView({ block: "center", behavior: "smooth" });
    status.textContent = nav.dataset.at.replace("{n}", at).replace("{all}", all).replace("{page}", page.dataset.page);
  };
  for (const part of nav.querySelectorAll(".steps, .keys")) part.hidden = false;
  for (const b of nav.querySelectorAll("[data-step]")) b.addEventListener("click", () => go(at + Number(b.dataset.step)));
  for (const a of nav.querySelectorAll('a[href^="#hit-"]')) {
    a.addEventListener("click", (event) => { event.preventDefault(); go(Number(a.hash.slice(5))); });
  }
  document.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step || !event.altKey || event.ctrlKey || event.metaKey || event.target.matches("input, textarea, select")) return;
    event.preventDefault();
    go(at + step);
  });
  addEventListener("load", () => go(1));
}

// Files can be dropped on a form; several at once are laid out first, before
// anything is received.
function drops(root) { for (const form of fresh(root, "form[data-drop]")) {
  const input = form.querySelector("[type=file]"), over = (on) => form.classList.toggle("over", on);
  input.multiple = true;
  input.addEventListener("keydown", (event) => { if (event.key === "Enter" && !input.files.length && !event.ctrlKey) { event.preventDefault(); input.click(); } });
  input.addEventListener("change", () => { if (input.files.length) form.querySelector("button").focus(); }); // Enter sends
  form.addEventListener("dragover", (event) => {
    if ([...event.dataTransfer.types].includes("Files")) { event.preventDefault(); over(true); }
  });
  form.addEventListener("dragleave", () => over(false));
  form.addEventListener("drop", (event) => {
    over(false);
    if (!event.dataTransfer.files.length) return;
    event.preventDefault();
    if (self.takes && self.takes(form, event.dataTransfer.files)) return;
    input.files = event.dataTransfer.files;
    form.requestSubmit();
  });
} }

// An upload shows how far it is, and what is wrong beside the form.
function uploads(root) { for (const form of fresh(root, "form.upload")) {
  const bar = form.querySelector("progress"), wrong = form.querySelector(".problem");
  const say = (title, detail) => {
    const b = document.createElement("b");
    b.textContent = title;
    wrong.replaceChildren(b, document.createTextNode(detail ? " " + detail : ""));
    wrong.hidden = false;
    bar.hidden = true;
    form.querySelector("button").disabled = false;
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    wrong.hidden = true;
    if (self.takes && self.takes(form)) return;
    const files = [...form.querySelector("[type=file]").files];
    if (files.reduce((n, file) => n + file.size, 0) > Number(form.dataset.max)) { say(form.dataset.large); return; }
    const send = new XMLHttpRequest();
    send.open("POST", files.length > 1 && form.dataset.draft ? form.dataset.draft : form.action);
    send.setRequestHeader("Accept", "application/json");
    send.upload.onprogress = (e) => { if (e.lengthComputable) bar.value = (100 * e.loaded) / e.total; };
    send.upload.onload = () => bar.removeAttribute("value");
    send.onerror = () => say(form.dataset.lost);
    send.onload = () => {
      if (send.status < 400 && send.responseURL) { location.assign(send.responseURL); return; }
      let problem = {};
      try { problem = JSON.parse(send.responseText); } catch { /* not one of ours */ }
      say(problem.title || form.dataset.lost, problem.detail);
    };
    bar.hidden = false;
    bar.value = 0;
    form.querySelector("button").disabled = true;
    send.send(new FormData(form));
  });
} }

// Borders between the papers of a batch: set and taken by a key, dragged to another
// side with what was said of the paper.
let border = null;
function borders(form, leaf, field) {
  const at = leaf.querySelector(".border"), starts = field(leaf, "s");
  if (!at) return;
  const show = () => leaf.classList.toggle("starts", starts.checked);
  starts.addEventListener("change", show);
  leaf.addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() !== "b" || event.ctrlKey || event.metaKey || event.altKey || /^(INPUT|SELECT)$/.test(event.target.tagName) && event.target.type !== "checkbox") return;
    event.preventDefault();
    starts.checked = !starts.checked;
    show();
  });
  at.draggable = true;
  at.title = form.dataset.border;
  at.addEventListener("dragstart", (event) => { event.stopPropagation(); border = leaf; event.dataTransfer.effectAllowed = "move"; });
  at.addEventListener("dragend", (event) => { event.stopPropagation(); border = null; });
  leaf.addEventListener("dragover", (event) => { if (border && border !== leaf) event.preventDefault(); });
  leaf.addEventListener("drop", (event) => {
    if (!border || border === leaf) return;
    event.preventDefault();
    for (const kind of ["c", "l"]) {
      field(leaf, kind).value = field(border, kind).value;
      field(border, kind).value = "";
    }
    starts.checked = true;
    field(border, "s").checked = false;
    border.classList.remove("starts");
    show();
    border = null;
  });
}

for (const wait of document.querySelectorAll("[data-reload]")) setTimeout(() => location.reload(), 1000 * Number(wait.dataset.reload));

// Pages that are laid out: dragged, moved by arrows, turned and left out. The form
// has all of it in its fields; nothing is sent before it is.
function drafts(root) { for (const form of fresh(root, "form.draft")) {
  const list = form.querySelector(".leaves"), status = form.querySelector("[role=status]");
  form.classList.add("scripted");
  form.querySelector(".keys").hidden = false;
  const field = (leaf, kind) => leaf.querySelector(`[name^="${kind}"]`);
  const number = () => { [...list.children].forEach((leaf, i) => { field(leaf, "o").value = i + 1; }); };
  const place = (leaf, before) => {
    list.insertBefore(leaf, before);
    number();
    status.textContent = form.dataset.moved.replace("{n}", field(leaf, "o").value);
  };
  const show = (leaf) => {
    const img = leaf.querySelector("img");
    img.className = "turn" + ((Number(img.dataset.up) + Number(field(leaf, "t").value) / 90) % 4);
    leaf.classList.toggle("dropped", field(leaf, "d").checked);
    const kept = form.querySelector(".bar b"), n = [...list.children].filter((x) => !field(x, "d").checked).length;
    kept.textContent = kept.textContent.replace(/\d+/, n);
  };
  let held = null;
  for (const leaf of list.children) {
    const tools = document.createElement("div");
    tools.className = "tools";
    const tool = (sign, name, act) => {
      const b = document.createElement("button");
      b.type = "button";
      b.textContent = sign;
      b.title = name;
      b.setAttribute("aria-label", name);
      b.addEventListener("click", () => { act(); b.focus(); });
      tools.append(b);
    };
    const left = () => { if (leaf.previousElementSibling) place(leaf, leaf.previousElementSibling); };
    const right = () => { if (leaf.nextElementSibling) place(leaf, leaf.nextElementSibling.nextElementSibling); };
    tool("←", form.dataset.left, left);
    tool("↻", form.dataset.rotate, () => { const t = field(leaf, "t"); t.value = (Number(t.value) + 90) % 360; show(leaf); });
    tool("→", form.dataset.right, right);
    tools.addEventListener("keydown", (event) => {
      const act = { ArrowLeft: left, ArrowRight: right }[event.key], on = document.activeElement;
      if (act) { event.preventDefault(); act(); on.focus(); }
    });
    leaf.querySelector(".set").before(tools);
    field(leaf, "t").addEventListener("change", () => show(leaf));
    field(leaf, "d").addEventListener("change", () => show(leaf));
    leaf.draggable = true;
    leaf.addEventListener("dragstart", (event) => { held = leaf; event.dataTransfer.effectAllowed = "move"; leaf.classList.add("held"); });
    leaf.addEventListener("dragend", () => { held = null; leaf.classList.remove("held"); number(); });
    leaf.addEventListener("dragover", (event) => {
      if (!held) return;
      event.preventDefault();
      if (held === leaf) return;
      const before = held.compareDocumentPosition(leaf) & Node.DOCUMENT_POSITION_PRECEDING;
      place(held, before ? leaf : leaf.nextElementSibling);
    });
    leaf.addEventListener("drop", (event) => { if (held) event.preventDefault(); });
    show(leaf);
    borders(form, leaf, field);
  }
} }

// What was typed into a form and not sent is kept for this window, and is there again on
// return: after another page, a session that ended, an answer that was an error. It goes
// when it was sent and taken, when its writer logs out, and with the window. Passwords,
// PINs and the text of a card are never kept.
const keeps = "typed:" + location.pathname;
const keptForms = [...main.querySelectorAll("form[method=post]:not(.upload):not(.draft)")];
const fields = (form) => [...form.elements].filter((x) => x.name && /^(text|number|search|tel|email|date|month|url|textarea|select-one|checkbox|radio)$/.test(x.type) && x.autocomplete !== "one-time-code" && !x.closest("[data-forget]"));
const nameOf = (form) => form.getAttribute("action") + "#" + keptForms.filter((x) => x.getAttribute("action") === form.getAttribute("action")).indexOf(form);
const changed = (x) => (/^(checkbox|radio)$/.test(x.type) ? x.checked !== x.defaultChecked : x.type === "select-one" ? ![...x.options].some((o) => o.defaultSelected && o.selected) && x.selectedIndex > 0 : x.value !== x.defaultValue);
try {
  if (owner) {
    const whose = sessionStorage.getItem("typed-by");
    if (whose && whose !== owner) for (const k of Object.keys(sessionStorage)) if (k.startsWith("typed")) sessionStorage.removeItem(k);
    sessionStorage.setItem("typed-by", owner);
    const sent = sessionStorage.getItem("typed-sent");
    if (sent) sessionStorage.removeItem(sent); // it was taken
    sessionStorage.removeItem("typed-sent");
    const all = JSON.parse(sessionStorage.getItem(keeps) || "{}");
    for (const form of keptForms) {
      let back = false;
      for (const [name, value] of all[nameOf(form)] || []) {
        const x = fields(form).find((y) => y.name === name && (y.type !== "radio" || y.value === value));
        if (!x) continue;
        if (/^(checkbox|radio)$/.test(x.type)) { if (x.checked !== !!value) { x.checked = !!value; back = true; } } else if (x.value !== value) { x.value = value; back = true; }
      }
      if (!back) continue;
      for (let part = form.parentElement; part; part = part.parentElement) if (part.nodeName === "DETAILS") part.open = true;
      const note = document.createElement("p");
      note.className = "note";
      note.setAttribute("role", "status");
      note.textContent = document.body.dataset.typed;
      form.prepend(note);
    }
    main.addEventListener("input", (event) => {
      const form = event.target.form;
      if (!keptForms.includes(form)) return;
      const now = JSON.parse(sessionStorage.getItem(keeps) || "{}");
      now[nameOf(form)] = fields(form).filter(changed).map((x) => [x.name, x.type === "checkbox" ? (x.checked ? "1" : "") : x.value]);
      sessionStorage.setItem(keeps, JSON.stringify(now));
    });
    main.addEventListener("submit", (event) => { if (keptForms.includes(event.target)) sessionStorage.setItem("typed-sent", keeps); });
  }
} catch { /* a browser that keeps nothing */ }

// The order of pages is kept nowhere until it is saved: leaving asks.
let leaving = false;
document.addEventListener("submit", () => { leaving = true; });
addEventListener("beforeunload", (event) => {
  const form = main.querySelector("form.draft");
  if (form && !leaving && typing(form)) event.preventDefault();
});

// Keys. A reader of cards types fast and ends with Enter: what it says is taken wherever the
// cursor is. Single keys can be turned off (WCAG 2.1.4); what they do is listed by "?".
const help = document.querySelector("#keys"), free = "sohoa-keys";
const written = (x) => x && (x.isContentEditable || (/^(INPUT|TEXTAREA|SELECT)$/.test(x.tagName) && !/^(checkbox|radio|button|submit|file)$/.test(x.type)));
const seenKey = (key) => [...document.querySelectorAll(`[data-key="${CSS.escape(key)}"]`)].find((x) => help.contains(x) || x.getClientRects().length);
let run = "", last = 0;
function scanned(text, target) {
  const field = main.querySelector("[data-card]") || document.querySelector("#card [name=card]");
  if (!field) return false;
  if (written(target) && target !== field && target.value.endsWith(text)) target.value = target.value.slice(0, -text.length);
  field.value = text.slice(text.search(/\d{12}\|/));
  field.form.requestSubmit(field.form.querySelector("button[value=card]") || field.form.querySelector("button"));
  return true;
}
if (help) {
  const single = help.querySelector("[data-single]"), list = help.querySelector("dl"), fixed = [...list.children];
  try { single.checked = localStorage.getItem(free) !== "off"; } catch { /* keys work */ }
  single.addEventListener("change", () => { try { localStorage.setItem(free, single.checked ? "on" : "off"); } catch { /* until the next page */ } });
  const show = () => {
    const rows = new Map();
    for (const x of document.querySelectorAll("[data-key]")) if (!rows.has(x.dataset.key) && seenKey(x.dataset.key)) rows.set(x.dataset.key, x.dataset.does || x.textContent.trim());
    list.replaceChildren(...fixed, ...[...rows].map(([key, does]) => {
      const row = document.createElement("div"), k = document.createElement("dt"), d = document.createElement("dd"), cap = document.createElement("kbd");
      cap.textContent = key;
      k.append(cap);
      d.textContent = does;
      row.append(k, d);
      return row;
    }));
    help.showModal();
  };
  for (const b of document.querySelectorAll("[data-keys]")) { b.hidden = false; b.addEventListener("click", show); }
  addEventListener("keydown", (event) => {
    if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
        const form = event.target.closest && event.target.closest("form"), button = form && form.querySelector("button.main");
        if (button) { event.preventDefault(); form.requestSubmit(button); }
      }
      return;
    }
    if (event.timeStamp - last > 60) run = "";
    last = event.timeStamp;
    if (event.key === "Enter" && /\d{12}\|[^|]*\|[^|]+\|\d{8}\|/.test(run)) {
      if (scanned(run, event.target)) { event.preventDefault(); event.stopPropagation(); }
      run = "";
      return;
    }
    if (event.key.length === 1) run += event.key; else if (event.key !== "Shift") run = "";
    if (run.length !== 1 || !single.checked || help.open || written(event.target)) return;
    if (event.key === "?") { event.preventDefault(); show(); return; }
    const x = seenKey(event.key);
    if (!x) return;
    event.preventDefault();
    x.focus();
    if (x.tagName === "A" || x.type === "file") x.click(); // a button waits for Enter
  }, true);
}

// A picture of a card's code is read here, if the browser can; else the house reads it.
for (const form of document.querySelectorAll("form[data-codes]")) if (self.BarcodeDetector) form.addEventListener("submit", async (event) => {
  event.preventDefault();
  try {
    const image = await createImageBitmap(form.querySelector("[type=file]").files[0]);
    for (const code of await new BarcodeDetector({ formats: ["qr_code"] }).detect(image)) if (/\d{12}\|/.test(code.rawValue) && scanned(code.rawValue, null)) return;
  } catch { /* the house may */ }
  form.submit();
});

// A counter's camera has a script of its own, where there is a camera to ask for.
for (const button of document.querySelectorAll("[data-camera]")) if (navigator.mediaDevices && navigator.mediaDevices.getUserMedia) {
  const script = document.createElement("script"), form = button.form;
  form.addEventListener("card", (event) => scanned(event.detail, null));
  script.addEventListener("load", () => { self.camera(form); button.hidden = false; });
  button.closest("details").addEventListener("toggle", () => { if (!script.src) { script.src = button.dataset.camera; document.head.append(script); } });
}

begin(document);
