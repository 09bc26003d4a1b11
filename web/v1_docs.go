package web

import (
	"net/http"
	"reflect"
	"slices"
	"strings"
	"sync"

	"sohoa/web/api"
)

// APIDocument is the OpenAPI 3.1 document of the API, written from the operations in
// the code: the same bytes for the same program. docs/api.json is a copy.
var APIDocument = sync.OnceValues(func() ([]byte, error) {
	ops, schemas := described()
	d := api.Document{Title: "Sohoa", Version: "1", Schemas: schemas, Description: say("en", "v1.lead") + " " + say("en", "v1.rules")}
	d.Problem = schemas.Of(reflect.TypeFor[problem]())
	for _, op := range ops {
		d.Ops = append(d.Ops, op.Op)
	}
	return d.Bytes()
})

func (s *server) v1Spec(v *visit) error {
	b, err := APIDocument()
	if err != nil {
		return err
	}
	tag := api.Tag(-1, b)
	h := v.w.Header()
	h.Set("ETag", tag)
	h.Set("Cache-Control", "no-cache")
	v.wrote = true
	if api.Same(v.r.Header.Get("If-None-Match"), tag) {
		v.w.WriteHeader(http.StatusNotModified)
		return nil
	}
	h.Set("Content-Type", "application/vnd.oai.openapi+json;version=3.1")
	_, _ = v.w.Write(b) // whoever does not read it has gone
	return nil
}

// docsView is the page about the API.
type docsView struct {
	Groups   []docsGroup
	Problems []docsProblem
	Lang     string
}

type docsGroup struct {
	Tag string
	Ops []docsOp
}

type docsOp struct {
	api.Op
	Params []docsMember // of the address and headers
	Body   []docsMember
	Answer []docsMember
	Status int
	Media  string
}

// Words is what an operation is called in a language.
func (o docsOp) Words(lang string) string { return say(lang, "v1."+o.ID) }

// A docsMember is a line of a table: a parameter, or a member of a body.
type docsMember struct {
	Name, Kind, Doc string
	Required        bool
}

type docsProblem struct{ Code, Title, Do string }

// v1Docs shows what can be asked, from the same operations as the document.
func (s *server) v1Docs(v *visit) error {
	ops, schemas := described()
	view := docsView{Lang: v.lang}
	for _, op := range ops {
		o := docsOp{Op: op.Op}
		for _, p := range op.Op.Params {
			o.Params = append(o.Params, docsMember{p.Name, p.In + ", " + kindWords(p.Schema), p.Doc, p.Required})
		}
		if op.Body != nil {
			o.Body = members(schemas, op.Body)
		} else if op.Upload != nil {
			o.Body = members(schemas, op.Upload)
		}
		for _, a := range op.Answers {
			if a.Status < 300 {
				o.Status, o.Media = a.Status, a.Media
				if a.Schema != nil {
					o.Answer = members(schemas, a.Schema)
				}
			}
		}
		at := slices.IndexFunc(view.Groups, func(g docsGroup) bool { return g.Tag == op.Tag })
		if at < 0 {
			at = len(view.Groups)
			view.Groups = append(view.Groups, docsGroup{Tag: op.Tag})
		}
		view.Groups[at].Ops = append(view.Groups[at].Ops, o)
	}
	for key := range words() {
		if code, ok := strings.CutPrefix(key, "error."); ok && has(key+".do") {
			view.Problems = append(view.Problems, docsProblem{code, say(v.lang, key), say(v.lang, key+".do")})
		}
	}
	slices.SortFunc(view.Problems, func(a, b docsProblem) int { return strings.Compare(a.Code, b.Code) })
	return s.show(v, http.StatusOK, "api", "v1.title", view)
}

// members lists what an object has, one level deep.
func members(schemas api.Schemas, s *api.Schema) (list []docsMember) {
	if name, ok := strings.CutPrefix(s.Ref, "#/components/schemas/"); ok {
		s = schemas[name]
	}
	for name, m := range s.Properties {
		list = append(list, docsMember{name, kindWords(m), m.Description, slices.Contains(s.Required, name)})
	}
	slices.SortFunc(list, func(a, b docsMember) int { return strings.Compare(a.Name, b.Name) })
	return list
}

// kindWords says what a value is like, in the words of the schema.
func kindWords(s *api.Schema) string {
	out := s.Type
	if name, ok := strings.CutPrefix(s.Ref, "#/components/schemas/"); ok {
		out = name
	}
	if s.Items != nil {
		out = "[" + kindWords(s.Items) + "]"
	}
	switch {
	case s.Format != "":
		out += ", " + s.Format
	case len(s.Enum) > 0:
		out += ": " + strings.Join(s.Enum, ", ")
	}
	return out
}
