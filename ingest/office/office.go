// Package office makes PDF of files of office programs (Word, Excel, OpenDocument, RTF),
// by LibreOffice where it is installed, in a child that is limited like every other that
// meets outside bytes: no network, no files but its own, caps on memory, time and size.
//
// A file with macros is refused, and what a file links to outside is neither looked up
// nor fetched: what it says must stand in it.
package office

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"sohoa/jail"
)

// ChildName is the name of the room's child, see [jail.Main].
const ChildName = "office"

// Codes of refusals.
const (
	CodeMissing = "office-missing" // LibreOffice is not installed
	CodeMacros  = "office-macros"  // the file has programs in it
	CodeLinks   = "office-links"   // the file says what stands elsewhere
	CodeBroken  = "office-broken"  // it could not be made into PDF
	CodeOther   = "office-other"   // it is no file of an office program
)

// Program is the program itself, without the script around it, as Debian has it.
const Program = "/usr/lib/libreoffice/program/soffice.bin"

// Its tables and what came with it, which lie outside of what every child may read.
const (
	settings = "/etc/libreoffice"
	packages = "/var/spool/libreoffice"
)

// Extensions are the ends of names of files that are known to be of office programs.
var Extensions = []string{".doc", ".docx", ".xls", ".xlsx", ".odt", ".ods", ".rtf"}

// Installed reports whether there is a LibreOffice.
func Installed() bool {
	info, err := os.Stat(Program)
	return err == nil && info.Mode().IsRegular()
}

// Is reports whether a file that begins with head is of an office program; of a ZIP only
// what is in it tells, see the child.
func Is(head []byte) bool {
	return bytes.HasPrefix(head, []byte("{\\rtf")) || bytes.HasPrefix(head, []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")) || bytes.HasPrefix(head, []byte("PK\x03\x04"))
}

// Caps of a conversion.
const (
	memory = 1 << 30
	cpu    = 60 * time.Second
)

// Convert makes PDF/A of the office file at path, into the file at into, which is there
// and empty. It refuses with a [*jail.Refusal].
func Convert(ctx context.Context, path, into string, most int64) error {
	l := jail.Limits{Memory: memory, CPU: cpu, Wall: 2 * cpu, File: most, Confined: true, Folders: true, Writes: into}
	err := jail.Run(ctx, ChildName, l, nil, nil, path, into, settings, packages)
	var r *jail.Refusal
	switch {
	case err == nil || errors.As(err, &r):
		return err
	case errors.Is(err, jail.ErrTime), errors.Is(err, jail.ErrMemory), errors.Is(err, jail.ErrCrash):
		return &jail.Refusal{Code: CodeBroken, Text: "the office file could not be made into PDF within the limits; export it as PDF and send that"}
	}
	return err
}

// Child converts the file at args[0] into the one at args[1].
func Child(args []string, _ io.Reader, _ io.Writer) error {
	kind, err := kindOf(args[0])
	if err != nil {
		return err
	}
	if !Installed() {
		return &jail.Refusal{Code: CodeMissing, Text: "files of office programs are not taken here: LibreOffice is not installed; export it as PDF and send that"}
	}
	own := os.TempDir()
	in := filepath.Join(own, "paper"+kind)
	if err := copyFile(in, args[0]); err != nil {
		return err
	}
	profile := filepath.Join(own, "profile", "user")
	if err := os.MkdirAll(profile, 0o700); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(profile, "registrymodifications.xcu"), []byte(quiet), 0o600); err != nil {
		return err
	}
	form := `pdf:writer_pdf_Export:{"SelectPdfVersion":{"type":"long","value":"2"},"UseTaggedPDF":{"type":"boolean","value":"true"}}`
	if slices.Contains([]string{".xls", ".xlsx", ".ods"}, kind) {
		form = strings.Replace(form, "writer", "calc", 1)
	}
	said, err := office(own, "-env:UserInstallation=file://"+filepath.Join(own, "profile"), "--headless", "--norestore", "--nologo", "--nolockcheck", "--convert-to", form, "--outdir", own, in)
	made := filepath.Join(own, "paper.pdf")
	if info, missing := os.Stat(made); missing != nil || info.Size() == 0 {
		return &jail.Refusal{Code: CodeBroken, Text: fmt.Sprintf("the office file could not be made into PDF (%v, %.80q); export it as PDF and send that", err, said)}
	}
	return copyFile(args[1], made)
}

// again is how LibreOffice ends that has to be started once more, with the tables that it
// made of a new profile.
const again = 81

// office runs LibreOffice, with own as its home.
func office(own string, args ...string) (said []byte, err error) {
	for range 2 {
		cmd := exec.Command(Program, args...)
		cmd.Env = append(os.Environ(), "HOME="+own, "SAL_USE_VCLPLUGIN=svp", "SAL_DISABLE_OPENCL=1")
		said, err = cmd.CombinedOutput()
		var exit *exec.ExitError
		if !errors.As(err, &exit) || exit.ExitCode() != again {
			break
		}
	}
	return said, err
}

func copyFile(to, from string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}

// quiet are settings under which no macro runs, and nothing is updated from elsewhere.
const quiet = `<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="MacroSecurityLevel" oor:op="fuse"><value>3</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="DisableMacrosExecution" oor:op="fuse"><value>true</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="BlockUntrustedRefererLinks" oor:op="fuse"><value>true</value></prop></item>
<item oor:path="/org.openoffice.Office.Writer/Content/Update"><prop oor:name="Link" oor:op="fuse"><value>0</value></prop></item>
<item oor:path="/org.openoffice.Office.Calc/Content/Update"><prop oor:name="Link" oor:op="fuse"><value>1</value></prop></item>
</oor:items>
`

