package wire

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// Every setting that the program reads is written down with a backup, or is named as
// one that is not; what may be secret is said to have been set and nothing more.
func TestBackupKeepsEverySetting(t *testing.T) {
	env := map[string]string{}
	for _, name := range Names() {
		env[name] = "7"
	}
	env["SOHOA_DATABASE_URL"], env["SOHOA_REDIS_URL"] = "postgres://u:geheim@h/db", "redis://:geheim@h"
	env["SOHOA_NATIONAL_URL"], env["SOHOA_OTLP_ENDPOINT"] = "https://portal.test/api", "http://a:geheim@h"
	lines := strings.Split(string(settingsText(Read(func(name string) string { return env[name] }))), "\n")
	for _, name := range Names() {
		kept := slices.Contains(lines, name+"="+env[name])
		switch {
		case strings.Contains(env[name], "geheim"):
			if kept || !slices.ContainsFunc(lines, func(l string) bool { return strings.HasPrefix(l, "# "+name+" was set") }) {
				t.Errorf("%s is written down with its password, or not at all", name)
			}
		case kept == notKept().MatchString(name):
			t.Errorf("%s: written down is %v", name, kept)
		}
	}
	if !slices.Contains(lines, "SOHOA_NATIONAL_URL=https://portal.test/api") || !slices.Contains(lines, "SOHOA_NATIONAL_TOKEN_FILE=7") {
		t.Error("the national portal is forgotten")
	}
	s := Read(func(name string) string { return env[name] })
	s.Data = "/elsewhere" // a flag
	if !strings.Contains(string(settingsText(s)), "SOHOA_DATA=/elsewhere\n") {
		t.Error("a flag is forgotten")
	}
}

// No part of the program asks the environment for a setting that [Names] does not
// know.
func TestNamesAreAll(t *testing.T) {
	literal := regexp.MustCompile(`"(SOHOA_[A-Z0-9_]*[A-Z0-9])"`)
	names, seen := Names(), 0
	err := filepath.WalkDir("../../..", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && slices.Contains([]string{".cache", ".git", "data", "bin", "bench", "conformance", "testdata"}, d.Name()):
			return filepath.SkipDir
		case !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go"):
			return nil
		}
		src, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, m := range literal.FindAllStringSubmatch(string(src), -1) {
			known := slices.ContainsFunc(names, func(n string) bool { return n == m[1] || strings.HasPrefix(n, m[1]+"_") })
			if seen++; !known && !notOurs().MatchString(m[1]) {
				t.Errorf("%s reads %s, which is no name of a setting", path, m[1])
			}
		}
		return nil
	})
	if err != nil || seen < 40 {
		t.Errorf("%d names seen, %v", seen, err)
	}
}
