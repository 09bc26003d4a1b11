package packages_test

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"crypto/sha512"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"sohoa/jail"
	"sohoa/storage/packages"
)

// packed writes files as a ZIP, in the order of their names, and returns its path.
func packed(t *testing.T, files map[string]string) string {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, name := range slices.Sorted(maps.Keys(files)) {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(files[name])); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return saved(t, b.Bytes())
}

func saved(t *testing.T, b []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "package.zip")
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// codes are the codes of findings, each once.
func codes(c packages.Checked) string {
	var all []string
	for _, f := range c.Findings {
		all = append(all, f.Code)
	}
	slices.Sort(all)
	return strings.Join(slices.Compact(all), " ")
}

// TestOwnPackages checks what was just made, as a ZIP and as a directory, with its
// own keys and with those that somebody brings.
func TestOwnPackages(t *testing.T) {
	for _, k := range packages.Kinds {
		r, s := record(t, k, 3)
		dir := t.TempDir()
		if err := write(t, packages.Dir(dir), r, s); err != nil {
			t.Fatal(err)
		}
		for _, at := range []string{saved(t, zipped(t, r, s)), dir, filepath.Join(dir, r.Name())} {
			for _, keys := range [][]string{nil, r.Ledger.Keys} {
				c, err := packages.Check(t.Context(), at, keys)
				if err != nil {
					t.Fatalf("%s: %v", k, err)
				}
				proofs := map[packages.Kind]int{packages.Audit: 9, packages.AIP: 9}[k]
				if len(c.Findings) > 0 || c.Kind != string(k) || c.Name != r.Name() || c.Files < 15 || c.Proofs != proofs || c.Own != (proofs > 0 && keys == nil) {
					t.Errorf("%s: %.900s", k, fmt.Sprint(c))
				}
			}
		}
	}
}

// A harm is something done to a package, and the code by which it is found.
type harm struct {
	name string
	kind packages.Kind
	do   func(root string, files map[string]string)
	code string
}

// flip changes the last byte of a file.
func flip(path string) func(string, map[string]string) {
	return func(root string, files map[string]string) {
		b := []byte(files[root+"/"+path])
		b[len(b)-1] ^= 1
		files[root+"/"+path] = string(b)
	}
}

const archived = "data/documents/002/archival/H60.12-261121-0001.002.pdf"

