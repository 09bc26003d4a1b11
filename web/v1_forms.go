package web

import (
	"time"

	"sohoa/dossier"
)

// What programs send and get at the API. A member is never renamed and never changes
// its meaning; new ones may come.

type v1Me struct {
	ID     dossier.PersonID   `json:"id"`
	Login  string             `json:"login"`
	Name   string             `json:"name"`
	Role   dossier.Role       `json:"role" enum:"counter|officer|clerk|auditor|admin"`
	Agency dossier.AgencyCode `json:"agency"`
	Rights []string           `json:"rights" doc:"what the account, and its key, may do"`
	Key    *v1Key             `json:"key,omitempty"`
	Closed *v1Closed          `json:"closed,omitempty" doc:"classes of paper that are not for the account; none: nothing is closed besides"`
}

type v1Closed struct {
	Kinds      []dossier.KindCode      `json:"kinds" doc:"of paper"`
	Procedures []dossier.ProcedureCode `json:"procedures" doc:"whose dossiers are closed whole"`
}

type v1Key struct {
	Head   string             `json:"head" doc:"its first letters"`
	Agency dossier.AgencyCode `json:"agency" doc:"it is good there and below"`
	Until  time.Time          `json:"until"`
}

type v1Agency struct {
	Code   dossier.AgencyCode `json:"code"`
	Name   string             `json:"name"`
	Parent dossier.AgencyCode `json:"parent,omitempty"`
	Tier   dossier.Tier       `json:"tier"`
}

type v1Agencies struct {
	Agencies []v1Agency `json:"agencies"`
	After    string     `json:"after,omitempty" doc:"asks for the next ones; none: these are the last"`
}

type v1Kind struct {
	Code dossier.KindCode `json:"code"`
	Name string           `json:"name"`
}

type v1Kinds struct {
	Kinds []v1Kind `json:"kinds"`
	After string   `json:"after,omitempty"`
}

type v1Procedure struct {
	Code       dossier.ProcedureCode `json:"code"`
	Name       string                `json:"name"`
	Field      string                `json:"field"`
	Level      dossier.Level         `json:"level"`
	ResultKind dossier.KindCode      `json:"resultKind,omitempty"`
	Days       int                   `json:"days" doc:"working days; 0: none is set"`
	Components []v1Part              `json:"components"`
	Ended      string                `json:"ended,omitempty" format:"date" doc:"the first day on which no dossier of it is received any more"`
}

type v1Part struct {
	Slot     dossier.SlotCode `json:"slot"`
	Kind     dossier.KindCode `json:"kind"`
	Name     string           `json:"name"`
	Required bool             `json:"required"`
	Digitise bool             `json:"digitise"`
}

type v1Procedures struct {
	Procedures []v1Procedure `json:"procedures"`
	After      string        `json:"after,omitempty"`
}

type v1Brief struct {
	Code      dossier.Code          `json:"code"`
	Procedure dossier.ProcedureCode `json:"procedure"`
	Receiving dossier.AgencyCode    `json:"receiving"`
	Competent dossier.AgencyCode    `json:"competent"`
	Channel   dossier.Channel       `json:"channel"`
	Received  time.Time             `json:"received"`
	Due       time.Time             `json:"due,omitzero"`
	Resolved  time.Time             `json:"resolved,omitzero"`
}

type v1Dossiers struct {
	Dossiers []v1Brief `json:"dossiers"`
	After    string    `json:"after,omitempty" doc:"asks for the next ones; none: these are the last"`
}

type v1Holder struct {
	ID     dossier.HolderID `json:"id"`
	Name   string           `json:"name"`
	Number string           `json:"number" doc:"masked"`
}

type v1Dossier struct {
	v1Brief
	Holder     v1Holder      `json:"holder"`
	Applicant  *v1Holder     `json:"applicant,omitempty"`
	Components []v1Component `json:"components"`
	Undecided  int           `json:"undecided" doc:"required components of which nothing was said yet"`
	HandedOn   bool          `json:"handedOn"`
}

type v1Component struct {
	v1Part
	Document dossier.DocumentID `json:"document,omitempty"`
	State    dossier.State      `json:"state,omitempty" doc:"of the document"`
	Refused  string             `json:"refused,omitempty" doc:"why the last scan was"`
	Entry    dossier.EntryID    `json:"entry,omitempty" doc:"of the holder's record, that is used again"`
	Held     []dossier.EntryID  `json:"held" doc:"that could be used again"`
	Decision dossier.Decision   `json:"decision,omitempty"`
	Pages    int                `json:"pages,omitempty" doc:"as the counter counted them"`
	Closed   bool               `json:"closed,omitempty" doc:"papers of its kind are not for the account: whether one fills it is not told"`
}

