package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"sohoa/pdf/revision"
	"sohoa/signing"
	"sohoa/signing/mark"
	"sohoa/signing/pdfsign"
	"sohoa/signing/place"
)

// Exit codes of marks and of the order of signatures.
const (
	exitAsks  = 14 // there is no free place for the mark: say where
	exitOrder = 15 // another signature must come before, or stands in the way
)

// markArgs say what the mark shows, where it stands and who writes it.
type markArgs struct {
	writer, signaturePicture, sealPicture string
	sealMM, signatureMM                   float64
	at, corner                            string
	told                                  io.Writer
}

func (m *markArgs) flags(set *flag.FlagSet, r *signing.Request) {
	set.StringVar(&m.writer, "writer", "", "own or pdfsign; if not given pdfsign for results, where it is safe, else own")
	set.StringVar(&m.signaturePicture, "signature-image", "", "for a result: PNG of the signature, blue on a transparent ground")
	set.StringVar(&m.sealPicture, "seal-image", "", "for a result: PNG of the seal, red on a transparent ground; alone: the agency seals what a person has signed")
	set.Float64Var(&m.signatureMM, "signature-mm", 0, "breadth of the signature in millimetres, if its PNG does not tell")
	set.Float64Var(&m.sealMM, "seal-mm", 0, "true breadth of the seal in millimetres, if its PNG does not tell")
	set.StringVar(&m.at, "at", "", "X,Y: the mark's upper left corner, millimetres from the page's upper left")
	set.StringVar(&m.corner, "corner", "", "another corner than the profile's: top-left, top-right, bottom-left or bottom-right")
	set.IntVar(&r.Page, "page", 0, "another page than the profile's; -1 is the last")
	set.StringVar(&r.Number, "number", "", "for an attachment: number and symbol of the main document")
	set.StringVar(&r.Location, "location", "", "where it is signed, for the signature's dictionary")
	set.BoolVar(&r.Alone, "alone", false, "the agency's copy needs no officer's signature: it was not scanned at a counter")
}

// profiles are the names that a command line may give.
var profiles = map[string]mark.Kind{"copy-officer": signing.CopyOfficer, "copy-agency": signing.CopyAgency,
	"result": signing.Result, "attachment": signing.Attachment}

// settle puts what was said into a request.
func (m *markArgs) settle(r *signing.Request) (err error) {
	if r.Signature, err = readPicture(m.signaturePicture, mark.Blue, m.signatureMM); err != nil {
		return usage("--signature-image: %v", err)
	}
	if r.Seal, err = readPicture(m.sealPicture, mark.Red, m.sealMM); err != nil {
		return usage("--seal-image: %v", err)
	}
	if r.Profile == signing.Result && r.Signature == nil {
		if r.Seal == nil {
			return usage("a result needs --signature-image, or --seal-image for the agency's seal")
		}
		r.Profile = signing.ResultAgency
	}
	isResult := r.Profile == signing.Result || r.Profile == signing.ResultAgency
	switch {
	case !isResult && (r.Signature != nil || r.Seal != nil):
		return usage("profile %s shows words, no pictures", r.Profile)
	case r.Profile == signing.Attachment && r.Number == "":
		return usage("an attachment needs --number, of the main document")
	case m.writer == "pdfsign" && !isResult:
		return usage("--writer pdfsign is for results only: its words would not be PDF/A")
	case m.writer != "" && m.writer != "own" && m.writer != "pdfsign":
		return usage("there is no writer %q", m.writer)
	}
	if m.at != "" {
		if r.At, err = spot(m.at); err != nil {
			return err
		}
	}
	switch r.Corner = mark.Corner(m.corner); r.Corner {
	case "", mark.TopLeft, mark.TopRight, mark.BottomLeft, mark.BottomRight:
		return nil
	}
	return usage("there is no corner %q", m.corner)
}

func spot(s string) (*place.Spot, error) {
	x, y, ok := strings.Cut(s, ",")
	a, err := strconv.ParseFloat(strings.TrimSpace(x), 64)
	b, err2 := strconv.ParseFloat(strings.TrimSpace(y), 64)
	if !ok || err != nil || err2 != nil || a < 0 || b < 0 || a > 1e5 || b > 1e5 {
		return nil, usage("--at wants X,Y in millimetres, not %q", s)
	}
	return &place.Spot{X: a, Y: b}, nil
}

// readPicture reads a PNG, nil if no path is given. A width is taken if the file
// does not tell its own.
func readPicture(path string, hue mark.Hue, mm float64) (*mark.Picture, error) {
	if path == "" {
		return nil, nil
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	p, err := mark.ReadPicture(f, hue)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if mm > 0 && p.Width == 0 {
		p = p.Sized(mm)
	}
	return p, nil
}

// dress gives a sealer eyes and a writer.
func (m *markArgs) dress(s *signing.Sealer, r signing.Request) {
	s.Eyes = place.Poppler{}
	if m.writer == "pdfsign" || m.writer == "" && (r.Profile == signing.Result || r.Profile == signing.ResultAgency) {
		s.Writer = &pdfsign.Writer{Else: signing.Own{}, Told: func(why error) { fmt.Fprintf(m.told, "sohoa: own writer: %v\n", why) }}
	}
}

// markCode is the exit code of an error about the mark or the order, 0 for
// others.
func markCode(err error) int {
	var asks *place.Asks
	switch {
	case errors.As(err, &asks):
		return exitAsks
	case errors.Is(err, signing.ErrOrder):
		return exitOrder
	case errors.Is(err, signing.ErrMark), errors.Is(err, mark.ErrPicture), errors.Is(err, revision.ErrNoPage):
		return exitUsage
	}
	return 0
}

// markAdvice says what to do about an error about the mark or the order; empty
// for others.
func markAdvice(err error) string {
	switch markCode(err) {
	case exitAsks:
		return "  cách xử lý: cho biết chỗ đặt bằng --at X,Y, --corner hoặc --page\n  what to do: say where with --at X,Y, --corner or --page"
	case exitOrder:
		return "  cách xử lý: cá nhân ký trước, cơ quan ký sau; bản sao không qua quầy: --alone\n  what to do: a person signs before the agency; for a copy that was not made at a counter: --alone"
	}
	return ""
}
