package packages

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"

	"sohoa/dossier"
)

// eventTypes are what changes are called in the Library of Congress's vocabulary
// of preservation events (id.loc.gov/vocabulary/preservation/eventType).
var eventTypes = map[dossier.Act]string{
	dossier.Receive:   "capture",
	dossier.Recognise: "metadata extraction",
	dossier.Normalise: "normalization",
	dossier.Attest:    "appraisal",
	dossier.SignCopy:  "digital signature generation",
	dossier.Extract:   "metadata extraction",
	dossier.Confirm:   "metadata modification",
	dossier.Approve:   "appraisal",
	dossier.Seal:      "digital signature generation",
	dossier.Archive:   "ingestion",
	dossier.Verify:    "digital signature validation",
	dossier.Doubt:     "digital signature validation",
	dossier.Adopt:     "appraisal",
	dossier.Describe:  "metadata extraction",
	dossier.Return:    "appraisal",
	dossier.TakeBack:  "appraisal",
	dossier.Renew:     "digital signature generation",
}

// identifierType is the kind of identifiers that are ours; agents' are ids as in
// the ledger, never names.
const identifierType = "local"

// premis says in PREMIS 3.0 what was done to a paper, and what its files in the
// package are.
func premis(r Record, p Paper, reps []*representation) []byte {
	id := string(p.Document.ID)
	root := el("premis", "xmlns", "http://www.loc.gov/premis/v3", "xmlns:xsi", xsi, "version", "3.0",
		"xsi:schemaLocation", "http://www.loc.gov/premis/v3 ../../schemas/premis-v3-0.xsd")
	entity := el("object", "xsi:type", "intellectualEntity").with(identified("object", id),
		el("significantProperties").with(say("significantPropertiesType", "signature verdict"), say("significantPropertiesValue", or(p.Verdict, "NONE"))))
	root.with(entity)
	for _, rep := range reps {
		for _, f := range rep.files {
			if rep.docs[f] == p.Number {
				root.with(premisFile(p, rep, f))
			}
		}
	}
	agents := map[string]dossier.Change{}
	for _, c := range p.Changes {
		root.with(premisEvent(p, c))
		agents[agentOf(c)] = c
	}
	if r.Kind == DIP {
		root.with(disseminated(r, p, reps))
	}
	return root.with(premisAgents(r, agents)...).file()
}

// identified makes an identifier of an object, event or agent.
func identified(what, value string) *node {
	return el(what+"Identifier").with(say(what+"IdentifierType", identifierType), say(what+"IdentifierValue", value))
}

func linked(what, value string) *node {
	name := map[string]string{"Event": "linkingEventIdentifier", "Agent": "linkingAgentIdentifier", "Object": "linkingObjectIdentifier"}[what]
	return el(name).with(say(name+"Type", identifierType), say(name+"Value", value))
}

func eventID(p Paper, version int64) string {
	return string(p.Document.ID) + ":" + strconv.FormatInt(version, 10)
}

func premisFile(p Paper, rep *representation, f *file) *node {
	n := el("object", "xsi:type", "file").with(identified("object", f.path),
		el("objectCharacteristics").with(say("compositionLevel", "0"),
			el("fixity").with(say("messageDigestAlgorithm", "SHA-256"), say("messageDigest", fmt.Sprintf("%x", f.sha256)), say("messageDigestOriginator", "Sohoa")),
			say("size", strconv.FormatInt(f.size, 10)),
			el("format").with(el("formatDesignation").with(say("formatName", f.media)), pronom(f.media), say("formatNote", rep.label))))
	n.with(el("relationship").with(say("relationshipType", "structural"), say("relationshipSubType", "is part of"),
		el("relatedObjectIdentifier").with(say("relatedObjectIdentifierType", identifierType), say("relatedObjectIdentifierValue", string(p.Document.ID)))))
	for part, sum := range p.Document.Parts {
		if [32]byte(sum) != f.sha256 {
			continue
		}
		if c, ok := made(p, part); ok {
			return n.with(linked("Event", eventID(p, c.Version)))
		}
	}
	return n
}

// premisRepresentation says which files make a representation.
func premisRepresentation(r Record, rep *representation) []byte {
	whole := el("relationship").with(say("relationshipType", "structural"), say("relationshipSubType", "has part"))
	for _, f := range rep.files {
		whole.with(el("relatedObjectIdentifier").with(say("relatedObjectIdentifierType", identifierType), say("relatedObjectIdentifierValue", f.path)))
	}
	return el("premis", "xmlns", "http://www.loc.gov/premis/v3", "xmlns:xsi", xsi, "version", "3.0",
		"xsi:schemaLocation", "http://www.loc.gov/premis/v3 ../../../../schemas/premis-v3-0.xsd").with(
		el("object", "xsi:type", "representation").with(identified("object", r.Name()+"/representations/"+rep.name),
			el("significantProperties").with(say("significantPropertiesType", "use"), say("significantPropertiesValue", rep.label)),
			whole)).file()
}

// pronom names a format in the registry where the media type alone says which it
// is. Of a PDF the version and level stand in the file and in its report.
func pronom(media string) *node {
	key := map[string]string{"image/png": "fmt/11", "image/tiff": "fmt/353"}[media]
	if key == "" {
		return nil
	}
	return el("formatRegistry").with(say("formatRegistryName", "PRONOM"), say("formatRegistryKey", key))
}

func premisEvent(p Paper, c dossier.Change) *node {
	detail := string(c.Act)
	outcome := "success"
	n := el("event").with(identified("event", eventID(p, c.Version)),
		say("eventType", or(eventTypes[c.Act], "modification")),
		say("eventDateTime", stamp(c.At)),
		el("eventDetailInformation").with(say("eventDetail", detail)),
		el("eventOutcomeInformation").with(say("eventOutcome", outcome)),
		linked("Agent", agentOf(c)),
		linked("Object", string(p.Document.ID)))
	return n
}

// disseminated says that a reading copy was made for this package.
func disseminated(r Record, p Paper, reps []*representation) *node {
	n := el("event").with(identified("event", string(p.Document.ID)+":dissemination"), say("eventType", "dissemination"), say("eventDateTime", stamp(r.Made)),
		el("eventDetailInformation").with(say("eventDetail", readingLabel)), el("eventOutcomeInformation").with(say("eventOutcome", "success")),
		linked("Agent", "software:Sohoa"))
	for _, rep := range reps {
		for _, f := range rep.files {
			if rep.docs[f] == p.Number {
				n.with(linked("Object", f.path))
			}
		}
	}
	return n
}

// agentOf names who made a change by role and id.
func agentOf(c dossier.Change) string { return string(c.By) + ":" + string(c.Who) }

func premisAgents(r Record, by map[string]dossier.Change) []*node {
	var ids []string
	for id := range by {
		ids = append(ids, id)
	}
	slices.SortFunc(ids, cmp.Compare)
	var all []*node
	for _, id := range ids {
		kind := "person"
		if by[id].By == dossier.Machine {
			kind = "software"
		}
		all = append(all, el("agent").with(identified("agent", id), say("agentType", kind)))
	}
	return append(all, el("agent").with(identified("agent", "software:Sohoa"), say("agentName", "Sohoa"), say("agentType", "software"), say("agentVersion", r.Version)))
}