type v1NewDossier struct {
	Procedure dossier.ProcedureCode `json:"procedure" max:"40" min:"1"`
	Receiving dossier.AgencyCode    `json:"receiving,omitempty" max:"40" doc:"the account's own, unless it says"`
	Competent dossier.AgencyCode    `json:"competent" max:"40" min:"1"`
	Channel   dossier.Channel       `json:"channel,omitempty" enum:"direct|online|post"`
	Holder    v1NewHolder           `json:"holder"`
	Applicant *v1Person             `json:"applicant,omitempty" doc:"who files it, if the holder does not"`
}

type v1NewHolder struct {
	ID     dossier.HolderID `json:"id,omitempty" pattern:"^[0-9a-f-]{36}$" doc:"of one who was looked for before; then nothing else"`
	Number string           `json:"number,omitempty" max:"35"`
	Name   string           `json:"name,omitempty" max:"200"`
	Born   string           `json:"born,omitempty" format:"date"`
}

type v1Person struct {
	Number string `json:"number" max:"35" min:"1"`
	Name   string `json:"name" max:"200" min:"1"`
}

type v1Decide struct {
	Decision dossier.Decision `json:"decision" enum:"digitise|filed-online|shown-only|verification|already-held|copy|secret"`
	Pages    int              `json:"pages,omitempty" min:"0" max:"100000"`
	Twice    int              `json:"twice,omitempty" min:"0" max:"100000" doc:"of them, captured twice"`
}

type v1Mistake struct {
	Why dossier.Mistake `json:"why" enum:"incomplete|agency|dossier"`
}

type v1Reuse struct {
	Entry dossier.EntryID `json:"entry" pattern:"^[0-9a-f-]{36}$"`
}

type v1Listed struct {
	ID       dossier.DocumentID `json:"id"`
	Dossier  dossier.Code       `json:"dossier"`
	Slot     dossier.SlotCode   `json:"slot"`
	Kind     dossier.KindCode   `json:"kind"`
	State    dossier.State      `json:"state"`
	Version  int64              `json:"version"`
	Acts     []dossier.Act      `json:"acts" doc:"that the account can do now"`
	Pages    int                `json:"pages"`
	Received time.Time          `json:"received"`
	Changed  time.Time          `json:"changed"`
	Trouble  string             `json:"trouble,omitempty"`
}

type v1Documents struct {
	Documents []v1Listed `json:"documents"`
	After     string     `json:"after,omitempty" doc:"asks for the next ones; none: these are the last"`
}

type v1Tasks struct {
	Documents []v1Listed `json:"documents" doc:"what waits for the account's role, longest first"`
	More      bool       `json:"more,omitempty"`
	Doubtful  int        `json:"doubtful" doc:"read badly, and nobody has looked"`
}

type v1Act struct {
	Why    string            `json:"why,omitempty" max:"1000" doc:"needed to refuse, to return, to take back and to adopt"`
	Fields map[string]string `json:"fields,omitempty" doc:"with confirm: values by the name of the field; days YYYY-MM-DD"`
}

type v1Signature struct {
	Signer       string    `json:"signer"`
	Organisation string    `json:"organisation"`
	Serial       string    `json:"serial"`
	Time         time.Time `json:"time,omitzero"`
	Level        string    `json:"level" doc:"ETSI EN 319 142-1"`
	Verdict      string    `json:"verdict" doc:"ETSI EN 319 102-1: VALID, INVALID or INDETERMINATE"`
	Reason       string    `json:"reason"`
	Stamp        bool      `json:"stamp" doc:"a document time-stamp"`
	Dev          bool      `json:"dev" doc:"of a development authority: no legal value"`
}

type v1Signatures struct {
	Document   dossier.DocumentID `json:"document"`
	Signatures []v1Signature      `json:"signatures"`
	Notes      []string           `json:"notes"`
}

type v1Event struct {
	Version int64             `json:"version"`
	Act     dossier.Act       `json:"act"`
	Role    dossier.Role      `json:"role"`
	Who     dossier.PersonID  `json:"who"`
	At      time.Time         `json:"at"`
	Why     string            `json:"why,omitempty"`
	Made    map[string]string `json:"made" doc:"files that came into being, and their SHA-256"`
	Place   *int64            `json:"place,omitempty" doc:"in the ledger; its proof is under /proofs/{place}"`
}

type v1Events struct {
	Events []v1Event `json:"events"`
	After  string    `json:"after,omitempty"`
}

