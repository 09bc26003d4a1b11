package wire

import (
	"strings"
	"testing"

	"sohoa/ingest/office"
	"sohoa/jail"
	"sohoa/web"
)

// Whatever is wrong with a file of an office program is told in the language of who
// brought it, with what to do.
func TestOfficeWords(t *testing.T) {
	for _, code := range []string{office.CodeMissing, office.CodeMacros, office.CodeLinks, office.CodeBroken, office.CodeOther} {
		vi, en := web.RefusalWords(&jail.Refusal{Code: code, Text: "untold"})
		if strings.Contains(vi+en, "untold") || strings.Contains(vi+en, "error.") || vi == en || !strings.Contains(vi, "PDF") || !strings.Contains(en, "PDF") {
			t.Errorf("%s: %q, %q", code, vi, en)
		}
	}
}
