package web

// Reasons why what a page does has no operation of its own, as the documentation tells
// them.
const (
	reasonScreen = "screen" // it is a page's own: a form to fill, a piece of it, its script
	reasonPerson = "person" // it stands for a person who is there: a login, a factor, a PIN, a signature, a proof of who it is, a broken glass
	reasonHouse  = "house"  // it runs the house: a key that was stolen would be the house
	reasonPublic = "public" // it is open to everybody as it is, and made to be read by programs
)

// pageOps says for each address of pages which operation of the API does the same, or
// why none does. A test holds every address against it.
var pageOps = map[string]string{
	"GET /{$}": "listTasks", "GET /fragments/flow": reasonScreen, "GET /fragments/tasks": "listTasks", "GET /live": "listHappenings",
	"POST /tasks/acts": "actOnDocument", "GET /desk/next": reasonScreen, "GET /documents/{id}/mark": reasonScreen, "GET /api": reasonScreen, "GET /healthz": reasonPublic, "GET /static/{file}": reasonScreen, "GET /static/viewer/{file}": reasonScreen,
	"GET /api/tasks": "listTasks", "GET /api/documents/{id}": "getDocument", "GET /api/dossiers/{code}": "getDossier", "/": reasonScreen,

	"GET /dossiers": "listDossiers", "GET /dossiers/new": reasonScreen, "POST /dossiers": "openDossier", "POST /dossiers/card": reasonScreen, "GET /dossiers/{code}": "getDossier",
	"GET /dossiers/{code}/record": "getRecordOfDossier", "POST /dossiers/{code}/slots/{slot}": "bringDocument", "POST /dossiers/{code}/slots/{slot}/reuse": "reuseInSlot",
	"POST /dossiers/{code}/reuse": "reuseAll", "POST /dossiers/{code}/slots/{slot}/decision": "decideSlot", "POST /dossiers/{code}/handed-on": "handOn", "POST /dossiers/{code}/taken-back": "takeBack",
	"POST /dossiers/{code}/resolve": "resolve", "GET /dossiers/{code}/receipt": "getReceipt", "POST /dossiers/{code}/forms/{form}": "getForm",
	"GET /dossiers/{code}/lookers": "listReadings", "GET /dossiers/{code}/packages/{kind}": "getDossierPackage", "GET /dossiers/{code}/separators": "getSeparators",

	// Laying pages out is looking at them: a program sends what it has in its order.
	"GET /dossiers/{code}/slots/{slot}/draft": reasonScreen, "POST /dossiers/{code}/slots/{slot}/draft": reasonScreen, "GET /dossiers/{code}/slots/{slot}/draft/pages/{file}/{page}": reasonScreen,
	"POST /dossiers/{code}/slots/{slot}/draft/again": reasonScreen, "POST /dossiers/{code}/slots/{slot}/draft/pages": reasonScreen, "POST /dossiers/{code}/slots/{slot}/draft/discard": reasonScreen,
	"POST /dossiers/{code}/slots/{slot}/draft/restore": reasonScreen, "POST /dossiers/{code}/slots/{slot}/tray": reasonPerson,
	"OPTIONS /uploads": reasonScreen, "POST /uploads": reasonScreen, "HEAD /uploads/{upload}": reasonScreen, "PATCH /uploads/{upload}": reasonScreen, "DELETE /uploads/{upload}": reasonScreen,
	"POST /uploads/{upload}": "bringDocument", "POST /dossiers/{code}/slots/{slot}/draft/phone": reasonPerson, "GET /phone/{token}": reasonPerson, "POST /phone/{token}": reasonPerson, // a person holds the phone
	"POST /phone/{token}/uploads": reasonPerson, "HEAD /phone/{token}/uploads/{upload}": reasonPerson, "PATCH /phone/{token}/uploads/{upload}": reasonPerson,
	"DELETE /phone/{token}/uploads/{upload}": reasonPerson, "POST /phone/{token}/uploads/{upload}": reasonPerson,
	"GET /batches": "listBatches", "POST /batches": "bringBatch", "GET /batches/{batch}": "getBatch", "POST /batches/{batch}": reasonPerson, // borders are moved by who looks at the sheets
	"GET /batches/{batch}/sides/{file}/{page}": "getSide", "GET /batches/separators": "getNextSeparators",

	// Scanners bring by their own doors; what to do with a file is said by who sees it.
	"GET /tray": reasonPerson, "POST /tray/batch": reasonPerson, "POST /tray/results": reasonPerson, "POST /tray/{drop}/lay": reasonPerson, "POST /tray/{drop}/discard": reasonPerson, "POST /tray/{drop}/restore": reasonPerson,

	// A project is planned by people; its checks are what somebody saw on paper.
	"GET /projects": "listProjects", "GET /projects/{project}": "getProject", "POST /projects": reasonPerson, "POST /projects/{project}/team": reasonPerson,
	"POST /projects/{project}/ties": "tieToProject", "POST /projects/{project}/lots": reasonPerson, "POST /projects/{project}/end": reasonPerson,
	"GET /projects/{project}/sample": reasonPerson, "POST /projects/{project}/sample": reasonPerson, "GET /projects/{project}/report/{form}": "getProjectReport", "GET /imports": "listImports",

	"GET /lookup": reasonPublic, "POST /lookup": reasonPublic, "POST /lookup/rating": reasonPerson, "POST /lookup/verify": "verifyFile", "GET /figures/ratings": "getRatings",
	"GET /notices/stop/{token}": reasonPerson, "POST /notices/stop/{token}": reasonPerson, "POST /dossiers/{code}/contacts": reasonPerson, "POST /dossiers/{code}/contacts/{contact}/end": reasonPerson, // consent is given to somebody
	"GET /posters": reasonScreen, "GET /posters/file": reasonScreen, "GET /public/procedures/{procedure}": reasonPublic,

	"GET /documents": "listDocuments", "GET /documents/{id}": "getDocument", "POST /documents/{id}": "findInDocument", "GET /documents/{id}/view": reasonScreen,
	"GET /documents/{id}/pages/{page}": "getPage", "GET /documents/{id}/parts/{part}": "getPart", "GET /documents/{id}/signatures": "getSignatures",
	"GET /documents/{id}/words/{form}": "getWords", "GET /documents/{id}/packages/{kind}": "getPackage", "GET /documents/{id}/proofs/{place}": "getProof",
	"POST /documents/{id}/review": "reviewDocument", "GET /review": "listDocuments", "POST /documents/{id}/acts/{act}": "actOnDocument", "POST /documents/{id}/hold": "holdPapers",

	"GET /desk": "listTasks", "POST /desk/batches": reasonPerson, "GET /desk/batches/{batch}": "getOrder", "POST /desk/unlock": reasonPerson, "POST /desk/lock": reasonPerson,

	"GET /holders": reasonScreen, "POST /holders": "findHolders", "GET /holders/{holder}": "getRecord", "POST /holders/{holder}/number": "openNumber",
	"GET /holders/{holder}/lookers": "listReadings", "POST /holders/{holder}/acts": "actOnHolder", "POST /holders/{holder}/export": reasonPerson,
	"GET /records/{entry}": "getEntry", "POST /records/{entry}/acts": "actOnEntry",

	"GET /retention": "listDue", "POST /retention/rules": reasonHouse, "POST /retention/proposals": "proposeDisposal", "POST /retention/proposals/{proposal}": "decideDisposal",
	"POST /retention/holds/{hold}/lift": "liftHold",

	"GET /search": reasonScreen, "POST /search": "search", "GET /verify": reasonScreen, "POST /verify": "verifyFile",
	"GET /figures": "getFigures", "GET /figures/dossiers": "listFigureDossiers", "GET /figures/by": "divideFigures", "GET /figures/provinces": "listProvinces", "GET /figures/export": "getFigures",
	"GET /figures/closed/{month}/{version}": "getStatement", "GET /figures/closed/{month}/{version}/{file}": "getSealedFile", "POST /figures/closed": reasonHouse,
	"GET /public/figures": reasonPublic, "GET /public/figures/{month}/{version}/{file}": reasonPublic,
	"GET /ledger/checkpoint": reasonPublic, "GET /ledger/checkpoints": reasonPublic, "GET /ledger/checkpoints/{size}": reasonPublic,
	"GET /ledger/checkpoints/{size}/timestamp": reasonPublic, "GET /ledger/keys": reasonPublic, "GET /ledger/tile/{path...}": reasonPublic,

	"GET /login": reasonPerson, "POST /login": reasonPerson, "POST /logout": reasonPerson, "GET /login/code": reasonPerson, "POST /login/code": reasonPerson,
	"POST /login/passkey/begin": reasonPerson, "POST /login/passkey": reasonPerson, "GET /login/provider": reasonPerson, "GET /login/provider/return": reasonPerson,
	"POST /login/provider/logout": reasonPerson, "GET /logout/provider": reasonPerson,
	"GET /account": "me", "POST /account/password": reasonPerson, "POST /account/sessions": reasonPerson, "POST /account/factor/begin": reasonPerson, "POST /account/factor": reasonPerson,
	"POST /account/factor/remove": reasonPerson, "POST /account/prove": reasonPerson, "POST /account/prove/passkey": reasonPerson, "GET /account/prove/provider": reasonPerson,
	"POST /account/passkeys/begin": reasonPerson, "POST /account/passkeys": reasonPerson, "POST /account/passkeys/remove": reasonPerson,
	"POST /account/delegations": reasonPerson, "POST /account/delegations/{delegation}/end": reasonPerson, "POST /account/deputy": reasonPerson,
	"GET /glass": reasonPerson, "POST /glass": reasonPerson,

	"GET /admin": reasonScreen, "GET /admin/{what}": "listAgencies", "GET /admin/renewals": "listRenewals", "GET /admin/fixity": "getFixity",
	"POST /admin/agencies": reasonHouse, "POST /admin/kinds": reasonHouse, "POST /admin/procedures": reasonHouse, "POST /admin/people": reasonHouse,
	"POST /admin/people/{id}/password": reasonHouse, "GET /admin/people/{id}": reasonHouse, "POST /admin/people/{id}/lock": reasonHouse, "POST /admin/people/{id}/place": reasonHouse,
	"POST /admin/people/{id}/sessions": reasonHouse, "POST /admin/people/{id}/factor": reasonHouse, "POST /admin/people/{id}/identity": reasonHouse,
	"GET /admin/accounts": reasonHouse, "POST /admin/accounts": reasonHouse, "GET /admin/keys": reasonHouse, "POST /admin/keys": reasonHouse, "GET /admin/keys/{id}": reasonHouse,
	"POST /admin/keys/{id}": reasonHouse, "POST /admin/keys/{id}/{key}/end": reasonHouse, "GET /admin/hooks": reasonHouse, "POST /admin/hooks": reasonHouse,
	"POST /admin/hooks/{id}/end": reasonHouse, "POST /admin/hooks/{id}/{place}/{do}": reasonHouse, "GET /admin/room": reasonHouse, "POST /admin/room": reasonHouse, "POST /admin/room/{grant}/end": reasonHouse,
	"GET /admin/restrictions": reasonHouse, "POST /admin/restrictions": reasonHouse, "POST /admin/restrictions/{restriction}/end": reasonHouse,
	"GET /admin/norms": reasonHouse, "POST /admin/norms": reasonHouse, "GET /admin/public": reasonHouse, "POST /admin/public": reasonHouse, "GET /admin/roots": reasonHouse,
	"POST /admin/citizens": reasonHouse, "GET /admin/neighbours": reasonHouse, "POST /admin/neighbours/rules": reasonHouse, "POST /admin/neighbours/templates": reasonHouse,
	"POST /admin/neighbours/notices/{id}/{do}": reasonHouse, "POST /admin/neighbours/onestop/{code}": reasonHouse,
	"GET /admin/national": "listProcedureChanges", "POST /admin/national": reasonHouse, "POST /admin/national/ask": reasonHouse, "POST /dossiers/{code}/population": "askPopulation", "GET /admin/payments": reasonHouse,
	"POST /admin/payments/accounts": reasonHouse, "POST /admin/payments/fees": reasonHouse,
	"GET /admin/scanners": reasonHouse, "POST /admin/scanners": reasonHouse, "POST /admin/scanners/{scanner}/end": reasonHouse,
	"GET /admin/line": reasonHouse, "POST /admin/line": reasonHouse, "POST /admin/line/{id}/{do}": reasonHouse,
	"GET /admin/import": reasonHouse, "POST /admin/import": reasonHouse, "POST /admin/import/{id}": reasonHouse, "GET /admin/import/{what}/{form}": reasonHouse,
}
