// Command sbom says what a Go program was built from, as a CycloneDX 1.6 bill of
// materials (ECMA-424), out of the program itself: what is linked, not what might be,
// the Debian packages that it is loaded with here and starts, and what its pages hold
// from npm. It runs where the program was built, at the root of its sources.
//
//	go run ./cmd/internal/sbom bin/sohoa > sohoa.cdx.json
//
// The same program gives the same bytes: there is no serial number and no time.
package main

import (
	"debug/buildinfo"
	"encoding/json"
	"fmt"
	"os"
	"runtime/debug"
	"slices"
	"strings"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: sbom PROGRAM")
		os.Exit(2)
	}
	if err := run(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "sbom:", err)
		os.Exit(1)
	}
}

func run(path string) error {
	info, err := buildinfo.ReadFile(path)
	if err != nil {
		return err
	}
	beside, err := debian(path)
	if err != nil {
		return err
	}
	held, err := npm("web/package.json")
	if err != nil {
		return err
	}
	b, err := bill(info, append(beside, held...))
	if err != nil {
		return err
	}
	_, err = os.Stdout.Write(b)
	return err
}

type bom struct {
	Format       string       `json:"bomFormat"`
	Spec         string       `json:"specVersion"`
	Version      int          `json:"version"`
	Metadata     metadata     `json:"metadata"`
	Components   []component  `json:"components"`
	Dependencies []dependency `json:"dependencies"`
}

type metadata struct {
	Component component `json:"component"`
}

type component struct {
	Type       string     `json:"type"`
	Ref        string     `json:"bom-ref"`
	Name       string     `json:"name"`
	Version    string     `json:"version,omitempty"`
	PURL       string     `json:"purl,omitempty"`
	Properties []property `json:"properties,omitempty"`
}

type property struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

type dependency struct {
	Ref string   `json:"ref"`
	On  []string `json:"dependsOn,omitempty"`
}

// bill makes the bill of a program: its modules, with the sums of go.sum, the
// Go library that it was built with, and what stands beside.
func bill(info *debug.BuildInfo, beside []component) ([]byte, error) {
	root := component{Type: "application", Ref: info.Main.Path, Name: info.Main.Path}
	for _, s := range info.Settings {
		if s.Value != "" && !strings.HasPrefix(s.Key, "vcs") {
			root.Properties = append(root.Properties, property{"go:" + s.Key, s.Value})
		}
	}
	version := strings.TrimPrefix(info.GoVersion, "go")
	all := []component{{Type: "library", Ref: "pkg:golang/stdlib@" + version, Name: "stdlib", Version: version, PURL: "pkg:golang/stdlib@" + version}}
	for _, m := range info.Deps {
		if m.Replace != nil {
			m = m.Replace
		}
		purl := "pkg:golang/" + m.Path + "@" + m.Version
		c := component{Type: "library", Ref: purl, Name: m.Path, Version: m.Version, PURL: purl}
		if m.Sum != "" {
			c.Properties = []property{{"go:sum", m.Sum}}
		}
		all = append(all, c)
	}
	all = append(all, beside...)
	slices.SortFunc(all, func(a, b component) int { return strings.Compare(a.Ref, b.Ref) })
	on := dependency{Ref: root.Ref}
	for _, c := range all {
		on.On = append(on.On, c.Ref)
	}
	b, err := json.MarshalIndent(bom{"CycloneDX", "1.6", 1, metadata{root}, all, []dependency{on}}, "", "  ")
	return append(b, '\n'), err
}
