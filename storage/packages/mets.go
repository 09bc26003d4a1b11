package packages

import (
	"fmt"
	"path"
	"strconv"
	"strings"
)

// The METS profiles of CSIP 2.0.4 and its three kinds of package.
var profiles = map[Kind]string{
	SIP: "https://earksip.dilcis.eu/profile/E-ARK-SIP.xml",
	AIP: "https://earkaip.dilcis.eu/profile/E-ARK-AIP.xml",
	DIP: "https://earkdip.dilcis.eu/profile/E-ARK-DIP.xml",
}

// The kind of content, by CSIP's vocabulary, and its specification, which is
// none of those that CSIP lists.
const (
	category     = "Textual works – Digital"
	content      = "OTHER"
	otherContent = "TT 05/2025/TT-BNV"
)

func metsElement(r Record, id, label, up string) *node {
	return el("mets", "xmlns", "http://www.loc.gov/METS/", "xmlns:csip", "https://DILCIS.eu/XML/METS/CSIPExtensionMETS",
		"xmlns:xlink", "http://www.w3.org/1999/xlink", "xmlns:xsi", xsi,
		"OBJID", id, "LABEL", label, "TYPE", category, "csip:CONTENTINFORMATIONTYPE", content, "csip:OTHERCONTENTINFORMATIONTYPE", otherContent,
		"PROFILE", profiles[r.Kind],
		"xsi:schemaLocation", "http://www.loc.gov/METS/ "+up+"schemas/mets.xsd http://www.w3.org/1999/xlink "+up+"schemas/xlink.xsd "+
			"https://DILCIS.eu/XML/METS/CSIPExtensionMETS "+up+"schemas/DILCISExtensionMETS.xsd")
}

// header says who made the package and for whom (CSIP7–16, SIP9–20).
func header(r Record) *node {
	code := func(id string) *node { return say("note", id, "csip:NOTETYPE", "IDENTIFICATIONCODE") }
	sender := "CREATOR" // SIP16; the other kinds are submitted by nobody
	if r.Kind != SIP {
		sender = "CUSTODIAN"
	}
	return el("metsHdr", "CREATEDATE", stamp(r.Made), "LASTMODDATE", stamp(r.Made), "RECORDSTATUS", "NEW", "csip:OAISPACKAGETYPE", strings.ToUpper(string(r.Kind))).with(
		el("agent", "ROLE", "CREATOR", "TYPE", "OTHER", "OTHERTYPE", "SOFTWARE").with(say("name", "Sohoa"), say("note", r.Version, "csip:NOTETYPE", "SOFTWARE VERSION")),
		el("agent", "ROLE", "ARCHIVIST", "TYPE", "ORGANIZATION").with(say("name", or(r.Competent.Name, string(r.Dossier.Competent))), code(string(r.Dossier.Competent))),
		el("agent", "ROLE", sender, "TYPE", "ORGANIZATION").with(say("name", or(r.Receiving.Name, string(r.Dossier.Receiving))), code(string(r.Dossier.Receiving))))
}

// metsRoot is the METS of the whole package.
func metsRoot(r Record, reps []*representation, m *metadata) []byte {
	root := metsElement(r, r.Name(), label(r), "").with(header(r))
	var described, preserved []string
	for i, f := range m.ead {
		id := fmt.Sprintf("dmd-%03d", i)
		described = append(described, id)
		root.with(el("dmdSec", "ID", id, "CREATED", stamp(f.created), "STATUS", "CURRENT").with(reference(f, "EAD", "EAD3 1.1.1")))
	}
	adm := el("amdSec")
	for i, f := range m.premis {
		id := fmt.Sprintf("premis-%03d", i+1)
		preserved = append(preserved, id)
		adm.with(el("digiprovMD", "ID", id, "CREATED", stamp(f.created), "STATUS", "CURRENT").with(reference(f, "PREMIS", "3.0")))
	}
	root.with(adm)
	files := el("fileSec", "ID", "fileSec").with(
		group("documentation", "Documentation", m.documentation),
		group("schemas", "Schemas", m.schemas))
	divs := el("div", "ID", "div-package", "LABEL", r.Name()).with(
		el("div", "ID", "div-metadata", "LABEL", "Metadata", "ADMID", strings.Join(preserved, " "), "DMDID", strings.Join(described, " ")),
		pointing("div-documentation", "Documentation", "documentation"),
		pointing("div-schemas", "Schemas", "schemas"))
	files.with(group("representations", "Representations", m.reps))
	within := pointing("div-representations", "Representations", "representations")
	for i, rep := range reps {
		within.with(el("div", "ID", "div-rep-"+rep.name, "LABEL", "Representations/"+rep.name).with(
			el("mptr", "LOCTYPE", "URL", "xlink:type", "simple", "xlink:href", m.reps[i].path, "xlink:title", "representations")))
	}
	divs.with(within)
	return root.with(files, structure(divs)).file()
}

