package packages

import (
	"bytes"
	"embed"
	"sync"
	"text/template"
)

var languages = [...]string{"vi", "en"}

//go:embed readme/*.md
var readmes embed.FS

var readmeTemplates = sync.OnceValue(func() *template.Template { return template.Must(template.ParseFS(readmes, "readme/*.md")) })

// readme tells in a language what a package is and how to check it with
// programs that are not ours.
func readme(r Record, lang string) []byte {
	name := "handover." + lang + ".md"
	if r.Kind == Audit {
		name = "audit." + lang + ".md"
	}
	var b bytes.Buffer
	err := readmeTemplates().ExecuteTemplate(&b, name, map[string]any{
		"Name": r.Name(), "Dossier": r.Dossier.Code, "Kind": r.Kind, "Made": stamp(r.Made), "Papers": r.Papers,
		"First": r.Papers[0].code(r), "Folder": r.Papers[0].folder(), "Stamped": len(r.Ledger.Stamp) > 0,
		"Proofs": len(r.Ledger.Proofs), "Reading": readingLabel, "DIP": r.Kind == DIP, "AIP": r.Kind == AIP,
	})
	if err != nil {
		panic(err) // the templates are ours, and a Buffer takes all
	}
	return b.Bytes()
}
