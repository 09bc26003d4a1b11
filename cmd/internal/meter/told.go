package meter

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// Told reads from the page of a worker's figures ([Meter.Page]) what its readers took of the
// processor so far, in seconds by part, and how many pages they read.
func Told(page io.Reader) (reading map[string]float64, pages int64, err error) {
	reading = map[string]float64{}
	lines := bufio.NewScanner(page)
	for lines.Scan() {
		name, value, _ := strings.Cut(lines.Text(), " ") // none of these labels has one
		part, isPart := strings.CutPrefix(name, `sohoa_reading_cpu_seconds_total{part="`)
		isPages := name == `sohoa_page_seconds_count{outcome="`+Done+`"}`
		if !isPart && !isPages {
			continue
		}
		n, err := strconv.ParseFloat(value, 64)
		if err != nil {
			return nil, 0, fmt.Errorf("figures of a worker: %s: %w", name, err)
		}
		if isPages {
			pages = int64(n)
		} else {
			reading[strings.TrimSuffix(part, `"}`)] = n
		}
	}
	return reading, pages, lines.Err()
}
