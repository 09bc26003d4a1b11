// Package letter takes the files out of a letter (RFC 5322, MIME): a limited child
// reads it and says one file after the other, the parent keeps what it says within
// bounds. What a letter says in words is nobody's paper and is left.
package letter

import (
	"bufio"
	"context"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"net/textproto"
	"os"
	"path"
	"strings"
	"time"

	"sohoa/dossier/drop"
	"sohoa/jail"
)

// Name is what the child is called, for [jail.Main].
const Name = "letter"

// MostFiles is how many files a letter may bring. The others are about its form.
const (
	MostFiles  = 50
	mostParts  = 500
	deepest    = 8
	mostHeader = 4 << 10 // of what the child says of a file
	chunk      = 64 << 10
)

// Codes of refusals.
const (
	CodeForm  = "letter-form"  // it is no letter, or none that anybody can read
	CodeNone  = "letter-none"  // no file is attached
	CodeMany  = "letter-many"  // more parts or files than a letter may have
	CodeLarge = "letter-large" // a file is larger than the house takes
)

func refuse(code, text string) error { return &jail.Refusal{Code: code, Text: text} }

// A said is what the child says of a file before its bytes.
type said struct {
	Name string `json:"name"`
}

// Files gives each file of the letter at path to each, in order, and returns how many
// there were. A letter that cannot be taken is refused with a [*jail.Refusal], if need
// be after some files came; most is how large one may be. An error of each ends it.
func Files(ctx context.Context, file string, most int64, each func(name string, body io.Reader) error) (n int, err error) {
	info, err := os.Stat(file)
	if err != nil {
		return 0, err
	}
	limits := jail.Limits{Memory: 256 << 20, CPU: 60 * time.Second, Wall: 3 * time.Minute, File: 1, Output: info.Size() + MostFiles*(mostHeader+16) + 1<<20, Confined: true, Alone: true}
	p, err := jail.Start(ctx, Name, limits, file, fmt.Sprint(most))
	if err != nil {
		return 0, err
	}
	_ = p.In.Close()
	in := bufio.NewReaderSize(p.Out, mostHeader)
	for {
		line, err := in.ReadSlice('\n')
		if err == io.EOF && len(line) == 0 {
			break
		}
		var s said
		if err != nil || json.Unmarshal(line, &s) != nil || n == MostFiles {
			p.Kill()
			return n, errors.Join(errors.New("the child says of a file what cannot be"), p.Wait())
		}
		body := &chunks{in: in, left: most}
		if err := each(clean(s.Name, n), body); err != nil {
			if !errors.Is(err, io.ErrUnexpectedEOF) {
				p.Kill()
			}
			var no *jail.Refusal
			if why := p.Wait(); errors.As(why, &no) { // it ended in its own words
				err = why
			}
			return n, err
		}
		if _, err := io.Copy(io.Discard, body); err != nil {
			p.Kill()
			return n, errors.Join(p.Wait(), err)
		}
		n++
	}
	if err := p.Wait(); err != nil {
		return n, err
	}
	if n == 0 {
		return 0, refuse(CodeNone, "no file is attached to the letter: have the scanner attach PDF, TIFF or JPEG")
	}
	return n, nil
}

