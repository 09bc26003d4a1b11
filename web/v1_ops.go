package web

import (
	"net/http"
	"reflect"
	"strings"

	"sohoa/dossier"
	"sohoa/web/api"
)

// Forms of what stands in addresses.
const (
	uuidForm = `^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`
	codeForm = `^[0-9A-Za-z][0-9A-Za-z.-]{0,59}$`
	slotForm = `^[0-9A-Za-z][0-9A-Za-z._-]{0,15}$`
)

func between(least, most int64) *api.Schema {
	return &api.Schema{Type: "integer", Minimum: &least, Maximum: &most}
}

// inPath are the values that stand in paths, by their names.
var inPath = map[string]*api.Schema{
	"code":     {Type: "string", Pattern: codeForm},
	"slot":     {Type: "string", Pattern: slotForm},
	"id":       {Type: "string", Pattern: uuidForm},
	"holder":   {Type: "string", Pattern: uuidForm},
	"entry":    {Type: "string", Pattern: uuidForm},
	"job":      {Type: "string", Pattern: uuidForm},
	"batch":    {Type: "string", Pattern: uuidForm},
	"project":  {Type: "string", Pattern: uuidForm},
	"act":      {Type: "string", Enum: []string{"attest", "confirm", "approve", "adopt", "refuse", "return", "take-back"}},
	"part":     {Type: "string", Pattern: `^[a-z-]{1,20}(-[0-9]{1,4})?$`},
	"form":     {Type: "string", Enum: []string{"hocr", "alto"}},
	"kind":     {Type: "string", Enum: packageKinds},
	"hold":     {Type: "string", Pattern: uuidForm},
	"month":    {Type: "string", Pattern: `^2[01][0-9]{2}-(0[1-9]|1[0-2])$`},
	"page":     between(1, 100_000),
	"file":     {Type: "string", Enum: []string{"report", "signature"}},
	"proposal": {Type: "string", Pattern: uuidForm},
	"place":    between(0, 1<<53),
	"version":  between(1, 1_000_000),
}

// query is a value that may stand behind a path.
func query(name string, s *api.Schema, doc string) api.Param {
	return api.Param{Name: name, In: "query", Schema: s, Doc: doc}
}

// paging are the parameters of lists: a cursor that is opaque, and no offset, so that
// what comes in meanwhile moves nothing.
func paging() []api.Param {
	return []api.Param{query("after", &api.Schema{Type: "string", MaxLength: 400}, "a cursor from the answer before"),
		query("limit", between(1, 200), "as many at most; 50 unless it says")}
}

// An opKit writes operations down.
type opKit struct{ schemas api.Schemas }

// op begins an operation: its right, what it is called, where, and what it does.
func (k opKit) op(right right, id, method, path string, do func(*visit, any) (*v1Answer, error)) v1Op {
	o := v1Op{right: right, do: do, Op: api.Op{Method: method, Path: "/api/v1" + path, ID: id, Title: say("en", "v1."+id), Right: string(right)}}
	o.Tag = strings.Split(strings.TrimPrefix(path, "/"), "/")[0]
	for part := range strings.SplitSeq(path, "/") {
		if name, ok := strings.CutPrefix(part, "{"); ok {
			name = strings.TrimSuffix(name, "}")
			o.Params = append(o.Params, api.Param{Name: name, In: "path", Required: true, Schema: inPath[name]})
		}
	}
	return o
}

func (o v1Op) with(params ...api.Param) v1Op {
	o.Params = append(o.Params, params...)
	return o
}

// takes says what comes in, by a value of its type; what comes in by POST may carry a key
// under which it is done once.
func (k opKit) takes(o v1Op, body any) v1Op {
	if body != nil {
		o.body = reflect.TypeOf(body)
		o.Body = k.schemas.Of(o.body)
	}
	return o.with(api.Param{Name: "Idempotency-Key", In: "header", Schema: &api.Schema{Type: "string", MinLength: 1, MaxLength: mostKey, Pattern: `^[!-~]+$`},
		Doc: "any value of the program's own: asked again within 24 hours, the same is answered and nothing is done twice"})
}

// gives says what comes back, by a value of its type.
func (k opKit) gives(o v1Op, status int, value any, headers ...string) v1Op {
	if o.Method == http.MethodPost && o.Upload == nil {
		headers = append(headers, "Idempotency-Replayed")
	}
	o.Answers = append(o.Answers, api.Answer{Status: status, Doc: http.StatusText(status), Media: "application/json", Schema: k.schemas.Of(reflect.TypeOf(value)), Headers: headers})
	return o
}

