// Files on their way. They go in pieces (tus 1.0.0) with a checksum each, so that a line
// that breaks or a house that is killed costs a piece; what could not be sent yet waits in
// this browser (IndexedDB), and goes on by itself, also from the next page. Nothing of a
// file stays here when it has been taken, when its owner logs out or somebody else logs
// in. Without this script the forms send as they always did.
"use strict";

(() => {
  const frame = document.querySelector("#waiting");
  if (!frame || self.takes) return;
  // A phone that was invited is nobody: what it sends is its invitation's, and kept apart.
  const words = frame.dataset, phone = words.base, who = phone || document.body.dataset.who, life = 12 * 3600e3;
  const store = phone ? "sohoa-phone" : "sohoa", marked = store + "-waiting", door = (phone || "") + "/uploads";
  const smallest = 1 << 18, largest = 1 << 22, patience = 60000, digested = 1 << 28;
  const panel = frame.content.firstElementChild.cloneNode(true), list = panel.querySelector("ol"), line = frame.content.querySelector("li");
  document.querySelector("#main").after(panel);
  list.replaceChildren();

  // The store: one record a file. A browser that has no room keeps it while the page stands.
  let db = null;
  const opened = new Promise((done) => {
    let asked;
    try { asked = indexedDB.open(store, 1); } catch { done(); return; }
    asked.onupgradeneeded = () => asked.result.createObjectStore("files", { keyPath: "id" });
    asked.onsuccess = () => { db = asked.result; db.onversionchange = () => { db.close(); db = null; }; done(); };
    asked.onerror = asked.onblocked = () => done();
  });
  const ask = (mode, how) => new Promise((done, fail) => {
    if (!db) { done(); return; }
    const deal = db.transaction("files", mode), asked = how(deal.objectStore("files"));
    deal.oncomplete = () => done(asked && asked.result);
    deal.onerror = deal.onabort = () => fail(deal.error);
  });
  const items = new Map();
  const keep = async (x) => {
    const { shown, ...kept } = x; // what is shown of it is no part of it
    try { await ask("readwrite", (s) => s.put(kept)); x.kept = !!db; } catch { x.kept = false; }
  };
  const drop = async (x) => {
    items.delete(x.id);
    if (x.shown) x.shown.remove();
    try { await ask("readwrite", (s) => s.delete(x.id)); } catch { /* it was not there */ }
    if (!items.size) localStorage.removeItem(marked);
    show();
  };

  // What is shown of each: beside its form, or below the page.
  const place = (x) => {
    const form = document.querySelector(`form[data-resume="${x.dossier}/${x.slot}"]`);
    if (!form) return list;
    let here = form.parentElement.querySelector(".coming");
    if (!here) { here = document.createElement("ol"); here.className = "coming"; form.after(here); }
    return here;
  };
  const picture = async (x, canvas) => {
    const pen = canvas.getContext("2d");
    try {
      const image = await createImageBitmap(x.file), k = Math.min(canvas.width / image.width, canvas.height / image.height);
      pen.drawImage(image, (canvas.width - k * image.width) / 2, (canvas.height - k * image.height) / 2, k * image.width, k * image.height);
      image.close();
    } catch { // no picture that the browser knows: its kind
      pen.fillStyle = "#59627a";
      pen.font = "bold 16px sans-serif";
      pen.textAlign = "center";
      pen.fillText((/\.(\w{1,4})$/.exec(x.name) || ["", "?"])[1].toUpperCase(), canvas.width / 2, canvas.height / 2);
    }
  };
  function show() {
    for (const x of items.values()) {
      if (!x.shown) {
        x.shown = line.cloneNode(true);
        picture(x, x.shown.querySelector("canvas"));
        x.shown.querySelector("b").textContent = x.name;
        x.shown.querySelector("[data-do=again]").addEventListener("click", () => { x.state = "waits"; x.why = ""; run(); });
        x.shown.querySelector("[data-do=remove]").addEventListener("click", () => forget(x));
      }
      const where = place(x), bar = x.shown.querySelector("progress");
      if (x.shown.parentElement !== where) where.append(x.shown);
      x.shown.querySelector(".where").textContent = where === list && !phone ? `${x.dossier} · ${x.slot}` : "";
      bar.value = x.size ? (100 * (x.sent || 0)) / x.size : 100;
      bar.hidden = x.state === "refused";
      x.shown.querySelector(".why").textContent = x.state === "refused" ? x.why : words[x.state] + (x.kept === false ? " " + words.unkept : "");
      x.shown.classList.toggle("wrong", x.state === "refused");
      x.shown.querySelector("[data-do=again]").hidden = x.state !== "refused";
    }
    panel.hidden = !list.children.length;
    const login = [...items.values()].some((x) => x.state === "login");
    panel.querySelector(".login").hidden = !login;
    if (login) panel.hidden = false;
  }

  const base64 = (bytes) => { let s = ""; for (const b of new Uint8Array(bytes)) s += String.fromCharCode(b); return btoa(s); };
  const sum = (buffer) => (self.crypto && crypto.subtle ? crypto.subtle.digest("SHA-256", buffer) : null);
  const hex = (buffer) => [...new Uint8Array(buffer)].map((b) => b.toString(16).padStart(2, "0")).join("");

  // A step of the protocol. What went wrong says whether to wait, to log in, or to stop.
  const call = async (method, to, headers = {}, body) => {
    const stop = new AbortController(), clock = setTimeout(() => stop.abort(), method === "POST" ? 10 * patience : patience);
    let answer;
    try {
      answer = await fetch(to, { method, body, signal: stop.signal, headers: { "Tus-Resumable": "1.0.0", Accept: "application/json", ...headers } });
    } catch { throw { wait: true }; } finally { clearTimeout(clock); }
    if (answer.ok) return answer;
    if (answer.status === 401) throw { login: true };
    if (answer.status >= 500 || answer.status === 429) throw { wait: true, after: Number(answer.headers.get("Retry-After")) };
    let said = {};
    try { said = await answer.json(); } catch { /* no words of ours */ }
    throw { status: answer.status, why: [said.title || words.lost, said.detail || ""].join(" ") };
  };

  let step = smallest;
  const announce = async (x) => {
    const told = { dossier: x.dossier, slot: x.slot, filename: x.name, draft: x.lay ? "1" : "0", waiting: x.waiting ? "1" : "0" };
    if (x.sum) told.sha256 = x.sum;
    const pairs = Object.entries(told).map(([k, v]) => k + " " + base64(new TextEncoder().encode(v)));
    const answer = await call("POST", door, { "Upload-Length": x.size, "Upload-Metadata": pairs.join(",") });
    x.upload = answer.headers.get("Location");
    await keep(x);
  };
  const send = async (x) => {
    x.state = "sends";
    show();
    if (!x.upload) await announce(x);
    let at = 0;
    const ask = async () => { at = Number((await call("HEAD", x.upload)).headers.get("Upload-Offset")); };
    try { await ask(); } catch (e) {
      if (e.status !== 404) throw e;
      await announce(x); // it was forgotten there
    }
    for (let tries = 0; at < x.size;) {
      const piece = await x.file.slice(at, at + step).arrayBuffer(), checked = await sum(piece), began = Date.now();
      const headers = { "Content-Type": "application/offset+octet-stream", "Upload-Offset": at };
      if (checked) headers["Upload-Checksum"] = "sha256 " + base64(checked);
      try {
        at = Number((await call("PATCH", x.upload, headers, piece)).headers.get("Upload-Offset"));
        tries = 0;
        const took = Date.now() - began;
        step = took < 1000 ? Math.min(largest, 2 * step) : took > 4000 ? Math.max(smallest, step / 2) : step;
      } catch (e) {
        step = smallest;
        if (!(e.status === 409 || e.status === 460) || ++tries > 5) throw e;
        await ask(); // another page sends it too, or a piece was hurt on its way
      }
      x.sent = at;
      show();
    }
    x.state = "checks";
    show();
    return (await (await call("POST", x.upload)).json()).to;
  };

  // One after the other, in the order in which they were chosen.
  let running = false, timer = 0, rest = 1000;
  const run = async () => {
    clearTimeout(timer);
    show();
    if (running) return;
    running = true;
    if (!navigator.locks && document.hidden) { timer = setTimeout(run, 5000); running = false; return; } // one page sends
    try { await (navigator.locks ? navigator.locks.request(store + "-uploads", sendAll) : sendAll()); } finally { running = false; }
  };
  const sendAll = async () => {
    await read();
    for (let x; (x = [...items.values()].find((y) => y.state === "waits"));) {
      try {
        const to = await send(x);
        rest = 1000;
        await drop(x);
        arrived(x, to);
      } catch (e) {
        if (e.wait) {
          x.state = "waits";
          show();
          timer = setTimeout(run, e.after ? 1000 * e.after : rest);
          rest = Math.min(30000, 2 * rest);
          return;
        }
        if (e.login) {
          for (const y of items.values()) if (y.state !== "refused") y.state = "login";
          show();
          return;
        }
        x.state = "refused";
        x.why = e.why || String(e);
        await keep(x);
        show();
      }
    }
  };
  const arrived = (x, to) => {
    if ([...items.values()].some((y) => y.dossier === x.dossier && y.slot === x.slot && y.state === "waits")) return;
    if (phone ? location.pathname === phone : x.lay && location.pathname === "/dossiers/" + x.dossier) location.assign(to);
    else if (location.pathname.startsWith("/dossiers/" + x.dossier)) anew().then(() => { // on with the next
      const next = document.querySelector(".slot.todo form[data-resume] [type=file]");
      if (next && (document.activeElement === document.body || document.activeElement.closest(".slot"))) next.focus();
    });
  };
  const forget = async (x) => {
    await drop(x);
    if (x.upload) call("DELETE", x.upload).catch(() => {}); // else it is forgotten in some hours
  };

  // What earlier pages left; what is not of who is here, or too old, is forgotten.
  const read = async () => {
    await opened;
    const all = (await ask("readonly", (s) => s.getAll()).catch(() => null)) || [];
    for (const x of items.values()) { // another page may have sent it meanwhile
      const there = all.find((y) => y.id === x.id);
      if (there) x.upload = there.upload;
      else if (x.kept) { items.delete(x.id); if (x.shown) x.shown.remove(); }
    }
    for (const x of all) {
      if (x.who !== who || Date.now() - x.at > life) await ask("readwrite", (s) => s.delete(x.id)).catch(() => {});
      else if (!items.has(x.id)) { if (x.state !== "refused") x.state = "waits"; items.set(x.id, x); }
    }
    show();
  };

  let last = 0;
  const add = async (form, files, lay) => {
    const [dossier, slot] = form.dataset.resume.split("/");
    for (const file of files) {
      const now = Date.now();
      const x = { id: (last = Math.max(now, last + 1)), at: now, who, dossier, slot, name: file.name, size: file.size, file, lay, sent: 0, state: "waits", why: "",
        waiting: !!(form.elements.waiting && form.elements.waiting.checked) };
      if (file.size > Number(form.dataset.max)) { x.state = "refused"; x.why = form.dataset.large; }
      items.set(x.id, x);
      localStorage.setItem(marked, JSON.stringify({ who, at: now }));
      if (file.size <= digested && self.crypto && crypto.subtle) x.sum = hex(await sum(await file.arrayBuffer()));
      await keep(x);
    }
    run();
  };

  // takes is asked by a form that is sent; what has a password goes straight, since
  // nothing keeps that.
  self.takes = (form, files) => {
    if (!form.dataset.resume || (form.elements.password && form.elements.password.value)) return false;
    files = [...(files || form.querySelector("[type=file]").files)];
    if (!files.length) return false;
    add(form, files, !!form.dataset.lay || files.length > 1);
    form.reset();
    return true;
  };

  // Files that are pasted are laid out at the place that has the focus, or the first that
  // waits for a paper: nobody has seen yet what they are.
  document.addEventListener("paste", (event) => {
    const files = event.clipboardData ? [...event.clipboardData.files] : [];
    const at = document.activeElement && document.activeElement.closest(".slot");
    const form = (at && at.querySelector("form[data-resume]")) || document.querySelector("form[data-resume]");
    if (!files.length || !form) return;
    event.preventDefault();
    add(form, files, true);
  });
  document.addEventListener("begun", show);
  addEventListener("online", () => { rest = 1000; run(); });
  addEventListener("pageshow", () => run());
  run();
})();
