package child

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"io"
	"syscall"

	"sohoa/jail"
	"sohoa/scan"
)

func writePage(w io.Writer, p scan.Page) error {
	head, err := json.Marshal(p)
	if err != nil {
		return err
	}
	b := binary.BigEndian.AppendUint32(nil, uint32(len(head)))
	b = append(b, head...)
	b = binary.BigEndian.AppendUint64(b, uint64(len(p.Data)))
	if _, err = w.Write(b); err != nil {
		return err
	}
	_, err = w.Write(p.Data)
	return err
}

func readPage(r io.Reader) (scan.Page, error) {
	var p scan.Page
	var n [8]byte
	if _, err := io.ReadFull(r, n[:4]); err != nil {
		return p, err
	}
	head := make([]byte, binary.BigEndian.Uint32(n[:4]))
	if _, err := io.ReadFull(r, head); err != nil {
		return p, err
	}
	if err := json.Unmarshal(head, &p); err != nil {
		return p, err
	}
	if _, err := io.ReadFull(r, n[:]); err != nil {
		return p, err
	}
	p.Data = make([]byte, binary.BigEndian.Uint64(n[:]))
	_, err := io.ReadFull(r, p.Data)
	return p, err
}

func decodePage(p scan.Page) (image.Image, error) {
	if p.Encoding != scan.JPEG {
		return nil, &jail.Refusal{Code: "damaged", Text: fmt.Sprintf("encoding %q", p.Encoding)}
	}
	return jpeg.Decode(bytes.NewReader(p.Data))
}

func brokenPipe(err error) bool { return errors.Is(err, syscall.EPIPE) }