// bytes says that what comes back is a file.
func (o v1Op) bytes(media string, headers ...string) v1Op {
	o.Answers = append(o.Answers, api.Answer{Status: http.StatusOK, Doc: "the bytes", Media: media, Headers: headers})
	return o
}

// tagged says that the answer has an entity tag, and that who has it already is told so.
func (o v1Op) tagged() v1Op {
	o.Answers = append(o.Answers, api.Answer{Status: http.StatusNotModified, Doc: "it is what If-None-Match names", Headers: []string{"ETag"}})
	return o.with(api.Param{Name: "If-None-Match", In: "header", Schema: &api.Schema{Type: "string"}, Doc: "entity tags"})
}

// matched says that If-Match must name the version that was looked at.
func (o v1Op) matched() v1Op {
	o.match = true
	return o.with(api.Param{Name: "If-Match", In: "header", Required: true, Schema: &api.Schema{Type: "string", Pattern: `^"[0-9]{1,18}(-[0-9a-f]*)?"$`},
		Doc: "the ETag of the document as it was looked at: nobody acts on what they have not seen"})
}

// plain is what a page of the house does, when it writes its answer itself.
func plain(do func(*visit) error) func(*visit, any) (*v1Answer, error) {
	return func(v *visit, _ any) (*v1Answer, error) { return nil, do(v) }
}

// v1Ops are all operations. Their schemas are entered in schemas.
func (s *server) v1Ops(schemas api.Schemas) []v1Op {
	k := opKit{schemas}
	list := append([]v1Op{}, s.v1House(k)...)
	list = append(list, s.v1Cases(k)...)
	list = append(list, s.v1Papers(k)...)
	list = append(list, s.v1Bulk(k)...)
	list = append(list, s.v1Keeping(k)...)
	list = append(list, s.v1Sheets(k)...)
	list = append(list, s.v1Behind(k)...)
	return append(list, s.v1Rest(k)...)
}

// v1House are the operations about who asks, and about the catalogue.
func (s *server) v1House(k opKit) []v1Op {
	happened := k.gives(k.op(look, "listHappenings", "GET", "/events", s.v1Happenings).with(
		query("document", inPath["id"], ""), query("dossier", inPath["code"], "")).with(paging()...).with(
		api.Param{Name: "Last-Event-ID", In: "header", Schema: &api.Schema{Type: "string", Pattern: `^[0-9]{1,18}$`}, Doc: "of a stream that broke: where it goes on"}), 200, v1Happenings{})
	happened.Answers[0].Media = "application/json, text/event-stream"
	return []v1Op{
		happened,
		k.gives(k.op(enter, "me", "GET", "/me", s.v1Me), 200, v1Me{}),
		k.gives(k.op(look, "listAgencies", "GET", "/agencies", s.v1Agencies).with(paging()...), 200, v1Agencies{}),
		k.gives(k.op(look, "listKinds", "GET", "/kinds", s.v1Kinds).with(paging()...), 200, v1Kinds{}),
		k.gives(k.op(look, "listProcedures", "GET", "/procedures", s.v1Procedures).with(paging()...), 200, v1Procedures{}),
		k.gives(k.op(look, "listProcedureChanges", "GET", "/procedure-changes", s.v1ProcedureChanges).with(paging()...), 200, v1ProcedureChanges{}),
	}
}

