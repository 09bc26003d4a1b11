package drop

import (
	"testing"

	"sohoa/dossier"
)

// The dossier is what the name begins with, and nothing that looks like it.
func TestNames(t *testing.T) {
	for name, want := range map[string]dossier.Code{
		"H60.12-260302-0001.pdf": "H60.12-260302-0001", "kq/h60.12-260302-0001_QĐ cấp.docx": "H60.12-260302-0001", "000.00.12.H60-260302-0123 (1).pdf": "000.00.12.H60-260302-0123",
		`C:\kq\H60-260302-00012.PDF`: "H60-260302-00012", "H60.12-260302-0001": "H60.12-260302-0001", "H60.12-260302-0001x.pdf": "", "x H60.12-260302-0001.pdf": "", "H60.12-260302-001.pdf": "", ".pdf": "", "": "",
	} {
		if got := Names(name); got != want {
			t.Errorf("%q names %q, not %q", name, got, want)
		}
	}
}
