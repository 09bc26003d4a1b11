package web

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/account"
	"sohoa/dossier/digest"
)

// A route is a pattern of [http.ServeMux], the right it asks for, and what
// answers.
type route struct {
	pattern string
	right   right
	do      func(*visit) error
}

// A visit is one request by one person.
type visit struct {
	w     http.ResponseWriter
	r     *http.Request
	who   dossier.Person // the zero Person if nobody is logged in; with the role and agency of whom they stand in for
	self  dossier.Person // who it is, whoever they stand in for
	half  dossier.Person // who gave the right password, and has still to give the code
	sight scope

	token   digest.Digest // of the session
	session account.Session
	deputy  *account.Delegation // under which the visitor acts, if they do for somebody else
	key     *account.Key        // with which a program came; nil of people

	place int64  // of the ledger, up to which this process had read when it began
	laid  string // the mark of the draft that the page shows, from before it was read
	lang  string
	wrote bool
	v1    bool   // at the API: see v1.go
	went  string // where its visitor was sent
}

func (v *visit) ctx() context.Context { return v.r.Context() }

// json reports whether the visitor is a program.
func (v *visit) json() bool {
	return strings.Contains(v.r.Header.Get("Accept"), "application/json") || strings.HasPrefix(v.r.URL.Path, "/api/")
}

// allowed asks for one more right, or about a dossier.
func (v *visit) allowed(want right, about *dossier.Dossier) error {
	return allowed(v.who, want, v.sight, about)
}

// allowedFor asks about a document of a kind in a dossier.
func (v *visit) allowedFor(want right, do dossier.Dossier, kind dossier.KindCode) error {
	if err := v.allowed(want, &do); err != nil {
		return err
	}
	if !v.sight.within.HasKind(kind) {
		return dossier.ErrNotFound
	}
	return nil
}

// to sends the visitor on; a program at the API is answered with what is there.
func (v *visit) to(path string) error {
	if v.v1 {
		v.went = path
		return nil
	}
	v.wrote = true
	http.Redirect(v.w, v.r, path, http.StatusSeeOther)
	return nil
}

// bigRoutes alone take bodies larger than mostForm bytes.
var bigRoutes = []string{batchRoute, uploadRoute, draftRoute, pieceRoute, phoneRoute, phonePiece, cardRoute, againRoute, verifyRoute, citizenVerify, importRoute, v1Upload, v1Verify, v1Batches}

const (
	uploadRoute = "POST /dossiers/{code}/slots/{slot}"
	mostForm    = 1 << 20
)

