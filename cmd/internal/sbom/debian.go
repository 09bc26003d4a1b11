package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// started are the Debian packages whose programs and data the house needs while it
// runs, beside the libraries that it is linked with: what the Dockerfile installs.
var started = []string{"poppler-utils", "qpdf", "tesseract-ocr-vie", "fonts-croscore", "ca-certificates", "tzdata"}

// debian are the Debian packages behind a program on this machine: those of each
// library that the loader takes for it, and those started.
func debian(program string) ([]component, error) {
	said, err := exec.Command("ldd", program).Output()
	if err != nil {
		return nil, fmt.Errorf("ldd %s: %w", program, err)
	}
	packages := slices.Clone(started)
	for _, library := range libraries(string(said)) {
		name, err := owner(library)
		if err != nil {
			return nil, err
		}
		packages = append(packages, name)
	}
	slices.Sort(packages)
	var all []component
	for _, name := range slices.Compact(packages) {
		said, err := exec.Command("dpkg-query", "-W", "-f=${Status}|${Version}|${Architecture}", name).Output()
		state, rest, _ := strings.Cut(string(said), "|")
		version, arch, _ := strings.Cut(rest, "|")
		if err != nil || state != "install ok installed" {
			return nil, fmt.Errorf("the Debian package %s is not installed here", name)
		}
		purl := "pkg:deb/debian/" + name + "@" + strings.NewReplacer("+", "%2B", ":", "%3A").Replace(version) + "?arch=" + arch
		all = append(all, component{Type: "library", Ref: purl, Name: name, Version: version, PURL: purl})
	}
	return all, nil
}

// libraries are the files that ldd says a program is loaded with.
func libraries(ldd string) (paths []string) {
	for line := range strings.Lines(ldd) {
		if _, to, ok := strings.Cut(line, "=>"); ok {
			if f := strings.Fields(to); len(f) > 0 && filepath.IsAbs(f[0]) {
				paths = append(paths, f[0])
			}
		}
	}
	return paths
}

// owner is the package that a library came with. Debian's files were moved below
// /usr after many packages were made: both names are asked for.
func owner(library string) (string, error) {
	real, err := filepath.EvalSymlinks(library)
	if err != nil {
		return "", err
	}
	for _, path := range []string{real, strings.TrimPrefix(real, "/usr"), library} {
		if said, err := exec.Command("dpkg-query", "-S", path).Output(); err == nil {
			name, _, _ := strings.Cut(string(said), ":")
			return name, nil
		}
	}
	return "", fmt.Errorf("no Debian package has %s", library)
}

// npm are what the pages hold from npm, as a package.json says.
func npm(path string) ([]component, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var p struct{ Dependencies map[string]string }
	if err := json.Unmarshal(b, &p); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	var all []component
	for name, version := range p.Dependencies {
		purl := "pkg:npm/" + name + "@" + version
		all = append(all, component{Type: "library", Ref: purl, Name: name, Version: version, PURL: purl})
	}
	return all, nil
}
