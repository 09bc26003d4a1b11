package catalogue

import (
	"maps"
	"path"
	"slices"
	"strings"

	"sohoa/dossier"
)

// Archive are the columns of an index of papers that were digitised elsewhere: those
// of its dossier, the place of the paper in it, and where its file lies. A dossier of
// many papers has many rows that say the same of it. Without a receiving agency, all
// are of the one that is imported.
var Archive = archiveSchema()

func archiveSchema() Schema {
	s := slices.Clone(Dossiers)
	for i := range s {
		if s[i].Field == "receiving" {
			s[i].Required = false
		}
	}
	return append(s,
		Column{Field: "slot", VI: "Mã thành phần", EN: "Component code", Names: []string{"MaThanhPhan", "Mã thành phần hồ sơ", "Mã giấy tờ", "Thành phần"}, Required: true},
		Column{Field: "file", VI: "Tên tệp", EN: "File", Names: []string{"Tệp", "Đường dẫn", "Đường dẫn tệp", "TenTep", "Tên file", "File PDF", "Tệp tin", "path", "filename"}, Required: true, Personal: true})
}

// A PaperOrder is one paper of an archive that is to be taken in.
type PaperOrder struct {
	DossierOrder // Known: the house has the dossier, or a row before brings it

	Slot dossier.SlotCode
	File string // as seen from the directory, with slashes; it may name people
}

// A Taking is a dossier with a paper whose files are stored; whoever writes it says what
// became of it.
type Taking struct {
	DossierOrder
	Paper  dossier.Document // with its id, once it is written; of one that was there before, that one
	Filled bool             // another paper stands in its place: nothing of it was written
}

// An ArchiveReader reads an index some rows at a time: it remembers its head, and
// nothing of the rows.
type ArchiveReader struct {
	t      table
	home   dossier.AgencyCode
	within map[dossier.AgencyCode]bool
}

// HeadRows is how many rows of a file must be seen to find its head.
const HeadRows = mostBefore

// NewArchive finds the head in the first rows of an index of what home and the
// agencies below it have, and returns the rows of data among them. Without a head
// there is a problem of the file.
func NewArchive(first []Row, home dossier.AgencyCode, below []dossier.AgencyCode) (*ArchiveReader, []Row, []Problem) {
	t := Archive.tabled(first)
	if t.at == nil {
		return nil, nil, t.found
	}
	a := &ArchiveReader{t: t, home: home, within: map[dossier.AgencyCode]bool{home: true}}
	for _, c := range below {
		a.within[c] = true
	}
	rows := t.rows
	a.t.rows = nil
	return a, rows, nil
}

// Columns says which column of the file, from 1, is read as what.
func (a *ArchiveReader) Columns() map[string]int {
	out := map[string]int{}
	for field, i := range a.t.at {
		out[field] = i + 1
	}
	return out
}

// Read says what becomes of some rows. h knows the dossiers and holders that they
// name ([DossierKeys] of [ArchiveReader.Named]); it is not altered.
func (a *ArchiveReader) Read(rows []Row, h House) (orders []PaperOrder, found []Problem) {
	h.Dossiers, h.HolderNumbers = maps.Clone(h.Dossiers), maps.Clone(h.HolderNumbers)
	b := &dossierReader{h: h, names: map[string]string{}, home: a.home}
	places := map[string]bool{}
	t := a.t
	t.rows = rows
	found = t.each(func(r *reader) {
		o, ok := a.paper(b, r)
		if !ok {
			return
		}
		place := string(o.Dossier.Code) + " " + string(o.Slot)
		if places[place] {
			r.wrong("slot", "slot-filled", string(o.Slot))
			return
		}
		places[place] = true
		orders = append(orders, o)
	})
	return orders, found
}

// Named returns rows under a head, so that [DossierKeys] understands them.
func (a *ArchiveReader) Named(rows []Row) []Row {
	head := Row{Cells: make([]Cell, a.t.width)}
	for field, i := range a.t.at {
		head.Cells[i] = Cell{Text: a.t.schema.column(field).VI}
	}
	if !has(a.t.at, "receiving") { // which the list of dossiers asks for
		head.Cells = append(head.Cells, Cell{Text: a.t.schema.column("receiving").VI})
	}
	return append([]Row{head}, rows...)
}

func has(m map[string]int, field string) bool { _, ok := m[field]; return ok }

func (a *ArchiveReader) paper(b *dossierReader, r *reader) (o PaperOrder, ok bool) {
	plan := Plan{}
	b.plan = &plan
	o.Row = r.row.Number
	o.Dossier.Code = b.code(r)
	b.dayOnly = false
	b.facts(r, o.DossierOrder)
	o.Slot = dossier.SlotCode(strings.ToUpper(r.text("slot", 40)))
	o.File = a.file(r)
	if r.bad {
		return o, false
	}
	if len(plan.Dossiers) > 0 {
		o.DossierOrder = plan.Dossiers[0]
		a.remember(b, o.DossierOrder)
	} else {
		o.DossierOrder = DossierOrder{Row: r.row.Number, Dossier: b.h.Dossiers[o.Dossier.Code], Known: true}
		o.Dossier.Resolved = dossier.Dossier{}.Resolved // nothing is to be resolved
	}
	if !a.within[o.Dossier.Receiving] {
		r.wrong("receiving", "agency-other", string(o.Dossier.Receiving))
	}
	if !slices.ContainsFunc(b.h.Procedures[o.Dossier.Procedure].Slots(), func(c dossier.Component) bool { return c.Slot == o.Slot }) {
		r.wrong("slot", "slot", string(o.Slot))
	}
	return o, !r.bad
}

// remember lets the rows that follow say more papers of a dossier.
func (a *ArchiveReader) remember(b *dossierReader, o DossierOrder) {
	d := o.Dossier
	if !o.Known {
		d.Holder, d.Applicant = dossier.HolderID(o.Holder.Number), dossier.HolderID(o.Applicant.Number)
		b.h.HolderNumbers[d.Holder] = o.Holder.Number
		if d.Applicant != "" {
			b.h.HolderNumbers[d.Applicant] = o.Applicant.Number
		}
	}
	b.h.Dossiers[d.Code] = d
}

// file reads where a paper lies: below the directory, as programs of Windows and
// others write it.
func (a *ArchiveReader) file(r *reader) string {
	s := strings.ReplaceAll(r.text("file", 1000), `\`, "/")
	switch clean := path.Clean(s); {
	case s == "" && r.bad:
	case s == "":
		r.wrong("file", "missing", "")
	case path.IsAbs(clean), clean == "..", strings.HasPrefix(clean, "../"), len(clean) > 1 && clean[1] == ':':
		r.wrong("file", "file-form", "")
	default:
		return clean
	}
	return ""
}