var harms = []harm{
	{"a byte of an archival file", packages.Audit, flip(archived), "changed unproven"},
	{"a byte of a tag file", packages.Audit, flip("bag-info.txt"), "changed"},
	{"a byte of a proof", packages.Audit, func(root string, files map[string]string) {
		at := root + "/data/ledger/proofs/000000004.proof"
		files[at] = strings.Replace(files[at], "index 4", "index 5", 1)
	}, "changed proof unproven"},
	{"a file gone", packages.Audit, func(root string, files map[string]string) { delete(files, root+"/"+archived) }, "form missing"},
	{"a file more", packages.Audit, func(root string, files map[string]string) { files[root+"/data/extra.txt"] = "x" }, "form unlisted"},
	{"a tag file more", packages.Audit, func(root string, files map[string]string) { files[root+"/extra.txt"] = "x" }, "unlisted"},
	{"files elsewhere", packages.Audit, func(root string, files map[string]string) { files[root+"/fetch.txt"] = "http://x - data/x" }, "missing unlisted"},
	{"only an old manifest", packages.Audit, func(root string, files map[string]string) {
		for name := range files {
			if strings.Contains(name, "manifest-sha") {
				delete(files, name)
			}
		}
		files[root+"/manifest-md5.txt"] = ""
	}, "unknown"},
	{"another scan in all manifests", packages.Audit, func(root string, files map[string]string) { // whoever packs again cannot enter it in the ledger
		replaceEverywhere(files, root+"/"+archived, "forged 2")
	}, "unproven"},
	{"other fields, manifests made anew", packages.Audit, func(root string, files map[string]string) {
		name := root + "/data/documents/001/fields/H60.12-261121-0001.001.committed.json"
		replaceEverywhere(files, name, strings.Replace(files[name], `"[]"`, `"[{}]"`, 1))
	}, "committed"},
	{"a byte of an archival file", packages.AIP, flip("representations/archival/data/002/H60.12-261121-0001.002.pdf"), "changed unproven"},
	{"a byte of an original", packages.SIP, flip("representations/original/data/001/H60.12-261121-0001.001.scan.jpg"), "changed"},
	{"a byte of EAD", packages.DIP, flip("metadata/descriptive/EAD_doc_001.xml"), "changed"},
	{"a byte of a representation's METS", packages.DIP, func(root string, files map[string]string) { files[root+"/representations/reading/METS.xml"] += " " }, "changed"},
	{"a file gone", packages.SIP, func(root string, files map[string]string) { delete(files, root+"/metadata/descriptive/EAD.xml") }, "missing"},
	{"a representation's METS gone", packages.SIP, func(root string, files map[string]string) {
		delete(files, root+"/representations/original/METS.xml")
	}, "missing unlisted"},
	{"a file more", packages.AIP, func(root string, files map[string]string) { files[root+"/representations/archival/data/x.pdf"] = "x" }, "unlisted unproven"},
	{"no checksum", packages.SIP, func(root string, files map[string]string) {
		files[root+"/METS.xml"] = strings.ReplaceAll(files[root+"/METS.xml"], `CHECKSUMTYPE="SHA-256"`, `CHECKSUMTYPE="MD5"`)
	}, "unknown"},
	{"a reference out of the package", packages.SIP, func(root string, files map[string]string) {
		files[root+"/METS.xml"] = strings.ReplaceAll(files[root+"/METS.xml"], "metadata/descriptive/EAD.xml", "../../etc/passwd")
	}, "form unlisted"},
}

// replaceEverywhere puts other bytes in a file's place and its sum in all manifests
// of the bag, as a forger would.
func replaceEverywhere(files map[string]string, name, with string) {
	root, _, _ := strings.Cut(name, "/")
	resize := len(with) - len(files[name])
	files[name] = with
	info := root + "/bag-info.txt"
	var size, count int
	_, rest, _ := strings.Cut(files[info], "Payload-Oxum: ")
	if _, err := fmt.Sscanf(rest, "%d.%d", &size, &count); err != nil {
		panic(err)
	}
	files[info] = strings.Replace(files[info], fmt.Sprintf("%d.%d", size, count), fmt.Sprintf("%d.%d", size+resize, count), 1)
	for _, kind := range []string{"manifest-", "tagmanifest-"} { // the latter are about the former
		for _, algorithm := range []string{"sha256", "sha512"} {
			at := root + "/" + kind + algorithm + ".txt"
			var b strings.Builder
			for line := range strings.Lines(files[at]) {
				_, path, _ := strings.Cut(strings.TrimSpace(line), "  ")
				if algorithm == "sha256" {
					fmt.Fprintf(&b, "%x  %s\n", sha256.Sum256([]byte(files[root+"/"+path])), path)
				} else {
					fmt.Fprintf(&b, "%x  %s\n", sha512.Sum512([]byte(files[root+"/"+path])), path)
				}
			}
			files[at] = b.String()
		}
	}
}

// TestHarms does harm to packages: each is found, by its code, and nothing else is.
func TestHarms(t *testing.T) {
	for _, h := range harms {
		t.Run(string(h.kind)+"/"+h.name, func(t *testing.T) {
			t.Parallel()
			r, s := record(t, h.kind, 2)
			files := members(t, zipped(t, r, s))
			before := fmt.Sprint(files)
			h.do(r.Name(), files)
			if fmt.Sprint(files) == before {
				t.Fatal("nothing was harmed")
			}
			c, err := packages.Check(t.Context(), packed(t, files), r.Ledger.Keys)
			if err != nil {
				t.Fatal(err)
			}
			if got := codes(c); got != h.code {
				t.Errorf("found %q, want %q: %.900s", got, h.code, fmt.Sprint(c.Findings))
			}
		})
	}
}

