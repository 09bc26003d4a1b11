package sheet

import (
	"archive/zip"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"strings"

	"sohoa/jail"
)

// readBook reads the first sheet of a workbook (ECMA-376 part 1, 18: SpreadsheetML,
// transitional or strict), row by row as its XML goes by.
func readBook(f *os.File, w *writer) error {
	z, err := openBook(f)
	if err != nil {
		return err
	}
	b := book{z: z}
	if err := b.read(); err != nil {
		return damaged(err)
	}
	if b.name == "" {
		return &jail.Refusal{Code: CodeDamaged, Text: "the workbook has no sheet: save it anew as XLSX"}
	}
	part, err := b.open(b.sheet)
	if err != nil {
		return damaged(err)
	}
	defer part.Close()
	if err := w.head(head{Form: "xlsx", Sheet: b.name}); err != nil {
		return err
	}
	told, err := b.rows(part, w)
	if told {
		return w.end(err)
	}
	return damaged(err)
}

func damaged(err error) error {
	if errors.Is(err, errExpands) {
		return &jail.Refusal{Code: CodeExpand, Text: fmt.Sprintf("the workbook unpacks to more than %d MB: save it anew, or as CSV", MostOpen>>20)}
	}
	return &jail.Refusal{Code: CodeDamaged, Text: "the workbook is damaged or is not XLSX: save it anew as XLSX, or as CSV"}
}

var errExpands = errors.New("the workbook unpacks to too much")

// mostRatio is how much larger than packed a workbook may be that is larger than
// fewOpen at all: lists come to 30.
const (
	mostRatio = 300
	fewOpen   = 32 << 20
)

// mostPart caps the parts of a workbook that are not rows or texts.
const mostPart = 16 << 20

const partOfBook = "xl/workbook.xml"

// openBook refuses a bomb by what it says of itself; one that lies meets the caps
// of the child.
func openBook(f *os.File) (*zip.Reader, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if info.Size() > MostBook {
		return nil, &jail.Refusal{Code: CodeBytes, Text: fmt.Sprintf("the workbook is larger than %d MB: split it, or save it as CSV", MostBook>>20)}
	}
	z, err := zip.NewReader(f, info.Size())
	if err != nil {
		return nil, damaged(err)
	}
	var open uint64
	there := false
	for _, e := range z.File {
		// each by itself too: together they may run over
		if e.UncompressedSize64 > MostOpen {
			return nil, damaged(errExpands)
		}
		if open += e.UncompressedSize64; open > MostOpen || open > fewOpen && open > mostRatio*uint64(info.Size()) {
			return nil, damaged(errExpands)
		}
		there = there || e.Name == partOfBook
	}
	if !there {
		return nil, &jail.Refusal{Code: CodeKind, Text: "the file is no XLSX workbook: save the list as XLSX or CSV"}
	}
	return z, nil
}

// A book is what rows are read by.
type book struct {
	z *zip.Reader

	name, sheet string       // of the first sheet: its name, "" if there is none, and its part
	texts       []string     // shared ones, by number
	dates       map[int]bool // the styles of cells that show numbers as days, by number
}

// read finds the first sheet, by the workbook's own relationships, and reads what
// its cells lean on.
func (b *book) read() error {
	var doc struct {
		Sheets []struct {
			Name  string     `xml:"name,attr"`
			Attrs []xml.Attr `xml:",any,attr"`
		} `xml:"sheets>sheet"`
	}
	if err := b.decode(partOfBook, &doc); err != nil || len(doc.Sheets) == 0 {
		return err
	}
	var relations struct {
		All []struct {
			ID     string `xml:"Id,attr"`
			Type   string `xml:"Type,attr"`
			Target string `xml:"Target,attr"`
		} `xml:"Relationship"`
	}
	if err := b.decode("xl/_rels/workbook.xml.rels", &relations); err != nil {
		return err
	}
	first := ""
	for _, a := range doc.Sheets[0].Attrs {
		if a.Name.Local == "id" && a.Name.Space != "" { // r:id; the namespace is another one in strict files
			first = a.Value
		}
	}
	for _, r := range relations.All {
		part := path.Join("xl", r.Target)
		if rooted, ok := strings.CutPrefix(r.Target, "/"); ok {
			part = rooted
		}
		var err error
		switch kind := path.Base(r.Type); {
		case r.ID == first && first != "":
			b.name, b.sheet = doc.Sheets[0].Name, part
		case kind == "sharedStrings":
			err = b.readTexts(part)
		case kind == "styles":
			err = b.readStyles(part)
		}
		if err != nil {
			return err
		}
	}
	if b.sheet == "" {
		return errors.New("the first sheet is nowhere")
	}
	return nil
}

// open opens a part. It gives no more bytes than a workbook may unpack to.
func (b *book) open(part string) (io.ReadCloser, error) {
	r, err := b.z.Open(part)
	if err != nil {
		return nil, err
	}
	return struct {
		io.Reader
		io.Closer
	}{io.LimitReader(r, MostOpen), r}, nil
}

func (b *book) decode(part string, to any) error {
	r, err := b.open(part)
	if err != nil {
		return err
	}
	defer r.Close()
	return xml.NewDecoder(io.LimitReader(r, mostPart)).Decode(to)
}

// readTexts reads the shared strings (18.4).
func (b *book) readTexts(part string) error {
	r, err := b.open(part)
	if err != nil {
		return err
	}
	defer r.Close()
	dec := xml.NewDecoder(r)
	for {
		t, err := dec.Token()
		if errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		if e, ok := t.(xml.StartElement); ok && e.Name.Local == "si" {
			text, err := richText(dec)
			if err != nil {
				return err
			}
			b.texts = append(b.texts, text)
		}
	}
}

// readStyles reads which styles of cells show numbers as days (18.8).
func (b *book) readStyles(part string) error {
	var doc struct {
		Formats []struct {
			ID   int    `xml:"numFmtId,attr"`
			Code string `xml:"formatCode,attr"`
		} `xml:"numFmts>numFmt"`
		Cells []struct {
			Format int `xml:"numFmtId,attr"`
		} `xml:"cellXfs>xf"`
	}
	if err := b.decode(part, &doc); err != nil {
		return err
	}
	own := map[int]bool{}
	for _, f := range doc.Formats {
		own[f.ID] = showsDays(f.Code)
	}
	b.dates = map[int]bool{}
	for i, c := range doc.Cells {
		n := c.Format
		b.dates[i] = n >= 14 && n <= 22 || n >= 27 && n <= 36 || n >= 45 && n <= 47 || n >= 50 && n <= 58 || own[n]
	}
	return nil
}

// showsDays reports whether a format of numbers has a day or a year in it (18.8.31).
func showsDays(format string) bool {
	quoted, bracket := false, false
	for _, r := range strings.ToLower(format) {
		switch {
		case r == '"':
			quoted = !quoted
		case r == '[' && !quoted, r == ']' && !quoted:
			bracket = r == '['
		case !quoted && !bracket && (r == 'd' || r == 'y'):
			return true
		}
	}
	return false
}
