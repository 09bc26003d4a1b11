package web

import (
	"bytes"
	"embed"
	"html/template"
	"net/http"
	"path"
	"slices"
	"strings"
	"time"

	"sohoa/dossier"
)

// What the viewer's frame is made of: ours in viewer, Mozilla's pdf.js
// (pdfjs-dist 6.5.438, its build for older browsers, Apache-2.0) in pdfjs, as it
// comes from npm.
//
//go:embed viewer/* pdfjs/*
var viewerFiles embed.FS

func (s *server) viewerRoutes() []route {
	return []route{
		{"GET /documents/{id}/view", look, s.viewShow},
		{"GET /static/viewer/{file}", open, s.viewerFile},
	}
}

// framePolicy is what the viewer's frame may: run the house's scripts, and a worker
// made of them. It has no origin (sandbox without allow-same-origin), so that
// nothing in it has a session, sees a page, or can ask the house for anything.
const framePolicy = "sandbox allow-scripts; default-src 'none'; script-src 'self' blob:; worker-src blob:; style-src 'self'; connect-src 'self'; " +
	"img-src blob: data:; font-src data: blob:; form-action 'none'; base-uri 'none'; frame-ancestors 'self'"

// viewerAddress is where a part of the frame lies, with its digest in its name
// where a page names it.
func viewerAddress(name string) string {
	for _, dir := range []string{"viewer/", "pdfjs/"} {
		if b, err := viewerFiles.ReadFile(dir + name); err == nil {
			return "/static/viewer/" + digested(name, b)
		}
	}
	return name
}

// viewerFile serves the frame, in the language asked for, and what it loads. Since
// the frame has no origin all of it is open to every origin; it is the same for
// everybody.
func (s *server) viewerFile(v *visit) error {
	h := v.w.Header()
	name := v.r.PathValue("file")
	if name == "frame" {
		t, err := template.New("frame.html").Funcs(functions(known(v.r.URL.Query().Get("lang")))).ParseFS(viewerFiles, "viewer/frame.html")
		if err != nil {
			return err
		}
		h.Set("Content-Security-Policy", framePolicy)
		h.Set("X-Frame-Options", "SAMEORIGIN")
		h.Set("Content-Type", "text/html; charset=utf-8")
		return t.Execute(v.w, nil)
	}
	f, ok := s.viewer[name]
	if !ok {
		return dossier.ErrNotFound
	}
	h.Set("Access-Control-Allow-Origin", "*")
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	h.Set("Content-Type", f.media)
	h.Set("ETag", f.tag)
	if f.tag != "" && strings.Contains(name, strings.Trim(f.tag, `"`)) {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	} else {
		h.Set("Cache-Control", "no-cache")
	}
	http.ServeContent(v.w, v.r, "", time.Time{}, bytes.NewReader(f.bytes))
	return nil
}

// viewerParts are the files of the frame by name, and by name with digest.
func viewerParts() (map[string]staticFile, error) {
	media := map[string]string{".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".mjs": "text/javascript; charset=utf-8",
		".ttf": "font/ttf", ".pfb": "application/octet-stream"}
	all := map[string]staticFile{}
	for _, dir := range []string{"viewer", "pdfjs"} {
		entries, err := viewerFiles.ReadDir(dir)
		if err != nil {
			return nil, err
		}
		for _, e := range entries {
			kind, ok := media[path.Ext(e.Name())]
			if !ok { // licences, and the frame itself
				continue
			}
			b, err := viewerFiles.ReadFile(dir + "/" + e.Name())
			if err != nil {
				return nil, err
			}
			f := staticFile{media: kind, bytes: b, tag: `"` + digestOf(b) + `"`}
			all[e.Name()], all[digested(e.Name(), b)] = f, f
		}
	}
	return all, nil
}

// A viewed file is one that the viewer shows; the address is empty if it is no PDF.
type viewed struct {
	Part    dossier.Part
	Says    dossier.Part
	Address string
	Picture bool // shown as a picture
}

type viewView struct {
	Document dossier.Document
	Shown    []viewed // one, or two beside each other
	Choice   []viewed
	Beside   bool
	Undrawn  dossier.Part // what came, if no browser draws it; empty: it is among Choice
	N        names
}

// viewShow shows files of a document in the viewer: the newest that is archived or
// made, or ?part=, and with ?beside= another.
func (s *server) viewShow(v *visit) error {
	d, do, err := s.document(v, look)
	if err != nil {
		return err
	}
	if err := disposedOf(d); err != nil {
		return err
	}
	if err := s.looked(v, dossier.ReadViewed, d.ID, do); err != nil {
		return err
	}
	choice := viewable(d)
	if len(choice) == 0 {
		return dossier.ErrNotFound
	}
	n, err := s.names(v.ctx())
	if err != nil {
		return err
	}
	view := viewView{Document: d, Choice: choice, N: n}
	for i, key := range []string{"part", "beside"} {
		part := dossier.Part(v.r.URL.Query().Get(key))
		k := slices.IndexFunc(choice, func(f viewed) bool { return f.Part == part })
		switch {
		case k >= 0:
			view.Shown = append(view.Shown, choice[k])
		case part != "":
			return dossier.ErrNotFound
		case i == 0:
			view.Shown = append(view.Shown, choice[0])
		}
	}
	view.Beside = len(view.Shown) == 2
	if !slices.ContainsFunc(choice, func(f viewed) bool { return f.Part == dossier.PartScan || f.Part == dossier.PartArrived }) {
		view.Undrawn = dossier.PartScan
	}
	v.w.Header().Set("Content-Security-Policy", strings.Replace(policy, "connect-src 'self';", "connect-src 'self'; frame-src 'self';", 1))
	return s.show(v, http.StatusOK, "view", "viewer.title", view)
}

// viewable are the files of a document that can be looked at, the newest first, what
// came last.
func viewable(d dossier.Document) (all []viewed) {
	parts := []dossier.Part{}
	for n := d.Renewals(); n > 0; n-- {
		parts = append(parts, dossier.RenewedPart(n))
	}
	for _, p := range append(parts, dossier.PartAdopted, dossier.PartSealed, dossier.PartCopySigned, dossier.PartPlain, dossier.PartArrived, dossier.PartScan) {
		if _, ok := d.Parts[p]; !ok {
			continue
		}
		f := viewed{Part: p, Says: saysOf(d, p), Address: "/documents/" + string(d.ID) + "/parts/" + string(p)}
		if p == dossier.PartScan || p == dossier.PartArrived {
			switch d.Media {
			case "application/pdf":
			case "image/jpeg", "image/png":
				f.Picture = true
			default: // no browser draws a TIFF
				continue
			}
		}
		all = append(all, f)
	}
	return all
}