// clean is a plain name for a file, of what the letter calls it.
func clean(name string, n int) string {
	name = drop.CleanName(path.Base(strings.ReplaceAll(name, `\`, "/")))
	name = strings.TrimLeft(name, ".~ ")
	if len(name) > 120 {
		name = strings.ToValidUTF8(name[len(name)-120:], "")
	}
	if name == "" || name == "/" {
		name = fmt.Sprintf("tep-%d", n+1)
	}
	return name
}

// chunks are the bytes of a file as the child says them: each chunk behind its length,
// the last of none. One that breaks off never ends well.
type chunks struct {
	in   *bufio.Reader
	now  uint32 // of the chunk
	left int64
	done bool
}

// Read reads on.
func (c *chunks) Read(p []byte) (int, error) {
	if c.done {
		return 0, io.EOF
	}
	if c.now == 0 {
		var b [4]byte
		if _, err := io.ReadFull(c.in, b[:]); err != nil {
			return 0, io.ErrUnexpectedEOF
		}
		if c.now = binary.BigEndian.Uint32(b[:]); c.now == 0 {
			c.done = true
			return 0, io.EOF
		}
		if c.left -= int64(c.now); c.left < 0 || c.now > chunk {
			return 0, refuse(CodeLarge, "a file of the letter is larger than the house takes")
		}
	}
	n, err := c.in.Read(p[:min(len(p), int(c.now))])
	c.now -= uint32(n)
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return n, err
}

// Child reads the letter in the file that is its first argument, and writes its files;
// the second is how large one may be.
func Child(args []string, _ io.Reader, out io.Writer) error {
	if len(args) != 2 {
		return errors.New("letter: which, and how large a file may be")
	}
	var most int64
	if _, err := fmt.Sscan(args[1], &most); err != nil {
		return err
	}
	f, err := os.Open(args[0])
	if err != nil {
		return err
	}
	defer f.Close()
	m, err := mail.ReadMessage(bufio.NewReader(f))
	if err != nil {
		return refuse(CodeForm, "the letter's head cannot be read")
	}
	w := bufio.NewWriterSize(out, chunk)
	r := &reader{out: w, most: most}
	if err := r.part(textproto.MIMEHeader(m.Header), m.Body, 0, ""); err != nil {
		return err
	}
	return w.Flush()
}

// reader goes through the parts of a letter.
type reader struct {
	out          *bufio.Writer
	most         int64
	parts, files int
}

// part reads one part, in a part of the type in.
func (r *reader) part(h textproto.MIMEHeader, body io.Reader, depth int, in string) error {
	if r.parts++; r.parts > mostParts || depth > deepest {
		return refuse(CodeMany, "the letter has more parts than anybody sends, or parts within parts without end")
	}
	kind, params, err := mime.ParseMediaType(h.Get("Content-Type"))
	if err != nil && kind == "" {
		kind = "text/plain"
	}
	switch {
	case strings.HasPrefix(kind, "multipart/"):
		return r.multi(kind, params["boundary"], body, depth)
	case kind == "message/rfc822":
		m, err := mail.ReadMessage(bufio.NewReader(decoded(h, body)))
		if err != nil {
			return refuse(CodeForm, "a letter within the letter cannot be read")
		}
		return r.part(textproto.MIMEHeader(m.Header), m.Body, depth+1, kind)
	}
	name, attached := called(h, params)
	picture := kind == "application/pdf" || strings.HasPrefix(kind, "image/")
	if in == "multipart/related" && h.Get("Content-Id") != "" && !attached {
		return nil // a picture in the words of the letter
	}
	if name == "" && !attached && !picture {
		return nil // words
	}
	return r.file(name, decoded(h, body))
}

// called is what a part is called, and whether it says that it is attached.
func called(h textproto.MIMEHeader, params map[string]string) (name string, attached bool) {
	how, p, err := mime.ParseMediaType(h.Get("Content-Disposition"))
	if err == nil {
		name, attached = p["filename"], how == "attachment"
	} else {
		attached = strings.HasPrefix(strings.ToLower(strings.TrimSpace(h.Get("Content-Disposition"))), "attachment")
	}
	if name == "" {
		name = params["name"]
	}
	if plain, err := new(mime.WordDecoder).DecodeHeader(name); err == nil {
		name = plain
	}
	return name, attached
}

func (r *reader) multi(kind, boundary string, body io.Reader, depth int) error {
	if boundary == "" || len(boundary) > 200 {
		return refuse(CodeForm, "the parts of the letter have no bounds")
	}
	for m := multipart.NewReader(body, boundary); ; {
		p, err := m.NextRawPart()
		switch {
		case err == io.EOF:
			return nil
		case err != nil:
			return refuse(CodeForm, "the letter is cut off, or its parts cannot be told apart")
		}
		if err := r.part(p.Header, p, depth+1, kind); err != nil {
			return err
		}
	}
}

// decoded takes the transfer encoding off a body.
func decoded(h textproto.MIMEHeader, body io.Reader) io.Reader {
	switch strings.ToLower(strings.TrimSpace(h.Get("Content-Transfer-Encoding"))) {
	case "base64":
		return base64.NewDecoder(base64.StdEncoding, body)
	case "quoted-printable":
		return quotedprintable.NewReader(body)
	}
	return body
}

// file writes a file, as [chunks] reads it.
func (r *reader) file(name string, body io.Reader) error {
	if r.files++; r.files > MostFiles {
		return refuse(CodeMany, fmt.Sprintf("more than %d files are attached: send several letters", MostFiles))
	}
	if len(name) > 1000 {
		name = strings.ToValidUTF8(name[len(name)-1000:], "")
	}
	line, err := json.Marshal(said{name})
	if err != nil {
		return err
	}
	_, _ = r.out.Write(append(line, '\n'))
	b, size := make([]byte, 4+chunk), int64(0)
	for {
		n, err := fill(body, b[4:])
		if size += int64(n); size > r.most {
			return refuse(CodeLarge, "a file of the letter is larger than the house takes")
		}
		if err != nil && err != io.EOF { // also io.ErrUnexpectedEOF: what ended too early is not whole
			return refuse(CodeForm, "a file of the letter cannot be decoded: it is cut off or damaged")
		}
		if n > 0 {
			binary.BigEndian.PutUint32(b, uint32(n))
			if _, err := r.out.Write(b[:4+n]); err != nil {
				return err
			}
		}
		if err == io.EOF {
			_, err = r.out.Write(make([]byte, 4))
			return err
		}
	}
}

// fill reads until b is full or there is an end, which is told as it is.
func fill(from io.Reader, b []byte) (n int, err error) {
	for n < len(b) && err == nil {
		var m int
		m, err = from.Read(b[n:])
		n += m
	}
	return n, err
}
