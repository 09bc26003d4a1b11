package main

import (
	"bytes"
	"debug/buildinfo"
	"encoding/json"
	"os"
	"runtime/debug"
	"testing"
)

// The bill names each module once, with what go.sum says of it, and is the same
// each time.
func TestBill(t *testing.T) {
	info := &debug.BuildInfo{GoVersion: "go1.26.0", Main: debug.Module{Path: "sohoa"}, Settings: []debug.BuildSetting{{Key: "CGO_ENABLED", Value: "1"}, {Key: "vcs.time", Value: "x"}},
		Deps: []*debug.Module{{Path: "b.example/two", Version: "v2.0.0", Sum: "h1:b"}, {Path: "a.example/one", Version: "v1.0.0", Sum: "h1:a"},
			{Path: "c.example/old", Version: "v1.0.0", Replace: &debug.Module{Path: "d.example/new", Version: "v1.1.0", Sum: "h1:d"}}}}
	b, err := bill(info)
	if err != nil {
		t.Fatal(err)
	}
	var got bom
	if err := json.Unmarshal(b, &got); err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, c := range got.Components {
		names = append(names, c.PURL)
	}
	want := []string{"pkg:golang/a.example/one@v1.0.0", "pkg:golang/b.example/two@v2.0.0", "pkg:golang/d.example/new@v1.1.0", "pkg:golang/stdlib@1.26.0"}
	if len(names) != len(want) {
		t.Fatalf("%v", names)
	}
	for i := range want {
		if names[i] != want[i] {
			t.Errorf("component %d is %s, want %s", i, names[i], want[i])
		}
	}
	if got.Format != "CycloneDX" || got.Components[0].Properties[0].Value != "h1:a" || len(got.Metadata.Component.Properties) != 1 || len(got.Dependencies[0].On) != 4 {
		t.Errorf("%s", b)
	}
	again, err := bill(info)
	if err != nil || !bytes.Equal(b, again) {
		t.Error("it is not the same each time", err)
	}
	if self, err := buildinfo.ReadFile(os.Args[0]); err != nil || self.GoVersion == "" {
		t.Errorf("a program does not say what it was built from: %v", err)
	}
}