// v1Cases are the operations about dossiers.
func (s *server) v1Cases(k opKit) []v1Op {
	yes := &api.Schema{Type: "boolean"}
	day := &api.Schema{Type: "string", Format: "date"}
	upload := k.op(receive, "bringDocument", "POST", "/dossiers/{code}/slots/{slot}/documents", s.v1Bring)
	upload.Upload = &api.Schema{Type: "object", Required: []string{"file"}, Properties: map[string]*api.Schema{
		"password": {Type: "string", MaxLength: mostPassword, Description: "of an encrypted PDF; before the file"},
		"waiting":  {Type: "string", Description: "1: the citizen waits at the counter; before the file"},
		"file":     {Type: "string", Format: "binary", Description: "PDF, TIFF, JPEG or PNG"},
	}}
	address := &api.Schema{Type: "string", Format: "uri", MaxLength: 500, Pattern: "^https://"}
	upload = upload.with(api.Param{Name: callbackHeader, In: "header", Schema: address, Doc: "where the program is told, signed (Standard Webhooks), that the job is over; tried again until it is taken, 12 times at most"},
		api.Param{Name: failedHeader, In: "header", Schema: address, Doc: "where it is told instead if the job failed"})
	return []v1Op{
		k.gives(k.op(look, "listDossiers", "GET", "/dossiers", s.v1Dossiers).with(
			query("code", &api.Schema{Type: "string", Pattern: `^[0-9A-Za-z.-]{1,60}$`}, "a part of it"), query("open", yes, "not yet resolved"),
			query("from", day, "received on or after"), query("to", day, "received on or before")).with(paging()...), 200, v1Dossiers{}),
		k.gives(k.takes(k.op(receive, "openDossier", "POST", "/dossiers", s.v1Open), v1NewDossier{}), 201, v1Dossier{}, "Location", "ETag"),
		k.gives(k.op(look, "getDossier", "GET", "/dossiers/{code}", s.v1Show), 200, v1Dossier{}, "ETag").tagged(),
		k.gives(k.takes(k.op(receive, "decideSlot", "POST", "/dossiers/{code}/slots/{slot}/decision", s.v1Decision), v1Decide{}), 200, v1Dossier{}, "ETag"),
		k.gives(k.takes(k.op(receive, "reuseInSlot", "POST", "/dossiers/{code}/slots/{slot}/reuse", s.v1Again), v1Reuse{}), 200, v1Dossier{}, "ETag"),
		k.gives(upload, 202, v1Job{}, "Location"),
		k.gives(k.takes(k.op(receive, "reuseAll", "POST", "/dossiers/{code}/reuse", s.v1CaseAct(s.reuseAll)), nil), 200, v1Dossier{}, "ETag"),
		k.gives(k.takes(k.op(receive, "askPopulation", "POST", "/dossiers/{code}/population-checks", s.v1AskPopulation), v1Ask{}), 200, v1Check{}),
		k.gives(k.op(look, "listPopulationChecks", "GET", "/dossiers/{code}/population-checks", s.v1Checks), 200, v1Checks{}),
		k.gives(k.takes(k.op(receive, "takeBack", "POST", "/dossiers/{code}/taken-back", s.v1TakeBack), v1Mistake{}), 200, v1Dossier{}, "ETag"),
		k.gives(k.takes(k.op(receive, "handOn", "POST", "/dossiers/{code}/handed-on", s.v1CaseAct(s.handOn)), nil), 200, v1Dossier{}, "ETag"),
		k.gives(k.takes(k.op(resolve, "resolve", "POST", "/dossiers/{code}/resolve", s.v1CaseAct(s.resolve)), nil), 200, v1Dossier{}, "ETag"),
		k.op(receive, "getReceipt", "GET", "/dossiers/{code}/receipt", plain(s.receipt)).bytes("application/pdf"),
		k.gives(k.op(look, "getRecordOfDossier", "GET", "/dossiers/{code}/record", s.v1RecordBy), 200, v1Record{}),
		k.gives(k.op(trace, "listReadings", "GET", "/dossiers/{code}/lookers", s.v1Lookers), 200, v1Readings{}),
		k.op(pack, "getDossierPackage", "GET", "/dossiers/{code}/packages/{kind}", plain(s.dossierPackage)).bytes("application/zip"),
	}
}

