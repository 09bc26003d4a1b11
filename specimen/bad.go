package specimen

import (
	"bytes"
	"crypto/md5"
	"crypto/rc4"
	"encoding/binary"
	"fmt"
	"image"
	"io"
	"strings"
)

// A BadFile is a file that must be refused, and with which code
// (jail.Refusal.Code).
type BadFile struct {
	Name     string
	WantCode string
	Bytes    []byte // nil for a file too large to hold
	size     int64
}

// Size returns the length of the file.
func (b BadFile) Size() int64 { return b.size }

// Reader returns the file's bytes from the start.
func (b BadFile) Reader() io.Reader {
	if int64(len(b.Bytes)) == b.size {
		return bytes.NewReader(b.Bytes)
	}
	return io.MultiReader(bytes.NewReader(hugeJPEG(1654, 2339)), io.LimitReader(zeros{}, b.size-int64(len(hugeJPEG(1654, 2339)))))
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// Bad returns files that must be refused, each for its own reason.
func Bad() []BadFile {
	small := func(name, code string, b []byte) BadFile {
		return BadFile{Name: name, WantCode: code, Bytes: b, size: int64(len(b))}
	}
	g4 := blankTIFF(3)
	plain := onePage("", nil)
	return []BadFile{
		small("rong.pdf", "empty", []byte{}),
		small("cut-nhieu-trang.tif", "damaged", g4[:len(g4)-40]),
		small("cut.jpg", "damaged", hugeJPEG(1654, 2339)),
		small("cut.pdf", "damaged", plain[:len(plain)/2]),
		small("60000x60000.jpg", "pixels", hugeJPEG(60000, 60000)),
		small("mat-khau.pdf", "encrypted", encryptedPDF("matkhau")),
		small("mat-khau-va-ky.pdf", "encrypted", append(encryptedPDF("matkhau"), "\n9 0 obj\n<< /Type /Sig /ByteRange [0 1 2 3] >>\nendobj\n%%EOF\n"...)),
		small("bieu-mau-dong.pdf", "xfa", onePage("/NeedsRendering true /AcroForm << /XFA (x) >>", nil)),
		small("pdf-va-zip.pdf", "polyglot", append(bytes.Clone(plain), "PK\x03\x04\x14\x00"...)),
		small("trang-ti-hon.pdf", "sides", bytes.Replace(plain, []byte("[0 0 595 842]"), []byte("[0 0   2 842]"), 1)),
		small("da-ky.pdf", "signed", signedPDF()),
		small("van-ban.pdf", "kind", []byte(strings.Repeat("Đây là văn bản thuần, không phải tệp PDF.\n", 30))),
		small("anh-dong.jpg", "kind", []byte("GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;")),
		small("khong-trang.pdf", "nopages", noPages()),
		small("20000-trang.tif", "pages", blankTIFF(20000)),
		{Name: "2gb.jpg", WantCode: "bytes", size: 2 << 30},
	}
}

// blankTIFF is a bilevel TIFF of tiny pages.
func blankTIFF(pages int) []byte {
	g := image.NewGray(image.Rect(0, 0, 64, 90))
	for i := range g.Pix {
		g.Pix[i] = 255 * uint8(i/7%3&1)
	}
	s := strip{width: 64, height: 90, channels: 1, bits: 1, compression: compressG4, data: EncodeG4(g)}
	if pages > 100 {
		blank := image.NewGray(g.Rect)
		s.data = EncodeG4(blank)
	}
	t := newTIFF()
	for range pages {
		t.add(s, 200, 200)
	}
	return t.buf.Bytes()
}

// hugeJPEG is the head of a JPEG that claims a size, without any picture data.
func hugeJPEG(width, height uint16) []byte {
	b := []byte("\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x02\x01\x00\xc8\x00\xc8\x00\x00\xff\xdb\x00\x43\x00")
	b = append(b, bytes.Repeat([]byte{8}, 64)...)
	b = append(b, "\xff\xc0\x00\x0b\x08"...)
	b = binary.BigEndian.AppendUint16(b, height)
	b = binary.BigEndian.AppendUint16(b, width)
	b = append(b, "\x01\x01\x11\x00"...)
	return append(b, "\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00"...)
}

// onePage is a PDF of one page with more in its catalog; more may write further
// objects first and returns the catalog's entries for them.
func onePage(catalog string, more func(p *pdfWriter, page int) string) []byte {
	p := newPDF()
	root, tree, page, content := p.reserve(), p.reserve(), p.reserve(), p.reserve()
	p.pages(tree, []int{page})
	annots := ""
	if more != nil {
		catalog += more(p, page)
		annots = fmt.Sprintf(" /Annots [%d 0 R]", len(p.offsets))
	}
	p.object(page, fmt.Sprintf("<< /Type /Page /Parent %d 0 R /MediaBox [0 0 595 842] /Contents %d 0 R%s >>", tree, content, annots))
	p.stream(content, "", []byte("0.5 w 72 72 m 500 72 l S"))
	p.object(root, fmt.Sprintf("<< /Type /Catalog /Pages %d 0 R %s >>", tree, catalog))
	return p.close(root, "")
}

func noPages() []byte {
	p := newPDF()
	root, tree := p.reserve(), p.reserve()
	p.object(root, fmt.Sprintf("<< /Type /Catalog /Pages %d 0 R >>", tree))
	p.pages(tree, nil)
	return p.close(root, "")
}

// signedPDF has a signature field whose ByteRange is right and whose container
// is empty: enough to know that the file is signed, not to verify it. ISO
// 32000-1 12.8.1.
func signedPDF() []byte {
	hole := strings.Repeat("0", 4096)
	b := onePage("", func(p *pdfWriter, page int) string {
		sig, field := p.reserve(), p.reserve()
		p.object(sig, "<< /Type /Sig /Filter /Adobe.PPKLite /SubFilter /ETSI.CAdES.detached /M (D:20260105080000+07'00') /ByteRange [0 1111111111 2222222222 3333333333] /Contents <"+hole+"> >>")
		p.object(field, fmt.Sprintf("<< /Type /Annot /Subtype /Widget /FT /Sig /T (Signature1) /F 132 /Rect [0 0 0 0] /P %d 0 R /V %d 0 R >>", page, sig))
		return fmt.Sprintf("/AcroForm << /SigFlags 3 /Fields [%d 0 R] >>", field)
	})
	start := bytes.Index(b, []byte("<"+hole))
	end := start + len(hole) + 2
	for old, n := range map[string]int{"1111111111": start, "2222222222": end, "3333333333": len(b) - end} {
		b = bytes.Replace(b, []byte(old), fmt.Appendf(nil, "%-10d", n), 1)
	}
	return b
}

// encryptedPDF is a page under the standard security handler, revision 2: RC4
// with a 40-bit key, for old readers know no other and all know this.
// ISO 32000-1 7.6.3.3, algorithms 1 to 4.
func encryptedPDF(password string) []byte { return encrypted(password, false) }

func encrypted(password string, words bool) []byte {
	const pad = "\x28\xBF\x4E\x5E\x4E\x75\x8A\x41\x64\x00\x4E\x56\xFF\xFA\x01\x08\x2E\x2E\x00\xB6\xD0\x68\x3E\x80\x2F\x0C\xA9\xFE\x64\x53\x69\x7A"
	padded := func(s string) []byte { return []byte((s + pad)[:32]) }
	cipher := func(key, data []byte) []byte {
		out := make([]byte, len(data))
		c, err := rc4.NewCipher(key)
		if err != nil {
			panic(err) // the key is 5 or 10 bytes long
		}
		c.XORKeyStream(out, data)
		return out
	}
	const permissions = 0xFFFFFFC0
	id := []byte("0123456789abcdef")
	ownerKey := md5.Sum(padded("chu"))
	owner := cipher(ownerKey[:5], padded(password))
	seed := append(padded(password), owner...)
	seed = binary.LittleEndian.AppendUint32(seed, permissions)
	fileKey := md5.Sum(append(seed, id...))
	user := cipher(fileKey[:5], []byte(pad))

	p := newPDF()
	root, tree, page, content, enc := p.reserve(), p.reserve(), p.reserve(), p.reserve(), p.reserve()
	p.object(root, fmt.Sprintf("<< /Type /Catalog /Pages %d 0 R >>", tree))
	p.pages(tree, []int{page})
	p.object(page, fmt.Sprintf("<< /Type /Page /Parent %d 0 R /MediaBox [0 0 595 842] /Contents %d 0 R /Resources << /Font << /F << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >> >>", tree, content))
	objectKey := md5.Sum(append(fileKey[:5:5], byte(content), 0, 0, 0, 0))
	show := "0.5 w 72 72 m 500 72 l S"
	if words {
		show = busyContent
	}
	p.stream(content, "", cipher(objectKey[:10], []byte(show)))
	p.object(enc, fmt.Sprintf("<< /Filter /Standard /V 1 /R 2 /Length 40 /P %d /O <%x> /U <%x> >>", int64(permissions)-1<<32, owner, user))
	return p.close(root, fmt.Sprintf("/Encrypt %d 0 R /ID [<%x> <%x>]", enc, id, id))
}
