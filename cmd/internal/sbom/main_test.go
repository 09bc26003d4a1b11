package main

import (
	"bytes"
	"debug/buildinfo"
	"encoding/json"
	"os"
	"regexp"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
)

// The bill names each module once, with what go.sum says of it, and is the same
// each time.
func TestBill(t *testing.T) {
	info := &debug.BuildInfo{GoVersion: "go1.26.0", Main: debug.Module{Path: "sohoa"}, Settings: []debug.BuildSetting{{Key: "CGO_ENABLED", Value: "1"}, {Key: "vcs.time", Value: "x"}},
		Deps: []*debug.Module{{Path: "b.example/two", Version: "v2.0.0", Sum: "h1:b"}, {Path: "a.example/one", Version: "v1.0.0", Sum: "h1:a"},
			{Path: "c.example/old", Version: "v1.0.0", Replace: &debug.Module{Path: "d.example/new", Version: "v1.1.0", Sum: "h1:d"}}}}
	b, err := bill(info, nil)
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
	again, err := bill(info, nil)
	if err != nil || !bytes.Equal(b, again) {
		t.Error("it is not the same each time", err)
	}
	if self, err := buildinfo.ReadFile(os.Args[0]); err != nil || self.GoVersion == "" {
		t.Errorf("a program does not say what it was built from: %v", err)
	}
}

// The packages behind what runs are named with their versions: of each library that
// the loader takes, of each program that is started, and of what the pages hold.
func TestBeside(t *testing.T) {
	got := libraries("\tlinux-vdso.so.1 (0x1)\n\tliblept.so.5 => /lib/x86_64-linux-gnu/liblept.so.5 (0x2)\n\tlibgone.so => not found\n\t/lib64/ld-linux-x86-64.so.2 (0x3)\n")
	if !slices.Equal(got, []string{"/lib/x86_64-linux-gnu/liblept.so.5"}) {
		t.Errorf("libraries: %v", got)
	}
	sh, err := debian("/bin/sh") // what it is loaded with is on every Debian
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, c := range sh {
		names = append(names, c.Name)
		if !regexp.MustCompile(`^pkg:deb/debian/[a-z0-9.+-]+@[0-9][^?]*[?]arch=[a-z0-9]+$`).MatchString(c.PURL) || c.Version == "" {
			t.Errorf("%+v", c)
		}
	}
	for _, want := range append([]string{"libc6"}, started...) {
		if !slices.Contains(names, want) {
			t.Errorf("%s is not in %v", want, names)
		}
	}
	held, err := npm("../../../web/package.json")
	if err != nil || len(held) == 0 {
		t.Fatal(held, err)
	}
	viewer, err := os.ReadFile("../../../web/pdfjs/pdf.min.mjs")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range held {
		if c.Name != "pdfjs-dist" || !strings.Contains(string(viewer), `"`+c.Version+`"`) {
			t.Errorf("the pages do not hold %s", c.PURL)
		}
	}
	docker, err := os.ReadFile("../../../Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range started {
		if !strings.Contains(string(docker), " "+name) {
			t.Errorf("the image has no %s", name)
		}
	}
}
