package wire

import (
	"bytes"
	"image"
	"math/bits"
	"os"
	"path/filepath"
	"testing"

	"sohoa/dossier"
	"sohoa/ocr/sides"
	"sohoa/pdf/raster"
	"sohoa/scan"
	"sohoa/storage/sqldb"
	"sohoa/web"
)

// A page of text that was never a picture is found when its printout is scanned: the print
// of what is drawn of it is near that of the scan, which lies a little aside and turned
// upside down.
func TestPrintOfADrawnPage(t *testing.T) {
	printed, err := prints(formFont)
	if err != nil {
		t.Fatal(err)
	}
	var file bytes.Buffer
	r := web.Receipt{Dossier: dossier.Dossier{Code: "H60.12-261120-0001", Procedure: "1.004222", Received: printedAt}, Procedure: dossier.Procedure{Code: "1.004222", Name: "Xác nhận"},
		Receiving: dossier.Agency{Name: "UBND xã"}, Holder: dossier.Holder{Number: "001090012345", Name: "Nguyễn Văn Mẫu"}, Officer: "Vũ Thị Mỵ", At: printedAt}
	if err := printed.receipt(&file, r); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "text.pdf")
	if err := os.WriteFile(path, file.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	drawn := drawnPrint(t.Context(), path, 1)
	paper, err := raster.Gray(t.Context(), path, 1, 2*drawnWidth, 2*drawnHeight)
	if err != nil || drawn == 0 {
		t.Fatal(drawn, err)
	}
	scanned := image.NewGray(paper.Rect)
	for i := range scanned.Pix {
		scanned.Pix[i] = 0xf4
	}
	const aside = 9
	w, h := paper.Rect.Dx(), paper.Rect.Dy()
	for y := range h - aside {
		for x := range w - aside {
			scanned.Pix[(h-1-y-aside)*w+w-1-x-aside] = max(20, min(0xf4, paper.Pix[y*w+x]))
		}
	}
	look, err := sides.At(scanned, scan.Page{Encoding: scan.JPEG, Width: w, Height: h, Components: 1, Bits: 8, DPIX: 200, DPIY: 200, DPIFrom: scan.FromFile})
	if err != nil {
		t.Fatal(err)
	}
	if n := bits.OnesCount64(look.Print ^ drawn); n > sqldb.Near {
		t.Errorf("its scan differs in %d bits", n)
	}
	if p := drawnPrint(t.Context(), path, 2); p != 0 {
		t.Errorf("a page that is not there has the print %x", p)
	}
}