// Most of a package that is looked into.
const (
	mostMembers = 10_000
	mostPart    = 16 << 20 // of a part that may link elsewhere
	mostOld     = 64 << 20
)

// kindOf says what a file is, by what is in it, and refuses what must not be opened.
func kindOf(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	head := make([]byte, 8)
	if _, err := io.ReadFull(f, head); err != nil {
		return "", errOther
	}
	switch {
	case bytes.HasPrefix(head, []byte("{\\rtf")):
		return ".rtf", old(f)
	case bytes.HasPrefix(head, []byte("\xd0\xcf\x11\xe0")):
		return oldKind(f)
	}
	info, err := f.Stat()
	if err != nil {
		return "", err
	}
	z, err := zip.NewReader(f, info.Size())
	if err != nil || len(z.File) > mostMembers {
		return "", errOther
	}
	return packed(z)
}

func broken(text string) error {
	return &jail.Refusal{Code: CodeBroken, Text: text + "; export it as PDF and send that"}
}

var (
	errOther  = &jail.Refusal{Code: CodeOther, Text: "it is no text and no table of an office program; export it as PDF and send that"}
	errMacros = &jail.Refusal{Code: CodeMacros, Text: "the office file has macros in it, which are never run; export it as PDF and send that"}
	errLinks  = &jail.Refusal{Code: CodeLinks, Text: "the office file takes in what stands elsewhere, which is never fetched; export it as PDF and send that"}
)

// packed looks into Office Open XML (ISO/IEC 29500) and OpenDocument (ISO/IEC 26300).
func packed(z *zip.Reader) (kind string, err error) {
	for _, m := range z.File {
		name := strings.ToLower(m.Name)
		switch {
		case strings.HasSuffix(name, "vbaproject.bin") || strings.HasPrefix(name, "basic/") || strings.HasPrefix(name, "scripts/") || strings.Contains(name, "activex") || strings.Contains(name, "/embeddings/"):
			return "", errMacros
		case name == "word/document.xml":
			kind = ".docx"
		case name == "xl/workbook.xml":
			kind = ".xlsx"
		case name == "mimetype":
			b, err := part(m)
			if err != nil {
				return "", err
			}
			kind = map[string]string{"application/vnd.oasis.opendocument.text": ".odt", "application/vnd.oasis.opendocument.spreadsheet": ".ods"}[strings.TrimSpace(string(b))]
		case strings.HasSuffix(name, ".rels"):
			b, err := part(m)
			if err != nil {
				return "", err
			}
			if outside(b) {
				return "", errLinks
			}
		case name == "content.xml" || name == "styles.xml":
			b, err := part(m)
			if err != nil {
				return "", err
			}
			if linked(b) {
				return "", errLinks
			}
		}
	}
	if kind == "" {
		err = errOther
	}
	return kind, err
}

func part(m *zip.File) ([]byte, error) {
	r, err := m.Open()
	if err != nil {
		return nil, broken("it is damaged")
	}
	defer r.Close()
	b, err := io.ReadAll(io.LimitReader(r, mostPart+1))
	if err != nil || len(b) > mostPart {
		return nil, broken("it is damaged, or larger than the limit")
	}
	return b, nil
}

// outside reports whether relationships name a target outside the package that is more
// than an address to click on (ISO/IEC 29500-2 9.3.2).
func outside(b []byte) bool {
	for _, r := range bytes.Split(b, []byte("<Relationship"))[1:] {
		if bytes.Contains(r, []byte(`TargetMode="External"`)) && !bytes.Contains(r, []byte("/hyperlink\"")) {
			return true
		}
	}
	return false
}

// linked reports whether OpenDocument takes in pictures, sections or tables from
// elsewhere: addresses but those of links to click on (text:a).
func linked(b []byte) bool {
	for _, e := range bytes.Split(b, []byte("<"))[1:] {
		if bytes.HasPrefix(e, []byte("text:a ")) {
			continue
		}
		for _, scheme := range []string{`xlink:href="http`, `xlink:href="ftp`, `xlink:href="file:`, `xlink:href="//`, `xlink:href="/`, `xlink:href="..`, `xlink:href="vnd.sun.star.script`} {
			if bytes.Contains(e, []byte(scheme)) {
				return true
			}
		}
	}
	return false
}

// old refuses RTF with objects and fields that take in what stands elsewhere.
func old(f *os.File) error {
	b, err := all(f)
	if err != nil {
		return err
	}
	for _, w := range []string{"INCLUDEPICTURE", "INCLUDETEXT", "DDEAUTO", "\\objdata", "\\template"} {
		if bytes.Contains(b, []byte(w)) {
			return errLinks
		}
	}
	return nil
}

// oldKind tells Word from Excel by the names of their streams (MS-CFB, in UTF-16), and
// refuses what has a project of macros.
func oldKind(f *os.File) (string, error) {
	b, err := all(f)
	if err != nil {
		return "", err
	}
	has := func(name string) bool {
		var wide []byte
		for _, c := range []byte(name) {
			wide = append(wide, c, 0)
		}
		return bytes.Contains(b, wide)
	}
	switch {
	case has("_VBA_PROJECT") || has("Macros") || has("ObjectPool"):
		return "", errMacros
	case has("WordDocument"):
		return ".doc", nil
	case has("Workbook") || has("Book"):
		return ".xls", nil
	}
	return "", errOther
}

func all(f *os.File) ([]byte, error) {
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	b, err := io.ReadAll(io.LimitReader(f, mostOld+1))
	if err != nil || len(b) > mostOld {
		return nil, broken("it is larger than the limit")
	}
	return b, nil
}
