package wire

import (
	"fmt"
	"strconv"
	"time"

	"sohoa/ocr/child"
	"sohoa/scan"
)

// A Cap is one setting of what a file may cost: the data behind SOHOA_LIMIT_….
type Cap struct {
	Name        string // of the environment variable
	Unit        string
	VI, EN      string // what it bounds
	Least, Most int64  // that may be set, in units; the default is in [scan.Limits]
	unit        int64  // how many of what the field counts are one unit
	code        string // of the refusal of what is over it
	field       func(l *scan.Limits) number
}

// Caps are all caps that can be set.
func Caps() []Cap {
	return []Cap{
		{"SOHOA_LIMIT_PIXELS", "million", "điểm ảnh của một trang", "pixels of a page", 1, 500, 1_000_000, scan.CodePixels,
			func(l *scan.Limits) number { return wide{&l.Pixels} }},
		{"SOHOA_LIMIT_PAGES", "pages", "số trang của một tệp", "pages of a file", 1, 100_000, 1, scan.CodePages,
			func(l *scan.Limits) number { return narrow{&l.Pages} }},
		{"SOHOA_LIMIT_BYTES", "MB", "dung lượng một tệp", "size of a file", 1, 4096, 1 << 20, scan.CodeBytes,
			func(l *scan.Limits) number { return wide{&l.Bytes} }},
		{"SOHOA_LIMIT_OBJECTS", "objects", "số đối tượng của một PDF", "objects of a PDF", 100, 10_000_000, 1, scan.CodeObjects,
			func(l *scan.Limits) number { return narrow{&l.Objects} }},
		{"SOHOA_LIMIT_DEPTH", "levels", "độ lồng của đối tượng trong PDF", "nesting of a PDF's objects", 8, 500, 1, scan.CodeDepth,
			func(l *scan.Limits) number { return narrow{&l.Depth} }},
		{"SOHOA_LIMIT_EXPAND", "MB", "dung lượng một luồng của PDF sau khi giải nén", "what one stream of a PDF may become when decompressed", 1, 2048, 1 << 20, scan.CodeExpand,
			func(l *scan.Limits) number { return wide{&l.Expand} }},
		{"SOHOA_LIMIT_EXPAND_ALL", "MB", "dung lượng mọi luồng của PDF sau khi giải nén", "what all streams of a PDF may become together", 1, 1 << 20, 1 << 20, scan.CodeExpand,
			func(l *scan.Limits) number { return wide{&l.ExpandAll} }},
		{"SOHOA_LIMIT_MEMORY", "MB", "bộ nhớ của tiến trình xem hoặc đọc tệp", "memory of a child that looks into a file or reads it", 256, 1 << 16, 1 << 20, scan.CodeMemory,
			func(l *scan.Limits) number { return wide{&l.Memory} }},
		{"SOHOA_LIMIT_SECONDS", "s", "thời gian xử lý để xem một tệp hoặc đọc một trang", "time for looking into a file, or reading a page", 1, 3600, 1, scan.CodeTime,
			func(l *scan.Limits) number { return narrow{&l.Seconds} }},
	}
}

// Default returns the cap that holds if nothing is set, in units.
func (c Cap) Default() int64 {
	l := scan.Limits{}.OrDefault()
	return c.field(&l).get() / c.unit
}

// SetLimits sets the house's [Limits] from the environment. It is called once,
// before anything is taken in. What is no number, or out of range, is an error
// that says what may stand there.
func SetLimits(getenv func(string) string) error {
	l, err := readLimits(getenv)
	if err != nil {
		return err
	}
	if l != Limits {
		Limits = l
	}
	return nil
}

func readLimits(getenv func(string) string) (scan.Limits, error) {
	l := scan.Limits{}.OrDefault()
	for _, c := range Caps() {
		v := getenv(c.Name)
		if v == "" {
			continue
		}
		n, err := strconv.ParseInt(v, 10, 64)
		if err != nil || n < c.Least || n > c.Most {
			return l, fmt.Errorf("%s (%s): %q is not between %d and %d (%s)", c.Name, c.EN, v, c.Least, c.Most, c.Unit)
		}
		c.field(&l).set(n * c.unit)
	}
	return l, nil
}

// Reading says how n children read pages under the house's limits.
func Reading(n int) child.Options {
	return child.Options{Workers: n, MemoryLimit: Limits.Memory, PageTime: time.Duration(Limits.Seconds) * time.Second}
}

// A number is a field of limits, whatever its width.
type number interface {
	get() int64
	set(int64)
}

type wide struct{ n *int64 }

func (w wide) get() int64  { return *w.n }
func (w wide) set(v int64) { *w.n = v }

type narrow struct{ n *int }

func (w narrow) get() int64  { return int64(*w.n) }
func (w narrow) set(v int64) { *w.n = int(v) }
