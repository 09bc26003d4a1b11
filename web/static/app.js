// Nothing here is needed: every page works without it. It refreshes what moves
// by itself, shows how far an upload is, and where a field was read.
"use strict";

// Parts of a page that the machine changes: looked at every two seconds while
// it works, every ten while it rests, never while somebody is busy in them.
for (const part of document.querySelectorAll("[data-refresh]")) {
  const again = async () => {
    let rest = 10000;
    const busyHere = part.querySelector("input:checked") || part.contains(document.activeElement);
    if (!document.hidden && !busyHere) {
      try {
        const answer = await fetch(part.dataset.refresh, { headers: { "X-Fragment": "1" } });
        if (answer.redirected) { location.reload(); return; }
        if (answer.ok) { part.innerHTML = await answer.text(); ticks(part); }
      } catch { /* the house is away: ask again later */ }
    }
    if (document.querySelector('[data-busy="true"]')) rest = 2000;
    setTimeout(again, rest);
  };
  setTimeout(again, 2000);
}

// A document on its way: show its page again when it has moved.
const now = document.querySelector("[data-follow]");
if (now) {
  const typing = () => [...document.querySelectorAll("form input, form textarea")].some((x) => x.value !== x.defaultValue);
  const follow = async () => {
    if (!document.hidden && !typing()) {
      try {
        const answer = await fetch(now.dataset.follow, { headers: { Accept: "application/json" } });
        if (answer.ok && String((await answer.json()).version) !== now.dataset.version) { location.reload(); return; }
      } catch { /* ask again later */ }
    }
    setTimeout(follow, 2000);
  };
  setTimeout(follow, 2000);
}

// What takes a while comes after the page.
for (const part of document.querySelectorAll("[data-load]")) {
  fetch(part.dataset.load, { headers: { "X-Fragment": "1" } })
    .then((answer) => (answer.ok ? answer.text() : Promise.reject()))
    .then((html) => { part.innerHTML = html; })
    .catch(() => { part.textContent = part.dataset.failed; });
}

// One tick for all.
function ticks(root) {
  for (const all of root.querySelectorAll("[data-all]")) {
    all.closest("label").hidden = false;
    all.addEventListener("change", () => {
      for (const one of all.form.querySelectorAll(`[name="${all.dataset.all}"]`)) one.checked = all.checked;
    });
  }
}
ticks(document);

// A field and the place on the paper where it was read.
for (const field of document.querySelectorAll("[data-shows]")) {
  const marks = [...document.querySelectorAll(`[data-mark="${field.dataset.shows}"]`)];
  const light = (on) => { for (const m of marks) m.classList.toggle("on", on); };
  field.addEventListener("focus", () => {
    light(true);
    if (marks.length) marks[0].closest("figure").scrollIntoView({ block: "nearest", behavior: "smooth" });
  });
  field.addEventListener("blur", () => light(false));
  field.addEventListener("mouseenter", () => light(true));
  field.addEventListener("mouseleave", () => light(field === document.activeElement));
}

// An upload shows how far it is, and what is wrong beside the form.
for (const form of document.querySelectorAll("form.upload")) {
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
    const file = form.querySelector("[type=file]").files[0];
    if (file && file.size > Number(form.dataset.max)) { say(form.dataset.large); return; }
    const send = new XMLHttpRequest();
    send.open("POST", form.action);
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
}
