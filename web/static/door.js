// What /login needs, where it is the whole script; on every other page app.js follows it in
// the same file.
"use strict";

// What is sent in pieces, or waits to be sent, has a script of its own: see there. Whose it
// is, and since when, is remembered; what is not of who is here, or too old, is forgotten.
const owner = document.body.dataset.who, waits = "sohoa-waiting";
const forget = () => new Promise((done) => {
  localStorage.removeItem(waits);
  const asked = indexedDB.deleteDatabase("sohoa");
  asked.onsuccess = asked.onerror = asked.onblocked = () => done();
});
// Where nobody is logged in that can wait until the page is there: what a browser keeps is
// on its disk.
const resting = (does) => { if (owner) does(); else (self.requestIdleCallback || setTimeout)(does); };
resting(() => {
  try {
    let left = JSON.parse(localStorage.getItem(waits) || "null");
    if (left && ((owner && left.who !== owner) || Date.now() - left.at > 12 * 3600e3)) { forget(); left = null; }
    const sends = document.querySelector("#waiting");
    if (sends && (left || document.querySelector("[data-resume]"))) {
      const script = document.createElement("script");
      script.src = sends.dataset.script;
      document.head.append(script);
    }
  } catch { /* a browser that keeps nothing */ }
});

const status = (performance.getEntriesByType("navigation")[0] || {}).responseStatus || 200;
resting(() => { try { if (!owner || status >= 400) sessionStorage.removeItem("typed-sent"); } catch { /* nothing was kept */ } }); // it was not taken: see app.js

// Where somebody is about to come in, the style and the script of what comes next are
// fetched once the page is there.
if (document.body.dataset.next) addEventListener("load", () => resting(() => {
  for (const address of document.body.dataset.next.split(" ")) fetch(address, { priority: "low" }).catch(() => {});
}));

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
