// The journey of goclient with openapi-fetch, by the types that openapi-typescript writes
// from docs/api.json.
//
//   node client.js BASE KEY PROCEDURE COMPETENT SLOT SCAN WORDS
import createClient from "openapi-fetch";
import { readFileSync } from "node:fs";
import type { paths } from "./api.js";

const [base, key, procedure, competent, slot, scan, sought] = process.argv.slice(2) as [string, string, string, string, string, string, string];
const api = createClient<paths>({ baseUrl: base, headers: { Authorization: "Bearer " + key, "Accept-Language": "en" } });
const must = <T>(what: string, answer: { data?: T; error?: unknown }): T => {
  if (answer.data === undefined) throw new Error(what + ": " + JSON.stringify(answer.error));
  return answer.data;
};

const me = must("me", await api.GET("/api/v1/me"));
const opened = must("open", await api.POST("/api/v1/dossiers", { body: { procedure, competent, holder: { number: "008199012400", name: "Nguyễn Văn Thử" } } }));
const job = must("bring", await api.POST("/api/v1/dossiers/{code}/slots/{slot}/documents", {
  params: { path: { code: opened.code, slot } },
  body: { file: "" },
  bodySerializer: () => {
    const form = new FormData();
    form.append("file", new Blob([readFileSync(scan)], { type: "image/png" }), "don.png");
    return form;
  },
}));
let now = job;
for (const end = Date.now() + 60000; now.status === "running" && Date.now() < end; await new Promise((go) => setTimeout(go, 250))) {
  now = must("job", await api.GET("/api/v1/jobs/{job}", { params: { path: { job: job.id } } }));
}
const words = must("words", await api.GET("/api/v1/documents/{id}/words/{form}", { params: { path: { id: job.document, form: "hocr" } }, parseAs: "text" }));
const paper = must("document", await api.GET("/api/v1/documents/{id}", { params: { path: { id: job.document } } }));
const found = must("search", await api.POST("/api/v1/search", { body: { q: sought } }));
const first = found.papers[0];
if (!first) throw new Error("nothing found");
const file = must("file", await api.GET("/api/v1/documents/{id}/parts/{part}", { params: { path: { id: first.document, part: "sealed" } }, parseAs: "arrayBuffer" })) as unknown as ArrayBuffer;
const none = await api.GET("/api/v1/jobs/{job}", { params: { path: { job: "00000000-0000-0000-0000-000000000000" } } });
console.log(JSON.stringify({ Role: me.role, State: now.state, Words: String(words).length, Fields: paper.proposals.length + paper.fields.length, Found: found.papers.length, Bytes: file.byteLength, Refusals: none.error?.code === "not-found" ? 1 : 0 }));
