package packages

import (
	"strconv"
	"time"

	"sohoa/dossier"
)

// localTypes is what localtype attributes of our EAD are of: each names a field
// of TT 05/2025/TT-BNV as that circular spells it.
const localTypes = "TT 05/2025/TT-BNV"

// documentFields and dossierFields are the national fields in their order.
var (
	documentFields = [...]string{"docId", "docCode", "maintenance", "typeName", "codeNumber", "codeNotation", "issuedDate", "organName", "subject",
		"language", "numberOfPage", "inforSign", "keyword", "mode", "confidenceLevel", "autograph", "format", "riskRecovery", "riskRecoveryStatus",
		"process", "description"}
	dossierFields = [...]string{"fileCode", "title", "maintenance", "mode", "language", "startDate", "endDate", "keyword", "totalDoc", "numberOfPaper",
		"numberOfPage", "format", "inforSign", "confidenceLevel", "paperFileCode", "riskRecovery", "riskRecoveryStatus", "description"}
)

// conditional is the code of use under conditions (mode 02): what an
// administrative dossier holds is about somebody, and so is not open to all
// (Luật 91/2025/QH15), unless an archive's codes say otherwise.
const conditional = "02"

const vietnamese = "Tiếng Việt"

// known are the national fields of a paper that follow from what the house knows.
func (p Paper) known(r Record) map[string]string {
	number, notation := splitNumber(p.field(dossier.FieldNumber))
	subject := p.field(dossier.FieldSubject)
	if subject == "" {
		subject = p.title()
	}
	return map[string]string{
		"docId":           string(p.Document.ID),
		"docCode":         p.code(r),
		"codeNumber":      atMost(number, 11),
		"codeNotation":    atMost(notation, 30),
		"issuedDate":      vietDay(p.field(dossier.FieldIssued)),
		"organName":       atMost(p.field(dossier.FieldIssuer), 200),
		"subject":         atMost(subject, 500),
		"language":        vietnamese,
		"numberOfPage":    strconv.Itoa(p.Document.Pages),
		"confidenceLevel": p.confidence(),
		"description":     p.title(),
	}
}

// title is what a paper is called.
func (p Paper) title() string {
	if t := p.field(dossier.FieldTitle); t != "" {
		return t
	}
	return p.Name
}

// known are the national fields of the dossier that follow from what the house
// knows. Its title is the procedure's name: whose dossier it is stands in the
// papers.
func (r Record) known() map[string]string {
	pages := 0
	for _, p := range r.Papers {
		pages += p.Document.Pages
	}
	return map[string]string{
		"fileCode":        string(r.Dossier.Code),
		"title":           r.Procedure.Name,
		"language":        vietnamese,
		"startDate":       day(r.Dossier.Received),
		"endDate":         day(r.Dossier.Resolved),
		"totalDoc":        strconv.Itoa(len(r.Papers)),
		"numberOfPage":    strconv.Itoa(pages),
		"confidenceLevel": r.confidence(),
	}
}

// value finds a field: what the house knows, else what codes say, else what
// every field of the name is.
func value(name string, known map[string]string, codes ...map[string]string) string {
	if v := known[name]; v != "" {
		return v
	}
	for _, c := range codes {
		if v := c[name]; v != "" {
			return v
		}
	}
	if name == "mode" {
		return conditional
	}
	return ""
}

// eadDocument describes a paper in EAD3 as an item.
func eadDocument(r Record, p Paper) []byte {
	known := p.known(r)
	fields := map[string]string{}
	for _, name := range documentFields {
		fields[name] = value(name, known, r.Codes.Kinds[p.Document.Kind], r.Codes.Document)
	}
	did := el("did").with(
		say("unitid", p.code(r), "localtype", "docCode"),
		say("unitid", string(p.Document.ID), "localtype", "docId"),
		say("unittitle", p.title()),
		dated(fields["issuedDate"], p.field(dossier.FieldIssued)),
		origin(fields["organName"]),
		extent(p.Document.Pages),
		spoken())
	arch := el("archdesc", "level", "item").with(did)
	if r.Kind == DIP {
		arch.with(note("accessrestrict", readingLabel))
	}
	return ead(r, p.code(r), p.title(), arch.with(odds(documentFields[:], fields)...))
}

