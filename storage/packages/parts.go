package packages

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"sohoa/dossier"
)

// The roles of a document's files in packages.
const (
	original = "original" // what came in
	archival = "archival" // what the archive keeps of it: PDF/A, signed, renewed
	data     = "data"     // what was read and found out
)

// A kept is one file of a document, with its place in packages.
type kept struct {
	part  dossier.Part
	role  string
	name  string // without folders
	media string
	at    time.Time // when it came to be
	main  bool      // the archival file that counts
}

var endings = map[string]string{"image/jpeg": ".jpg", "image/png": ".png", "image/tiff": ".tif", "application/pdf": ".pdf"}

// keptOf lists the files of a paper: originals first, then what was made of them
// in the order of the line, the newest archival file last of its role.
func keptOf(r Record, p Paper) []kept {
	d := p.Document
	end := endings[d.Media]
	if end == "" {
		end = ".bin"
	}
	code := p.code(r)
	main, _, _ := d.Archival()
	var all []kept
	for part := range d.Parts {
		k := kept{part: part, role: data, at: madeAt(p, part)}
		switch {
		case part == main:
			k.role, k.name, k.media, k.main = archival, code+".pdf", "application/pdf", true
		case part == dossier.PartScan, part == dossier.PartArrived:
			k.role, k.name, k.media = original, code+"."+string(part)+end, d.Media
		case part.IsBeside():
			k.role, k.name, k.media = original, code+"."+string(part)+".bin", "application/octet-stream"
		case part == dossier.PartPlain, part == dossier.PartCopySigned, part == dossier.PartSealed, part == dossier.PartAdopted, part.IsRenewed():
			k.role, k.name, k.media = archival, code+"."+string(part)+".pdf", "application/pdf"
		case part == dossier.PartText:
			k.name, k.media = code+".text.txt", "text/plain"
		default:
			k.name, k.media = code+"."+string(part)+".json", "application/json"
		}
		if k.media == "" {
			k.media = "application/octet-stream"
		}
		all = append(all, k)
	}
	slices.SortFunc(all, func(a, b kept) int { return strings.Compare(order(a), order(b)) })
	return all
}

// order is what files are sorted by: their role, then the line's order.
func order(k kept) string {
	steps := []dossier.Part{dossier.PartArrived, dossier.PartScan, dossier.PartReport, dossier.PartWords, dossier.PartText, dossier.PartDoubts,
		dossier.PartPlain, dossier.PartCopySigned, dossier.PartProposals, dossier.PartSealed, dossier.PartVerdict, dossier.PartAdopted}
	role := map[string]string{original: "1", archival: "2", data: "3"}[k.role]
	i := slices.Index(steps, k.part)
	if i < 0 { // numbered ones, after those that are named
		_, n, _ := strings.Cut(string(k.part), "-")
		number, _ := strconv.Atoi(n)
		return fmt.Sprintf("%s 99 %06d %s", role, number, k.part)
	}
	return fmt.Sprintf("%s %02d", role, i)
}

// madeAt is when a file came to be, as the changes say.
func madeAt(p Paper, part dossier.Part) time.Time {
	for i := len(p.Changes) - 1; i >= 0; i-- {
		if _, ok := p.Changes[i].Made[part]; ok {
			return p.Changes[i].At
		}
	}
	return p.Document.Received
}

// folder is the folder of a paper among others: its number.
func (p Paper) folder() string { return fmt.Sprintf("%03d", p.Number) }

// take reads the files of a paper that have one of the roles into folders, which
// it is told for each.
func (l *load) take(ctx context.Context, r Record, p Paper, blobs Blobs, to func(kept) string) (map[dossier.Part]*file, error) {
	taken := map[dossier.Part]*file{}
	for _, k := range keptOf(r, p) {
		folder := to(k)
		if folder == "" {
			continue
		}
		f, err := l.kept(ctx, blobs, folder+"/"+k.name, k.media, p.Document, k.part, k.at)
		if err != nil {
			return nil, err
		}
		taken[k.part] = f
	}
	return taken, nil
}

// electronic reports whether p came in signed, and so is an electronic original.
func (p Paper) electronic() bool { return !p.Document.Parts[dossier.PartAdopted].IsZero() }

// field returns the confirmed value of a field; "" if there is none.
func (p Paper) field(name dossier.FieldName) string {
	for _, f := range p.Fields {
		if f.Name == name {
			return f.Value
		}
	}
	return ""
}

// stamp is a time as packages write it: of Viet Nam, whole seconds.
func stamp(t time.Time) string {
	return t.In(dossier.VietNam).Truncate(time.Second).Format(time.RFC3339)
}

// day is a time as the national fields write it.
func day(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(dossier.VietNam).Format("02/01/2006")
}
