package verify

import (
	"fmt"
	"slices"
	"strings"

	"sohoa/pdf/revision"
)

// A permission is what may be done to a file after a signature.
type permission struct {
	level     int  // of DocMDP, 1 to 3; 0: nobody said (ISO 32000-1, 12.8.2.2)
	certified bool // whether a certification stands before
	locks     []lock
}

// A lock says which form fields a signature closes (12.8.2.4, 12.7.4.5).
type lock struct {
	action revision.Name // All, Include, Exclude
	fields []string
}

// closes reports whether l closes a field: a name stands for all below it too.
func (l lock) closes(field string) bool {
	named := slices.ContainsFunc(l.fields, func(f string) bool { return field == f || strings.HasPrefix(field, f+".") })
	switch l.action {
	case "All":
		return true
	case "Include":
		return named
	case "Exclude":
		return !named
	}
	return true // a word that is not known closes rather than opens
}

// allow reports whether d may be, or what is found if not.
func (p permission) allow(d deed) (finding, bool) {
	for _, l := range p.locks {
		if (d.code == formFilled.code || d.code == fieldSigned.code) && l.closes(d.field) {
			return locked, false
		}
	}
	switch {
	case d.needs == never:
		return d.finding, false
	case p.level == 0 && d.explicit:
		return d.finding, false
	case p.level > 0 && d.needs > p.level:
		return notPermitted, false
	case p.certified && d.code == markAdded.code:
		return notPermitted, false // a sneaky signature: who certified left no place for it
	}
	return finding{}, true
}

// permissions reads what each signature permits. Whatever an earlier one forbids
// stays forbidden. fields are in the order they were made.
func (c *checker) permissions(r *Report, fields []field) {
	level, certified := 0, false
	for i := range fields {
		f := &fields[i]
		own, certifies, err := c.transforms(f)
		if err != nil {
			f.rules = err
		}
		if certifies {
			if certified || i > 0 && !f.isFirst(fields) {
				r.find(certification, "it is not the first signature")
			}
			certified = true
		}
		if own > 0 && (level == 0 || own < level) {
			level = own
		}
		f.may.level, f.may.certified = level, certified
	}
	c.perms(r, fields, certified)
}

// isFirst reports whether only document time-stamps stand before f.
func (f *field) isFirst(fields []field) bool {
	for _, g := range fields {
		if g.ref == f.ref {
			return true
		}
		if !g.isStamp() {
			return false
		}
	}
	return true
}

// transforms reads the signature references and the lock of one field. It
// returns the level that the field itself sets, and whether it certifies.
func (c *checker) transforms(f *field) (level int, certifies bool, err error) {
	list, err := c.file.ArrayOf(f.dict["Reference"])
	if err != nil {
		return 0, false, err
	}
	for _, o := range list {
		ref, err := c.file.DictOf(o)
		if err != nil {
			return 0, false, err
		}
		params, err := c.file.DictOf(ref["TransformParams"])
		if err != nil {
			return 0, false, err
		}
		switch ref["TransformMethod"] {
		case revision.Name("DocMDP"):
			certifies = true
			if level, err = levelOf(params, 2); err != nil {
				return 0, true, err
			}
		case revision.Name("FieldMDP"):
			if err := c.lock(f, params); err != nil {
				return 0, certifies, err
			}
		}
	}
	own, err := c.file.DictOf(f.own["Lock"])
	if err != nil || own == nil {
		return level, certifies, err
	}
	if err := c.lock(f, own); err != nil {
		return level, certifies, err
	}
	p, err := levelOf(own, 0) // ISO 32000-2, table 236
	if p > 0 && (level == 0 || p < level) {
		level = p
	}
	return level, certifies, err
}

// levelOf reads /P; without it, the level is none.
func levelOf(d revision.Dict, none int) (int, error) {
	o, ok := d["P"]
	if !ok {
		return none, nil
	}
	n, _ := o.(revision.Number)
	p, ok := n.Int()
	if !ok || p < 1 || p > 3 {
		return 1, fmt.Errorf("permission %.20v", o)
	}
	return int(p), nil
}

func (c *checker) lock(f *field, d revision.Dict) error {
	action, _ := d["Action"].(revision.Name)
	names, err := c.file.ArrayOf(d["Fields"])
	if err != nil {
		return err
	}
	l := lock{action: action}
	for _, o := range names {
		s, ok := o.(revision.String)
		if !ok {
			return fmt.Errorf("locked field %.40v", o)
		}
		l.fields = append(l.fields, revision.PlainText(s))
	}
	f.may.locks = append(f.may.locks, l)
	return nil
}

// perms checks the catalog's list of permissions (12.8.4): what it says was
// certified must be a signature of the form that certifies.
func (c *checker) perms(r *Report, fields []field, certified bool) {
	catalog, _, err := c.file.Catalog()
	if err != nil {
		return // told already
	}
	perms, err := c.file.DictOf(catalog["Perms"])
	if err != nil {
		r.find(certification, err.Error())
		return
	}
	o, ok := perms["DocMDP"]
	switch {
	case !ok && certified:
		r.note(unlisted, "")
	case ok:
		ref, _ := o.(revision.Ref)
		if !certified || !slices.ContainsFunc(fields, func(f field) bool { return f.ref == ref }) {
			r.find(certification, "it is not a signature of the form")
		}
	}
}
