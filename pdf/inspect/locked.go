package inspect

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"

	"sohoa/jail"
	"sohoa/pdf/finding"
)

// MostPassword is the most bytes a password may have (ISO 32000-2 7.6.4.3.3:
// 127 of UTF-8 count).
const MostPassword = 127

// qpdf has qpdf write what came in anew into the file to work in, streams as
// they are. The password goes over stdin. Warnings are no error if mend is set.
func (f *File) qpdf(password []byte, mend bool, args ...string) (said string, err error) {
	var out, stderr bytes.Buffer
	args = append([]string{"--password-file=-", "--deterministic-id", "--stream-data=preserve", "--object-streams=preserve"}, args...)
	in := append(bytes.Clone(password), '\n')
	defer clear(in)
	err = run(bytes.NewReader(in), &atMost{&out, maxTold}, &stderr, "qpdf", append(args, "--", f.onDisk(), f.o.Work)...)
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.ExitCode() == 3 && mend {
		err = nil
	}
	return stderr.String(), err
}

// unlock opens an encrypted file into the file of its own that is given for
// that; from then on f is the opened one. A password that is not right is tried
// once more as none: many files only withhold rights.
func (f *File) unlock(g glance) error {
	switch {
	case g.signed:
		return lockedSigned()
	case f.keep, f.o.Work == "":
		return locked("the PDF is encrypted")
	case len(f.o.Password) > MostPassword || bytes.ContainsAny(f.o.Password, "\r\n\x00"):
		return locked("that is no password of a PDF")
	}
	password := f.o.Password
	said, err := f.qpdf(password, false, "--decrypt", "--preserve-unreferenced")
	if err != nil && strings.Contains(said, "invalid password") && len(password) > 0 {
		password = nil
		said, err = f.qpdf(password, false, "--decrypt", "--preserve-unreferenced")
	}
	switch {
	case err == nil:
	case strings.Contains(said, "invalid password") && len(f.o.Password) == 0:
		return locked("the PDF is encrypted and opens only with its password")
	case strings.Contains(said, "invalid password"):
		return locked("the PDF is encrypted and the password is not right")
	case errors.Is(err, exec.ErrNotFound):
		return fmt.Errorf("qpdf is not installed: %w", err)
	default:
		return locked("the PDF is encrypted in a way that cannot be opened, or damaged as well")
	}
	if err := f.signedWithin(); err != nil {
		return err
	}
	if _, err := f.qpdf(password, false, "--decrypt"); err != nil {
		return locked("the PDF is encrypted and damaged as well")
	}
	f.found = append(f.found, finding.New(finding.Decrypted, 0, 1))
	if withheld := f.rights(password); withheld != "" {
		r := finding.New(finding.Restricted, 0, 1)
		r.Detail = withheld
		f.found = append(f.found, r)
	}
	f.path, f.Working = f.o.Work, "decrypted"
	return nil
}

// signedWithin looks for a signature in all that was encrypted, also in what
// nothing refers to and is left out when the file is opened for good.
func (f *File) signedWithin() error {
	b, err := mapped(f.o.Work, f.o.Limits)
	if err != nil {
		return err
	}
	defer func() { _ = syscall.Munmap(b) }()
	all := &File{path: f.o.Work, o: f.o, l: f.l, m: &mapping{b: b, file: true}}
	if g, err := look(all.m); err == nil && g.signed {
		return lockedSigned()
	}
	if all.ctx, err = all.parse(); err != nil {
		return err
	}
	if err = all.gates(); codeOf(err) == CodeSigned {
		return lockedSigned()
	}
	return err
}

// rights lists what the file's owner does not allow (ISO 32000-1 table 22).
func (f *File) rights(password []byte) string {
	var out bytes.Buffer
	in := append(bytes.Clone(password), '\n')
	defer clear(in)
	if err := run(bytes.NewReader(in), &atMost{&out, maxTold}, nil, "qpdf", "--password-file=-", "--show-encryption", f.onDisk()); err != nil {
		return ""
	}
	var no []string
	for line := range strings.Lines(out.String()) {
		what, withheld := strings.CutSuffix(strings.TrimSpace(line), ": not allowed")
		if kind, _, _ := strings.Cut(what, " "); withheld && rightOf[kind] != "" && !slices.Contains(no, rightOf[kind]) {
			no = append(no, rightOf[kind])
		}
	}
	return strings.Join(no, ", ")
}

// rightOf names the rights that qpdf lists, by the first word of each line.
var rightOf = map[string]string{"extract": finding.RightCopy, "print": finding.RightPrint, "modify": finding.RightChange}

func lockedSigned() *jail.Refusal {
	return locked("the PDF is encrypted and signed: opened it would no longer be what was signed, so it is neither opened nor rewritten; ask for it without encryption")
}

func locked(what string) *jail.Refusal {
	return &jail.Refusal{Code: CodeEncrypted, Text: what}
}

// emptied makes a file empty again, so that nothing half is left in it.
func emptied(path string) { _ = os.Truncate(path, 0) }