// v1Papers are the operations about documents.
func (s *server) v1Papers(k opKit) []v1Op {
	yes := &api.Schema{Type: "boolean"}
	var states []string
	for _, state := range dossier.States() {
		states = append(states, string(state))
	}
	return []v1Op{
		k.gives(k.op(look, "listTasks", "GET", "/tasks", s.v1Tasks), 200, v1Tasks{}),
		k.gives(k.op(look, "listDocuments", "GET", "/documents", s.v1Documents).with(query("state", &api.Schema{Type: "string", Enum: states}, ""),
			query("dossier", inPath["code"], ""), query("troubled", yes, "the machine is kept from its next move"), query("doubtful", yes, "read badly, and nobody has looked")).with(paging()...), 200, v1Documents{}),
		k.gives(k.op(look, "getDocument", "GET", "/documents/{id}", s.v1Document), 200, apiDocument{}, "ETag").tagged(),
		k.gives(k.takes(k.op(act, "actOnDocument", "POST", "/documents/{id}/acts/{act}", s.v1Move).matched(), v1Act{}), 200, apiDocument{}, "ETag"),
		k.gives(k.takes(k.op(reread, "reviewDocument", "POST", "/documents/{id}/review", s.v1Reviewed), nil), 200, apiDocument{}, "ETag"),
		k.op(look, "getPart", "GET", "/documents/{id}/parts/{part}", plain(s.part)).bytes("application/pdf, image/jpeg, image/png, image/tiff, text/plain, application/json, application/octet-stream", "Repr-Digest"),
		k.op(look, "getPage", "GET", "/documents/{id}/pages/{page}", plain(s.picture)).with(query("size", &api.Schema{Type: "string", Enum: []string{"thumb", "100", "150", "300"}}, "dots an inch")).bytes("image/jpeg", "ETag").tagged(),
		k.op(look, "getWords", "GET", "/documents/{id}/words/{form}", plain(s.words)).bytes("application/xhtml+xml, application/xml"),
		k.gives(k.op(look, "getSignatures", "GET", "/documents/{id}/signatures", s.v1Signatures), 200, v1Signatures{}),
		k.gives(k.op(look, "listEvents", "GET", "/documents/{id}/events", s.v1Events).with(paging()...), 200, v1Events{}),
		k.op(look, "getProof", "GET", "/documents/{id}/proofs/{place}", plain(s.proof)).bytes("text/plain"),
		k.gives(k.takes(k.op(look, "findInDocument", "POST", "/documents/{id}/hits", s.v1Hits), v1Lit{}), 200, v1Hits{}),
		k.gives(k.takes(k.op(freeze, "holdPapers", "POST", "/documents/{id}/hold", s.v1Hold), v1Hold{}), 200, v1Held{}),
		k.op(pack, "getPackage", "GET", "/documents/{id}/packages/{kind}", plain(s.documentPackage)).bytes("application/zip"),
	}
}

// v1Rest are the operations about records, searches, figures, jobs, and files that
// somebody brings to be judged.
func (s *server) v1Rest(k opKit) []v1Op {
	verify := k.op(look, "verifyFile", "POST", "/verify", s.v1Verify)
	verify.Upload = &api.Schema{Type: "object", Required: []string{"file"}, Properties: map[string]*api.Schema{
		"at":   {Type: "string", Description: "the day to judge it for, YYYY-MM-DD; before the file"},
		"file": {Type: "string", Format: "binary", Description: "a PDF, which is not kept"},
	}}
	return []v1Op{
		k.gives(k.takes(k.op(people, "findHolders", "POST", "/holders", s.v1Holders), v1Look{}), 200, v1Found{}),
		k.gives(k.op(look, "getRecord", "GET", "/holders/{holder}", s.v1Record), 200, v1Record{}),
		k.gives(k.takes(k.op(look, "openNumber", "POST", "/holders/{holder}/number", s.v1Number), v1Purpose{}), 200, v1Number{}),
		k.gives(k.op(look, "getEntry", "GET", "/records/{entry}", s.v1Entry), 200, v1Used{}),
		k.gives(k.takes(k.op(tend, "actOnEntry", "POST", "/records/{entry}/acts", s.v1Deed), v1Deed{}), 200, v1Used{}),
		k.gives(k.takes(k.op(seek, "search", "POST", "/search", s.v1Search), v1Search{}), 200, foundPapers{}),
		k.gives(k.op(look, "getFigures", "GET", "/figures", s.v1Figures).with(query("period", &api.Schema{Type: "string", Pattern: `^2[01][0-9]{2}(-Q[1-4]|-(0[1-9]|1[0-2]))?$`}, "2026, 2026-Q2 or 2026-06; the running month unless it says"),
			query("agency", inPath["code"], "with those under it; the account's own unless it says"), query("procedure", inPath["code"], "")), 200, v1Figures{}),
		k.gives(k.op(look, "listClosings", "GET", "/figures/closed", s.v1Closings), 200, v1Closings{}),
		k.op(look, "getStatement", "GET", "/figures/closed/{month}/{version}", plain(s.statement)).bytes("application/json", "Repr-Digest"),
		k.gives(verify, 200, Judgement{}),
		k.gives(k.op(look, "getJob", "GET", "/jobs/{job}", s.v1Job), 200, v1Job{}),
	}
}
