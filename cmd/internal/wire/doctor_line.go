package wire

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"sohoa/jail"
	"sohoa/ocr/child"
	"sohoa/pdf/typeset"
	"sohoa/signing/mark"
	"sohoa/signing/taster"
	"sohoa/signing/tsa"
)

// stamps asks the time-stamp authority for a stamp.
func (d doctor) stamps(ctx context.Context) []Finding {
	if d.s.TSA == "" {
		return []Finding{{What: "tsa", State: Note, VI: "dấu thời gian thử nghiệm, không có giá trị pháp lý", EN: "time-stamps are for development and have no legal value", DoVI: "đặt SOHOA_TSA", DoEN: "set SOHOA_TSA"}}
	}
	trust, err := OpenTrust(d.s.trust())
	if err != nil {
		return []Finding{broken("tsa", err, "sửa thư mục chứng thư gốc", "correct the directory of roots")}
	}
	roots := x509.NewCertPool()
	for _, a := range trust.Anchors() {
		roots.AddCert(a.Cert)
	}
	first := taster.New(ctx)
	defer first.Close()
	client := &tsa.Client{URL: d.s.TSA, Roots: roots, Now: d.s.now}
	Taste(first, client, nil)
	if _, _, err := client.Stamp(ctx, []byte("doctor")); err != nil {
		return []Finding{broken("tsa", err, "kiểm tra SOHOA_TSA, đường truyền, chứng thư gốc (sohoa trust list) và đồng hồ; chưa ký được mức B-T trở lên",
			"look at SOHOA_TSA, the way there, the roots (sohoa trust list) and the clock; nothing of level B-T or above can be signed")}
	}
	return []Finding{well("tsa", "cơ quan cấp dấu thời gian trả lời, tin được, đồng hồ khớp", "the time-stamp authority answers, is believed, and agrees on the time")}
}

const soonEnds = 60 * 24 * time.Hour

// keys looks at the roots and at every key that the settings name. One that a
// person opens with a PIN is not opened.
func (d doctor) keys(ctx context.Context) (out []Finding) {
	trust, err := OpenTrust(d.s.trust())
	if err != nil {
		return []Finding{broken("roots", err, "sửa thư mục chứng thư gốc; sohoa trust list", "correct the directory of roots; sohoa trust list")}
	}
	for _, a := range trust.Anchors() {
		if f := d.ends("root "+a.Cert.Subject.CommonName, a.Cert); f.State != Well {
			out = append(out, f)
		}
	}
	if d.s.Keys == "" {
		return append(out, Finding{What: "keys", State: Note, VI: "khóa ký thử nghiệm, không có giá trị pháp lý", EN: "keys are for development and have no legal value", DoVI: "đặt SOHOA_KEYS", DoEN: "set SOHOA_KEYS"})
	}
	s, err := openShelf(ctx, d.s, nil, nil)
	if err != nil {
		return append(out, broken("keys", err, "sửa tệp SOHOA_KEYS", "correct the file of SOHOA_KEYS"))
	}
	defer s.Close()
	owners := make([]string, 0, len(s.places))
	for owner := range s.places {
		owners = append(owners, owner)
	}
	slices.Sort(owners)
	for _, owner := range owners {
		out = append(out, d.key(ctx, owner, s.places[owner]))
	}
	return out
}

