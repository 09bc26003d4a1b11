package revision

import "io"

// joined is a file with a tail that is not written yet.
type joined struct {
	file io.ReaderAt
	size int64
	tail []byte
}

// Join returns the size bytes of file with tail behind them, and how many that
// are: a revision that was appended can be read before the file is written.
func Join(file io.ReaderAt, size int64, tail []byte) (io.ReaderAt, int64) {
	return &joined{file, size, tail}, size + int64(len(tail))
}

func (j *joined) ReadAt(p []byte, off int64) (n int, err error) {
	if off < j.size {
		head := p[:min(int64(len(p)), j.size-off)]
		if n, err = j.file.ReadAt(head, off); n < len(head) {
			return n, err
		}
	}
	if at := off + int64(n) - j.size; n < len(p) && at >= 0 && at < int64(len(j.tail)) {
		n += copy(p[n:], j.tail[at:])
	}
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}