// TestForeignKeys holds proofs against keys that did not sign.
func TestForeignKeys(t *testing.T) {
	r, s := record(t, packages.Audit, 1)
	other, _ := record(t, packages.Audit, 1)
	c, err := packages.Check(t.Context(), saved(t, zipped(t, r, s)), other.Ledger.Keys)
	if err != nil || c.Proofs != 0 || codes(c) != "proof unproven" {
		t.Errorf("%v %.900s", err, fmt.Sprint(c))
	}
}

// TestRefused brings what is no package, and what means harm.
func TestRefused(t *testing.T) {
	r, s := record(t, packages.SIP, 1)
	good := zipped(t, r, s)
	deep := `<mets xmlns="http://www.loc.gov/METS/">` + strings.Repeat("<a>", 100) + strings.Repeat("</a>", 100) + "</mets>"
	for _, x := range []struct{ name, path, code string }{
		{"a text", saved(t, []byte("no package")), packages.CodeKind},
		{"nothing", saved(t, nil), packages.CodeKind},
		{"a ZIP of nothing", packed(t, nil), packages.CodeKind},
		{"a ZIP of something else", packed(t, map[string]string{"a/b.txt": "x"}), packages.CodeKind},
		{"half a ZIP", saved(t, good[:len(good)/2]), packages.CodeKind},
		{"two roots", packed(t, map[string]string{"a/METS.xml": "x", "b/x": "y"}), packages.CodeDamaged},
		{"no root", packed(t, map[string]string{"METS.xml": "x"}), packages.CodeDamaged},
		{"out of the package", packed(t, map[string]string{"a/METS.xml": "x", "a/../../x": "y"}), packages.CodeDamaged},
		{"a METS that is none", packed(t, map[string]string{"a/METS.xml": "<html/>"}), packages.CodeDamaged},
		{"a METS that is no XML", packed(t, map[string]string{"a/METS.xml": "<mets"}), packages.CodeDamaged},
		{"a METS of entities", packed(t, map[string]string{"a/METS.xml": `<!DOCTYPE m [<!ENTITY e "x">]><mets xmlns="http://www.loc.gov/METS/">&e;</mets>`}), packages.CodeDamaged},
		{"a deep METS", packed(t, map[string]string{"a/METS.xml": deep}), packages.CodeDamaged},
		{"a bomb", packed(t, map[string]string{"a/METS.xml": strings.Repeat("\x00", 120<<20)}), packages.CodeExpand},
		{"one name twice", saved(t, twice(t)), packages.CodeDamaged},
		{"a file that lies about its size", saved(t, bytes.Replace(good, []byte("scan 1"), []byte("scan 2"), 1)), packages.CodeDamaged}, // its CRC
	} {
		_, err := packages.Check(t.Context(), x.path, nil)
		var refusal *jail.Refusal
		if !errors.As(err, &refusal) || refusal.Code != x.code {
			t.Errorf("%s: %v", x.name, err)
		}
	}
	if _, err := packages.Check(t.Context(), filepath.Join(t.TempDir(), "none"), nil); err == nil {
		t.Error("a package that is not there")
	}
	dir := filepath.Join(t.TempDir(), "p")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "METS.xml"), []byte("<mets/>"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("/etc/passwd", filepath.Join(dir, "data")); err != nil {
		t.Fatal(err)
	}
	var refusal *jail.Refusal
	if _, err := packages.Check(t.Context(), dir, nil); !errors.As(err, &refusal) || refusal.Code != packages.CodeDamaged {
		t.Errorf("a link: %v", err)
	}
}

// twice is a ZIP with two files of one name.
func twice(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for range 2 {
		if _, err := z.Create("a/METS.xml"); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