type v1Look struct {
	Number string `json:"number,omitempty" max:"35" doc:"of the holder"`
	Card   string `json:"card,omitempty" max:"1000" doc:"the text of the QR code of a citizen's card"`
	Name   string `json:"name,omitempty" max:"200" doc:"with born"`
	Born   string `json:"born,omitempty" format:"date"`
}

type v1Found struct {
	Holders []v1Known `json:"holders"`
}

type v1Known struct {
	v1Holder
	Open bool      `json:"open" doc:"their record may be opened"`
	Held []v1Entry `json:"held" doc:"what of their record may be used again; for counters"`
}

type v1Entry struct {
	ID       dossier.EntryID    `json:"id"`
	Kind     dossier.KindCode   `json:"kind"`
	Document dossier.DocumentID `json:"document"`
	Dossier  dossier.Code       `json:"dossier"`
	Title    string             `json:"title"`
	Number   string             `json:"number,omitempty"`
	Issuer   string             `json:"issuer,omitempty"`
	Issued   string             `json:"issued,omitempty"`
	Expires  string             `json:"expires,omitempty"`
	Added    time.Time          `json:"added"`
	Valid    bool               `json:"valid" doc:"it may be used again today"`
}

type v1Record struct {
	Holder  v1Holder  `json:"holder"`
	Entries []v1Entry `json:"entries"`
}

type v1Used struct {
	v1Entry
	Holder v1Holder       `json:"holder"`
	Used   []dossier.Code `json:"used" doc:"dossiers that used it again"`
}

type v1Purpose struct {
	Purpose dossier.Purpose `json:"purpose" enum:"checking|holder|handling|audit"`
}

type v1Number struct {
	ID     dossier.HolderID `json:"id"`
	Number string           `json:"number"`
}

type v1Reading struct {
	Place   int64              `json:"place"`
	At      time.Time          `json:"at"`
	Who     dossier.PersonID   `json:"who"`
	Role    dossier.Role       `json:"role"`
	Act     dossier.ReadingAct `json:"act"`
	Purpose dossier.Purpose    `json:"purpose"`
	Dossier dossier.Code       `json:"dossier,omitempty"`
	Paper   dossier.DocumentID `json:"document,omitempty"`
}

type v1Readings struct {
	Readings []v1Reading `json:"readings" doc:"newest first"`
	More     bool        `json:"more,omitempty"`
}

type v1Search struct {
	Text   string             `json:"q,omitempty" max:"500"`
	Exact  bool               `json:"exact,omitempty"`
	Kind   dossier.KindCode   `json:"kind,omitempty" max:"40"`
	Agency dossier.AgencyCode `json:"agency,omitempty" max:"40"`
	Holder string             `json:"holder,omitempty" max:"200" doc:"name or number"`
	Number string             `json:"number,omitempty" max:"100" doc:"of the paper"`
	From   string             `json:"from,omitempty" format:"date"`
	To     string             `json:"to,omitempty" format:"date"`
	After  string             `json:"after,omitempty" max:"400"`
}

type v1Lit struct {
	Text string `json:"q" max:"500" min:"1"`
}

type v1Hits struct {
	Hits []hit `json:"hits"`
	More bool  `json:"more,omitempty"`
}

type v1Figures struct {
	Period  string       `json:"period"`
	Figures []figureLine `json:"figures"`
}

type v1Closing struct {
	Month     string    `json:"month"`
	Version   int       `json:"version"`
	At        time.Time `json:"at"`
	Statement string    `json:"statement" doc:"SHA-256 of its statement"`
}

type v1Closings struct {
	Closings []v1Closing `json:"closings"`
}

type v1Job struct {
	ID       string             `json:"id"`
	Document dossier.DocumentID `json:"document"`
	Status   string             `json:"status" enum:"running|done|failed"`
	State    dossier.State      `json:"state" doc:"of the document"`
	Waits    dossier.Role       `json:"waits,omitempty" doc:"for whom it waits, if it is done"`
	Why      string             `json:"why,omitempty" doc:"why it failed"`
	Trouble  string             `json:"trouble,omitempty" doc:"what keeps the machine from going on"`
	Made     time.Time          `json:"made"`
	Callback *v1Callback        `json:"callback,omitempty" doc:"if the program named an address"`
}

type v1Callback struct {
	Status string    `json:"status" enum:"waits|taken|given-up"`
	Tries  int       `json:"tries"`
	Next   time.Time `json:"next,omitzero" doc:"when it is tried again"`
	Said   string    `json:"said,omitempty" doc:"why the last try failed: away, closed, refused, gone, sealed"`
}
