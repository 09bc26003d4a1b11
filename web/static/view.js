// The files that a document's viewer shows: fetched here, where the session is, and
// handed to frames that have none.
"use strict";
{
  const frames = [...document.querySelectorAll("iframe[data-file]")];
  const told = async (frame) => {
    try {
      const answer = await fetch(frame.dataset.file);
      if (!answer.ok) throw new Error(answer.status);
      const bytes = await answer.arrayBuffer();
      frame.contentWindow.postMessage({ bytes: new Uint8Array(bytes) }, "*", [bytes]);
    } catch {
      frame.contentWindow.postMessage({ wrong: frame.dataset.lost }, "*");
    }
  };
  addEventListener("message", (event) => {
    const frame = frames.find((f) => f.contentWindow === event.source);
    if (!frame) return;
    if (event.data.ready) told(frame);
    if (event.data.opened) frame.dataset.opened = event.data.opened;
    if (event.data.at !== undefined) {
      for (const other of frames) if (other !== frame) other.contentWindow.postMessage({ at: event.data.at }, "*");
    }
  });
  for (const frame of frames) frame.src = frame.dataset.viewer; // only now is anybody listening
}
