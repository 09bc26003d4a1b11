// Package escl scans with network scanners that need no driver: eSCL, HTTP and XML as
// Mopria publishes it ("eSCL Technical Specification", 2.97). It asks what a scanner
// can do, makes a job, and takes one document after the other until there is none.
//
// A scanner is a stranger: what it says in XML is read in a limited child, answers have
// bounds of size and time, its redirects are not followed, and of the address of a job
// only the path is believed. Documents are given on as bytes; nobody looks into them
// here.
package escl

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"
	"time"

	"sohoa/jail"
	"sohoa/outbound"
)

// A Source is where the paper lies.
type Source string

// The sources.
const (
	Glass  Source = "glass"
	Feeder Source = "feeder"
	Both   Source = "feeder-both" // sides
)

// Caps are what one source can do.
type Caps struct {
	Modes         []string // RGB24, Grayscale8, BlackAndWhite1
	Formats       []string // application/pdf, image/jpeg
	Resolutions   []int    // dpi, in both directions, ascending
	Width, Height int      // the largest sheet, in 1/300 inch
}

// Capabilities are what a scanner says it can do.
type Capabilities struct {
	Version string // of eSCL
	Model   string
	Sources map[Source]Caps
}

// Status is how a scanner stands.
type Status struct {
	State  string              // Idle, Processing, Testing, Stopped, Down
	Feeder string              // ScannerAdfLoaded, ScannerAdfEmpty, ScannerAdfJam …; "": it says nothing
	Jobs   map[string][]string // by the path of the job: why it is in its state
}

// Settings are what somebody asks for.
type Settings struct {
	Source Source
	DPI    int
	Mode   string // as in [Caps]
	Format string // likewise
}

// A Trouble is what a scanner or its feeder stands in the way with, in words for
// whoever stands beside it.
type Trouble struct{ Code, VI, EN string }

func (t *Trouble) Error() string { return t.EN }

// Troubles by code. Those that begin with Scanner are the states of a feeder.
var troubles = map[string][2]string{
	"ScannerAdfEmpty":                {"khay nạp không có giấy: đặt giấy vào khay nạp", "the feeder is empty: put paper into it"},
	"ScannerAdfJam":                  {"kẹt giấy ở khay nạp: gỡ tờ kẹt, rồi quét tiếp từ tờ đó", "paper is jammed in the feeder: take it out, and go on with that sheet"},
	"ScannerAdfHatchOpen":            {"nắp khay nạp đang mở: đóng nắp", "the feeder's hatch is open: close it"},
	"ScannerAdfMultipickDetected":    {"máy kéo nhiều tờ một lúc: tách các tờ dính, quét tiếp từ đó", "several sheets were pulled at once: part them, and go on from there"},
	"ScannerAdfInputTrayFailed":      {"khay nạp hỏng: gọi người sửa máy", "the feeder's tray failed: call for repair"},
	"ScannerAdfInputTrayOverloaded":  {"khay nạp quá đầy: bớt giấy", "there is too much paper in the feeder: take some out"},
	"ScannerAdfDuplexPageTooShort":   {"tờ giấy quá ngắn để quét hai mặt: quét một mặt, hoặc trên kính", "a sheet is too short for both sides: scan one side, or on the glass"},
	"ScannerAdfDuplexPageTooLong":    {"tờ giấy quá dài để quét hai mặt: quét một mặt", "a sheet is too long for both sides: scan one side"},
	"ScannerAdfMediaDrawerMissing":   {"thiếu khay giấy của khay nạp", "the feeder's drawer is missing"},
	"ScannerAdfMediaPathPickFailure": {"máy không kéo được giấy: xếp lại giấy", "the feeder cannot pull the paper: lay it in anew"},
	"busy":                           {"máy quét đang bận: chờ rồi thử lại", "the scanner is busy: wait and try again"},
	"stopped":                        {"máy quét đang dừng: xem màn hình của máy", "the scanner has stopped: look at its own display"},
	"settings":                       {"máy quét không nhận cách quét này: chọn độ phân giải, màu khác (xem --look)", "the scanner does not take these settings: choose another resolution or colour (see --look)"},
	"source":                         {"máy quét không có khay nạp hoặc mặt kính này", "the scanner has no such feeder or glass"},
	"canceled":                       {"lần quét bị hủy ở máy", "the job was cancelled at the scanner"},
	"lost":                           {"máy quét bỏ dở lần quét: xem màn hình của máy", "the scanner gave the job up: look at its own display"},
	"silent":                         {"máy quét không trả lời: kiểm tra địa chỉ, mạng, nguồn điện", "the scanner does not answer: look at its address, the network, its power"},
	"strange":                        {"máy trả lời không theo eSCL: kiểm tra địa chỉ (thường là http://MÁY/eSCL)", "what answers does not speak eSCL: look at the address (it is http://HOST/eSCL as a rule)"},
	"large":                          {"tệp của máy quét vượt giới hạn: quét ít tờ hơn, hoặc 200–300 dpi", "the scanner's file is larger than the limit: scan fewer sheets, or at 200 to 300 dpi"},
}

