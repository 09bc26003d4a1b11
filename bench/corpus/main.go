// Command corpus holds our own checker of PDF/A against veraPDF's public corpus
// of test files (github.com/veraPDF/veraPDF-corpus, CC BY 4.0), and writes what
// came of it, clause by clause, as docs/checker.md.
//
//	go run ./bench/corpus -corpus DIR [-o docs/checker.md] [-at COMMIT] [-verapdf COMMAND] [-dir DIR]
//
// Each of the files of PDF/A-2b, 2u and 2a breaks one clause of ISO 19005-2, or
// shows what just does not. They are put to the checker in three ways: as they
// are; with their pages cut out and set into a file of our writer, as pages are
// that are kept; and through the whole line but for the reading. The corpus is
// in no package registry: DIR is a copy of it.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"strings"

	"sohoa/bench/line"
	"sohoa/jail"
	"sohoa/pdf/pdfa/verapdf"
)

// A bench is one run.
type bench struct {
	corpus, dir, at string
	judge           *verapdf.Judge
	files           []*file
}

// A file is one of the corpus, and what was said of it.
type file struct {
	path   string // under the corpus
	clause string // as 6.2.4.3
	pass   bool   // it is meant to

	asIs string  // what our check finds first in the file as it is; empty: nothing
	cut  outcome // of its pages in a file of ours, unproven
	made outcome // of what the line made
	kept int     // pages that the line kept
}

// An outcome is what became of a file on one way, and what both judges say.
type outcome struct {
	refused string // why there is no file: a code
	ours    string // the first finding; empty: none
	vera    verapdf.Verdict
}

func main() {
	children := line.Children()
	children[cutName] = cutChild
	jail.Main(children)
	b := &bench{}
	out := flag.String("o", "", "write the table here; standard output if empty")
	command := flag.String("verapdf", "conformance/verapdf.sh", "veraPDF's command")
	flag.StringVar(&b.corpus, "corpus", "", "the corpus")
	flag.StringVar(&b.at, "at", "", "its commit, for the table")
	flag.StringVar(&b.dir, "dir", "", "keep the files that are made here")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := b.run(ctx, *command, *out); err != nil {
		fmt.Fprintln(os.Stderr, "corpus:", err)
		os.Exit(1)
	}
}

func (b *bench) run(ctx context.Context, command, out string) (err error) {
	if b.corpus == "" {
		return fmt.Errorf("-corpus: where is a copy of github.com/veraPDF/veraPDF-corpus?")
	}
	if b.corpus, err = filepath.Abs(b.corpus); err != nil {
		return err
	}
	if b.dir == "" {
		if b.dir, err = os.MkdirTemp("", "corpus-*"); err != nil {
			return err
		}
		defer os.RemoveAll(b.dir)
	}
	if b.dir, err = filepath.Abs(b.dir); err != nil {
		return err
	}
	if b.judge, err = verapdf.Find(ctx, command); err != nil {
		return err
	}
	if err := b.find(); err != nil {
		return err
	}
	for i, f := range b.files {
		if err := b.try(ctx, i, f); err != nil {
			return fmt.Errorf("%s: %w", f.path, err)
		}
	}
	if err := b.judged(ctx); err != nil {
		return err
	}
	text := b.report()
	if out == "" {
		fmt.Print(text)
	} else if err := os.WriteFile(out, []byte(text), 0o644); err != nil {
		return err
	}
	return b.verdict()
}

// named finds the clause and the intent in a file's name, as in
// "veraPDF test suite 6-2-4-3-t02-fail-a.pdf".
var named = regexp.MustCompile(`(6(?:-[0-9]+)+)-t[0-9]+-(pass|fail)-`)

// parts are the folders of the corpus that are about levels of PDF/A-2.
var parts = []string{"PDF_A-2b", "PDF_A-2u", "PDF_A-2a"}

func (b *bench) find() error {
	for _, part := range parts {
		err := filepath.WalkDir(filepath.Join(b.corpus, part), func(path string, d os.DirEntry, err error) error {
			if err != nil || d.IsDir() || filepath.Ext(path) != ".pdf" {
				return err
			}
			m := named.FindStringSubmatch(filepath.Base(path))
			if m == nil {
				return fmt.Errorf("%s: its name tells no clause", path)
			}
			under, err := filepath.Rel(b.corpus, path)
			b.files = append(b.files, &file{path: under, clause: strings.ReplaceAll(m[1], "-", "."), pass: m[2] == "pass"})
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}
