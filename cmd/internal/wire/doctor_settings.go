package wire

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strings"

	"sohoa/ingest/malware"
	"sohoa/pattern"
)

// elsewhere are the names that something else than [Read] asks the environment for.
var elsewhere = []string{"SOHOA_LOG", "SOHOA_ROLE"}

// notOurs are names that a test, and nobody else, sets.
var notOurs = pattern.Late(`^SOHOA_(TEST_|JAIL_|LINEAR$|QR$|SECRET$)`)

// namedPlace is what the environment may say of a store that a person names with
// env:NAME (see [PlaceOf]).
var namedPlace = pattern.Late(`^SOHOA_[A-Z][A-Z0-9_]*_(DIR|S3_(ENDPOINT|BUCKET|PREFIX|REGION|KEY_FILE|LOCK|HOLD)|SEAL_(RING|KEY|PIN|ENVIRONMENT))$`)

// Names returns the names of all settings: whatever [Read] asks for is one.
func Names() []string {
	names := slices.Clone(elsewhere)
	Read(func(name string) string {
		if strings.HasPrefix(name, "SOHOA_") {
			names = append(names, name)
		}
		return ""
	})
	for _, c := range Caps() {
		names = append(names, c.Name)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// Environment looks at the settings as they were written, for [Doctor]: names
// that nobody reads, and values that cannot be meant, all in one go. environ is
// as [os.Environ] has it. No value is shown: it may hold a password.
func Environment(getenv func(string) string, environ []string) (out []Finding) {
	known := Names()
	for _, line := range environ {
		name, _, _ := strings.Cut(line, "=")
		if strings.HasPrefix(name, "SOHOA_") && !slices.Contains(known, name) && !notOurs().MatchString(name) {
			out = append(out, unknown(name, known)...)
		}
	}
	for _, name := range known {
		value := getenv(name)
		if value == "" {
			continue
		}
		if err := meant(name, value); err != nil {
			out = append(out, broken("setting "+name, err, "sửa "+name, "correct "+name))
		}
	}
	if m, a := getenv("SOHOA_METRICS_ADDR"), getenv("SOHOA_ADDR"); m != "" && m == a {
		out = append(out, broken("setting SOHOA_METRICS_ADDR", errors.New("SOHOA_METRICS_ADDR and SOHOA_ADDR are the same address"), "dùng cổng khác cho số liệu", "give the figures a port of their own"))
	}
	for _, prefix := range []string{"SOHOA", "SOHOA_SECOND"} {
		out = append(out, halfPlace(getenv, prefix)...)
	}
	return out
}

// unknown says what may have been meant by a name that nobody reads.
func unknown(name string, known []string) []Finding {
	nearest, far := "", 4
	for _, k := range known {
		if d := distance(name, k); d < far {
			nearest, far = k, d
		}
	}
	switch {
	case nearest == "" && namedPlace().MatchString(name):
		return nil // a store of its own: env:NAME
	case nearest == "":
		return []Finding{{What: "setting " + name, State: Broken, VI: "không có thiết lập nào tên " + name, EN: "nobody reads " + name, DoVI: "bỏ đi, hoặc sửa tên", DoEN: "remove it, or correct its name"}}
	}
	return []Finding{{What: "setting " + name, State: Broken, VI: "không có thiết lập nào tên " + name + "; gần nhất là " + nearest, EN: "nobody reads " + name + "; the nearest is " + nearest,
		DoVI: "sửa thành " + nearest, DoEN: "write " + nearest}}
}

// meant says what is wrong with a value by its form alone.
func meant(name, value string) error {
	last := name[strings.LastIndex(name, "_")+1:]
	switch {
	case name == "SOHOA_REAL" || name == "SOHOA_TLS" || name == "SOHOA_HOOK_PRIVATE" || last == "HOLD":
		if value != "0" && value != "1" {
			return fmt.Errorf("%s is 1 or 0", name)
		}
	case last == "ADDR":
		if _, port, err := net.SplitHostPort(value); err != nil || port == "" {
			return fmt.Errorf("%s is HOST:PORT", name)
		}
	case name == "SOHOA_TSA" || last == "ENDPOINT":
		if u, err := url.Parse(value); err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
			return fmt.Errorf("%s is an address that begins with http:// or https://", name)
		}
	case name == "SOHOA_CLAMD":
		_, err := malware.Parse(value)
		return err
	case name == "SOHOA_LOG":
		if value != "text" && value != "json" {
			return fmt.Errorf("%s is text or json", name)
		}
	case strings.HasPrefix(name, "SOHOA_LIMIT_"):
		_, err := readLimits(func(n string) string {
			if n == name {
				return value
			}
			return ""
		})
		return err
	}
	return nil
}

// halfPlace finds what is said of a store that is not there, or said by half.
func halfPlace(getenv func(string) string, prefix string) (out []Finding) {
	p := readPlace(getenv, prefix)
	add := func(when bool, name, why string) {
		if when {
			out = append(out, broken("setting "+name, errors.New(why), "đặt cả hai, hoặc bỏ cả hai", "set both, or neither"))
		}
	}
	s3 := prefix + "_S3_"
	add(p.S3.Endpoint != "" && p.S3.Bucket == "", s3+"BUCKET", s3+"ENDPOINT is set, and "+s3+"BUCKET is not")
	add(p.S3.Endpoint != "" && p.S3.KeyFile == "", s3+"KEY_FILE", s3+"ENDPOINT is set, and "+s3+"KEY_FILE is not")
	add(p.S3.Endpoint == "" && (p.S3.Bucket != "" || p.S3.KeyFile != ""), s3+"ENDPOINT", "a bucket or its key is named, and "+s3+"ENDPOINT is not set: files go to the directory")
	add(p.Seal.Ring != "" && p.Seal.Key == "", prefix+"_SEAL_KEY", prefix+"_SEAL_RING is set, and "+prefix+"_SEAL_KEY is not")
	add(p.Seal.Ring == "" && p.Seal.Key != "", prefix+"_SEAL_RING", prefix+"_SEAL_KEY is set, and "+prefix+"_SEAL_RING is not: files lie in the clear")
	add(prefix == "SOHOA_SECOND" && !p.set() && p.Seal.Ring != "", prefix+"_DIR", "keys of a second store are named, and neither "+prefix+"_DIR nor "+prefix+"_S3_ENDPOINT is set")
	return out
}

// distance is how many letters must be put in, taken out, replaced, or swapped
// with their neighbour (optimal string alignment).
func distance(a, b string) int {
	before, last, row := []int(nil), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row = make([]int, len(b)+1)
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last = last, row
	}
	return last[len(b)]
}
