package main

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sohoa/pdf/revision/revisiontest"
)

// paperWith is a page, with further entries if need be, and rows of words, each with its place.
func paperWith(page string, rows ...string) []byte {
	content := ""
	for _, r := range rows {
		content += "BT /F 11 Tf " + r + " Tj ET "
	}
	b := revisiontest.Paper{Page: page, Objects: []string{fmt.Sprintf("<</Length %d>>\nstream\n%s\nendstream", len(content), content)}}.Bytes()
	return bytes.Replace(b, []byte("/Contents 4 0 R"), []byte("/Contents 7 0 R"), 1)
}

func pngOf(t *testing.T, path string, c color.NRGBA) string {
	t.Helper()
	img := image.NewNRGBA(image.Rect(0, 0, 200, 200))
	for y := 20; y < 180; y++ {
		for x := 20; x < 180; x++ {
			img.SetNRGBA(x, y, c)
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestSignMarks orders each profile as people do: results by pdfsign where it is
// safe, free places, the order of signatures.
func TestSignMarks(t *testing.T) {
	dir := t.TempDir()
	ca, _, root := reachable(t, dir)
	if err := ca.Issue("an", "Nguyen Van Nam", "UBND xã"); err != nil {
		t.Fatal(err)
	}
	key, password := ca.KeyPath("an")
	at := func(name string) string { return filepath.Join(dir, name) }
	hand, seal := pngOf(t, at("hand.png"), color.NRGBA{20, 40, 190, 255}), pngOf(t, at("seal.png"), color.NRGBA{210, 20, 30, 255})
	var full []string
	for y := 836; y > 400; y -= 8 {
		full = append(full, fmt.Sprintf("2 %d Td (%s)", y, strings.Repeat("MWMWMWMW", 9)))
	}
	for name, b := range map[string][]byte{
		"plain.pdf":  paperWith(""),
		"result.pdf": paperWith("", "380 300 Td (CHU TICH)", "360 220 Td (Nguyen Van Nam)"),
		"full.pdf":   paperWith("", full...),
		"turned.pdf": paperWith("/MediaBox [0 0 595.28 841.89] /Rotate 90", "100 400 Td (Nguyen Van Nam)"),
	} {
		if err := os.WriteFile(at(name), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		in, out string
		code    int
		says    string // on either output
		args    []string
	}{
		{"plain.pdf", "officer.pdf", exitDone, "", []string{"--profile", "copy-officer", "--name", "Nguyễn Vĩnh Nghĩa"}},
		{"officer.pdf", "agency.pdf", exitDone, "", []string{"--profile", "copy-agency", "--name", "UBND xã Vĩnh Phúc"}},
		{"plain.pdf", "none.pdf", exitOrder, "--alone", []string{"--profile", "copy-agency", "--name", "UBND"}},
		{"plain.pdf", "alone.pdf", exitDone, "", []string{"--profile", "copy-agency", "--name", "UBND", "--alone"}},
		{"agency.pdf", "none.pdf", exitOrder, "before", []string{"--profile", "copy-officer", "--name", "An"}},
		{"plain.pdf", "attached.pdf", exitDone, "", []string{"--profile", "attachment", "--name", "UBND", "--number", "12/QĐ-UBND"}},
		{"full.pdf", "none.pdf", exitAsks, "free places", []string{"--profile", "copy-officer", "--name", "An"}},
		{"full.pdf", "told.pdf", exitDone, "", []string{"--profile", "copy-officer", "--name", "An", "--at", "20,200"}},
		{"full.pdf", "corner.pdf", exitDone, "", []string{"--profile", "copy-officer", "--name", "An", "--corner", "bottom-left"}},
		{"result.pdf", "signed.pdf", exitDone, "", []string{"--profile", "result", "--name", "Nguyen Van Nam", "--signature-image", hand, "--signature-mm", "20"}},
		{"signed.pdf", "sealed.pdf", exitDone, "", []string{"--profile", "result", "--name", "UBND", "--seal-image", seal, "--seal-mm", "36"}},
		{"result.pdf", "both.pdf", exitDone, "", []string{"--profile", "result", "--name", "Nguyen Van Nam", "--signature-image", hand, "--seal-image", seal, "--seal-mm", "30", "--writer", "own"}},
		{"result.pdf", "none.pdf", exitUsage, "true size", []string{"--profile", "result", "--name", "Nguyen Van Nam", "--signature-image", hand, "--seal-image", seal}},
		{"result.pdf", "none.pdf", exitUsage, "not blue", []string{"--profile", "result", "--name", "Nguyen Van Nam", "--signature-image", seal}},
		{"result.pdf", "none.pdf", exitOrder, "", []string{"--profile", "result", "--name", "UBND", "--seal-image", seal, "--seal-mm", "36"}},
		{"plain.pdf", "none.pdf", exitAsks, "name", []string{"--profile", "result", "--name", "Nguyen Van Nam", "--signature-image", hand}},
		{"turned.pdf", "turned-signed.pdf", exitDone, "", []string{"--profile", "result", "--name", "Nguyen Van Nam", "--signature-image", hand, "--at", "100,100"}},
	} {
		args := append([]string{"sign", at(c.in), "-o", at(c.out), "--key", key, "--password-file", password, "--level", "B-B", "--trust", root}, c.args...)
		code, text, message := sohoa(t, args...)
		if code != c.code || !strings.Contains(text+message, c.says) {
			t.Fatalf("%v: exit %d, want %d: %s%s", c.args, code, c.code, text, message)
		}
	}
	for name, want := range map[string]int{"signed.pdf": 1, "sealed.pdf": 1, "both.pdf": 0, "turned-signed.pdf": 0} {
		b, err := os.ReadFile(at(name))
		if n := bytes.Count(b, []byte("Digitorus#20PDFSign")); err != nil || n != want {
			t.Errorf("%s: %d signatures by pdfsign, want %d: %v", name, n, want, err)
		}
	}
	// A signed file is never rewritten, whatever the command.
	if code, _, message := sohoa(t, "process", at("agency.pdf"), "-o", at("again.pdf")); code != exitSigned || !strings.Contains(message, "never rewritten") {
		t.Errorf("process: exit %d: %s", code, message)
	}
}
