package wire

import (
	"log/slog"
	"path/filepath"
	"strings"
	"testing"

	"sohoa/web"
)

// A house whose store is sealed seals secrets in its rows too, whatever stands around the
// store to count what passes.
func TestSealedHouseSealsSecrets(t *testing.T) {
	dir := t.TempDir()
	seal := Seal{Ring: filepath.Join(dir, "ring.json"), Key: "file:" + filepath.Join(dir, "key")}
	must(t, NewRing(t.Context(), Settings{}, seal))
	for want, s := range map[bool]Settings{true: {Data: filepath.Join(dir, "sealed"), Seal: seal}, false: {Data: filepath.Join(dir, "open")}} {
		h := &House{Settings: s, Log: slog.New(slog.DiscardHandler), temp: filepath.Join(s.Data, "tmp")}
		must(t, h.see(t.Context()))
		must(t, h.open(t.Context()))
		kept, err := web.KeepSecret(h.vault, "owner", []byte("secret"))
		must(t, err)
		if sealed := !strings.HasPrefix(kept, "plain:"); sealed != want {
			t.Errorf("%s: a secret is kept as %s", s.Data, kept)
		}
		must(t, h.Close())
	}
}
