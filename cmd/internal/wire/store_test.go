package wire

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sohoa/storage/blob/fs"
	"sohoa/storage/blob/s3"
)

// The settings choose the store; a bucket that is set and cannot be had is an
// error, never the directory instead.
func TestWhereFilesAre(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasPrefix(r.URL.Path, "/archive/") || !strings.Contains(r.Header.Get("Authorization"), "Credential=who/") {
			w.WriteHeader(http.StatusNotFound)
		}
	}))
	defer server.Close()
	key := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(key, []byte("who:what:else\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	env := map[string]string{"SOHOA_DATA": t.TempDir()}
	settings := func() Settings { return Read(func(name string) string { return env[name] }) }
	got, err := openBlobs(t.Context(), settings())
	if _, ok := got.(*fs.Store); !ok || err != nil {
		t.Errorf("%T, %v, want the directory", got, err)
	}
	env["SOHOA_S3_ENDPOINT"], env["SOHOA_S3_BUCKET"], env["SOHOA_S3_KEY_FILE"] = server.URL, "archive", key
	got, err = openBlobs(t.Context(), settings())
	if _, ok := got.(*s3.Store); !ok || err != nil {
		t.Errorf("%T, %v, want the bucket", got, err)
	}
	for name, wrong := range map[string]string{"SOHOA_S3_KEY_FILE": key + "less", "SOHOA_S3_BUCKET": "another", "SOHOA_S3_ENDPOINT": "nowhere"} {
		right := env[name]
		env[name] = wrong
		if _, err := openBlobs(t.Context(), settings()); err == nil || strings.Contains(err.Error(), "what") {
			t.Errorf("%s=%s: %v", name, wrong, err)
		}
		env[name] = right
	}
}