// metsOf is the METS of a representation; its places are as seen from it.
func metsOf(r Record, rep *representation) []byte {
	base := "representations/" + rep.name
	moved := make([]*file, 0, len(rep.files))
	for _, f := range rep.files {
		x := *f
		x.path = strings.TrimPrefix(f.path, base+"/")
		moved = append(moved, &x)
	}
	own := *rep.premis
	own.path = strings.TrimPrefix(own.path, base+"/")
	return metsElement(r, rep.name, rep.label, "../../").with(header(r),
		el("amdSec").with(el("digiprovMD", "ID", "premis-"+rep.name, "CREATED", stamp(own.created), "STATUS", "CURRENT").with(reference(&own, "PREMIS", "3.0"))),
		el("fileSec", "ID", "fileSec-"+rep.name).with(group("data-"+rep.name, "Data", moved)),
		structure(el("div", "ID", "div-"+rep.name, "LABEL", rep.name).with(
			el("div", "ID", "div-metadata-"+rep.name, "LABEL", "Metadata", "ADMID", "premis-"+rep.name),
			pointing("div-data-"+rep.name, "Data", "data-"+rep.name)))).file()
}

func structure(div *node) *node {
	return el("structMap", "ID", "struct-"+div.attrs[1], "TYPE", "PHYSICAL", "LABEL", "CSIP").with(div)
}

func pointing(id, label, group string) *node {
	return el("div", "ID", id, "LABEL", label).with(el("fptr", "FILEID", group))
}

// label is what a package is called for people; a DIP says what it is not.
func label(r Record) string {
	l := string(r.Dossier.Code) + " " + r.Procedure.Name
	if r.Kind == DIP {
		l = readingLabel + ": " + l
	}
	return strings.TrimSpace(l)
}

// sums are the attributes that size and fixity of a file stand in.
func sums(f *file) []string {
	return []string{"MIMETYPE", f.media, "SIZE", strconv.FormatInt(f.size, 10), "CREATED", stamp(f.created),
		"CHECKSUM", fmt.Sprintf("%x", f.sha256), "CHECKSUMTYPE", "SHA-256"}
}

func reference(f *file, kind, version string) *node {
	return el("mdRef", append([]string{"LOCTYPE", "URL", "xlink:type", "simple", "xlink:href", f.path, "MDTYPE", kind, "MDTYPEVERSION", version}, sums(f)...)...)
}

// grouped are the attributes of a group of files.
func grouped(id, use string) []string {
	return []string{"ID", id, "USE", use, "csip:CONTENTINFORMATIONTYPE", content, "csip:OTHERCONTENTINFORMATIONTYPE", otherContent}
}

func group(id, use string, files []*file) *node {
	g := el("fileGrp", grouped(id, use)...)
	for i, f := range files {
		g.with(el("file", append([]string{"ID", fmt.Sprintf("ID-%s-%04d-%s", id, i+1, idOf(path.Base(f.path)))}, sums(f)...)...).with(
			el("FLocat", "LOCTYPE", "URL", "xlink:type", "simple", "xlink:href", f.path)))
	}
	return g
}

// idOf keeps of a file's name what an xml:id may hold.
func idOf(name string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '.', r == '-', r == '_':
			return r
		}
		return '_'
	}, name)
}
