package packages

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"sohoa/dossier"
)

// schemas are the published schemas of what a hand-over package holds; each says
// whose it is, and schemas/NOTICE.md from where.
//
//go:embed schemas/*.xsd
var schemas embed.FS

// A representation is one form in which the content is there.
type representation struct {
	name  string // folder
	label string
	files []*file
	docs  map[*file]int // number of the paper that a file is of

	premis *file // what it is made of
}

// handOver loads a SIP, AIP or DIP (E-ARK CSIP 2.0.4).
func handOver(ctx context.Context, r Record, blobs Blobs) (*load, error) {
	l := &load{}
	reps, err := l.content(ctx, r, blobs)
	if err != nil {
		return nil, err
	}
	m := &metadata{}
	m.ead = append(m.ead, l.bytes("metadata/descriptive/EAD.xml", "text/xml", r.Made, eadDossier(r)))
	for _, p := range r.Papers {
		m.ead = append(m.ead, l.bytes("metadata/descriptive/EAD_doc_"+p.folder()+".xml", "text/xml", r.Made, eadDocument(r, p)))
	}
	for _, p := range r.Papers {
		m.premis = append(m.premis, l.bytes("metadata/preservation/PREMIS_doc_"+p.folder()+".xml", "text/xml", r.Made, premis(r, p, reps)))
	}
	if err := l.beside(r, m); err != nil {
		return nil, err
	}
	for _, rep := range reps {
		rep.premis = l.bytes("representations/"+rep.name+"/metadata/preservation/PREMIS.xml", "text/xml", r.Made, premisRepresentation(r, rep))
		m.reps = append(m.reps, l.bytes("representations/"+rep.name+"/METS.xml", "text/xml", r.Made, metsOf(r, rep)))
	}
	l.bytes("METS.xml", "text/xml", r.Made, metsRoot(r, reps, m))
	return l, nil
}

// metadata are the files that the root METS refers to, apart from content.
type metadata struct {
	ead, premis, documentation, schemas []*file
	reps                                []*file // METS of each representation
}

// content adds the files of the papers, form by form.
func (l *load) content(ctx context.Context, r Record, blobs Blobs) ([]*representation, error) {
	if r.Kind == DIP {
		return l.reading(ctx, r)
	}
	first := &representation{name: original, label: "Bản gốc tiếp nhận / as received", docs: map[*file]int{}}
	second := &representation{name: archival, label: "Bản lưu trữ đã ký / archival, signed", docs: map[*file]int{}}
	for _, p := range r.Papers {
		taken, err := l.take(ctx, r, p, blobs, func(k kept) string {
			switch {
			case k.role == original:
				return "representations/original/data/" + p.folder()
			case k.main:
				return "representations/archival/data/" + p.folder()
			}
			return ""
		})
		if err != nil {
			return nil, err
		}
		for _, k := range keptOf(r, p) {
			f, ok := taken[k.part]
			if !ok {
				continue
			}
			rep := first
			if k.role == archival {
				rep = second
			}
			rep.files = append(rep.files, f)
			rep.docs[f] = p.Number
		}
	}
	return []*representation{first, second}, nil
}

// reading adds the copies for reading, and nothing that could be taken for an
// original or an authenticated copy.
func (l *load) reading(ctx context.Context, r Record) ([]*representation, error) {
	rep := &representation{name: "reading", label: readingLabel, docs: map[*file]int{}}
	for _, p := range r.Papers {
		path := "representations/reading/data/" + p.folder() + "/" + p.code(r) + ".ban-de-doc.pdf"
		f, err := l.read(ctx, path, "application/pdf", r.Made, p.Reading)
		if err != nil {
			return nil, fmt.Errorf("reading copy of %s: %w", p.Document.ID, err)
		}
		rep.files = append(rep.files, f)
		rep.docs[f] = p.Number
	}
	return []*representation{rep}, nil
}

// readingLabel marks reading copies wherever they are described.
const readingLabel = "Bản để đọc, không phải bản sao có chứng thực / reading copy, not an authenticated copy"

// beside adds documentation and schemas. The evidence goes with what is handed
// over or kept, not with what is only read.
func (l *load) beside(r Record, m *metadata) error {
	from := len(l.files)
	for _, lang := range languages {
		l.bytes("documentation/README."+lang+".md", "text/markdown", r.Made, readme(r, lang))
	}
	if r.Kind != DIP {
		for _, p := range r.Papers {
			l.evidence(r, p, "documentation/documents/"+p.folder())
		}
	}
	if r.Kind == AIP {
		l.ledger(r, "documentation/ledger")
	}
	m.documentation = slices.Clone(l.files[from:])
	names, err := fs.Glob(schemas, "schemas/*.xsd")
	if err != nil {
		return err
	}
	for _, name := range names {
		b, err := schemas.ReadFile(name)
		if err != nil {
			return err
		}
		m.schemas = append(m.schemas, l.bytes(name, "text/xml", r.Made, b))
	}
	return nil
}

// confidence is the code of how a document came to be digital (confidenceLevel,
// TT 05/2025/TT-BNV): 01 born digital, 02 digitised.
func (p Paper) confidence() string {
	if p.electronic() {
		return "01"
	}
	return "02"
}

// confidence is the same of all papers: 03 if they differ.
func (r Record) confidence() string {
	level := ""
	for _, p := range r.Papers {
		switch c := p.confidence(); {
		case level == "":
			level = c
		case level != c:
			return "03"
		}
	}
	return level
}

// splitNumber divides an official number into codeNumber and codeNotation: 123
// and QĐ-UBND of 123/QĐ-UBND. What has no number first is all notation.
func splitNumber(s string) (number, notation string) {
	s = strings.TrimSpace(s)
	number, notation, _ = strings.Cut(s, "/")
	number = strings.TrimSpace(number)
	if number == "" || strings.Trim(number, "0123456789") != "" {
		return "", s
	}
	return number, strings.TrimSpace(notation)
}

// vietDay turns YYYY-MM-DD into the national fields' DD/MM/YYYY.
func vietDay(s string) string {
	if len(s) != len("2006-01-02") || s[4] != '-' || s[7] != '-' {
		return ""
	}
	return s[8:] + "/" + s[5:7] + "/" + s[:4]
}

// made names the change that brought a file.
func made(p Paper, part dossier.Part) (dossier.Change, bool) {
	for i := len(p.Changes) - 1; i >= 0; i-- {
		if _, ok := p.Changes[i].Made[part]; ok {
			return p.Changes[i], true
		}
	}
	return dossier.Change{}, false
}
