// The camera of a counter without a reader: its picture is looked at until it shows the
// code of a card, by the browser where it can, else by the house. Nothing is kept, and the
// camera is off as soon as the code is read, the page is left or somebody says so.
"use strict";

self.camera = async (form) => {
  const video = form.querySelector("video"), button = form.querySelector("[data-camera]"), wrong = form.querySelector(".problem");
  const words = button.dataset, picture = form.querySelector("[type=file]"), canvas = document.createElement("canvas");
  let stream = null;
  const off = () => {
    if (stream) for (const track of stream.getTracks()) track.stop();
    stream = video.srcObject = null;
    video.hidden = true;
    button.textContent = words.on;
  };
  const say = (text) => { wrong.textContent = text; wrong.hidden = !text; };
  button.addEventListener("click", async () => {
    if (stream) { off(); return; }
    say("");
    try {
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment", width: { ideal: 1920 }, height: { ideal: 1080 } } });
    } catch (e) { say(e.name === "NotAllowedError" ? words.denied : words.none); return; }
    video.srcObject = stream;
    video.hidden = false;
    button.textContent = words.off;
    await video.play();
    look();
  });
  addEventListener("pagehide", off);

  const detector = self.BarcodeDetector && (await BarcodeDetector.getSupportedFormats()).includes("qr_code") ? new BarcodeDetector({ formats: ["qr_code"] }) : null;
  const isCard = (code) => /\d{12}\|/.test(code.rawValue);
  async function look() {
    while (stream) {
      const began = Date.now();
      try {
        if (detector) {
          const code = (await detector.detect(video)).find(isCard);
          if (code && form.dispatchEvent(new CustomEvent("card", { detail: code.rawValue }))) { off(); return; }
        } else if (await asked()) { off(); form.submit(); return; }
      } catch { /* the next picture may do */ }
      await new Promise((go) => setTimeout(go, Math.max(detector ? 200 : 1000, Date.now() - began)));
    }
  }

  // asked has the house look at the picture that is there now; the one that shows a code is
  // what the form sends.
  async function asked() {
    canvas.width = video.videoWidth;
    canvas.height = video.videoHeight;
    canvas.getContext("2d").drawImage(video, 0, 0);
    const bytes = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.92));
    const shot = new File([bytes], "card.jpg", { type: "image/jpeg" }), body = new FormData();
    body.set(picture.name, shot);
    const answer = await fetch(form.action, { method: "POST", body, headers: { Accept: "application/json" } });
    if (answer.status === 401) { location.reload(); return false; }
    if (!answer.ok || !stream) return false;
    const files = new DataTransfer();
    files.items.add(shot);
    picture.files = files.files;
    return true;
  }
};
