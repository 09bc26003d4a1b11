// Does at the pages of a house what a person with a passkey does, in Chromium with its
// virtual authenticator, by the pages' own script under their own policy.
//
//   node passkeys.mjs ORIGIN LOGIN PASSWORD
//
// It writes one line a step: its name, and where it led or what the page says.
import { chromium } from "./browser.mjs";

const [origin, login, password] = process.argv.slice(2);
const complaints = [];
const { send, close } = chromium((m) => {
  if (m.method === "Log.entryAdded" && m.params.entry.source === "security") complaints.push(m.params.entry.text);
  if (m.method === "Runtime.exceptionThrown") complaints.push(m.params.exceptionDetails.text);
});
const pause = (ms) => new Promise((done) => setTimeout(done, ms));
const { targetId } = await send("Target.createTarget", { url: "about:blank" });
const { sessionId } = await send("Target.attachToTarget", { targetId, flatten: true });
const tab = (method, params) => send(method, params, sessionId);
for (const domain of ["Page", "Log", "Runtime", "WebAuthn"]) await tab(domain + ".enable");
const { authenticatorId } = await tab("WebAuthn.addVirtualAuthenticator", { options: { protocol: "ctap2", transport: "internal", hasResidentKey: true,
  hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true } });

async function ask(expression) {
  const { result } = await tab("Runtime.evaluate", { expression, awaitPromise: true });
  return result?.value;
}
// until waits for a page to say something.
async function until(what, expression) {
  for (let i = 0; i < 600; i++) {
    if (await ask(`document.readyState === "complete" && !!(${expression})`)) return;
    await pause(100);
  }
  throw new Error(what + ": at " + (await ask("location.href")) + ": " + (await ask("document.body.innerText")));
}
async function go(path) {
  await ask("window.left = true");
  await tab("Page.navigate", { url: origin + path });
  await until(path, "!window.left");
}
const path = () => ask("location.pathname");
const told = (name, what) => console.log(name + ": " + what);
const wrong = () => ask(`[...document.querySelectorAll(".problem")].filter((x) => !x.hidden).map((x) => x.innerText).join(" ")`);
const out = async () => {
  await ask(`window.left = true; document.querySelector('form[action="/logout"] button').click()`);
  await until("logout", `!window.left && location.pathname === "/login"`);
};
const word = async () => {
  await go("/login");
  await ask(`window.left = true; const f = document.querySelector('form[action="/login"]');
    f.elements.login.value = ${JSON.stringify(login)}; f.elements.password.value = ${JSON.stringify(password)}; f.requestSubmit()`);
  await until("login", "!window.left");
};
const press = (selector) => ask(`window.left = true; document.querySelector(${JSON.stringify(selector)}).click()`);

try {
  await word();
  told("password", await path());
  await go("/account");
  await ask(`document.querySelector('#passkeys [name="name"]').value = "máy thử"`);
  await press("#passkeys form[data-passkey] button");
  await until("registration", `!window.left && document.querySelectorAll("ol.codes li").length === 10`);
  const { credentials } = await tab("WebAuthn.getCredentials", { authenticatorId });
  told("registered", credentials.length + " " + credentials[0].rpId);

  await out();
  await press('form[action="/login/passkey"] button');
  await until("passkey alone", `!window.left && location.pathname === "/"`);
  told("alone", await path());

  await ask(`window.left = true; const f = document.createElement("form"); f.method = "post"; f.action = "/account/prove";
    f.innerHTML = '<input name="proof" value="x"><input name="next" value="/dossiers">'; document.body.append(f); f.submit()`);
  await until("proof asked", `!window.left && document.querySelector("[data-use]")`);
  await press("[data-use]");
  await until("proof", `!window.left && location.pathname === "/dossiers"`);
  told("proved", await path());

  await out();
  await word();
  told("password alone", await path());
  await press("form[data-passkey] button");
  await until("second factor", `!window.left && location.pathname === "/"`);
  told("second factor", await path());

  await out();
  await tab("WebAuthn.setUserVerified", { authenticatorId, isUserVerified: false });
  await press('form[action="/login/passkey"] button');
  await until("not verified", `[...document.querySelectorAll(".problem")].some((x) => !x.hidden && x.innerText)`);
  told("not verified", (await path()) + " " + (await wrong()));
  await tab("WebAuthn.setUserVerified", { authenticatorId, isUserVerified: true });

  const [kept] = (await tab("WebAuthn.getCredentials", { authenticatorId })).credentials;
  await tab("WebAuthn.removeCredential", { authenticatorId, credentialId: kept.credentialId });
  await tab("WebAuthn.addCredential", { authenticatorId, credential: { ...kept, signCount: 0 } });
  await go("/login");
  await press('form[action="/login/passkey"] button');
  await until("copied", `!window.left && [...document.querySelectorAll(".problem")].some((x) => !x.hidden && x.innerText)`);
  told("copied", (await path()) + " " + (await wrong()).split(":")[0]);

  // The same house under another name is another origin.
  await tab("Page.navigate", { url: origin.replace("localhost", "127.0.0.1") + "/login" });
  await until("another origin", `location.hostname === "127.0.0.1" && document.querySelector('form[action="/login/passkey"]')`);
  await press('form[action="/login/passkey"] button');
  await until("another origin", `[...document.querySelectorAll(".problem")].some((x) => !x.hidden && x.innerText)`);
  told("another origin", await wrong());
  told("complaints", complaints.join("; ") || "none");
} finally {
  await close();
}
