package inspect

import (
	"bufio"
	"bytes"
	"fmt"
	"html"
	"io"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"sohoa/scan"
)

// maxTold caps what pdftotext may say of a page.
const maxTold = 32 << 20

// tool runs a program of poppler within this child's caps.
func tool(out io.Writer, program string, args ...string) error {
	return run(nil, out, nil, program, args...)
}

// run runs a program within this child's caps, with what it reads, writes and
// complains.
func run(in io.Reader, out, said io.Writer, program string, args ...string) error {
	path, err := exec.LookPath(program)
	if err != nil {
		return fmt.Errorf("%s is not installed: %w", program, err)
	}
	cmd := exec.Command(path, args...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	cmd.Stdin, cmd.Stdout, cmd.Stderr = in, out, said
	return cmd.Run()
}

// told returns the words of page i as the file tells them, in points of the
// upright page.
func (f *File) told(i int) ([]scan.ToldLine, error) {
	var out bytes.Buffer
	n := strconv.Itoa(i + 1)
	if err := tool(&atMost{&out, maxTold}, "pdftotext", "-q", "-f", n, "-l", n, "-cropbox", "-bbox-layout", f.onDisk(), "-"); err != nil {
		if _, missing := exec.LookPath("pdftotext"); missing != nil {
			return nil, err
		}
		return nil, nil // it cannot read it: then there is nothing that is told
	}
	return readTold(&out, f.plans[i].leaf.unit), nil
}

type atMost struct {
	w io.Writer
	n int
}

func (a *atMost) Write(b []byte) (int, error) {
	if a.n -= len(b); a.n < 0 {
		return 0, io.ErrShortWrite
	}
	return a.w.Write(b)
}

// readTold reads what pdftotext -bbox-layout writes: lines of blocks, lines and
// words.
func readTold(r io.Reader, unit float64) []scan.ToldLine {
	var lines []scan.ToldLine
	block := 0
	in := bufio.NewReader(r)
	for {
		s, err := in.ReadString('\n')
		switch s = strings.TrimSpace(s); {
		case strings.HasPrefix(s, "<block "):
			block++
		case strings.HasPrefix(s, "<line "):
			lines = append(lines, scan.ToldLine{Block: block})
		case strings.HasPrefix(s, "<word ") && len(lines) > 0:
			if w, ok := toldWord(s, unit); ok {
				l := &lines[len(lines)-1]
				l.Words = joined(l.Words, w)
			}
		}
		if err != nil {
			break
		}
	}
	out := lines[:0]
	for _, l := range lines {
		if len(l.Words) > 0 {
			out = append(out, l)
		}
	}
	return out
}

// joined appends w, or makes it part of the word before it, if nothing is
// between them: programs that take letters from several fonts cut words in
// pieces.
func joined(words []scan.Told, w scan.Told) []scan.Told {
	if n := len(words); n > 0 {
		p := &words[n-1]
		gap, high := w.X0-p.X1, min(w.Y1-w.Y0, p.Y1-p.Y0)
		if gap > -0.1*high && gap < 0.03*high && w.Y0 < p.Y1 && w.Y1 > p.Y0 {
			p.Text = norm.NFC.String(p.Text + w.Text)
			p.X1, p.Y0, p.Y1 = max(p.X1, w.X1), min(p.Y0, w.Y0), max(p.Y1, w.Y1)
			return words
		}
	}
	return append(words, w)
}

func toldWord(s string, unit float64) (w scan.Told, ok bool) {
	head, rest, _ := strings.Cut(s, ">")
	body, _, ok := strings.Cut(rest, "</word>")
	if !ok {
		return w, false
	}
	place := func(key string) float64 {
		_, after, _ := strings.Cut(head, key+`="`)
		number, _, _ := strings.Cut(after, `"`)
		v, err := strconv.ParseFloat(number, 64)
		ok = ok && err == nil && v == v && v < 1e6 && v > -1e6
		return v * unit
	}
	w = scan.Told{X0: place("xMin"), Y0: place("yMin"), X1: place("xMax"), Y1: place("yMax")}
	w.Text = norm.NFC.String(strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(html.UnescapeString(body), "�")))
	return w, ok && w.Text != "" && len(w.Text) <= 4000 && w.X1 >= w.X0 && w.Y1 >= w.Y0
}

// texts returns the words of lines.
func texts(lines []scan.ToldLine) (all []string) {
	for _, l := range lines {
		for _, w := range l.Words {
			all = append(all, w.Text)
		}
	}
	return all
}
