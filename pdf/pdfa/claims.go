package pdfa

// A Claim is a clause of ISO 19005-2 that Check holds files to: a file of ours,
// or a page kept in one, that breaks it is a finding. The rules say what is
// found; there may be more than one, since Check knows only what the Writer
// writes and may stumble before it comes to the point.
type Claim struct {
	Clause string
	What   string
	Rules  []Rule
}

// Claims returns all of them. Each is proved in package conformance by files
// that break it, which veraPDF fails for that very clause and Check finds.
func Claims() []Claim {
	return []Claim{
		{"6.1.2", "file header", []Rule{RuleStructure}},
		{"6.1.3", "trailer: file ID, no encryption, nothing after the end", []Rule{RuleTrailer, RuleStructure}},
		{"6.1.4", "cross-reference table", []Rule{RuleStructure}},
		{"6.1.6", "strings: hexadecimal digits, an even number of them", []Rule{RuleKept}},
		{"6.1.7.1", "streams: length, line ends, nothing in other files", []Rule{RuleStructure, RuleImage}},
		{"6.1.7.2", "streams: filters", []Rule{RuleImage, RuleStructure}},
		{"6.1.9", "indirect objects: spacing", []Rule{RuleStructure}},
		{"6.1.10", "inline images: filters", []Rule{RuleImage}},
		{"6.1.13", "limits: numbers, strings, names, states, page sizes", []Rule{RuleKept, RulePage, RuleStructure}},
		{"6.2.2", "content streams: operators, resources of their own", []Rule{RuleKept, RulePage}},
		{"6.2.3", "output intent", []Rule{RuleIntent}},
		{"6.2.4.2", "ICC profiles", []Rule{RuleColour}},
		{"6.2.4.3", "device colours need an output intent of their kind", []Rule{RuleColour, RuleImage, RuleIntent}},
		{"6.2.4.4", "Separation and DeviceN", []Rule{RuleColour}},
		{"6.2.5", "graphics states: transfer, halftones", []Rule{RuleState}},
		{"6.2.6", "rendering intents", []Rule{RuleState, RuleImage}},
		{"6.2.8", "images: interpolation, alternates, depth", []Rule{RuleImage}},
		{"6.2.8.3", "JPEG 2000: none is taken", []Rule{RuleImage}},
		{"6.2.9", "XObjects: no PostScript, no references, no OPI", []Rule{RuleKept}},
		{"6.2.10", "transparency: blend modes", []Rule{RuleState}},
		{"6.2.11.2", "fonts: type and name, widths", []Rule{RuleFont}},
		{"6.2.11.3.2", "CIDFonts: map to glyphs", []Rule{RuleFont}},
		{"6.2.11.3.3", "CMaps: Identity only", []Rule{RuleFont}},
		{"6.2.11.4.1", "fonts: programs embedded, glyphs present", []Rule{RuleFont}},
		{"6.2.11.5", "fonts: widths as in the program", []Rule{RuleFont}},
		{"6.2.11.6", "fonts: encodings of TrueType", []Rule{RuleFont}},
		{"6.2.11.7.2", "fonts: every code has a character (level U)", []Rule{RuleFont}},
		{"6.2.11.8", "fonts: .notdef is not shown", []Rule{RuleFont}},
		{"6.3.1", "annotations: none", []Rule{RuleActive}},
		{"6.4.1", "form fields: none", []Rule{RuleActive}},
		{"6.4.2", "XFA: none", []Rule{RuleActive}},
		{"6.5.1", "actions: none", []Rule{RuleActive}},
		{"6.5.2", "trigger events: none", []Rule{RuleActive}},
		{"6.6.2.1", "metadata: an XMP packet in the catalogue", []Rule{RuleMetadata, RuleStructure}},
		{"6.6.2.3.1", "metadata: properties of known schemas only", []Rule{RuleMetadata}},
		{"6.6.4", "metadata: the claim", []Rule{RuleMetadata}},
		{"6.8", "embedded files: none", []Rule{RuleActive}},
		{"6.9", "optional content: none", []Rule{RuleStructure, RuleKept}},
		{"6.10", "alternate presentations and steps: none", []Rule{RuleActive, RulePage}},
		{"6.11", "requirements: none", []Rule{RuleActive}},
	}
}
