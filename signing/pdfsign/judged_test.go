package pdfsign_test

import (
	"image/color"
	"os"
	"path/filepath"
	"testing"
	"time"

	"sohoa/pdf/revision/revisiontest"
	"sohoa/signing"
	"sohoa/signing/mark"
	"sohoa/signing/verify"
)

// TestOurJudge: our own verifier finds nothing that was changed between the two
// signatures.
func TestOurJudge(t *testing.T) {
	d, w := desk(t)
	w.Else = signing.Own{}
	k := d.Key(t, "an", "Trần Vĩnh Nghĩa", "")
	r := request(t, k)
	r.Level = signing.LevelT
	signed := d.Sign(t, r, revisiontest.Paper{}.Bytes())
	sealed := d.Sign(t, signing.Request{Profile: signing.ResultAgency, Key: k, Name: "UBND", Seal: picture(t, color.NRGBA{210, 20, 30, 255}, mark.Red), Level: signing.LevelLTA}, signed)
	path := filepath.Join(t.TempDir(), "a.pdf")
	if err := os.WriteFile(path, sealed, 0o600); err != nil {
		t.Fatal(err)
	}
	got, err := verify.File(t.Context(), path, verify.Options{Roots: [][]byte{d.CA.Root()}, At: time.Now()})
	if err != nil || got.Verdict != verify.Valid {
		t.Errorf("%v %+v", err, got)
	}
}