// routes lists every address of the house.
func (s *server) routes() []route {
	return append(slices.Concat(s.deskRoutes(), s.draftRoutes(), s.uploadRoutes(), s.phoneRoutes(), s.batchRoutes(), s.projectRoutes(), s.ledgerRoutes(), s.searchRoutes(), s.importRoutes(), s.counterRoutes(), s.holderRoutes(), s.entryRoutes(), s.normRoutes(), s.retentionRoutes(), s.roomRoutes(), s.restrictionRoutes(), s.packageRoutes(), s.publicRoutes(), s.citizenRoutes(), s.ratingRoutes(), s.accountRoutes(), s.passkeyRoutes(), s.providerRoutes(), s.deputyRoutes(), s.keyRoutes(), s.hookRoutes(), s.noticeRoutes(), s.neighbourRoutes(), s.nationalRoutes(), s.populationRoutes(), s.paymentRoutes(), s.viewerRoutes(), s.trayRoutes(), s.v1Routes()), []route{
		{"GET /healthz", open, s.health},
		{"GET /static/{file}", open, s.file},
		{"GET /login", open, s.loginForm},
		{"POST /login", open, s.login},
		{"POST /logout", enter, s.logout},

		{"GET /{$}", enter, s.home},
		{"GET /fragments/flow", enter, s.flowFragment},
		{"GET /fragments/tasks", enter, s.tasksFragment},
		{liveRoute, look, s.live},
		{"POST /tasks/acts", act, s.batch},

		{"GET /dossiers", look, s.dossierList},
		{"GET /dossiers/new", receive, s.dossierForm},
		{"POST /dossiers", receive, s.dossierNew},
		{cardRoute, receive, s.cardPicture},
		{"GET /dossiers/{code}", look, s.dossierShow},
		{"GET /dossiers/{code}/record", look, s.record},
		{uploadRoute, receive, s.upload},
		{"POST /dossiers/{code}/slots/{slot}/reuse", receive, s.reuse},
		{"POST /dossiers/{code}/resolve", resolve, s.resolve},

		{"GET /documents", look, s.documentList},
		{"GET /documents/{id}", look, s.documentShow},
		{"GET /documents/{id}/pages/{page}", look, s.picture},
		{"GET /documents/{id}/parts/{part}", look, s.part},
		{"GET /documents/{id}/signatures", look, s.signatures},
		{"GET /documents/{id}/words/{form}", look, s.words},
		{"POST /documents/{id}/review", reread, s.reviewed},
		{"GET /review", look, s.review},
		{"POST /documents/{id}/acts/{act}", act, s.act},

		{"GET /verify", look, s.verifyForm},
		{verifyRoute, look, s.verifyFile},

		{"GET /figures", look, s.figures},
		{"GET /figures/dossiers", look, s.figureList},
		{"GET /figures/by", look, s.figuresBy},
		{"GET /figures/provinces", grade, s.provinces},
		{"GET /figures/export", look, s.figureExport},
		{"GET /figures/closed/{month}/{version}", look, s.statement},
		{"GET /figures/closed/{month}/{version}/{file}", look, s.sealedFile},
		{"POST /figures/closed", manage, s.closeMonth},

		{"GET /admin", manage, s.adminHome},
		{"GET /admin/renewals", manage, s.renewalList},
		{"GET /admin/roots", manage, s.rootList},
		{"GET /admin/fixity", manage, s.fixityShow},
		{"GET /admin/line", manage, s.lineShow},
		{"POST /admin/line", manage, s.lineShare},
		{"POST /admin/line/{id}/{do}", manage, s.lineDo},
		{"GET /admin/{what}", manage, s.adminShow},
		{"POST /admin/agencies", manage, s.adminAgency},
		{"POST /admin/kinds", manage, s.adminKind},
		{"POST /admin/procedures", manage, s.adminProcedure},
		{"POST /admin/people", manage, s.adminPerson},
		{"POST /admin/people/{id}/password", manage, s.adminPassword},

		{"GET /api/tasks", look, s.apiTasks},
		{"GET /api/documents/{id}", look, s.apiDocument},
		{"GET /api/dossiers/{code}", look, s.apiDossier},

		{"/", open, func(*visit) error { return dossier.ErrNotFound }},
	}...)
}

// serve answers a route: who is it, may they, do it; or say what is wrong.
func (s *server) serve(rt route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began := s.Now()
		seen := &watcher{ResponseWriter: w}
		v := &visit{w: seen, r: r, lang: languageOf(r), v1: isV1(rt.pattern)}
		if s.Live != nil {
			v.place = s.Live.Head()
		}
		if strings.HasPrefix(r.URL.Path, v1Root) {
			v.lang = spoken(r.Header.Get("Accept-Language"))
		}
		defer func() {
			if cause := recover(); cause != nil {
				if cause == http.ErrAbortHandler {
					panic(cause)
				}
				s.Log.ErrorContext(r.Context(), "page broke", "route", rt.pattern, "who", v.who.ID, "cause", fmt.Sprint(cause), "stack", string(debug.Stack()))
				if seen.status == 0 {
					http.Error(seen, "500", http.StatusInternalServerError)
				}
			}
			s.Log.DebugContext(r.Context(), "visit", "route", rt.pattern, "who", v.who.ID,
				"status", seen.status, "ms", s.Now().Sub(began).Milliseconds())
		}()
		if err := s.answer(rt, v); err != nil {
			s.refuse(rt, v, err)
		}
	})
}

func (s *server) answer(rt route, v *visit) error {
	if rt.pattern == "GET /healthz" || strings.HasPrefix(rt.pattern, "GET /static/") {
		return rt.do(v) // these ask for nobody, and nobody's row is read
	}
	if isPublic(rt.pattern) { // the same for everybody: no cookie is read or set
		v.lang = known(v.r.URL.Query().Get("lang"))
		return rt.do(v)
	}
	if !v.v1 {
		s.keepLanguage(v)
	}
	if err := s.recognise(v, rt); err != nil {
		return err
	}
	if isV1(rt.pattern) {
		if err := s.paced(v); err != nil {
			return err
		}
	}
	if !slices.Contains(bigRoutes, rt.pattern) {
		v.r.Body = http.MaxBytesReader(v.w, v.r.Body, mostForm)
	}
	if err := v.allowed(rt.right, nil); err != nil {
		if v.who.ID == "" && v.r.Method == http.MethodGet && !v.json() {
			return v.to(loginPath(v.r))
		}
		return err
	}
	if held, err := s.first(v, rt); held || err != nil {
		return err
	}
	if v.r.Method == http.MethodPost && !isV1(rt.pattern) && !slices.Contains(bigRoutes, rt.pattern) {
		if err := v.whole(); err != nil {
			return err
		}
	}
	return rt.do(v)
}

