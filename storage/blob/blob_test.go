package blob_test

import (
	"bytes"
	"errors"
	"io"
	"testing"
	"testing/iotest"

	"sohoa/dossier/digest"
	"sohoa/storage/blob"
)

// sizes lie around the ends of the pieces that are hashed beside writing.
var sizes = []int{0, 1, 100, 128 << 10, 256<<10 - 1, 256 << 10, 256<<10 + 1, 512 << 10, 1<<20 + 1, 1_700_000}

func content(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i*7 + i>>9)
	}
	return b
}

// A copy says the same of all sizes, however its source gives its bytes: right,
// one bit wrong, one byte short or long, or torn. What is torn is never called
// damaged, nor an end.
func TestCopy(t *testing.T) {
	for _, n := range sizes {
		b := content(n)
		d, size := digest.Of(b), int64(n)
		for name, r := range map[string]func([]byte) io.Reader{
			"whole": func(b []byte) io.Reader { return bytes.NewReader(b) }, "halves": func(b []byte) io.Reader { return iotest.HalfReader(bytes.NewReader(b)) },
			"error with data": func(b []byte) io.Reader { return iotest.DataErrReader(bytes.NewReader(b)) },
		} {
			var out bytes.Buffer
			if err := blob.Copy(t.Context(), &out, r(b), d, size); err != nil || !bytes.Equal(out.Bytes(), b) {
				t.Errorf("%d %s: %v", n, name, err)
			}
			var read bytes.Buffer
			if m, err := io.Copy(&read, blob.Checked(io.NopCloser(r(b)), d)); err != nil || m != size || !bytes.Equal(read.Bytes(), b) {
				t.Errorf("%d %s: read %d, %v", n, name, m, err)
			}
			if n == 0 {
				continue
			}
			wrong := bytes.Clone(b)
			wrong[n-1] ^= 1
			for what, w := range map[string][]byte{"one bit": wrong, "short": b[:n-1], "long": append(bytes.Clone(b), 0)} {
				if err := blob.Copy(t.Context(), io.Discard, r(w), d, size); !errors.Is(err, blob.ErrCorrupt) {
					t.Errorf("%d %s %s: %v", n, name, what, err)
				}
				for range 2 {
					c := blob.Checked(io.NopCloser(r(w)), d)
					if _, err := io.Copy(io.Discard, c); !errors.Is(err, blob.ErrCorrupt) {
						t.Errorf("%d %s %s: read: %v", n, name, what, err)
					}
					if _, err := c.Read(make([]byte, 9)); !errors.Is(err, blob.ErrCorrupt) {
						t.Errorf("%d %s %s: read on: %v", n, name, what, err)
					}
				}
			}
		}
		for _, torn := range []error{io.ErrUnexpectedEOF, errors.New("torn")} {
			r := io.MultiReader(bytes.NewReader(b), iotest.ErrReader(torn))
			if err := blob.Copy(t.Context(), io.Discard, r, d, size); !errors.Is(err, torn) || errors.Is(err, blob.ErrCorrupt) {
				t.Errorf("%d: torn: %v", n, err)
			}
			r = io.MultiReader(bytes.NewReader(b), iotest.ErrReader(torn))
			if _, err := io.Copy(io.Discard, blob.Checked(io.NopCloser(r), d)); !errors.Is(err, torn) || errors.Is(err, blob.ErrCorrupt) {
				t.Errorf("%d: torn: read: %v", n, err)
			}
		}
		full := errors.New("no space left")
		if n > 0 {
			if err := blob.Copy(t.Context(), failing{full}, bytes.NewReader(b), d, size); !errors.Is(err, full) {
				t.Errorf("%d: a full disk: %v", n, err)
			}
		}
	}
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }
