// Nothing here is needed: every page works without it. It refreshes what moves
// by itself, shows how far an upload is, and where a field was read.
"use strict";

// On a phone the menu is folded until it is wanted.
for (const b of document.querySelectorAll(".top .menu")) {
  const top = b.closest(".top");
  b.hidden = false;
  top.classList.add("folded");
  b.addEventListener("click", () => b.setAttribute("aria-expanded", !top.classList.toggle("folded")));
}

// Elements of a kind that were not met before: parts of a page come anew.
const met = {};
const fresh = (root, kind) => [...root.querySelectorAll(kind)].filter((x) => {
  const seen = (met[kind] ??= new WeakSet());
  return !seen.has(x) && seen.add(x);
});
function begin(root) { for (const part of [loads, ticks, shows, drops, uploads]) part(root); }

// What was typed, ticked or is being filled in is left alone.
const typing = (root) => [...root.querySelectorAll("form input, form textarea, form select")].some((x) =>
  /^(checkbox|radio)$/.test(x.type) ? x.checked !== x.defaultChecked : x.type === "file" ? x.files.length : x.tagName === "SELECT" ? false : x.type !== "hidden" && x.value !== x.defaultValue) ||
  (root.contains(document.activeElement) && /^(INPUT|TEXTAREA|SELECT)$/.test(document.activeElement.tagName));

// The page as it now is takes the place of what differs, and of nothing else: pictures
// stay, and so do the reader's place and what is unfolded. Forms are taken anew whole.
const wide = new Set(["FORM", "svg", "NAV"]);
function become(old, now) {
  if (old.isEqualNode(now)) return;
  if (old.nodeType !== 1 || old.nodeName !== now.nodeName || wide.has(old.nodeName) || old.dataset.load || now.dataset.load) { old.replaceWith(now); return; }
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
    become(main, now);
    begin(main);
    return true;
  } catch { return false; /* the house is away: ask again later */ } finally { asking = false; }
}

// The house tells when something happened that this page shows (server-sent events), while
// somebody looks at it. Without, it is asked every two seconds while the machine works,
// every ten while it rests.
let told = false;
if (main.dataset.live && window.EventSource) {
  const address = new URL(main.dataset.live, location.href);
  let stream = null, wanted = false, soon = 0, known = address.searchParams.get("since");
  const look = async () => {
    soon = 0;
    if (document.hidden) return;
    if (typing(main) || !(await again())) { soon = setTimeout(look, 2000); return; }
    wanted = false;
  };
  const changed = () => { wanted = true; if (!soon) soon = setTimeout(look, 250); };
  const close = () => { if (stream) stream.close(); stream = null; told = false; };
  const open = () => {
    if (stream || document.hidden) return;
    address.searchParams.set("since", known);
    stream = new EventSource(address);
    stream.onopen = () => { told = true; };
    stream.onerror = () => { told = false; if (stream && stream.readyState === EventSource.CLOSED) { close(); setTimeout(open, 10000); } };
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
  for (const part of fresh(root, "[data-load]")) fetch(part.dataset.load, { headers: { "X-Fragment": "1" } })
    .then((answer) => (answer.ok ? answer.text() : Promise.reject()))
    .then((html) => { part.innerHTML = html; })
    .catch(() => { part.textContent = part.dataset.failed; });
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
  form.addEventListener("dragover", (event) => {
    if ([...event.dataTransfer.types].includes("Files")) { event.preventDefault(); over(true); }
  });
  form.addEventListener("dragleave", () => over(false));
  form.addEventListener("drop", (event) => {
    over(false);
    if (!event.dataTransfer.files.length) return;
    event.preventDefault();
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
for (const form of document.querySelectorAll("form.draft")) {
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
}

// Passkeys: a form that says where to ask for a challenge is shown where the browser
// knows them, and sent with the answer in it. Bytes travel in base64url.
for (const form of document.querySelectorAll("form[data-passkey]")) {
  if (!window.PublicKeyCredential) continue;
  const wrong = form.querySelector(".problem"), use = form.querySelector("[data-use]");
  form.hidden = false;
  if (use) use.hidden = false;
  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
  const letters = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const ids = (list) => list.map((x) => ({ ...x, id: bytes(x.id) }));
  const answer = async (o) => {
    o.challenge = bytes(o.challenge);
    if (o.user) {
      o.user.id = bytes(o.user.id);
      o.excludeCredentials = ids(o.excludeCredentials);
      const made = await navigator.credentials.create({ publicKey: o }), r = made.response;
      return { id: letters(made.rawId), client: letters(r.clientDataJSON), auth: letters(r.getAuthenticatorData()),
        key: letters(r.getPublicKey()), alg: r.getPublicKeyAlgorithm() };
    }
    o.allowCredentials = ids(o.allowCredentials);
    const found = await navigator.credentials.get({ publicKey: o }), r = found.response;
    return { id: letters(found.rawId), client: letters(r.clientDataJSON), auth: letters(r.authenticatorData), sig: letters(r.signature),
      ...(r.userHandle && r.userHandle.byteLength ? { user: letters(r.userHandle) } : {}) };
  };
  const go = async (event) => {
    event.preventDefault();
    wrong.hidden = true;
    try {
      const proof = form.elements.proof ? { proof: form.elements.proof.value } : {};
      const asked = await fetch(form.dataset.passkey, { method: "POST", headers: { Accept: "application/json" }, body: new URLSearchParams(use ? {} : proof) });
      const said = await asked.json();
      if (!asked.ok) throw Object.assign(new Error(), { title: said.title, detail: said.detail });
      form.elements.passkey.value = JSON.stringify(await answer(said));
      if (form.elements.proof) form.elements.proof.value = "";
      form.submit();
    } catch (e) {
      wrong.textContent = e.title ? e.title + ". " + (e.detail || "") : form.dataset.failed;
      wrong.hidden = false;
    }
  };
  if (use) use.addEventListener("click", go);
  else form.addEventListener("submit", go);
}

begin(document);
