package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"
)

// A Wrong is what is not as a schema has it, and where.
type Wrong struct {
	At   string // JSON pointer (RFC 6901) into the body, or the name of a parameter
	Rule string // the schema's word that is not kept: type, required, enum and so on; json: it is none
}

func (w *Wrong) Error() string { return w.At + ": " + w.Rule }

// Read decodes a body into a value, if it is as the schema has it.
func (all Schemas) Read(body []byte, s *Schema, into any) error {
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return &Wrong{"", "json"}
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return &Wrong{"", "json"}
	}
	if err := all.Check(v, s, ""); err != nil {
		return err
	}
	if json.Unmarshal(body, into) != nil {
		return &Wrong{"", "type"} // a number that is too large, a member that differs in case
	}
	return nil
}

// Check holds a value, decoded with numbers as [json.Number], against a schema. The
// error is a [*Wrong].
func (all Schemas) Check(v any, s *Schema, at string) error {
	if s.Ref != "" {
		return all.Check(v, all[strings.TrimPrefix(s.Ref, refs)], at)
	}
	switch s.Type {
	case "":
		return nil
	case "string":
		text, ok := v.(string)
		if !ok {
			return &Wrong{at, "type"}
		}
		return s.text(text, at)
	case "boolean":
		if _, ok := v.(bool); !ok {
			return &Wrong{at, "type"}
		}
	case "integer", "number":
		n, ok := v.(json.Number)
		if !ok {
			return &Wrong{at, "type"}
		}
		return s.number(n, at)
	case "array":
		list, ok := v.([]any)
		if !ok {
			return &Wrong{at, "type"}
		}
		if len(list) < s.MinItems || s.MaxItems > 0 && len(list) > s.MaxItems {
			return &Wrong{at, "items"}
		}
		for i, x := range list {
			if err := all.Check(x, s.Items, at+"/"+strconv.Itoa(i)); err != nil {
				return err
			}
		}
	case "object":
		return all.object(v, s, at)
	}
	return nil
}

func (all Schemas) object(v any, s *Schema, at string) error {
	o, ok := v.(map[string]any)
	if !ok {
		return &Wrong{at, "type"}
	}
	for _, name := range s.Required {
		if _, ok := o[name]; !ok {
			return &Wrong{at + "/" + name, "required"}
		}
	}
	for _, name := range slices.Sorted(keys(o)) {
		member, ok := s.Properties[name]
		if !ok {
			if member, ok = s.Others.(*Schema); !ok {
				return &Wrong{at, "additionalProperties"} // its name may be anything, and is not repeated
			}
		}
		if err := all.Check(o[name], member, at+"/"+escaped(name)); err != nil {
			return err
		}
	}
	return nil
}

func keys(o map[string]any) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range o {
			if !yield(k) {
				return
			}
		}
	}
}

func escaped(name string) string {
	return strings.NewReplacer("~", "~0", "/", "~1").Replace(name)
}

// patterns are those of schemas, compiled when first asked for.
var patterns sync.Map

// compiled returns an expression of a schema: they are the house's own, and few.
func compiled(expr string) *regexp.Regexp {
	p, ok := patterns.Load(expr)
	if !ok {
		p, _ = patterns.LoadOrStore(expr, regexp.MustCompile(expr))
	}
	return p.(*regexp.Regexp)
}

// text holds a string against s. Control characters are in no text of the house.
func (s *Schema) text(text, at string) error {
	n := utf8.RuneCountInString(text)
	switch {
	case !utf8.ValidString(text) || strings.ContainsFunc(text, func(r rune) bool { return r < ' ' && r != '\n' && r != '\t' || r == 0x7f }):
		return &Wrong{at, "characters"}
	case n < s.MinLength:
		return &Wrong{at, "minLength"}
	case s.MaxLength > 0 && n > s.MaxLength:
		return &Wrong{at, "maxLength"}
	case len(s.Enum) > 0 && !slices.Contains(s.Enum, text):
		return &Wrong{at, "enum"}
	}
	if s.Pattern != "" {
		if !compiled(s.Pattern).MatchString(text) {
			return &Wrong{at, "pattern"}
		}
	}
	form := map[string]string{"date": time.DateOnly, "date-time": time.RFC3339}[s.Format]
	if form != "" {
		if _, err := time.Parse(form, text); err != nil {
			return &Wrong{at, "format"}
		}
	}
	return nil
}

func (s *Schema) number(n json.Number, at string) error {
	f, err := n.Float64()
	if err != nil || s.Type == "integer" && (f != math.Trunc(f) || math.Abs(f) > 1<<53) {
		return &Wrong{at, "type"}
	}
	if s.Minimum != nil && f < float64(*s.Minimum) || s.Maximum != nil && f > float64(*s.Maximum) {
		return &Wrong{at, "range"}
	}
	return nil
}

// Parameter holds what came in an address or a header against its schema.
func (p Param) Parameter(text string) error {
	var v any = text
	switch p.Schema.Type {
	case "integer":
		v = json.Number(text)
		if _, err := strconv.ParseInt(text, 10, 64); err != nil {
			return &Wrong{p.Name, "type"}
		}
	case "boolean":
		if text != "true" && text != "false" {
			return &Wrong{p.Name, "type"}
		}
		return nil
	}
	return Schemas{}.Check(v, p.Schema, p.Name)
}
