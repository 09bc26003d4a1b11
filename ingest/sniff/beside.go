package sniff

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"iter"
	"time"

	"sohoa/jail"
	"sohoa/pdf/inspect"
	"sohoa/scan"
)

// besideWall is how long taking all files out of one may take, whoever reads
// them included.
const besideWall = 5 * time.Minute

// Beside yields the files within the PDF at path, unpacked, in the order of
// [Report].Beside. Each is to be read to its end before the next is asked for;
// whoever reads holds its bytes against the digest in the report. The first
// error ends it; errors are as of [Examine].
func Beside(ctx context.Context, path string, l scan.Limits) iter.Seq2[io.Reader, error] {
	return func(yield func(io.Reader, error) bool) {
		args, err := prepare(path, ask{Limits: l, Beside: true})
		if err != nil {
			yield(nil, err)
			return
		}
		limits := caps(l)
		limits.Wall, limits.Output = besideWall, inspect.MostEmbeddedBytes+maxReport
		p, err := jail.Start(ctx, "split", limits, args...)
		if err != nil {
			yield(nil, err)
			return
		}
		defer p.Kill()
		for left := int64(inspect.MostEmbeddedBytes); ; {
			var n int64
			err := binary.Read(p.Out, binary.BigEndian, &n)
			if err == io.EOF {
				if err := p.Wait(); err != nil {
					yield(nil, verdict(err))
				}
				return
			}
			if left -= n; err == nil && (n < 0 || left < 0) {
				err = fmt.Errorf("an embedded file of %d bytes", n)
			}
			if err != nil {
				yield(nil, err)
				return
			}
			in := &io.LimitedReader{R: p.Out, N: n}
			if !yield(in, nil) {
				return
			}
			if in.N > 0 {
				if err := p.Wait(); err != nil { // it ended in the middle: its own words are the error
					yield(nil, verdict(err))
				} else {
					yield(nil, io.ErrUnexpectedEOF)
				}
				return
			}
		}
	}
}