func (d doctor) key(ctx context.Context, owner string, p *place) Finding {
	what := "key " + owner
	if p.ask {
		return Finding{What: what, State: Note, VI: "người giữ khóa nhập PIN mỗi lần: chưa mở", EN: "its holder types the PIN with each batch: not opened"}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	held, err := p.open(ctx)
	if err != nil {
		return broken(what, err, "kiểm tra token, PIN, tệp khóa", "look at the token, the PIN, the key file")
	}
	defer held.Close()
	return d.ends(what, held.Chain[0])
}

// ends says how long a certificate is valid.
func (d doctor) ends(what string, c *x509.Certificate) Finding {
	left := c.NotAfter.Sub(d.s.now())
	f := well(what, "hiệu lực đến "+c.NotAfter.Format(time.DateOnly), "valid until "+c.NotAfter.Format(time.DateOnly))
	f.DoVI, f.DoEN = "gia hạn hoặc thay chứng thư số", "have the certificate renewed or replaced"
	switch {
	case left < 0, d.s.now().Before(c.NotBefore):
		f.State = Broken
	case left < soonEnds:
		f.State = Note
	default:
		f.DoVI, f.DoEN = "", ""
	}
	return f
}

// recogniser looks for Tesseract's data, and says which they are.
func (d doctor) recogniser(context.Context) []Finding {
	name, err := child.DataName("vie")
	if err != nil {
		return []Finding{broken("tesseract", err, "cài gói Debian tesseract-ocr-vie", "install the Debian package tesseract-ocr-vie")}
	}
	out := []Finding{well("tesseract", name, name)}
	if _, err := mark.Load(d.s.Font); err != nil {
		out = append(out, broken("font", err, "cài gói Debian fonts-croscore, hoặc đặt SOHOA_FONT", "install the Debian package fonts-croscore, or set SOHOA_FONT"))
	} else if _, err := typeset.LoadFonts(d.s.Font); err != nil {
		out = append(out, broken("font-reports", err, "đặt phông đậm và nghiêng cạnh phông thường (gói Debian fonts-croscore có đủ)", "put the bold and the italic font beside the regular one (the Debian package fonts-croscore has all)"))
	}
	return out
}

// programs are those of others that the house starts.
var programs = [...]struct{ name, of string }{{"pdftoppm", "poppler-utils"}, {"pdftotext", "poppler-utils"}, {"qpdf", "qpdf"}}

func (d doctor) tools(context.Context) (out []Finding) {
	for _, p := range programs {
		if path := found(p.name); path == "" {
			out = append(out, broken("tool "+p.name, fmt.Errorf("%s is not installed", p.name), "cài gói Debian "+p.of, "install the Debian package "+p.of))
		} else {
			out = append(out, well("tool "+p.name, path, path))
		}
	}
	return out
}

// found is where a program is, by PATH.
func found(name string) string {
	for _, dir := range filepath.SplitList(os.Getenv("PATH")) {
		path := filepath.Join(dir, name)
		if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() && info.Mode().Perm()&0o111 != 0 {
			return path
		}
	}
	return ""
}

// capsChild tries to do what no child may: it takes memory until it is stopped.
const capsChild = "doctor-caps"

func takeMemory(_ []string, _ io.Reader, out io.Writer) error {
	var all [][]byte
	for range 64 {
		b := make([]byte, 16<<20)
		for i := 0; i < len(b); i += 4096 {
			b[i] = 1
		}
		all = append(all, b)
	}
	_, err := fmt.Fprintf(out, "took %d MiB\n", 16*len(all))
	return err
}

// caps tries whether children are held to their limits.
func (d doctor) caps(ctx context.Context) []Finding {
	var said strings.Builder
	err := jail.Run(ctx, capsChild, jail.Limits{Memory: 128 << 20, CPU: 20 * time.Second, Wall: 30 * time.Second, File: 1}, strings.NewReader(""), &said)
	out := []Finding{well("caps", "tiến trình con bị giữ trong giới hạn bộ nhớ", "a child is held to its memory")}
	if err == nil || strings.Contains(said.String(), "took") {
		out[0] = broken("caps", errors.New("a child took 1024 MiB where it may have 128"), "chạy trên nhân Linux có RLIMIT_DATA; không dùng dịch vụ như vậy với tệp lạ", "run on a Linux kernel with RLIMIT_DATA; do not give such a service files of strangers")
	}
	if jail.Isolated() {
		return append(out, well("caps-network", "tiến trình con không có mạng", "children have no network"))
	}
	return append(out, Finding{What: "caps-network", State: Note, VI: "không cắt được mạng của tiến trình con", EN: "children cannot be kept from the network here",
		DoVI: "cho phép user namespace (kernel.unprivileged_userns_clone=1) hoặc chặn mạng bằng systemd (PrivateNetwork)", DoEN: "allow user namespaces (kernel.unprivileged_userns_clone=1)"})
}

// clock asks the kernel whether somebody sets this machine's time.
func (d doctor) clock(context.Context) []Finding {
	var t syscall.Timex
	state, err := syscall.Adjtimex(&t)
	const unsynchronised = 5 // TIME_ERROR of adjtimex(2)
	if err != nil || state == unsynchronised {
		return []Finding{{What: "clock", State: Note, VI: "không ai chỉnh giờ máy này, theo nhân hệ điều hành", EN: "nobody sets this machine's time, says the kernel",
			DoVI: "bật đồng bộ NTP (systemd-timesyncd hoặc chrony)", DoEN: "let NTP set it (systemd-timesyncd or chrony)"}}
	}
	return []Finding{well("clock", "giờ máy được đồng bộ", "the time is set from outside")}
}
