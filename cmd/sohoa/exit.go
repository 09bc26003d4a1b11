package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"strings"

	"sohoa/jail"
	"sohoa/signing/keys"
	"sohoa/storage/archive"
	"sohoa/web"
	"sohoa/workers"
)

// The exit codes are a promise to scripts: they do not change.
const (
	exitDone        = 0
	exitOurs        = 1
	exitUsage       = 2
	exitDamaged     = 3
	exitEncrypted   = 4
	exitSigned      = 5
	exitKind        = 6
	exitLimit       = 7
	exitOwnCheck    = 8
	exitUnsound     = 16 // an examination or a copy found something that is not right
	exitInterrupted = 130
)

var refusals = map[string]int{
	"empty": exitDamaged, "damaged": exitDamaged, "nopages": exitDamaged, "unreadable": exitDamaged, "blank": exitDamaged,
	"encrypted": exitEncrypted, "signed": exitSigned, "kind": exitKind, "active": exitKind, "polyglot": exitKind, "xfa": exitKind, "layers": exitKind,
	"pages": exitLimit, "pixels": exitLimit, "bytes": exitLimit, "sides": exitLimit, "attachments": exitLimit, "time": exitLimit, "memory": exitLimit,
	"objects": exitLimit, "depth": exitLimit, "expand": exitLimit,
	"list-empty": exitDamaged, "list-damaged": exitDamaged, "list-encrypted": exitEncrypted, "list-kind": exitKind,
	"list-bytes": exitLimit, "list-expand": exitLimit, "list-time": exitLimit, "list-memory": exitLimit,
}

var (
	errUsage = errors.New("usage")
	errHelp  = flag.ErrHelp
)

func usage(format string, args ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{errUsage}, args...)...)
}

// parseMixed parses args, in which files and options may stand in any order,
// and returns the files.
func parseMixed(set *flag.FlagSet, args []string) (files []string, err error) {
	for rest := args; ; rest = set.Args()[1:] {
		if err := set.Parse(rest); errors.Is(err, flag.ErrHelp) {
			return nil, err
		} else if err != nil {
			return nil, usage("%v", err)
		}
		if set.NArg() == 0 {
			return files, nil
		}
		files = append(files, set.Arg(0))
	}
}

// An inputError is an error with the file it is about.
type inputError struct {
	file string
	err  error
}

func (e *inputError) Error() string { return e.file + ": " + e.err.Error() }
func (e *inputError) Unwrap() error { return e.err }

func exitCode(ctx context.Context, err error) int {
	var r *jail.Refusal
	var v *verdictError
	var some *someError
	var broken *ledgerError
	switch {
	case err == nil || errors.Is(err, errHelp):
		return exitDone
	case ctx.Err() != nil:
		return exitInterrupted
	case errors.Is(err, errUnsound), errors.Is(err, archive.ErrIncomplete):
		return exitUnsound
	case errors.Is(err, errUsage):
		return exitUsage
	case errors.Is(err, workers.ErrOwnCheck):
		return exitOwnCheck
	case errors.As(err, &broken):
		return exitLedger
	case errors.As(err, &some):
		return exitSome
	case markCode(err) != 0:
		return markCode(err)
	case errors.As(err, &v):
		return verdictCodes[v.verdict]
	case errors.As(err, &r):
		if code, ok := refusals[r.Code]; ok {
			return code
		}
	}
	return exitOurs
}

