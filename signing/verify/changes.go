package verify

import (
	"fmt"
	"io"
	"slices"

	"sohoa/pdf/revision"
)

// A Change is one thing that was done to a file after it was signed.
type Change struct {
	Code    string `json:"code"`
	English string `json:"en"`
	Viet    string `json:"vi"`
	Allowed bool   `json:"allowed"` // for the signature it is listed with
}

// A kind of change: what it is called, the least permission that it needs (ISO
// 32000-1, 12.8.2.2, table 254), whether somebody must have given that in so
// many words, and what is found if it may not be.
type kind struct {
	code     string
	needs    int
	explicit bool
	finding  finding
}

// never is a permission that nobody can give.
const never = 4

// The kinds of changes.
var (
	evidenceAdded  = kind{"evidence", 1, false, notPermitted}
	stampAdded     = kind{"time-stamp", 1, false, notPermitted}
	metaChanged    = kind{"metadata", 2, false, notPermitted}
	signatureAdded = kind{"signature", 2, false, notPermitted}
	markAdded      = kind{"mark", 2, false, notPermitted} // a signature that is seen
	fieldSigned    = kind{"signed-field", 2, false, notPermitted}
	formFilled     = kind{"form", 2, true, changed}
	annotated      = kind{"annotation", 3, true, changed}
	contentChanged = kind{"content", never, false, changed}
	markHides      = kind{"hidden", never, false, hidden}
	evilAnnotation = kind{"evil-annotation", never, false, annotation}
	badUpdate      = kind{"update", never, false, badTail}
)

// deeds are the changes in words: English, Vietnamese.
var deeds = map[string][2]string{
	"evidence":        {"evidence was added", "bổ sung bằng chứng xác thực"},
	"time-stamp":      {"a document time-stamp was added", "bổ sung dấu thời gian tài liệu"},
	"metadata":        {"the date of the last change was updated", "cập nhật ngày sửa đổi trong thông tin tệp"},
	"signature":       {"a signature was added", "thêm chữ ký"},
	"mark":            {"a signature with a mark was added", "thêm chữ ký có hình hiển thị"},
	"signed-field":    {"a signature field was signed", "ký vào ô chữ ký có sẵn"},
	"form":            {"a form field was filled in", "điền ô biểu mẫu"},
	"annotation":      {"a note was added", "thêm ghi chú"},
	"content":         {"the content was changed", "nội dung bị thay đổi"},
	"hidden":          {"a mark was added that hides what was signed", "thêm hình che nội dung đã ký"},
	"evil-annotation": {"an annotation was added that can hide or replace what was signed", "thêm chú thích có thể che hoặc thay nội dung đã ký"},
	"update":          {"something was appended that is no proper update", "nối thêm dữ liệu không đúng cấu trúc"},
}

// A deed is one change with its particulars.
type deed struct {
	kind
	field  string // name of the form field it is about, if any
	detail string // English
}

// in returns d in words.
func (d deed) in(allowed bool) Change {
	w := deeds[d.code]
	c := Change{Code: d.code, English: w[0], Viet: w[1], Allowed: allowed}
	if d.field != "" {
		c.English += ": " + d.field
		c.Viet += ": " + d.field
	}
	if d.detail != "" {
		c.English += " (" + d.detail + ")"
	}
	return c
}

// A refusal is an error that says which kind of change it is about.
type refusal struct {
	kind kind
	text string
}

func (r *refusal) Error() string { return r.text }

func refuse(k kind, format string, a ...any) error { return &refusal{k, fmt.Sprintf(format, a...)} }

// A version is what one signature covers, or all of the file.
type version struct {
	end   int64
	bad   error  // why it is no file
	after []deed // what was done to it until the next version
}

// history compares each version of the file that was signed with the next, and
// the last with the file as it is.
func (c *checker) history(fields []field) {
	var ends []int64
	for _, f := range fields {
		if f.bad == nil {
			ends = append(ends, f.end())
		}
	}
	slices.Sort(ends)
	ends = slices.Compact(ends)
	if len(ends) == 0 || ends[0] == c.size {
		c.versions = []version{{end: c.size}}
		return
	}
	if ends[len(ends)-1] != c.size {
		ends = append(ends, c.size)
	}
	var g *graph
	var before *revision.File
	for i, end := range ends {
		v := version{end: end}
		now := c.file
		if end != c.size {
			now, v.bad = revision.OpenSigned(io.NewSectionReader(c.r, 0, end), end)
		}
		switch {
		case v.bad != nil:
		case before == nil:
			if g, v.bad = graphOf(now); v.bad == nil {
				before = now
			}
		default:
			c.versions[c.last()].after = compare(before, now, g)
			before = now
		}
		c.versions = append(c.versions, v)
		if i == len(ends)-1 {
			break
		}
	}
}

// last returns the place of the newest version that is a file.
func (c *checker) last() int {
	for i := len(c.versions) - 1; i >= 0; i-- {
		if c.versions[i].bad == nil {
			return i
		}
	}
	return 0
}

// later tells of everything that was done to the file after a signature, and
// finds what may not be.
func (c *checker) later(s *Signature, may permission) {
	if s.CoversAll {
		return
	}
	seen := map[Change]bool{}
	for _, v := range c.versions {
		if v.end < s.Covers {
			continue
		}
		if v.end == s.Covers && v.bad != nil {
			s.find(byteRange, "what it covers is no file: "+v.bad.Error())
			return
		}
		for _, d := range v.after {
			f, ok := may.allow(d)
			told := d.in(ok)
			if seen[told] {
				continue
			}
			seen[told] = true
			s.Changes = append(s.Changes, told)
			if !ok {
				s.find(f, told.English)
			}
		}
	}
}