func trouble(code string) error {
	w, ok := troubles[code]
	if !ok {
		w = [2]string{"khay nạp báo " + code, "the feeder says " + code}
	}
	return &Trouble{code, w[0], w[1]}
}

// Limits of what a scanner may say, and for how long it may be silent.
const (
	mostXML  = 1 << 20
	patience = 30 * time.Second
	pageWait = 3 * time.Minute // for a sheet to be scanned
)

// A Scanner is one at an address.
type Scanner struct {
	base   *url.URL
	client *http.Client
	most   int64
	pause  func(context.Context, time.Duration) error
}

// Open makes ready to talk to the scanner at an address, http://HOST[:PORT][/PATH];
// without a path it is /eSCL. most is how large a document may be. Nothing is sent yet.
func Open(address string, most int64) (*Scanner, error) {
	if !strings.Contains(address, "://") {
		address = "http://" + address
	}
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil || u.RawQuery != "" {
		return nil, errors.New("a scanner's address is http://HOST[:PORT]/eSCL")
	}
	if u.Path = strings.TrimSuffix(u.Path, "/"); u.Path == "" {
		u.Path = "/eSCL"
	}
	host := u.Hostname() // it was named by whoever scans: it may be inside
	return &Scanner{base: u, most: most, client: outbound.Client(func(h string) bool { return h == host }, 0, nil), pause: pause}, nil
}

func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

// ask sends a request to a path below the scanner's, or a whole path that it named.
func (s *Scanner) ask(ctx context.Context, method, at string, body []byte) (*http.Response, error) {
	u := *s.base
	if u.Path += "/" + at; strings.HasPrefix(at, "/") {
		u.Path = at
	}
	r, err := http.NewRequestWithContext(ctx, method, u.String(), bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	if len(body) > 0 {
		r.Header.Set("Content-Type", "text/xml")
	}
	resp, err := s.client.Do(r)
	if err != nil {
		return nil, errors.Join(trouble("silent"), err)
	}
	return resp, nil
}

// read asks for an XML of the scanner's and has a child put it into v.
func (s *Scanner) read(ctx context.Context, at string, v any) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	resp, err := s.ask(ctx, http.MethodGet, at, nil)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	switch {
	case resp.StatusCode == http.StatusServiceUnavailable:
		return trouble("busy")
	case resp.StatusCode != http.StatusOK:
		return errors.Join(trouble("strange"), fmt.Errorf("%s: %s", at, resp.Status))
	}
	b, err := io.ReadAll(io.LimitReader(resp.Body, mostXML+1))
	if err != nil {
		return errors.Join(trouble("silent"), err)
	}
	if len(b) > mostXML {
		return trouble("strange")
	}
	var out bytes.Buffer
	limits := jail.Limits{Memory: 256 << 20, CPU: 5 * time.Second, Wall: 15 * time.Second, File: 1, Output: 1 << 20, Confined: true, Alone: true}
	if err := jail.Run(ctx, Name, limits, bytes.NewReader(b), &out, at); err != nil {
		return errors.Join(trouble("strange"), err)
	}
	return json.Unmarshal(out.Bytes(), v)
}

// Capabilities asks what the scanner can do.
func (s *Scanner) Capabilities(ctx context.Context) (c Capabilities, err error) {
	return c, s.read(ctx, capabilities, &c)
}

