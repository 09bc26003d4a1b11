package revision

import (
	"fmt"
	"maps"
	"slices"
	"time"
	"unicode/utf16"
)

// A Signature is what a signature shows, on the page and in its dictionary
// (12.8.1). The CMS comes with [Prepared.Finish].
type Signature struct {
	Field      string    // partial name of the field; empty: the next free SignatureN
	Name       string    // of the signer
	Reason     string    // may be empty
	Location   string    // may be empty
	At         time.Time // claimed signing time, /M
	Alt        string    // what a reader says aloud of the mark; may be empty
	Appearance Ref       // form that is shown
	Place      Rect      // where, on the first page
	Reserve    int       // bytes for the CMS, at most MaxContents
}

// Sign adds a signature field with its mark on page p, which must be the
// file's own (12.7.4.5, 12.5.6.19). An update takes one signature.
func (u *Update) Sign(p *Page, s Signature) error {
	if s.Reserve <= 0 || s.Reserve > MaxContents || u.sig != nil {
		return fmt.Errorf("%w: room for %d bytes", ErrRoom, s.Reserve)
	}
	form, name, err := u.free(s.Field, "Signature")
	if err != nil {
		return err
	}
	dict := Dict{"Type": Name("Sig"), "Filter": Name("Adobe.PPKLite"), "SubFilter": Name("ETSI.CAdES.detached"),
		"M": String(date(s.At)), "Name": Text(s.Name)}
	if s.Reason != "" {
		dict["Reason"] = Text(s.Reason)
	}
	if s.Location != "" {
		dict["Location"] = Text(s.Location)
	}
	u.sig = &placed{ref: u.Add(nil), dict: dict, reserve: s.Reserve}
	field := Dict{"Type": Name("Annot"), "Subtype": Name("Widget"), "FT": Name("Sig"), "T": Text(name),
		"V": u.sig.ref, "P": p.Ref, "Rect": p.user(s.Place), "F": Int(132), // printed, locked
		"AP": Dict{"N": s.Appearance}}
	if s.Alt != "" {
		field["TU"] = Text(s.Alt)
	}
	return u.join(p, form, u.Add(field))
}

// free returns the form and the name of a new field of it: the one that is
// wanted, which must be free, or the next free one of a series.
func (u *Update) free(want, series string) (Dict, string, error) {
	form, err := u.form()
	if err != nil {
		return nil, "", err
	}
	names, err := u.names(form)
	if err != nil {
		return nil, "", err
	}
	if want == "" {
		n := 1
		for names[fmt.Sprint(series, n)] {
			n++
		}
		want = fmt.Sprint(series, n)
	}
	if names[want] {
		return nil, "", fmt.Errorf("%w: there is a field %s", ErrLocked, want)
	}
	return form, want, nil
}

// Stamp adds a field for a document time-stamp (EN 319 142-1, 5.4.3), of which
// nothing is seen, on page p, which must be the file's own. Its token, of at
// most reserve bytes, comes with [Prepared.Finish].
func (u *Update) Stamp(p *Page, reserve int) error {
	if reserve <= 0 || reserve > MaxContents || u.sig != nil {
		return fmt.Errorf("%w: room for %d bytes", ErrRoom, reserve)
	}
	form, name, err := u.free("", "Timestamp")
	if err != nil {
		return err
	}
	u.sig = &placed{ref: u.Add(nil), reserve: reserve,
		dict: Dict{"Type": Name("DocTimeStamp"), "Filter": Name("Adobe.PPKLite"), "SubFilter": Name("ETSI.RFC3161")}}
	return u.join(p, form, u.Add(Dict{"Type": Name("Annot"), "Subtype": Name("Widget"), "FT": Name("Sig"), "T": Text(name),
		"V": u.sig.ref, "P": p.Ref, "Rect": Array{Int(0), Int(0), Int(0), Int(0)}, "F": Int(132)}))
}

// date writes t as 7.9.4 wants it.
func date(t time.Time) string {
	_, off := t.Zone()
	if off == 0 {
		return t.Format("D:20060102150405") + "+00'00'"
	}
	sign := '+'
	if off < 0 {
		sign, off = '-', -off
	}
	return fmt.Sprintf("%s%c%02d'%02d'", t.Format("D:20060102150405"), sign, off/3600, off/60%60)
}

// form returns a copy of the interactive form, new if there is none.
func (u *Update) form() (Dict, error) {
	catalog, _, err := u.file.Catalog()
	if err != nil {
		return nil, err
	}
	perms, err := u.file.DictOf(catalog["Perms"])
	if err != nil {
		return nil, err
	}
	if _, ok := perms["DocMDP"]; ok {
		return nil, fmt.Errorf("%w: certified", ErrLocked)
	}
	form, err := u.file.DictOf(catalog["AcroForm"])
	if err != nil {
		return nil, err
	}
	if _, ok := form["XFA"]; ok {
		return nil, fmt.Errorf("%w: XFA form", ErrLocked)
	}
	if form = maps.Clone(form); form == nil {
		form = Dict{}
	}
	return form, nil
}

// names returns the names of the top fields.
func (u *Update) names(form Dict) (map[string]bool, error) {
	fields, err := u.file.ArrayOf(form["Fields"])
	if err != nil {
		return nil, err
	}
	names := map[string]bool{}
	for _, f := range fields {
		d, err := u.file.DictOf(f)
		if err != nil {
			return nil, err
		}
		if t, ok := d["T"].(String); ok {
			names[PlainText(t)] = true
		}
	}
	return names, nil
}

// PlainText reads a text string (7.9.2.2) in UTF-16BE or, near enough for
// names, in Latin letters.
func PlainText(s String) string {
	var out []rune
	if len(s) < 2 || s[0] != 0xFE || s[1] != 0xFF {
		for _, c := range s {
			out = append(out, rune(c))
		}
		return string(out)
	}
	var units []uint16
	for i := 2; i+1 < len(s); i += 2 {
		units = append(units, uint16(s[i])<<8|uint16(s[i+1]))
	}
	return string(utf16.Decode(units))
}

// join hangs the field into the form and onto the page.
func (u *Update) join(p *Page, form Dict, field Ref) error {
	fields, err := u.file.ArrayOf(form["Fields"])
	if err != nil {
		return err
	}
	form["Fields"] = append(slices.Clone(fields), field)
	form["SigFlags"] = Int(3) // signatures exist; append only
	delete(form, "NeedAppearances")

	catalog, ref, err := u.file.Catalog()
	if err != nil {
		return err
	}
	switch old := catalog["AcroForm"].(type) {
	case Ref:
		u.Replace(old, form)
	default:
		catalog = maps.Clone(catalog)
		catalog["AcroForm"] = u.Add(form)
		u.Replace(ref, catalog)
	}
	annots, err := u.file.ArrayOf(p.dict["Annots"])
	if err != nil {
		return err
	}
	page := maps.Clone(p.dict)
	page["Annots"] = append(slices.Clone(annots), field)
	u.Replace(p.Ref, page)
	return nil
}