// advice says what a person can do about a refusal, in Vietnamese and English.
var advice = map[string][2]string{
	"empty":       {"tệp trống: quét hoặc xuất lại tệp", "scan or export the file again"},
	"damaged":     {"tệp hỏng hoặc bị cắt cụt: quét hoặc xuất lại tệp", "scan or export the file again; the original may be cut short"},
	"nopages":     {"tài liệu không có trang nào: xuất lại tệp", "the document has nothing to archive; export it again"},
	"unreadable":  {"không đọc được trang: quét lại cho thẳng, 200 hoặc 300 dpi", "scan the page again, straight and at 200 or 300 dpi"},
	"blank":       {"trang trắng: xem đã quét đúng mặt giấy chưa", "look whether the right side was scanned"},
	"encrypted":   {"tệp có mật khẩu: cho mật khẩu bằng --password-from file:F hoặc prompt; tệp vừa mã hóa vừa ký thì xin bản không mã hóa", "give its password with --password-from file:F or prompt; of a signed file ask for one without encryption"},
	"signed":      {"tệp đã ký không bao giờ bị ghi lại: lưu trữ nguyên trạng", "a signed file is never rewritten: archive it as it is"},
	"kind":        {"loại tệp không nhận: dùng JPEG, PNG, TIFF hoặc PDF", "give a JPEG, PNG, TIFF or PDF"},
	"active":      {"PDF đã ký có mã lệnh, không bỏ ra được: xin bản không có mã lệnh, hoặc quét bản giấy", "ask for a signed file without it, or scan the paper"},
	"xfa":         {"biểu mẫu không có trang: mở bằng Adobe Reader, in ra PDF thường rồi dùng tệp đó", "open it in Adobe's program, print it to a plain PDF and give that"},
	"polyglot":    {"tệp vừa là PDF vừa là loại khác: in ra PDF thường rồi dùng tệp đó", "print it to a plain PDF and give that"},
	"sides":       {"khổ trang ngoài giới hạn của PDF/A: in ra khổ giấy thường rồi dùng tệp đó", "print it to a paper size and give that"},
	"attachments": {"quá nhiều tệp nhúng: lấy ra và gửi từng tệp", "take the files within it out and give them one by one"},
	"pages":       {"quá nhiều trang: chia nhỏ tệp", "split the file"},
	"pixels":      {"ảnh quá lớn: quét ở 200 hoặc 300 dpi", "scan at 200 or 300 dpi"},
	"bytes":       {"tệp quá lớn: chia nhỏ, hoặc quét ở 200 hoặc 300 dpi", "split the file, or scan at 200 or 300 dpi"},
	"time":        {"xử lý quá lâu: chia nhỏ, hoặc quét ở 200 hoặc 300 dpi", "split the file, or scan at 200 or 300 dpi"},
	"memory":      {"cần quá nhiều bộ nhớ: chia nhỏ, hoặc quét ở 200 hoặc 300 dpi", "split the file, or scan at 200 or 300 dpi"},
	"list-kind":   {"tệp không phải danh sách: xuất ra CSV hoặc XLSX", "export the list as CSV or XLSX"},
	"list-bytes":  {"danh sách quá lớn: chia nhỏ", "split the list"},
	"layers":      {"PDF có lớp ẩn: in ra PDF thường rồi dùng tệp đó", "print it to a plain PDF and take that"},
	"objects":     {"PDF có quá nhiều đối tượng: chia nhỏ, hoặc in lại ra PDF", "split the file, or print it to PDF again"},
	"depth":       {"PDF lồng quá sâu: in lại ra PDF, hoặc quét bản giấy", "print it to PDF again, or scan the paper"},
	"expand":      {"dữ liệu nén trong PDF bung ra quá lớn: in lại ra PDF, hoặc quét bản giấy", "print it to PDF again, or scan the paper"},
}

// adviceOn says in vi and en what to do about a refusal: of lists from elsewhere
// what the page that takes them says.
func adviceOn(code string) [2]string {
	if strings.HasPrefix(code, "list-") {
		return [2]string{web.Word("vi", "error."+code+".do"), web.Word("en", "error."+code+".do")}
	}
	return advice[code]
}

func explain(err error) string {
	if do := markAdvice(err); do != "" {
		return fmt.Sprintf("%v\n%s", err, do)
	}
	var r *jail.Refusal
	var k *keys.Refusal
	if errors.As(err, &k) {
		return fmt.Sprintf("%v\n  [%s] %s", err, k.Code, k.Vi)
	}
	if errors.As(err, &r) {
		if do := adviceOn(r.Code); do[0] != "" {
			return fmt.Sprintf("%v\n  [%s] cách xử lý: %s\n  [%s] what to do: %s", err, r.Code, do[0], r.Code, do[1])
		}
	}
	return err.Error()
}
