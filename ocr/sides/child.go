package sides

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"image"
	"io"
	"iter"
	"runtime/debug"
	"time"

	"sohoa/jail"
	"sohoa/scan"
	"sohoa/scan/turbo"
)

// ChildName is what [jail.Main] is to call [Child].
const ChildName = "sides"

// Child looks at the pages that come in as [scan.WritePage] frames, and answers each
// with a [Look] in a line of JSON.
func Child(_ []string, in io.Reader, out io.Writer) error {
	debug.SetGCPercent(rubbish) // pictures are all there is, and each is gone with its answer
	frames, answer := bufio.NewReaderSize(in, 1<<20), json.NewEncoder(out)
	for {
		p, err := scan.ReadPage(frames)
		if err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		l, err := lookAt(p)
		if err != nil {
			return err
		}
		if err := answer.Encode(l); err != nil {
			return err
		}
	}
}

// rubbish is how much a child may leave lying, in percent of what it needs: a page is
// some 20 MB, and it has [childMemory].
const rubbish = 400

// lookAt decodes a page and looks at it. Whatever a hostile page does to a decoder,
// short of ending the process, is a refusal of that page.
func lookAt(p scan.Page) (l Look, err error) {
	defer func() {
		if trouble := recover(); trouble != nil {
			err = &jail.Refusal{Code: scan.CodeDamaged, Text: "the image cannot be decoded", Page: p.Index + 1}
		}
	}()
	var m image.Image
	if p.Encoding == scan.JPEG {
		m, err = turbo.Decode(p.Data, p.Width, p.Height)
	}
	if m == nil || err != nil {
		if m, err = scan.Decode(p); err != nil {
			return l, err
		}
	}
	if l, err = At(m, p); err != nil {
		return l, err
	}
	sum := sha256.Sum256(p.Data)
	l.Sum = hex.EncodeToString(sum[:])
	return l, nil
}

// Limits of the child, as of those that look at drafts; time by the page.
const (
	childMemory = 2 << 30
	childCPU    = time.Hour
	childOutput = 64 << 20
	pageTime    = 30 * time.Second
)

// Looks looks at pages in a child, in their order, and calls each with what was seen
// of each. It ends with the first page that cannot be had or looked at, or whose
// call returns an error.
func Looks(ctx context.Context, pages iter.Seq2[scan.Page, error], each func(Look) error) error {
	p, err := jail.Start(ctx, ChildName, jail.Limits{Memory: childMemory, CPU: childCPU, Output: childOutput, Confined: true, Alone: true})
	if err != nil {
		return err
	}
	defer p.Kill()
	answers := json.NewDecoder(p.Out)
	for page, err := range pages {
		if err != nil {
			return err
		}
		l := Look{Page: page.Index + 1, DPI: page.DPIX, Told: true}
		if page.Told == nil && page.Encoding != scan.Itself {
			if l, err = ask(p, answers, page); err != nil {
				return err
			}
		}
		if err := each(l); err != nil {
			return err
		}
	}
	return nil
}

// ask sends a page and waits for its look, but not for ever.
func ask(p *jail.Process, answers *json.Decoder, page scan.Page) (l Look, err error) {
	clock := time.AfterFunc(pageTime, p.Kill)
	defer clock.Stop()
	err = scan.WritePage(p.In, page)
	if err == nil {
		err = answers.Decode(&l)
	}
	if err == nil {
		return l, nil
	}
	p.In.Close() // it ends, if it has not
	if why := p.Wait(); why != nil {
		err = why
	}
	return l, fmt.Errorf("look at page %d: %w", page.Index+1, err)
}
