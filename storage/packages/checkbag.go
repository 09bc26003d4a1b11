package packages

import (
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
)

// bag holds a bag to RFC 8493: what its manifests say, and that they say all.
func (l *look) bag() error {
	head, err := l.read("bagit.txt", mostSmall)
	if err != nil {
		return err
	}
	if !strings.HasPrefix(string(head), "BagIt-Version: ") {
		l.found(FoundForm, "bagit.txt", "bagit.txt không nói phiên bản", "bagit.txt does not say a version")
	}
	if l.has("fetch.txt") {
		l.found(FoundMissing, "fetch.txt", "một số tệp của gói nằm ở nơi khác", "some files of the bag are elsewhere")
	}
	if err := l.oxum(); err != nil {
		return err
	}
	payload, tags := 0, 0
	for _, name := range l.names {
		var n *int
		var inside func(string) bool
		switch {
		case strings.HasPrefix(name, "manifest-") && !strings.Contains(name, "/"):
			n, inside = &payload, func(s string) bool { return strings.HasPrefix(s, "data/") }
		case strings.HasPrefix(name, "tagmanifest-") && !strings.Contains(name, "/"):
			n, inside = &tags, func(s string) bool {
				return !strings.HasPrefix(s, "data/") && !strings.HasPrefix(s, "tagmanifest-")
			}
		default:
			continue
		}
		known, err := l.manifest(name, inside)
		if err != nil {
			return err
		}
		if known {
			*n++
		}
	}
	if payload == 0 {
		l.found(FoundUnknown, "", "không có bản kê nào dùng SHA-256 hoặc SHA-512", "there is no manifest of SHA-256 or SHA-512")
	}
	if l.has("data/record.json") {
		l.out.Kind = string(Audit)
	}
	return nil
}

// manifest holds files against a manifest, and says whether its algorithm is
// known. Every file that inside says is to be in it must be.
func (l *look) manifest(name string, inside func(string) bool) (known bool, err error) {
	_, algorithm, _ := strings.Cut(strings.TrimSuffix(name, ".txt"), "-")
	var of func(sum) []byte
	switch algorithm {
	case "sha256":
		of = func(s sum) []byte { return s.sha256[:] }
	case "sha512":
		of = func(s sum) []byte { return s.sha512[:] }
	default:
		return false, nil
	}
	b, err := l.read(name, mostListing)
	if err != nil {
		return true, err
	}
	listed := map[string]bool{}
	for line := range strings.Lines(string(b)) {
		line = strings.TrimRight(line, "\r\n")
		digest, path, ok := strings.Cut(line, " ")
		path = unescaped(strings.TrimPrefix(strings.TrimLeft(path, " "), "*"))
		want, err := hex.DecodeString(digest)
		if !ok || err != nil {
			l.found(FoundForm, name, "một dòng của bản kê không đọc được", "a line of the manifest cannot be read")
			continue
		}
		got, there := l.sums[path]
		switch {
		case !there:
			l.found(FoundMissing, path, "thiếu tệp có trong "+name, "a file of "+name+" is missing")
		case !slices.Equal(of(got), want):
			l.found(FoundChanged, path, "tệp khác với "+name, "the file is not what "+name+" says")
		}
		listed[path] = true
	}
	for _, n := range l.names {
		if inside(n) && !listed[n] {
			l.found(FoundUnlisted, n, "tệp không có trong "+name, "the file is not in "+name)
		}
	}
	return true, nil
}

// unescaped undoes what RFC 8493 2.1.3 does to line ends and percent signs.
func unescaped(s string) string {
	return strings.NewReplacer("%0A", "\n", "%0a", "\n", "%0D", "\r", "%0d", "\r", "%25", "%").Replace(s)
}

// oxum compares Payload-Oxum with what is there, if it is given.
func (l *look) oxum() error {
	if !l.has("bag-info.txt") {
		return nil
	}
	b, err := l.read("bag-info.txt", mostSmall)
	if err != nil {
		return err
	}
	var files int
	var size int64
	for name, s := range l.sums {
		if strings.HasPrefix(name, "data/") {
			files++
			size += s.size
		}
	}
	for line := range strings.Lines(string(b)) {
		said, ok := strings.CutPrefix(strings.TrimRight(line, "\r\n"), "Payload-Oxum: ")
		if ok && said != fmt.Sprintf("%d.%d", size, files) {
			l.found(FoundForm, "bag-info.txt", "số tệp hoặc số byte khác với Payload-Oxum", "the number of files or bytes is not Payload-Oxum")
		}
	}
	return nil
}