// eadDossier describes the dossier in EAD3 as a file, with its papers.
func eadDossier(r Record) []byte {
	known := r.known()
	fields := map[string]string{}
	for _, name := range dossierFields {
		fields[name] = value(name, known, r.Codes.Dossier)
	}
	pages, _ := strconv.Atoi(fields["numberOfPage"])
	did := el("did").with(
		say("unitid", string(r.Dossier.Code), "localtype", "fileCode"),
		say("unittitle", or(fields["title"], string(r.Dossier.Code))),
		origin(r.Competent.Name),
		extent(pages),
		spoken())
	arch := el("archdesc", "level", "file").with(did)
	if r.Kind == DIP {
		arch.with(note("accessrestrict", readingLabel))
	}
	arch.with(odds(dossierFields[:], fields)...)
	for _, e := range r.Reused { // by id and code: the paper itself is in the package of its own dossier
		arch.with(note("relatedmaterial", "Giấy tờ dùng lại từ hồ sơ / paper used again, of dossier "+string(e.Dossier)+": "+string(e.Document)))
	}
	items := el("dsc")
	for _, p := range r.Papers {
		items.with(el("c", "level", "item").with(el("did").with(say("unitid", p.code(r), "localtype", "docCode"), say("unittitle", p.title()))))
	}
	return ead(r, string(r.Dossier.Code), or(fields["title"], string(r.Dossier.Code)), arch.with(items))
}

// odds are the national fields, each under its own name; those without a value
// are left out.
func odds(names []string, fields map[string]string) []*node {
	var all []*node
	for _, name := range names {
		if v := fields[name]; v != "" {
			all = append(all, el("odd", "localtype", name).with(say("p", v)))
		}
	}
	return all
}

func note(name, text string) *node { return el(name).with(say("p", text)) }

func dated(shown, normal string) *node {
	if shown == "" {
		return nil
	}
	return say("unitdate", shown, "normal", normal)
}

func origin(name string) *node {
	if name == "" {
		return nil
	}
	return el("origination").with(el("corpname").with(say("part", name)))
}

func extent(pages int) *node { return say("physdesc", strconv.Itoa(pages)+" trang / pages") }

func spoken() *node {
	return el("langmaterial").with(say("language", vietnamese, "langcode", "vie"))
}

// ead puts a description into a file of its own.
func ead(r Record, id, title string, arch *node) []byte {
	control := el("control").with(
		say("recordid", id),
		el("filedesc").with(el("titlestmt").with(say("titleproper", title))),
		el("maintenancestatus", "value", "new"),
		el("maintenanceagency").with(say("agencycode", string(r.Receiving.Code), "localtype", "QD 20/2020/QD-TTg"), say("agencyname", or(r.Receiving.Name, string(r.Receiving.Code)))),
		el("localtypedeclaration").with(say("citation", localTypes)),
		el("maintenancehistory").with(el("maintenanceevent").with(
			el("eventtype", "value", "created"),
			say("eventdatetime", stamp(r.Made), "standarddatetime", r.Made.In(dossier.VietNam).Truncate(time.Second).Format(time.RFC3339)),
			el("agenttype", "value", "machine"),
			say("agent", "Sohoa "+r.Version))))
	return el("ead", "xmlns", "http://ead3.archivists.org/schema/", "xmlns:xsi", xsi,
		"xsi:schemaLocation", "http://ead3.archivists.org/schema/ ../../schemas/ead3.xsd").with(control, arch).file()
}

const xsi = "http://www.w3.org/2001/XMLSchema-instance"

func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// atMost cuts a value to the length that the circular gives its field.
func atMost(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n])
	}
	return s
}