// whole reads a form to its end: what is too large or broken is refused, and not taken
// for a form without values.
func (v *visit) whole() error {
	err := v.r.ParseForm()
	if media := v.r.Header.Get("Content-Type"); err == nil && strings.HasPrefix(strings.ToLower(media), "multipart/") {
		err = v.r.ParseMultipartForm(mostForm) // which says nothing of what ParseForm met
	}
	var large *http.MaxBytesError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &large), errors.Is(err, io.ErrUnexpectedEOF):
		return err
	}
	return fmt.Errorf("%w: a form: %w", dossier.ErrInvalid, err)
}

// recognise finds out who visits, if anybody is logged in.
func (s *server) recognise(v *visit, rt route) error {
	if v.r.Method == http.MethodGet { // what changes nothing asks once whether the catalogue has changed
		v.r = v.r.WithContext(s.Catalogue.Stamped(v.ctx()))
	}
	if isV1(rt.pattern) && v.r.Header.Get("Authorization") != "" {
		return s.recogniseKey(v)
	}
	token, ok := s.token(v.r)
	if !ok {
		return nil
	}
	p, session, err := s.Accounts.Session(v.ctx(), token)
	if errors.Is(err, dossier.ErrNotFound) {
		return nil
	} else if err != nil {
		return err
	}
	if session.Browser != browserOf(v.r) {
		s.Log.WarnContext(v.ctx(), "a session was tried in another browser", "who", p.ID)
		return nil
	}
	v.token, v.session = token, session
	if session.Half {
		v.half = p
		return nil
	}
	v.who, v.self = p, p
	if err := s.standIn(v); err != nil {
		return err
	}
	if err := s.alive(v, rt); err != nil {
		return err
	}
	if v.sight, err = s.scopeOf(v.ctx(), v.who); err != nil {
		return err
	}
	return s.close(v)
}

// alive remembers that somebody does something in a session, to the minute. What
// a page asks for by itself is no sign of anybody.
func (s *server) alive(v *visit, rt route) error {
	if v.r.Header.Get("X-Fragment") != "" || strings.HasPrefix(v.r.URL.Path, "/fragments/") || rt.pattern == "GET /desk/batches/{batch}" || isLive(rt.pattern) ||
		s.Now().Sub(v.session.Seen) < time.Minute {
		return nil
	}
	return s.Accounts.SessionSeen(v.ctx(), v.token, s.Now())
}

// watcher remembers the status of an answer.
type watcher struct {
	http.ResponseWriter
	status int
}

func (w *watcher) WriteHeader(code int) {
	if w.status == 0 {
		w.status = code
	}
	w.ResponseWriter.WriteHeader(code)
}

func (w *watcher) Write(b []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	return w.ResponseWriter.Write(b)
}

// Unwrap lets [http.ResponseController] reach the connection.
func (w *watcher) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// policy lets a page load what this house serves and nothing else: no inline
// script or style, no frames, no plug-ins (Content Security Policy Level 3).
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// features of browsers that no page uses, nor anything that would get into one; and
// passkeys, which the house's own pages use (Permissions Policy). Chromium complains
// of names that it does not know.
const features = "accelerometer=(), autoplay=(), camera=(), display-capture=(), encrypted-media=(), fullscreen=(), geolocation=(), gyroscope=(), hid=(), " +
	"magnetometer=(), microphone=(), midi=(), payment=(), picture-in-picture=(), publickey-credentials-get=(self), screen-wake-lock=(), serial=(), usb=(), xr-spatial-tracking=()"

// withCamera are the features on the one page that uses a camera: it reads the code of a
// card.
var withCamera = strings.Replace(features, "camera=()", "camera=(self)", 1)

// year is how long a browser that came over TLS comes in no other way (RFC 6797).
const year = "max-age=31536000"

// secured sets what every answer carries; tls: it is reached over TLS alone.
func secured(next http.Handler, tls bool) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Permissions-Policy", features)
		h.Set("Cross-Origin-Embedder-Policy", "require-corp")
		h.Set("X-Permitted-Cross-Domain-Policies", "none")
		if tls {
			h.Set("Strict-Transport-Security", year)
		}
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cache-Control", "no-store") // pages hold personal data
		next.ServeHTTP(w, r)
	})
}

func (s *server) health(v *visit) error {
	v.w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, err := v.w.Write([]byte("ok\n"))
	return err
}
