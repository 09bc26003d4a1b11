package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"testing"

	"golang.org/x/image/font"
	"golang.org/x/image/font/basicfont"
	"golang.org/x/image/math/fixed"
)

// thePages is a TIFF of n small grey pages, each with its number on it: every
// image an IFD of its own, uncompressed (TIFF 6.0 §2, §8).
func thePages(t *testing.T, n int) []byte {
	t.Helper()
	const w, h = 420, 120
	var b bytes.Buffer
	b.WriteString("II*\x00")
	_ = binary.Write(&b, binary.LittleEndian, uint32(8+w*h)) // of the first IFD, behind its image
	for i := range n {
		page := image.NewGray(image.Rect(0, 0, w, h))
		draw.Draw(page, page.Bounds(), image.White, image.Point{}, draw.Src)
		d := font.Drawer{Dst: page, Src: image.NewUniform(color.Black), Face: basicfont.Face7x13, Dot: fixed.P(20, 65)}
		d.DrawString(fmt.Sprintf("TRANG SO %d CUA GIAY DIEN TAP", i+1))
		at := uint32(b.Len())
		b.Write(page.Pix)
		tags := [][3]uint32{{256, 4, w}, {257, 4, h}, {258, 3, 8}, {259, 3, 1}, {262, 3, 1}, {273, 4, at}, {277, 3, 1}, {278, 4, h}, {279, 4, w * h}}
		_ = binary.Write(&b, binary.LittleEndian, uint16(len(tags)))
		for _, tag := range tags {
			_ = binary.Write(&b, binary.LittleEndian, uint16(tag[0]))
			_ = binary.Write(&b, binary.LittleEndian, uint16(tag[1]))
			_ = binary.Write(&b, binary.LittleEndian, uint32(1))
			_ = binary.Write(&b, binary.LittleEndian, tag[2])
		}
		next := uint32(0)
		if i < n-1 {
			next = uint32(b.Len()) + 4 + w*h
		}
		_ = binary.Write(&b, binary.LittleEndian, next)
	}
	return b.Bytes()
}