// Status asks how the scanner stands.
func (s *Scanner) Status(ctx context.Context) (st Status, err error) {
	return st, s.read(ctx, status, &st)
}

// Fit returns settings that the scanner can do, nearest to what is asked for: the
// next higher resolution, PDF before JPEG. Without a source it is the feeder if there
// is one. An error is a [*Trouble].
func (c Capabilities) Fit(want Settings) (Settings, error) {
	if want.Source == "" {
		want.Source = Glass
		if _, ok := c.Sources[Feeder]; ok {
			want.Source = Feeder
		}
	}
	can, ok := c.Sources[want.Source]
	if !ok {
		return want, trouble("source")
	}
	if i := slices.IndexFunc(can.Resolutions, func(r int) bool { return r >= want.DPI }); i >= 0 {
		want.DPI = can.Resolutions[i]
	} else if len(can.Resolutions) > 0 {
		want.DPI = can.Resolutions[len(can.Resolutions)-1]
	}
	if len(can.Modes) > 0 && !slices.Contains(can.Modes, want.Mode) {
		return want, trouble("settings")
	}
	for _, f := range []string{want.Format, "application/pdf", "image/jpeg"} {
		if slices.Contains(can.Formats, f) {
			want.Format = f
			return want, nil
		}
	}
	return want, trouble("settings")
}

// job is the XML of a job (ScanSettings). All of it is ours.
func job(c Capabilities, s Settings) []byte {
	source, duplex := "Feeder", s.Source == Both
	if s.Source == Glass {
		source = "Platen"
	}
	can := c.Sources[s.Source]
	version := c.Version
	if version == "" {
		version = "2.0"
	}
	esc := func(s string) string { var b bytes.Buffer; _ = xml.EscapeText(&b, []byte(s)); return b.String() }
	return fmt.Appendf(nil, `<?xml version="1.0" encoding="UTF-8"?>
<scan:ScanSettings xmlns:scan="%s" xmlns:pwg="%s"><pwg:Version>%s</pwg:Version><scan:Intent>Document</scan:Intent><pwg:ScanRegions><pwg:ScanRegion><pwg:ContentRegionUnits>escl:ThreeHundredthsOfInches</pwg:ContentRegionUnits><pwg:XOffset>0</pwg:XOffset><pwg:YOffset>0</pwg:YOffset><pwg:Width>%d</pwg:Width><pwg:Height>%d</pwg:Height></pwg:ScanRegion></pwg:ScanRegions><pwg:InputSource>%s</pwg:InputSource><scan:ColorMode>%s</scan:ColorMode><scan:XResolution>%d</scan:XResolution><scan:YResolution>%d</scan:YResolution><pwg:DocumentFormat>%s</pwg:DocumentFormat><scan:DocumentFormatExt>%s</scan:DocumentFormatExt><scan:Duplex>%t</scan:Duplex></scan:ScanSettings>
`, nsScan, nsPWG, esc(version), can.Width, can.Height, source, esc(s.Mode), s.DPI, s.DPI, esc(s.Format), esc(s.Format), duplex)
}

// Scan scans what lies there and gives each document to each, in order; n is how many
// came whole. Whatever ends it early is a [*Trouble] in words, and what came before
// stands. An error of each ends it too; the job is cancelled then.
func (s *Scanner) Scan(ctx context.Context, c Capabilities, want Settings, each func(format string, body io.Reader) error) (n int, err error) {
	st, err := s.Status(ctx)
	switch {
	case err != nil:
		return 0, err
	case st.State == "Stopped" || st.State == "Down":
		return 0, trouble("stopped")
	case want.Source != Glass && st.Feeder != "" && st.Feeder != "ScannerAdfLoaded" && st.Feeder != "ScannerAdfProcessing":
		return 0, trouble(st.Feeder)
	}
	at, err := s.begin(ctx, job(c, want))
	if err != nil {
		return 0, err
	}
	defer func() {
		if err != nil {
			s.cancel(ctx, at)
		}
	}()
	for {
		more, err := s.next(ctx, at, each)
		if err != nil {
			return n, err
		}
		if !more {
			return n, s.ended(ctx, at, want, n)
		}
		n++
	}
}

