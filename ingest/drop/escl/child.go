package escl

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"net/url"
	"slices"
	"strings"

	"sohoa/jail"
)

// Name is what the child is called, for [jail.Main].
const Name = "escl"

// The namespaces of eSCL, and what is asked for.
const (
	nsScan       = "http://schemas.hp.com/imaging/escl/2011/05/03"
	nsPWG        = "http://www.pwg.org/schemas/2010/12/sm"
	capabilities = "ScannerCapabilities"
	status       = "ScannerStatus"
)

// Limits of what is taken from an XML.
const (
	mostText  = 200
	mostItems = 64
)

// Child reads an XML of a scanner's, ScannerCapabilities or ScannerStatus by its only
// argument, and writes what the house takes from it as JSON.
func Child(args []string, in io.Reader, out io.Writer) error {
	d := xml.NewDecoder(in)
	d.Strict = true
	d.CharsetReader = func(charset string, in io.Reader) (io.Reader, error) {
		if strings.EqualFold(charset, "utf-8") || strings.EqualFold(charset, "us-ascii") {
			return in, nil
		}
		return nil, errors.New("the XML is not in UTF-8")
	}
	no := func(err error) error {
		return &jail.Refusal{Code: "strange", Text: "the scanner's XML: " + err.Error()}
	}
	var v any
	switch {
	case len(args) == 1 && args[0] == capabilities:
		var x xmlCapabilities
		if err := d.Decode(&x); err != nil {
			return no(err)
		}
		v = x.said()
	case len(args) == 1 && args[0] == status:
		var x xmlStatus
		if err := d.Decode(&x); err != nil {
			return no(err)
		}
		v = x.said()
	default:
		return errors.New("escl: what is to be read?")
	}
	return json.NewEncoder(out).Encode(v)
}

type xmlCaps struct {
	MaxWidth  int          `xml:"MaxWidth"`
	MaxHeight int          `xml:"MaxHeight"`
	Profiles  []xmlProfile `xml:"SettingProfiles>SettingProfile"`
}

type xmlProfile struct {
	Modes      []string        `xml:"ColorModes>ColorMode"`
	Formats    []string        `xml:"DocumentFormats>DocumentFormat"`
	FormatsExt []string        `xml:"DocumentFormats>DocumentFormatExt"`
	Discrete   []xmlResolution `xml:"SupportedResolutions>DiscreteResolutions>DiscreteResolution"`
	Range      []struct {
		Min  int `xml:"Min"`
		Max  int `xml:"Max"`
		Step int `xml:"Step"`
	} `xml:"SupportedResolutions>ResolutionRange>XResolutionRange"`
}

type xmlResolution struct {
	X int `xml:"XResolution"`
	Y int `xml:"YResolution"`
}

type xmlCapabilities struct {
	XMLName xml.Name `xml:"http://schemas.hp.com/imaging/escl/2011/05/03 ScannerCapabilities"`
	Version string   `xml:"Version"`
	Model   string   `xml:"MakeAndModel"`
	Glass   *xmlCaps `xml:"Platen>PlatenInputCaps"`
	Feeder  *xmlCaps `xml:"Adf>AdfSimplexInputCaps"`
	Both    *xmlCaps `xml:"Adf>AdfDuplexInputCaps"`
}

func (x xmlCapabilities) said() Capabilities {
	c := Capabilities{Version: short(x.Version), Model: short(x.Model), Sources: map[Source]Caps{}}
	for at, caps := range map[Source]*xmlCaps{Glass: x.Glass, Feeder: x.Feeder, Both: x.Both} {
		if caps != nil {
			c.Sources[at] = caps.said()
		}
	}
	return c
}

func (x xmlCaps) said() Caps {
	c := Caps{Width: between(x.MaxWidth), Height: between(x.MaxHeight)}
	for _, p := range x.Profiles {
		c.Modes, c.Formats = append(c.Modes, p.Modes...), append(append(c.Formats, p.Formats...), p.FormatsExt...)
		for _, r := range p.Discrete {
			if r.X == r.Y && r.X > 0 && r.X <= 4800 {
				c.Resolutions = append(c.Resolutions, r.X)
			}
		}
		for _, r := range p.Range {
			for _, dpi := range []int{100, 150, 200, 300, 400, 600} {
				if dpi >= r.Min && dpi <= r.Max && (r.Step <= 1 || (dpi-r.Min)%r.Step == 0) {
					c.Resolutions = append(c.Resolutions, dpi)
				}
			}
		}
	}
	c.Modes, c.Formats = few(c.Modes), few(c.Formats)
	slices.Sort(c.Resolutions)
	c.Resolutions = slices.Compact(c.Resolutions)
	c.Resolutions = c.Resolutions[:min(len(c.Resolutions), mostItems)]
	return c
}

type xmlStatus struct {
	XMLName xml.Name `xml:"http://schemas.hp.com/imaging/escl/2011/05/03 ScannerStatus"`
	State   string   `xml:"State"`
	Feeder  string   `xml:"AdfState"`
	Jobs    []struct {
		URI     string   `xml:"JobUri"`
		State   string   `xml:"JobState"`
		Reasons []string `xml:"JobStateReasons>JobStateReason"`
	} `xml:"Jobs>JobInfo"`
}

func (x xmlStatus) said() Status {
	s := Status{State: short(x.State), Feeder: word(x.Feeder), Jobs: map[string][]string{}}
	for _, j := range x.Jobs[:min(len(x.Jobs), mostItems)] {
		if u, err := url.Parse(short(j.URI)); err == nil {
			s.Jobs[strings.TrimSuffix(u.Path, "/")] = few(j.Reasons)
		}
	}
	return s
}

// between is a length that a sheet can have, in 1/300 inch: up to ten metres.
func between(n int) int { return min(max(n, 0), 120_000) }

func short(s string) string {
	s = strings.TrimSpace(s)
	return strings.ToValidUTF8(s[:min(len(s), mostText)], "")
}

// word is a state, whose letters people may be shown.
func word(s string) string {
	s = short(s)
	if strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") != "" {
		return "unknown"
	}
	return s
}

// few are the first texts of a list, each once.
func few(list []string) (out []string) {
	for _, s := range list {
		if s = short(s); s != "" && !slices.Contains(out, s) && len(out) < mostItems {
			out = append(out, s)
		}
	}
	return out
}
