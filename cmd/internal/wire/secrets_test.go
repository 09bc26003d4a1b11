package wire

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What may hold a password is read from a file as well; a file that cannot be meant
// stops the house, and no error, backup or finding shows what is in it.
func TestSecretsFromFiles(t *testing.T) {
	dir := t.TempDir()
	file := func(name, said string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(said), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	const password = "mat-khau-rat-dai"
	address := "postgres://sohoa:" + password + "@db.test/sohoa"
	env := map[string]string{"SOHOA_DATABASE_URL_FILE": file("database", address+"\n"), "SOHOA_REDIS_URL_FILE": file("redis", "redis://:"+password+"@queue.test:6379/0")}
	get := func(name string) string { return env[name] }
	s := Read(get)
	if s.unread != nil || s.Database != address || s.RedisURL != "redis://:"+password+"@queue.test:6379/0" {
		t.Fatalf("%v: database %q, queue %q", s.unread, s.Database, s.RedisURL)
	}
	if kept := string(settingsText(s)); strings.Contains(kept, password) || !strings.Contains(kept, "SOHOA_DATABASE_URL_FILE=") {
		t.Errorf("a backup says %s", kept)
	}
	for name, c := range map[string]struct{ path, says string }{
		"none":      {filepath.Join(dir, "none"), "no such file"},
		"empty":     {file("empty", " \n"), "is empty"},
		"two lines": {file("two", password+"\n"+password), "more than one line"},
		"a disk":    {file("large", strings.Repeat(password, 1000)), "is larger than"},
	} {
		env["SOHOA_DATABASE_URL_FILE"] = c.path
		err := Read(get).check()
		if err == nil || !strings.Contains(err.Error(), "SOHOA_DATABASE_URL_FILE") || !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), password) {
			t.Errorf("%s: %v", name, err)
		}
	}
	env["SOHOA_DATABASE_URL_FILE"], env["SOHOA_DATABASE_URL"] = file("database", address), address
	if err := Read(get).check(); err == nil || !strings.Contains(err.Error(), "both set") {
		t.Errorf("both: %v", err)
	}
	for _, f := range Environment(get, []string{"SOHOA_REDIS_URL_FILE=x", "SOHOA_DATABASE_URL_FILE=x"}) {
		t.Errorf("the doctor finds %+v", f)
	}
}