// begin makes a job and returns its path.
func (s *Scanner) begin(ctx context.Context, settings []byte) (string, error) {
	for try := 0; ; try++ {
		own, cancel := context.WithTimeout(ctx, patience)
		resp, err := s.ask(own, http.MethodPost, "ScanJobs", settings)
		if err != nil {
			cancel()
			return "", err
		}
		to := resp.Header.Get("Location")
		resp.Body.Close()
		cancel()
		switch {
		case resp.StatusCode == http.StatusCreated:
			u, err := url.Parse(to)
			if err != nil || !strings.HasPrefix(u.Path, "/") || u.Path != path.Clean(u.Path) && u.Path != path.Clean(u.Path)+"/" {
				return "", trouble("strange")
			}
			return strings.TrimSuffix(u.Path, "/"), nil
		case resp.StatusCode == http.StatusServiceUnavailable && try < 5:
			if err := s.pause(ctx, 2*time.Second); err != nil {
				return "", err
			}
		case resp.StatusCode == http.StatusServiceUnavailable:
			return "", trouble("busy")
		case resp.StatusCode == http.StatusConflict, resp.StatusCode == http.StatusBadRequest:
			return "", trouble("settings")
		default:
			return "", errors.Join(trouble("strange"), fmt.Errorf("ScanJobs: %s", resp.Status))
		}
	}
}

// next takes the next document, if there is one.
func (s *Scanner) next(ctx context.Context, at string, each func(string, io.Reader) error) (more bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, pageWait)
	defer cancel()
	for {
		resp, err := s.ask(ctx, http.MethodGet, at+"/NextDocument", nil)
		if err != nil {
			return false, err
		}
		switch resp.StatusCode {
		case http.StatusOK:
			defer resp.Body.Close()
			format, _, _ := strings.Cut(resp.Header.Get("Content-Type"), ";")
			body := &bounded{resp.Body, s.most}
			err := each(strings.TrimSpace(format), body)
			if err == nil && resp.ContentLength > 0 && body.left != s.most-resp.ContentLength {
				err = trouble("lost")
			}
			return err == nil, err
		case http.StatusNotFound:
			resp.Body.Close()
			return false, nil
		case http.StatusGone:
			resp.Body.Close()
			return false, trouble("lost")
		case http.StatusServiceUnavailable: // it is still scanning the sheet
			resp.Body.Close()
			if err := s.pause(ctx, time.Second); err != nil {
				return false, errors.Join(trouble("silent"), err)
			}
		default:
			resp.Body.Close()
			return false, errors.Join(trouble("strange"), fmt.Errorf("NextDocument: %s", resp.Status))
		}
	}
}

// bounded reads a document up to a limit. One that ends early is an error too.
type bounded struct {
	from io.Reader
	left int64
}

// Read reads on.
func (b *bounded) Read(p []byte) (int, error) {
	n, err := b.from.Read(p)
	if b.left -= int64(n); b.left < 0 {
		return 0, trouble("large")
	}
	if err != nil && err != io.EOF {
		err = errors.Join(trouble("lost"), err)
	}
	return n, err
}

// ended asks why a job has no more documents: because all sheets are through, or
// because the feeder stands.
func (s *Scanner) ended(ctx context.Context, at string, want Settings, n int) error {
	st, err := s.Status(ctx)
	if err != nil {
		return nil // what came is whole; that nothing is said now is no news of it
	}
	for _, why := range st.Jobs[at] {
		switch why {
		case "JobCanceledByUser", "JobCanceledAtDevice", "JobCanceledBySystem":
			return trouble("canceled")
		case "AbortedBySystem", "JobAbortedBySystem", "ErrorsDetected":
			n = min(n, 0)
		}
	}
	if want.Source != Glass {
		switch st.Feeder {
		case "", "ScannerAdfLoaded", "ScannerAdfProcessing":
		case "ScannerAdfEmpty":
			if n == 0 {
				return trouble(st.Feeder)
			}
		default:
			return trouble(st.Feeder)
		}
	}
	if n == 0 {
		return trouble("lost")
	}
	return nil
}

// cancel tells the scanner to forget a job; it may have by itself.
func (s *Scanner) cancel(ctx context.Context, at string) {
	ctx, stop := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer stop()
	if resp, err := s.ask(ctx, http.MethodDelete, at, nil); err == nil {
		resp.Body.Close()
	}
}
