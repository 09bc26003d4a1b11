package child

import (
	"errors"
	"fmt"
	"image"
	"os"
	"strings"
	"testing"

	"sohoa/jail"
	"sohoa/ocr"
)

const sample = `  <div class='ocr_page' id='page_1' title='image "unknown"; bbox 0 0 400 300; ppageno 0; scan_res 200 200'>
   <div class='ocr_carea' id='block_1_1' title="bbox 10 20 300 60">
    <p class='ocr_par' id='par_1_1' lang='vie' title="bbox 10 20 300 60">
     <span class='ocr_header' id='line_1_1' title="bbox 10 20 300 60; baseline 0.01 -8; x_size 36">
      <span class='ocrx_word' id='word_1_1' title='bbox 10 20 100 60; x_wconf 96'><strong>Tho&#777;a</strong></span>
      <span class='ocrx_word' id='word_1_2' title='bbox 110 22 180 58; x_wconf 41'>A&amp;B&lt;</span>
      <span class='ocrx_word' id='word_1_3' title='bbox 190 22 200 58; x_wconf 12'> </span>
     </span>
     <span class='ocr_line' id='line_1_2' title="bbox 10 70 300 100; baseline 0 0">
      <span class='ocrx_word' id='word_1_4' title='bbox 10 70 20 100; x_wconf 3'>|</span>
     </span>
    </p>
   </div>
   <div class='ocr_photo' id='block_1_2' title="bbox 0 0 9 9"></div>
   <div class='ocr_carea' id='block_1_3' title="bbox 10 200 300 260">
    <p class='ocr_par' title="bbox 10 200 300 260"><span class='ocr_textfloat' title="bbox 10 200 300 260; baseline 0 -5"><span class='ocrx_word' title='bbox 10 200 90 260; x_wconf 80'>thỦ</span></span></p>
   </div>
  </div>`

func TestParseHOCR(t *testing.T) {
	got, err := parseHOCR(sample)
	if err != nil {
		t.Fatal(err)
	}
	want := []ocr.Line{
		{Box: ocr.Box{X0: 10, Y0: 20, X1: 300, Y1: 60}, Block: 1, Par: 1, Baseline: [2]float64{52, 54.9}, Words: []ocr.Word{
			{Text: "Thỏa", Box: ocr.Box{X0: 10, Y0: 20, X1: 100, Y1: 60}, Confidence: 96},
			{Text: "A&B<", Box: ocr.Box{X0: 110, Y0: 22, X1: 180, Y1: 58}, Confidence: 41}}},
		{Box: ocr.Box{X0: 10, Y0: 200, X1: 300, Y1: 260}, Block: 2, Par: 2, Baseline: [2]float64{255, 255}, Words: []ocr.Word{
			{Text: "thủ", Box: ocr.Box{X0: 10, Y0: 200, X1: 90, Y1: 260}, Confidence: 80}}},
	}
	if fmt.Sprint(got.lines) != fmt.Sprint(want) {
		t.Errorf("lines\n%v, want\n%v", got.lines, want)
	}
	if got.words != 3 || got.confidence != (96+41+80)/3.0 || got.sideways {
		t.Errorf("%d words at %g, sideways %v", got.words, got.confidence, got.sideways)
	}
}

func TestParseHOCRThatIsNone(t *testing.T) {
	for name, text := range map[string]string{
		"cut short":       sample[:len(sample)-60],
		"no box":          `<span class='ocr_line' title='baseline 0 0'></span>`,
		"box inside out":  `<span class='ocr_line' title='bbox 9 9 1 1'></span>`,
		"word first":      `<span class='ocrx_word' title='bbox 1 1 9 9; x_wconf 9'>a</span>`,
		"no confidence":   `<span class='ocr_line' title='bbox 0 0 9 9'><span class='ocrx_word' title='bbox 1 1 9 9'>a</span></span>`,
		"no number":       `<span class='ocr_line' title='bbox a 0 9 9'></span>`,
		"what is no text": "<p>\x01</q>",
	} {
		if got, err := parseHOCR(text); err == nil {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func FuzzParseHOCR(f *testing.F) {
	f.Add(sample)
	f.Fuzz(func(t *testing.T, text string) {
		r, err := parseHOCR(text)
		for _, l := range r.lines {
			for _, w := range l.Words {
				if err == nil && (w.Text == "" || strings.ContainsAny(w.Text, " \n\t")) {
					t.Errorf("word %q", w.Text)
				}
			}
		}
	})
}

func isRefusal(err error) bool {
	var r *jail.Refusal
	return errors.As(err, &r)
}

func TestTidy(t *testing.T) {
	for _, row := range []struct {
		read       string
		confidence float64
		want       string
	}{
		{"thỦ", 90, "thủ"}, {"giỜ", 90, "giờ"}, {"từỪ", 90, "từừ"}, {"ỦY", 90, "ỦY"}, {"QĐ-UBND", 90, "QĐ-UBND"}, {"TTr", 90, "TTr"},
		{"kWh", 90, "kWh"}, {"¡in", 90, "in"}, {"¡.", 90, "¡."}, {"|256.812", 90, "256.812"}, {"THƠ_", 90, "THƠ"}, {"|", 95, ""}, {"—", 30, ""}, {"-", 90, "-"}, {":", 20, ""},
		{" a\u00adb\u200b ", 90, "ab"}, {"Q\u00d0", 90, "QĐ"}, {"Tie\u0302\u0301n", 90, "Tiến"}, {"", 90, ""},
	} {
		if got := tidy(row.read, row.confidence); got != row.want {
			t.Errorf("tidy(%q, %g) = %q, want %q", row.read, row.confidence, got, row.want)
		}
	}
}

// The engine must not be asked for what is not there: gosseract would write
// past its buffer.
func TestLanguageData(t *testing.T) {
	for _, language := range []string{"xxx", "vie+xxx", "../vie", "vie/", "+", strings.Repeat("a", 9000), "vie\x00"} {
		if _, err := New(Options{Data: language}); err == nil {
			t.Errorf("%.20q is taken for a language", language)
		}
	}
	if _, err := findData(t.TempDir(), "vie"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("in an empty folder: %v", err)
	}
	empty := t.TempDir()
	if err := os.WriteFile(empty+"/vie.traineddata", []byte("no model"), 0o600); err != nil {
		t.Fatal(err)
	}
	p, err := New(Options{Folder: empty})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	_, err = p.Read(t.Context(), stored(t, image.NewGray(image.Rect(0, 0, 50, 50)), 100, 100))
	if err == nil || fatal(err) || isRefusal(err) {
		t.Errorf("with broken data, Read = %v, want a plain error: it is no page's fault", err)
	}
	t.Setenv("TESSDATA_PREFIX", empty)
	if d, err := findData("", "vie"); err != nil || d.folder != empty {
		t.Errorf("TESSDATA_PREFIX is not heard: %v, %v", d, err)
	}
}
