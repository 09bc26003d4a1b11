package child

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"

	"sohoa/specimen"
)

// mostOwn is how many bytes a reader of pages of A4 at 300 dpi in colour may have of its own
// at any time: 79 MB were seen, 99 before pages came strip by strip, and 155 before its
// allocations were kept to one thread. What it shares with all readers, the program and its
// libraries, is some 25 to 40 MB more.
const mostOwn = 100_000_000

// A reader's memory stays within bounds while it reads large pages one after the other.
func TestMemoryOfAReader(t *testing.T) {
	if testing.Short() {
		t.Skip("reads six pages")
	}
	pool, err := New(Options{Workers: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	for i, kind := range []specimen.Kind{specimen.Minutes, specimen.Decision, specimen.Contract, specimen.Report, specimen.Minutes, specimen.Decision} {
		if _, err := pool.Read(t.Context(), page300(t, kind, uint64(1+i%4), 300)); err != nil {
			t.Fatal(err)
		}
	}
	one := <-pool.slots
	peak, shared := memoryOf(t, strconv.Itoa(one.process.PID()))
	pool.slots <- one
	if own := peak - shared; own > mostOwn {
		t.Errorf("a reader had %d MB, %d of it its own, more than %d", peak/1e6, own/1e6, mostOwn/1_000_000)
	}
	t.Logf("%d MB at most, %d of it its own", peak/1e6, (peak-shared)/1e6)
}

// memoryOf returns the most memory that a process ever had, and what of its memory is files.
func memoryOf(t *testing.T, pid string) (peak, files int64) {
	t.Helper()
	status, err := os.ReadFile("/proc/" + pid + "/status")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(status)) {
		for name, to := range map[string]*int64{"VmHWM:": &peak, "RssFile:": &files} {
			if rest, ok := strings.CutPrefix(line, name); ok {
				if _, err := fmt.Sscanf(rest, "%d kB", to); err != nil {
					t.Fatal(err)
				}
				*to *= 1024
			}
		}
	}
	return peak, files
}
