package sohoa

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestThreatsAreShown holds docs/security.md to its word: every test that it names is
// there, by its room where several rooms have one of that name, and every line about an
// attack names one.
func TestThreatsAreShown(t *testing.T) {
	doc, err := os.ReadFile("docs/security.md")
	if err != nil {
		t.Fatal(err)
	}
	there, rooms := map[string]bool{}, map[string]int{}
	declared := regexp.MustCompile(`(?m)^func (Test\w+)\(`)
	err = filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && path != "." && (strings.HasPrefix(d.Name(), ".") || d.Name() == "node_modules") {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(path, "_test.go") {
			return nil
		}
		src, err := os.ReadFile(path)
		for _, m := range declared.FindAllSubmatch(src, -1) {
			name := string(m[1])
			there[filepath.ToSlash(filepath.Dir(path))+"."+name] = true
			rooms[name]++
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	named := regexp.MustCompile("`([a-z0-9/]+\\.)?(Test\\w+)`")
	for _, m := range named.FindAllStringSubmatch(string(doc), -1) {
		switch room, name := m[1], m[2]; {
		case room != "" && !there[room+name], rooms[name] == 0:
			t.Errorf("docs/security.md names %s%s, and there is no such test", room, name)
		case room == "" && rooms[name] > 1:
			t.Errorf("docs/security.md names %s, and %d rooms have one: ROOM.%s", name, rooms[name], name)
		}
	}
	rows := 0
	for _, table := range regexp.MustCompile(`(?s)\| who tries what \|.*?\n\n`).FindAllString(string(doc)+"\n\n", -1) {
		for _, row := range strings.Split(strings.TrimSpace(table), "\n")[2:] {
			if rows++; !named.MatchString(row) {
				t.Errorf("no test shows: %.80s", row)
			}
		}
	}
	if rows < 30 {
		t.Errorf("%d threats: the tables were not found", rows)
	}
}
