// Package api describes what programs may ask of the house, from the Go types of its
// questions and answers: an OpenAPI 3.1 document is written from them, and what comes
// in is held against the same description. It knows JSON and HTTP's words, and nothing
// of dossiers: what an operation does is package web's affair.
package api

import (
	"encoding/json"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A Schema says what a JSON value is like (JSON Schema 2020-12, of which OpenAPI 3.1
// takes all; this is the part that the house uses).
type Schema struct {
	Ref         string             `json:"$ref,omitempty"`
	Type        string             `json:"type,omitempty"`
	Format      string             `json:"format,omitempty"`
	Description string             `json:"description,omitempty"`
	Enum        []string           `json:"enum,omitempty"`
	Pattern     string             `json:"pattern,omitempty"`
	MinLength   int                `json:"minLength,omitempty"`
	MaxLength   int                `json:"maxLength,omitempty"`
	Minimum     *int64             `json:"minimum,omitempty"`
	Maximum     *int64             `json:"maximum,omitempty"`
	Items       *Schema            `json:"items,omitempty"`
	MinItems    int                `json:"minItems,omitempty"`
	MaxItems    int                `json:"maxItems,omitempty"`
	Properties  map[string]*Schema `json:"properties,omitempty"`
	Required    []string           `json:"required,omitempty"`

	// Others are the members that are not named: false for none, a schema of all.
	Others any `json:"additionalProperties,omitempty"`
}

// Schemas are schemas by name, which others refer to.
type Schemas map[string]*Schema

const refs = "#/components/schemas/"

var (
	timeType = reflect.TypeFor[time.Time]()
	rawType  = reflect.TypeFor[json.RawMessage]()
	marshals = reflect.TypeFor[json.Marshaler]()
)

// Of returns the schema of a type, and enters those of structs by their names. Tags of
// a field: json; doc, what it means; enum, values with | between them; pattern; max and
// min, of a string its letters, of a list its members, of a number its value; format.
// What may be left out has omitempty or omitzero.
func (all Schemas) Of(t reflect.Type) *Schema {
	switch {
	case t == timeType:
		return &Schema{Type: "string", Format: "date-time"}
	case t == rawType || t.Kind() == reflect.Interface:
		return &Schema{}
	case t.Implements(marshals):
		return &Schema{Type: "string"}
	}
	switch t.Kind() {
	case reflect.Pointer:
		return all.Of(t.Elem())
	case reflect.String:
		return &Schema{Type: "string"}
	case reflect.Bool:
		return &Schema{Type: "boolean"}
	case reflect.Float64, reflect.Float32:
		return &Schema{Type: "number"}
	case reflect.Slice:
		return &Schema{Type: "array", Items: all.Of(t.Elem())}
	case reflect.Array:
		return &Schema{Type: "array", Items: all.Of(t.Elem()), MinItems: t.Len(), MaxItems: t.Len()}
	case reflect.Map:
		return &Schema{Type: "object", Others: all.Of(t.Elem())}
	case reflect.Struct:
		return all.structure(t)
	}
	return &Schema{Type: "integer"}
}

// Name is what a struct's schema is called: its type's name, with a capital and without
// the version.
func Name(t reflect.Type) string {
	n := strings.TrimPrefix(strings.TrimPrefix(t.Name(), "v1"), "api")
	return strings.ToUpper(n[:1]) + n[1:]
}

func (all Schemas) structure(t reflect.Type) *Schema {
	if t.Name() == "" {
		return all.members(t)
	}
	name := Name(t)
	if _, known := all[name]; !known {
		all[name] = nil // it may hold itself
		all[name] = all.members(t)
	}
	return &Schema{Ref: refs + name}
}

func (all Schemas) members(t reflect.Type) *Schema {
	s := &Schema{Type: "object", Properties: map[string]*Schema{}, Others: false}
	for i := range t.NumField() {
		f := t.Field(i)
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "-" || !f.IsExported() && !f.Anonymous {
			continue
		}
		if f.Anonymous && name == "" {
			in := all.members(f.Type)
			for k, v := range in.Properties {
				s.Properties[k] = v
			}
			s.Required = append(s.Required, in.Required...)
			continue
		}
		if name == "" {
			name = f.Name
		}
		s.Properties[name] = tagged(all.Of(f.Type), f.Tag)
		if !strings.Contains(options, "omit") {
			s.Required = append(s.Required, name)
		}
	}
	slices.Sort(s.Required)
	return s
}

// tagged adds what a field's tags say.
func tagged(s *Schema, tag reflect.StructTag) *Schema {
	s.Description = tag.Get("doc")
	in := s
	if s.Type == "array" && (tag.Get("enum") != "" || tag.Get("pattern") != "") {
		in = s.Items
	}
	if e := tag.Get("enum"); e != "" {
		in.Enum = strings.Split(e, "|")
	}
	if p := tag.Get("pattern"); p != "" {
		in.Pattern = p
	}
	if f := tag.Get("format"); f != "" {
		in.Format = f
	}
	bound := func(name string) (int64, bool) {
		n, err := strconv.ParseInt(tag.Get(name), 10, 64)
		return n, err == nil
	}
	if n, ok := bound("max"); ok {
		switch s.Type {
		case "string":
			s.MaxLength = int(n)
		case "array":
			s.MaxItems = int(n)
		default:
			s.Maximum = &n
		}
	}
	if n, ok := bound("min"); ok {
		switch s.Type {
		case "string":
			s.MinLength = int(n)
		case "array":
			s.MinItems = int(n)
		default:
			s.Minimum = &n
		}
	}
	return s
}

// Filled makes every list and map of an answer that is nil empty, so that programs find
// [] and {} where the schema says so. v is a pointer.
func Filled(v any) { fill(reflect.ValueOf(v)) }

func fill(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			fill(v.Elem())
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Field(i); f.CanSet() || v.Type().Field(i).Anonymous {
				fill(f)
			}
		}
	case reflect.Slice:
		if v.Type() == rawType {
			return
		}
		if v.IsNil() && v.CanSet() {
			v.Set(reflect.MakeSlice(v.Type(), 0, 0))
		}
		for i := range v.Len() {
			fill(v.Index(i))
		}
	case reflect.Map:
		if v.IsNil() && v.CanSet() {
			v.Set(reflect.MakeMap(v.Type()))
		}
	}
}
