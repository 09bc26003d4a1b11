package api

import (
	"encoding/json"
	"strconv"
	"strings"
)

// A Param is a value in an address or a header.
type Param struct {
	Name     string  `json:"name"`
	In       string  `json:"in"` // path, query or header
	Required bool    `json:"required,omitempty"`
	Doc      string  `json:"description,omitempty"`
	Schema   *Schema `json:"schema"`
}

// An Op is an operation: a method at a path, what it takes and what it answers.
type Op struct {
	Method, Path string
	ID           string // names it for generated clients; never changed
	Tag          string // group
	Title        string
	Right        string // that it asks for; empty: nobody in particular
	Params       []Param
	Body         *Schema // JSON; nil: none
	Upload       *Schema // multipart/form-data; nil: none
	Answers      []Answer
}

// An Answer is what comes back if all went well.
type Answer struct {
	Status  int
	Doc     string
	Media   string  // empty: no body
	Schema  *Schema // nil of what is not JSON
	Headers []string
}

// headerDocs says what headers of answers mean.
var headerDocs = map[string]string{
	"ETag":                 "names this state; with a version before the dash, give it back in If-Match",
	"Location":             "where what was made is",
	"Retry-After":          "seconds to wait",
	"Repr-Digest":          "SHA-256 of the bytes (RFC 9530)",
	"Idempotency-Replayed": "true: this is the answer of the first time",
}

// A Document is an OpenAPI 3.1 document.
type Document struct {
	Title, Version, Description string
	Ops                         []Op
	Schemas                     Schemas
	Problem                     *Schema // of every answer that is an error
}

// Bytes writes the document, the same bytes for the same operations.
func (d Document) Bytes() ([]byte, error) {
	paths := map[string]map[string]any{}
	for _, op := range d.Ops {
		if paths[op.Path] == nil {
			paths[op.Path] = map[string]any{}
		}
		paths[op.Path][strings.ToLower(op.Method)] = d.operation(op)
	}
	b, err := json.MarshalIndent(map[string]any{
		"openapi":           "3.1.0",
		"jsonSchemaDialect": "https://spec.openapis.org/oas/3.1/dialect/base",
		"info":              map[string]any{"title": d.Title, "version": d.Version, "description": d.Description},
		"servers":           []any{map[string]any{"url": "/"}},
		"paths":             paths,
		"components": map[string]any{
			"schemas": d.Schemas,
			"securitySchemes": map[string]any{
				"key":     map[string]any{"type": "http", "scheme": "bearer", "description": "A service account's key"},
				"session": map[string]any{"type": "apiKey", "in": "cookie", "name": "sohoa", "description": "A person's session, of whom is logged in"},
			},
			"responses": map[string]any{"Problem": map[string]any{"description": "What is wrong (RFC 9457), in the language of Accept-Language",
				"headers": headers([]string{"Retry-After"}),
				"content": map[string]any{"application/problem+json": map[string]any{"schema": d.Problem}}}},
		},
		"security": []any{map[string]any{"key": []string{}}, map[string]any{"session": []string{}}},
	}, "", " ")
	return append(b, '\n'), err
}

func (d Document) operation(op Op) map[string]any {
	answers := map[string]any{"default": map[string]any{"$ref": "#/components/responses/Problem"}}
	for _, a := range op.Answers {
		one := map[string]any{"description": a.Doc}
		if len(a.Headers) > 0 {
			one["headers"] = headers(a.Headers)
		}
		if a.Media != "" {
			content := map[string]any{}
			for media := range strings.SplitSeq(a.Media, ", ") {
				content[media] = map[string]any{}
				if a.Schema != nil && media != "text/event-stream" {
					content[media] = map[string]any{"schema": a.Schema}
				}
			}
			one["content"] = content
		}
		answers[strconv.Itoa(a.Status)] = one
	}
	o := map[string]any{"operationId": op.ID, "summary": op.Title, "tags": []string{op.Tag}, "responses": answers}
	if op.Right == "" {
		o["security"] = []any{}
	} else {
		o["x-right"] = op.Right
	}
	if len(op.Params) > 0 {
		o["parameters"] = op.Params
	}
	switch {
	case op.Body != nil:
		o["requestBody"] = map[string]any{"required": true, "content": map[string]any{"application/json": map[string]any{"schema": op.Body}}}
	case op.Upload != nil:
		o["requestBody"] = map[string]any{"required": true, "content": map[string]any{"multipart/form-data": map[string]any{"schema": op.Upload}}}
	}
	return o
}

func headers(names []string) map[string]any {
	all := map[string]any{}
	for _, n := range names {
		all[n] = map[string]any{"description": headerDocs[n], "schema": &Schema{Type: "string"}}
	}
	return all
}
